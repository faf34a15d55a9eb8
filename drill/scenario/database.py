"""What a scenario file says of PostgreSQL: its machine, its limits and timeouts, and what statements lock.

Separate because a database has more to say than any other part of the topology. Units are those of the topology.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID, Cores
from drill.units import Bytes, Count, Micros, PositiveMicros, Quantity, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    __pydantic_config__: ClassVar = FORBID


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSpec(_Spec):
    """What a statement locks before it does its work, until its transaction ends.

    A row is locked as UPDATE locks it, together with the table in the mode that goes with it.
    """

    table: str
    row: str = ""
    """Name of one row, such as `hot`; empty for none."""
    rows: Annotated[int, Whole(0, 1_000_000_000)] = 0
    """One of this many rows, chosen anew for each request, all equally likely; 0 for none."""
    by: str = ""
    """What the row is chosen by, such as `customer`: one request's choices by the same thing are the same."""
    mode: Literal[
        "",
        "access share",
        "row share",
        "row exclusive",
        "share update exclusive",
        "share",
        "share row exclusive",
        "exclusive",
        "access exclusive",
    ] = ""
    """Mode of a lock on the whole table; empty for the mode that goes with a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTimeoutsSpec(_Spec):
    """What ALTER ROLE ... SET gave the role before the scenario begins; without a key the server's value holds."""

    statement_timeout: Micros | None = None
    """0 for no limit, whatever the server has; the same for the others."""
    lock_timeout: Micros | None = None
    idle_in_transaction_session_timeout: Micros | None = None
    idle_session_timeout: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSpec(_Spec):
    """PostgreSQL 15 and its machine."""

    name: str = "appdb"
    role: str = "app"
    cores: Cores = 4.0
    max_connections: Annotated[int, Whole(1, 262_143)] = 100
    superuser_reserved_connections: Count = 3
    connect: Micros = 300
    """Time of a connect that is nobody's CPU; with the next two the measured 6.3 ms of SCRAM over loopback."""
    connect_cpu: Micros = 3_000
    """CPU time of a connect on the server: fork and start of the backend; without SCRAM it took 3.25 ms in all."""
    connect_client_cpu: Micros = 3_000
    """CPU time of a connect in the pod that wants it: SCRAM's key is derived there; 0 for other authentication."""
    round_trip: Micros = 920
    """Per statement, outside the database: protocol and wake-ups; measured 0.82 to 1.0 ms."""
    memory: Bytes = 16 * 2**30
    shared_buffers: Bytes = 4 * 2**30
    memory_per_backend: Annotated[int, Quantity("size")] = 2 * 2**20
    """Private memory of a backend; measured 1.3 to 2.4 MB."""
    statement_timeout: Micros = 0
    idle_in_transaction_session_timeout: Micros = 0
    idle_session_timeout: Micros = 0
    lock_timeout: Micros = 0
    """Longest single wait for a lock; 0 for no limit, as for the three above."""
    role_timeouts: RoleTimeoutsSpec | None = None
    """Timeouts that the role has in place of those above."""
    deadlock_timeout: PositiveMicros = 1_000_000
    """How long a wait for a lock goes on until it is checked for a deadlock."""
    role_connection_limit: Count = 0
    """CONNECTION LIMIT of the role; 0 for none."""
    database_connection_limit: Count = 0
    """CONNECTION LIMIT of the database; 0 for none."""
    restart: Micros = 140_000
    """From a restart's beginning until connects are accepted; measured 0.14 s on a small server."""
    recovery: Micros = 200_000
    """The same after a crash; measured 0.2 s with next to nothing to recover."""
