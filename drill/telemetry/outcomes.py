"""How a user's request can end.

Separate because the engine, results, recordings and screens must agree on the names and their order.
"""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """Why a request ended; the numbers are part of the digest, so new outcomes go last."""

    OK = 0
    CHECKOUT_TIMEOUT = 1
    GATEWAY_TIMEOUT = 2
    CONNECTION_SLOTS = 3
    CONNECT_FAILED = 4
    POOL_FULL = 5
    QUERY_WAIT_TIMEOUT = 6
    NO_READY_POD = 7
    POD_LOST = 8
    RATE_LIMITED = 9
    SHED = 10
    TERMINATED = 11
    CANCELED = 12
    STATEMENT_TIMEOUT = 13
    IDLE_TIMEOUT = 14
    CALL_TIMEOUT = 15
    APPLICATION_ERROR = 16
    LOCK_TIMEOUT = 17
    DEADLOCK = 18
    CONNECTION_LOST = 19
    CLIENT_TIMEOUT = 20
    CALL_FAILED = 21
    CIRCUIT_OPEN = 22
    THROTTLED = 23

    @property
    def label(self) -> str:
        """Name in files, such as `checkout_timeout`."""
        return self.name.lower()


STATUS = dict.fromkeys(Outcome, "500") | {
    Outcome.OK: "200",
    Outcome.RATE_LIMITED: "429",
    Outcome.THROTTLED: "429",
    Outcome.CLIENT_TIMEOUT: "499",
    Outcome.POD_LOST: "502",
    Outcome.NO_READY_POD: "503",
    Outcome.SHED: "503",
    Outcome.GATEWAY_TIMEOUT: "504",
}
"""HTTP status the user gets; 499 is what the gateway writes down when a user is gone."""
FAILURES = tuple(outcome for outcome in Outcome if outcome is not Outcome.OK)
"""Every way to fail, in a fixed order."""
