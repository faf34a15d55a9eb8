"""What pg_stat_activity and pg_locks show, and what postgres_exporter makes of them.

Separate from other views because one reading of sessions and locks serves tables and metrics alike. States, wait events
and the rows of a queue before a row follow captures of PostgreSQL 15.18; metrics carry the names and labels of
postgres_exporter. It only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drill.sim.deadlocks import blocking_pids
from drill.sim.relations import MODES
from drill.sim.sessions import ABORTED, ACTIVE, IDLE, STATES, Session
from drill.sim.waits import TUPLE, Wait
from drill.telemetry.records import Sample
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.database import Database

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
            *_wait_event(session, computing=id(session.user) in computing),
            STATES[session.state],
            session.holds.xid or None if session.holds is not None else None,
            ",".join(str(pid) for pid in blocking_pids(session)),
            session.query,
        )
        for session in database.sessions.shown()
    ]


def _ago(now_us: int, at_us: int) -> float:
    return round((now_us - at_us) / US_PER_S, 3)


def _wait_event(session: Session, *, computing: bool) -> tuple[str | None, str | None]:
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
    for session in sorted(database.busy, key=lambda session: session.pid):
        yield Lock("virtualxid", "", "", None, session.pid, "ExclusiveLock", granted=True, wait_s=None)
        yield from _held(session)
        if session.wait is not None:
            yield from _awaited(session.wait, _ago(now, session.wait.attempt_since))


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


def metrics(database: Database) -> Iterator[Sample]:
    """Yield the samples of postgres_exporter and of the machine's node_exporter."""
    where = (("datname", database.spec.name),)
    yield Sample("pg_up", (), int(database.downtime.refusal is None))
    yield Sample("pg_settings_max_connections", (), database.max_connections)
    yield Sample("pg_stat_database_numbackends", where, len(database.sessions))
    yield Sample("pg_stat_database_deadlocks", where, database.locks.deadlocks)
    tally = database.tally
    yield Sample("pg_stat_database_xact_commit", where, tally.commits)
    yield Sample("pg_stat_database_xact_rollback", where, tally.rollbacks)
    yield Sample("pg_stat_database_sessions", where, database.connects)
    yield Sample("pg_stat_database_sessions_killed", where, tally.killed)
    yield Sample("pg_stat_database_sessions_fatal", where, tally.fatal)
    oldest = [0.0] * len(STATES)
    for session in database.busy:
        if session.state != ABORTED:
            oldest[session.state] = max(oldest[session.state], _ago(database.clock.t, session.xact_since))
    for (state, count), longest in zip(database.states().items(), oldest, strict=True):
        labels = (*where, ("state", state))
        yield Sample("pg_stat_activity_count", labels, count)
        yield Sample("pg_stat_activity_max_tx_duration", labels, longest)
    # The exporter counts locks that belong to a database: those on tables and rows, held or wanted.
    counts = dict.fromkeys(_EXPORTED_MODES, 0)
    for lock in locks(database):
        if lock.relation:
            counts[lock.mode.lower()] += 1
    for mode, count in counts.items():
        yield Sample("pg_locks_count", (*where, ("mode", mode)), count)
    machine = ("instance", "postgres")
    yield Sample("node_cpu_seconds_total", (machine, ("mode", "user")), database.cpu.busy_us() / US_PER_S)
    free = database.spec.memory - database.downtime.memory_used()
    yield Sample("node_memory_MemAvailable_bytes", (machine,), free)
