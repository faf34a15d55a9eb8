"""Who waits for whom: what pg_blocking_pids tells, and circles among those who wait.

Separate because it only reads rows and tables, for views as well as for the lock manager. Texts follow captures of
PostgreSQL 15.18. The check is made once a wait, after deadlock_timeout, and the session whose wait is checked first is
the victim. A circle that only the order of a table's queue closes is solved by another order, as in DeadLockCheck
(storage/lmgr/deadlock.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drill.sim.failures import Failure
from drill.sim.relations import MODES, Relation
from drill.sim.waits import RELATION, TUPLE
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from drill.sim.sessions import Session
    from drill.sim.waits import Wait

_DATABASE_OID = 16_384


class Edge(NamedTuple):
    """One session waiting for another."""

    wait: Wait
    blocker: Session
    soft: bool
    """Whether the other only stands before it in the same queue."""


def edges(wait: Wait) -> list[Edge]:
    """Return everybody in the way of a waiter."""
    if wait.row is None:
        holders = [Edge(wait, holds.session, soft=False) for holds in wait.relation.conflicting(wait.holds, wait.mode)]
        return holders + [Edge(wait, ahead.session, soft=True) for ahead in wait.relation.ahead_of(wait)]
    if wait.kind == TUPLE and wait.row.first is not None:
        ahead = [Edge(wait, wait.row.first.session, soft=False)]
        for each in wait.row.line:
            if each is wait:
                break
            ahead.append(Edge(wait, each.session, soft=True))
        return ahead
    return [Edge(wait, wait.row.holder.session, soft=False)]


def blocking_pids(session: Session) -> list[int]:
    """Return what pg_blocking_pids returns: whom a session waits for directly; only those may be the root."""
    return [] if session.wait is None else [edge.blocker.pid for edge in edges(session.wait)]


def cycle_of(start: Wait, *, soft: bool) -> list[Edge]:
    """Return a shortest circle of waits through a waiter, empty without any; `soft` counts queues as well."""
    came: dict[Session, Edge] = {}
    heads = [start]
    while heads:
        found: list[Wait] = []
        for wait in heads:
            for edge in edges(wait):
                if (edge.soft and not soft) or edge.blocker in came:
                    continue
                came[edge.blocker] = edge
                if edge.blocker is start.session:
                    return _way(came, start.session)
                if edge.blocker.wait is not None:
                    found.append(edge.blocker.wait)
        heads = found
    return []


def _way(came: dict[Session, Edge], start: Session) -> list[Edge]:
    way = [came[start]]
    while way[-1].wait.session is not start:
        way.append(came[way[-1].wait.session])
    return way[::-1]


def reorder(cycle: list[Edge]) -> list[Relation]:
    """Let the first who waits only behind another go before it; return the table whose queue changed, if any."""
    for edge in cycle:
        ahead = edge.blocker.wait
        if edge.soft and edge.wait.kind == RELATION and ahead is not None:
            relation = edge.wait.relation
            line = [each for each in relation.line if each is not edge.wait]
            line.insert(next(index for index, each in enumerate(line) if each is ahead), edge.wait)
            relation.line = line
            return [relation]
    return []


def deadlock(cycle: list[Edge]) -> Failure:
    """Return what the victim is told; the first edge is its own."""
    lines = [
        f"Process {edge.wait.session.pid} waits for {_what(edge.wait)}; blocked by process {edge.blocker.pid}."
        for edge in cycle
    ]
    detail = [f"DETAIL:  {lines[0]}", *lines[1:], "HINT:  See server log for query details."]
    return Failure(Outcome.DEADLOCK, "ERROR:  deadlock detected", "40P01", tuple(detail))


def server_log(cycle: list[Edge], failure: Failure) -> list[str]:
    """Return what the server's log says of a deadlock: also the statements of everybody in it."""
    *detail, hint = failure.detail
    statements = [f"Process {edge.wait.session.pid}: {edge.wait.session.query}" for edge in cycle]
    last = f"STATEMENT:  {cycle[0].wait.session.query}"
    return [failure.text.removeprefix("ERROR:  "), *detail, *statements, hint, *context(cycle[0].wait), last]


def context(wait: Wait) -> tuple[str, ...]:
    """Return the line PostgreSQL adds to an error that ends a wait for a row; empty for a table."""
    if wait.row is None:
        return ()
    return (f'CONTEXT:  while updating tuple {wait.row.tuple_id} in relation "{wait.relation.name}"',)


def _what(wait: Wait) -> str:
    if wait.row is None:
        return f"{MODES[wait.mode]} on relation {wait.relation.oid} of database {_DATABASE_OID}"
    if wait.kind == TUPLE:
        place = f"tuple {wait.row.tuple_id} of relation {wait.relation.oid} of database {_DATABASE_OID}"
        return f"ExclusiveLock on {place}"
    return f"ShareLock on transaction {wait.row.holder.xid}"
