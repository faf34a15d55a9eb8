"""Why something did not work, in the words the real thing uses.

Separate because these texts are held to captures of PostgreSQL 15.18 and PgBouncer 1.18.0, byte for byte, and are read
by logs, requests and the console alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to fail."""

    outcome: Outcome
    text: str
    """What the application logs."""
    sqlstate: str = ""
    """SQLSTATE, empty when the error does not come from a database or pooler."""
    detail: tuple[str, ...] = ()
    """Lines that follow the text: DETAIL, HINT, CONTEXT."""


SLOTS_RESERVED = Failure(
    Outcome.CONNECTION_SLOTS,
    "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
    "53300",
)
TOO_MANY_CLIENTS = Failure(Outcome.CONNECTION_SLOTS, "FATAL:  sorry, too many clients already", "53300")
ADMIN_SHUTDOWN = Failure(Outcome.TERMINATED, "FATAL:  terminating connection due to administrator command", "57P01")
CANCELED_BY_USER = Failure(Outcome.CANCELED, "ERROR:  canceling statement due to user request", "57014")
STATEMENT_TIMEOUT = Failure(Outcome.STATEMENT_TIMEOUT, "ERROR:  canceling statement due to statement timeout", "57014")
LOCK_TIMEOUT = Failure(Outcome.LOCK_TIMEOUT, "ERROR:  canceling statement due to lock timeout", "55P03")
IDLE_IN_TRANSACTION_TIMEOUT = Failure(
    Outcome.IDLE_TIMEOUT, "FATAL:  terminating connection due to idle-in-transaction timeout", "25P03"
)
IDLE_SESSION_TIMEOUT = Failure(
    Outcome.IDLE_TIMEOUT, "FATAL:  terminating connection due to idle-session timeout", "57P05"
)
RECOVERING = Failure(Outcome.CONNECT_FAILED, "FATAL:  the database system is in recovery mode", "57P03")
CONNECTION_LOST = Failure(Outcome.CONNECTION_LOST, "server closed the connection unexpectedly")
CONNECTION_REFUSED = Failure(Outcome.CONNECT_FAILED, "connection to server failed: Connection refused")
POOLER_CLIENTS = Failure(Outcome.CONNECT_FAILED, "FATAL:  no more connections allowed (max_client_conn)", "08P01")
POOLER_LOGIN_FAILING = Failure(
    Outcome.CONNECTION_SLOTS,
    "FATAL:  server login has been failing, try again later (server_login_retry)",
    "08P01",
)
QUERY_WAIT_TIMEOUT = Failure(Outcome.QUERY_WAIT_TIMEOUT, "FATAL:  query_wait_timeout", "08P01")
DATABASE_REMOVED = Failure(Outcome.TERMINATED, "FATAL:  database removed", "08P01")
NO_TRANSACTION_BLOCKS = Failure(
    Outcome.APPLICATION_ERROR, "FATAL:  transaction blocks not allowed in statement pooling mode", "08P01"
)
CLIENT_LOGIN_TIMEOUT = Failure(Outcome.CONNECT_FAILED, "FATAL:  client_login_timeout (server down)", "08P01")
POOL_FULL = Failure(Outcome.POOL_FULL, "connection pool is full")
APPLICATION_ERROR = Failure(Outcome.APPLICATION_ERROR, "unhandled error in request")
POD_LOST = Failure(Outcome.POD_LOST, "upstream closed the connection")
GATEWAY_TIMEOUT = Failure(Outcome.GATEWAY_TIMEOUT, "upstream timed out")
NO_READY_POD = Failure(Outcome.NO_READY_POD, "no ready upstream")
RATE_LIMITED = Failure(Outcome.RATE_LIMITED, "rate limit")
SHED = Failure(Outcome.SHED, "load shed")


@cache
def through_pooler(failure: Failure) -> Failure:
    """Return a database's refusal as PgBouncer passes it on: the same text as 08P01."""
    return Failure(failure.outcome, failure.text, "08P01")


@cache
def too_many_for(kind: str, name: str) -> Failure:
    """Return the refusal of a connect beyond the connection limit of a `role` or `database`."""
    return Failure(Outcome.CONNECTION_SLOTS, f'FATAL:  too many connections for {kind} "{name}"', "53300")


@cache
def checkout_timeout(timeout_us: int) -> Failure:
    """Return the failure of a wait for a pool member that took too long."""
    text = f"timed out after {timeout_us / US_PER_S:g} s waiting for a connection from the pool"
    return Failure(Outcome.CHECKOUT_TIMEOUT, text)


@cache
def call_timeout(name: str, timeout_us: int) -> Failure:
    """Return the failure of a call that took too long."""
    return Failure(Outcome.CALL_TIMEOUT, f"call to {name} timed out after {timeout_us / US_PER_S:g} s")


@cache
def call_failed(name: str, status: str) -> Failure:
    """Return the failure of a call that was answered with an error."""
    return Failure(Outcome.CALL_FAILED, f"call to {name} failed with status {status}")


@cache
def circuit_open(name: str, state: str) -> Failure:
    """Return the failure of a call that a breaker did not permit, in resilience4j's words."""
    return Failure(
        Outcome.CIRCUIT_OPEN, f"CircuitBreaker '{name}' is {state.upper()} and does not permit further calls"
    )
