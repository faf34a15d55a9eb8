"""The database server and the pooler from the inside, frozen: what their own catalogues and consoles show.

Separate from the snapshot, which screens read ten times a second: this is taken when somebody asks on the console.
Times are microseconds of simulated time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackendState:
    """One client backend, as pg_stat_activity shows it."""

    pid: int
    application: str
    started_us: int
    xact_us: int | None
    """Start of its transaction; None outside of one."""
    state_us: int
    """Last change of state."""
    wait_event_type: str | None
    wait_event: str | None
    state: str
    xid: int | None
    blocked_by: tuple[int, ...]
    """What pg_blocking_pids returns."""
    query: str
    """Empty for a session that has run nothing yet."""


@dataclass(frozen=True, slots=True)
class LockState:
    """One row of pg_locks."""

    locktype: str
    relation: str
    """Empty for locks on other things."""
    tuple_id: str
    """Page and place such as `(0,7)`; empty for other locks."""
    transactionid: int | None
    pid: int
    mode: str
    granted: bool
    since_us: int | None
    """waitstart; None for what is held."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """PostgreSQL."""

    name: str
    """The database."""
    role: str
    """The applications' role."""
    refusal: str
    """What a connect is told; empty while the server accepts connections."""
    life: int
    """How often the server has gone down."""
    max_connections: int
    wanted_connections: int
    """From the next restart on."""
    reserved: int
    slots_in_use: int
    role_limit: int
    """0 for none."""
    database_limit: int
    """0 for none."""
    shared_buffers: int
    deadlock_timeout_us: int
    timeouts_us: tuple[tuple[str, int], ...]
    """Settings of the system and their values, 0 for off."""
    role_timeouts_us: tuple[tuple[str, int], ...]
    """Those that the role has of its own."""
    backends: tuple[BackendState, ...]
    locks: tuple[LockState, ...]
    relations: tuple[tuple[str, int], ...]
    """Names and oids of tables that were locked so far."""
    deadlocks: int
    connects: int
    """Sessions since the start."""


@dataclass(frozen=True, slots=True)
class PoolerInside:
    """PgBouncer."""

    mode: str
    paused: bool
    clients: int
    waiting: int
    servers: tuple[tuple[int, bool, int, int], ...]
    """Of each server connection: pid, whether a client has it, when it connected, when it was last used."""
    servers_logging_in: int
    oldest_wait_us: int
    settings: tuple[tuple[str, int], ...]
    """Names as PgBouncer's manual has them; times in microseconds."""
    file_settings: tuple[tuple[str, int], ...]
    """What RELOAD returns to."""


@dataclass(frozen=True, slots=True)
class Inside:
    """Both at one moment."""

    at_us: int
    server: ServerState
    pooler: PoolerInside | None
    """None while no PgBouncer listens."""
