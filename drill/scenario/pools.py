"""What a file says of pools: those inside a pod, and PgBouncer.

Separate from the rest of the topology because a pool is a handful of policies, and each library names them differently.
Defaults of the pooler are those of PgBouncer 1.18.0, captured from a live one; its keys carry the names of its manual,
https://www.pgbouncer.org/config.html. What a pool does with these values is in `drill.sim`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID
from drill.units import Micros, PositiveCount, PositiveMicros, Share, Whole

Members = Annotated[int, Whole(0, 1_000_000)]
Servers = Annotated[int, Whole(0, 10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpec:
    """A bounded set of something that requests borrow: connections, a pod's worker threads, HTTP connections."""

    __pydantic_config__: ClassVar = FORBID

    size: Annotated[int, Whole(1, 1_000_000)]
    """Most members at once, per pod."""
    to: Literal["database", "pooler", "nothing"] = "database"
    """What a member is: a connection to the database or to the pooler, or a plain token, such as a worker thread."""
    startup: Literal["eager", "lazy", "degraded"] = "lazy"
    """`eager`: open all at start or crash; `lazy`: open on demand; `degraded`: open at start what can be had, never
    crash, open the rest on demand."""
    top_up: Micros = 0
    """How often a background task of the pod opens members that are missing from `size`; 0 for never."""
    on_full: Literal["wait", "reject", "outside"] = "wait"
    """What happens when every member is in use: wait in line, fail at once, or open one outside of the pool, which is
    closed on return and counts for no limit but the server's."""
    checkout_timeout: PositiveMicros = 30_000_000
    """Longest wait for a member."""
    overflow: Members = 0
    """Members beyond `size` that may be opened when all are in use; closed on return (SQLAlchemy's max_overflow)."""
    min_idle: Members = 0
    """Idle members that a background task keeps open, within `size` (HikariCP's minimumIdle); 0 for none."""
    max_lifetime: Micros = 0
    """Age at which a member is closed once it is idle or returned; 0 for never."""
    lifetime_jitter: Share = 0.0
    """Each member's lifetime is drawn evenly from `max_lifetime` plus or minus this share of it."""
    idle_timeout: Micros = 0
    """How long a member beyond `min_idle` stays idle before it is closed; 0 for ever."""
    validation: Literal["none", "borrow"] = "none"
    """`borrow`: a connection is tried with SELECT 1 before it is lent, and replaced if it is dead."""
    validation_bypass: Micros = 0
    """A connection used less than this ago is lent untried (HikariCP: 500 ms)."""
    connect: Micros = 0
    """Time to open a member that leads to nothing simulated, such as an HTTP connection."""
    opens: Literal["caller", "background"] = field(default="caller", repr=False)  # names of pods hash what repr shows
    """Who opens a missing member: the `caller`, who gets the error if that fails, or a `background` task, one at a time
    and again after a growing pause, while callers wait until their checkout timeout (HikariCP, psycopg_pool)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolerSpec:
    """PgBouncer; defaults are those of version 1.18."""

    __pydantic_config__: ClassVar = FORBID

    mode: Literal["session", "transaction", "statement"] = "transaction"
    """When a client gives its server back (pool_mode)."""
    pool_size: Annotated[int, Whole(1, 10_000)] = 20
    """Server connections (default_pool_size)."""
    min_pool_size: Servers = 0
    """Server connections kept open while there are clients."""
    reserve_pool_size: Servers = 0
    """Server connections beyond `pool_size` for clients that have waited for `reserve_pool_timeout`."""
    reserve_pool_timeout: Micros = 5_000_000
    """How long a client waits before the reserve is used; 0 for never using it."""
    max_client_conn: PositiveCount = 100
    start_up: Micros = 3_000_000
    """From the decision until it listens."""
    connect: Micros = 2_400
    """A client's connect to a warm pooler without the client's CPU; with it the measured 5.3 to 6.1 ms of SCRAM."""
    connect_client_cpu: Micros = 3_000
    """CPU time of a connect in the pod that wants it, and in the pooler for each server: SCRAM's key is derived by the
    client; 0 for other authentication."""
    round_trip: Micros = 280
    """Added to each statement; measured 1.15 to 1.25 ms through it against 0.82 to 1.0 ms direct."""
    query_wait_timeout: Micros = 120_000_000
    """How long a client waits for a server; looked at three times a second, so up to 1/3 s more; 0 for ever."""
    server_lifetime: Micros = 3_600_000_000
    """Age at which a server connection is closed once unused, no two within this time divided by `pool_size`."""
    server_idle_timeout: Micros = 600_000_000
    """How long a server connection beyond `min_pool_size` may be unused; 0 for ever."""
    server_login_retry: Micros = 15_000_000
    """Pause after a failed server login, counted from its start."""
