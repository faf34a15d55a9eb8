"""What pg_stat_activity and pg_locks show, and what postgres_exporter makes of them.

Separate from other views because one reading of sessions and locks serves tables and metrics alike. States, wait events
and the rows of a queue before a row follow captures of PostgreSQL 15.18; metrics carry the names and labels of
postgres_exporter. It only reads.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from drill.sim.deadlocks import blocking_pids
from drill.sim.relations import MODES
from drill.sim.sessions import ABORTED, ACTIVE, IDLE, STATES, Session
from drill.sim.waits import TUPLE, Wait
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.database import Database
    from drill.sim.scrape import Block
    from drill.telemetry.records import Series

ACTIVITY = (
    "pid",
    "usename",
    "application_name",
    "backend_age_s",
    "xact_age_s",
    "state_age_s",
    "wait_event_type",
    "wait_event",
    "state",
    "backend_xid",
    "pg_blocking_pids",
    "query",
)
"""Columns of pg_stat_activity; ages in place of times of day, and what pg_blocking_pids() returns for the pid."""
_EXPORTED_MODES = sorted(mode.lower() for mode in (*MODES, "SIReadLock"))
_NO_LOCKS = [0] * len(_EXPORTED_MODES)


class Load(NamedTuple):
    """What the sessions do at a moment."""

    states: list[int]
    """Sessions by state, in the order of `STATES`."""
    oldest_s: list[float]
    """Age of the oldest transaction by state."""
    waiting: int
    """Sessions that wait for a lock."""
    locks: list[int]
    """Locks by mode as the exporter counts them: those on tables and rows, held or wanted."""


class Lock(NamedTuple):
    """One row of pg_locks; empty texts and None where PostgreSQL has NULL."""

    locktype: str
    relation: str
    tuple: str
    transactionid: int | None
    pid: int
    mode: str
    granted: bool
    wait_s: float | None
    """Since waitstart; None for a lock that is held."""


def activity(database: Database) -> list[tuple[str | int | float | None, ...]]:
    """Return every client backend as pg_stat_activity does."""
    computing = {id(tag) for tag in database.cpu.tags()}
    now = database.clock.t
    return [
        (
            session.pid,
            database.spec.role,
            session.application,
            _ago(now, session.started),
            None if session.state in (IDLE, ABORTED) else _ago(now, session.xact_since),
            _ago(now, session.since),
            *wait_event(session, computing=id(session.user) in computing),
            STATES[session.state],
            session.holds.xid or None if session.holds is not None else None,
            ",".join(str(pid) for pid in blocking_pids(session)),
            session.query,
        )
        for session in database.sessions.shown()
    ]


def _ago(now_us: int, at_us: int) -> float:
    return round((now_us - at_us) / US_PER_S, 3)


def wait_event(session: Session, *, computing: bool) -> tuple[str | None, str | None]:
    """Return the type and the name of what a session waits for."""
    if session.state != ACTIVE:
        return "Client", "ClientRead"
    if session.wait is not None:
        return "Lock", session.wait.kind
    if computing:
        return None, None
    # What takes time in the server and no CPU is a sleep if the statement says so, and reading otherwise.
    return ("Timeout", "PgSleep") if "pg_sleep" in session.query else ("IO", "DataFileRead")


def locks(database: Database) -> Iterator[Lock]:
    """Yield what pg_locks shows: first what each transaction holds, then what it waits for."""
    now = database.clock.t
    for session in database.busy:
        yield Lock("virtualxid", "", "", None, session.pid, "ExclusiveLock", granted=True, wait_s=None)
        yield from _locks_of(session, now)


def _locks_of(session: Session, now_us: int) -> Iterator[Lock]:
    yield from _held(session)
    if session.wait is not None:
        yield from _awaited(session.wait, _ago(now_us, session.wait.attempt_since))


def _held(session: Session) -> Iterator[Lock]:
    holds = session.holds
    if holds is None:
        return
    for relation in holds.relations:
        for mode in relation.granted[holds]:
            yield Lock("relation", relation.name, "", None, session.pid, MODES[mode], granted=True, wait_s=None)
    if holds.xid:
        yield Lock("transactionid", "", "", holds.xid, session.pid, "ExclusiveLock", granted=True, wait_s=None)


def _awaited(wait: Wait, wait_s: float) -> Iterator[Lock]:
    pid, name, row = wait.session.pid, wait.relation.name, wait.row
    if row is None:
        yield Lock("relation", name, "", None, pid, MODES[wait.mode], granted=False, wait_s=wait_s)
        return
    if wait.kind == TUPLE:
        yield Lock("tuple", name, row.tuple_id, None, pid, "ExclusiveLock", granted=False, wait_s=wait_s)
        return
    if wait is row.first:
        yield Lock("tuple", name, row.tuple_id, None, pid, "ExclusiveLock", granted=True, wait_s=None)
    yield Lock("transactionid", "", "", row.holder.xid, pid, "ShareLock", granted=False, wait_s=wait_s)


def waiting(database: Database) -> int:
    """Return how many sessions wait for a lock."""
    return sum(session.wait is not None for session in database.busy)


def load(database: Database) -> Load:
    """Return what the sessions do, in one pass over them."""
    now = database.clock.t
    counts, began, waits, locking = [0] * len(STATES), [now] * len(STATES), 0, []
    for session in database.sessions.objects.values():
        state = session.state
        if state == IDLE:
            continue
        counts[state] += 1
        began[state] = min(began[state], session.xact_since)
        if session.wait is not None:
            waits += 1
            locking.append(session)
        elif session.holds is not None:
            locking.append(session)
    counts[IDLE] = len(database.sessions) - sum(counts)
    began[ABORTED] = now
    return Load(counts, [_ago(now, at) for at in began], waits, _lock_counts(locking, now))


def _lock_counts(sessions: list[Session], now_us: int) -> list[int]:
    if not sessions:
        return _NO_LOCKS
    modes = [lock.mode.lower() for session in sessions for lock in _locks_of(session, now_us) if lock.relation]
    return [modes.count(mode) for mode in _EXPORTED_MODES]


def metrics(database: Database, now: Load, cpu_us: float) -> tuple[Block, list[float]]:
    """Return the series and values of postgres_exporter and of the machine's node_exporter.

    `cpu_us` is what `database.cpu` has used so far.
    """
    tally = database.tally
    values: list[float] = [
        int(database.downtime.refusal is None),
        database.max_connections,
        len(database.sessions),
        database.locks.deadlocks,
        tally.commits,
        tally.rollbacks,
        database.connects,
        tally.killed,
        tally.fatal,
    ]
    for counted in zip(now.states, now.oldest_s, strict=True):
        values += counted
    values += now.locks
    values += (cpu_us / US_PER_S, database.spec.memory - database.downtime.memory_used())
    return _series(database.spec.name), values


@cache
def _series(datname: str) -> Block:
    where = (("datname", datname),)
    series: list[Series] = [
        ("pg_up", ()),
        ("pg_settings_max_connections", ()),
        ("pg_stat_database_numbackends", where),
        ("pg_stat_database_deadlocks", where),
        ("pg_stat_database_xact_commit", where),
        ("pg_stat_database_xact_rollback", where),
        ("pg_stat_database_sessions", where),
        ("pg_stat_database_sessions_killed", where),
        ("pg_stat_database_sessions_fatal", where),
    ]
    for state in STATES:
        labels = (*where, ("state", state))
        series += (("pg_stat_activity_count", labels), ("pg_stat_activity_max_tx_duration", labels))
    series += (("pg_locks_count", (*where, ("mode", mode))) for mode in _EXPORTED_MODES)
    machine = ("instance", "postgres")
    return (
        *series,
        ("node_cpu_seconds_total", (machine, ("mode", "user"))),
        ("node_memory_MemAvailable_bytes", (machine,)),
    )
