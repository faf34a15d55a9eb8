"""What statements leave in a session for later ones, and what goes wrong when those run in another session.

Separate because only programs that say so pay for it. Behind a pooler in transaction mode two statements of one client
may run in two sessions; errors and silences are those captured from PostgreSQL 15.18 behind PgBouncer 1.18.0: a
prepared statement, a temporary table or a cursor is missing or there already, a SET reaches strangers, an advisory lock
is not released, a LISTEN hears nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.scenario.topology import QueryStep
from drill.sim.demands import flat
from drill.sim.failures import STATEMENT_TIMEOUT, Failure
from drill.sim.program import Step
from drill.sim.sessions import ACTIVE
from drill.telemetry.outcomes import Outcome
from drill.units import parse_duration

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec
    from drill.sim.database import Database
    from drill.sim.request import Request
    from drill.sim.sessions import Session

_MISSING = {
    "prepared": ('prepared statement "{}" does not exist', "26000"),
    "temp": ('relation "{}" does not exist', "42P01"),
    "cursor": ('cursor "{}" does not exist', "34000"),
}
_THERE = {
    "prepared": ('prepared statement "{}" already exists', "42P05"),
    "temp": ('relation "{}" already exists', "42P07"),
    "cursor": ('cursor "{}" already exists', "42P03"),
}
_NOT_OWNED = "WARNING:  you don't own a lock of type ExclusiveLock"
_TIMEOUT = "set statement_timeout"


class Remnants(Step):
    """What happens in a session before a statement runs there."""

    __slots__ = ("block", "database", "drops", "leaves", "needs", "pool")

    def __init__(self, database: Database, pool: int, spec: QueryStep, *, block: bool) -> None:
        """Prepare a statement on the connection of pool number `pool`; `block` is set inside a transaction."""
        self.database = database
        self.pool = pool
        self.leaves = spec.leaves
        self.needs = spec.needs
        self.drops = spec.drops
        self.block = block

    def run(self, request: Request) -> None:
        """Start the statement, or fail because of what is in the session."""
        member = request.held(self.pool)
        session: Session | None = member.session
        if session is None:
            member.link(request, self.run, self.fail, block=self.block)
            return
        if session.closed is None:
            failure = self._leave(member, session) or self._need(session) or self._drop(request, member, session)
            if failure is not None:
                self.fail(request, failure)
                return
        self.next(request)
        clock, limit_us = self.database.clock, session.left.get(_TIMEOUT, 0)
        if limit_us and session.state == ACTIVE and session.user is request:
            clock.call_at(clock.t + limit_us, self._overrun, (session, request, session.since))

    def _leave(self, member: Any, session: Session) -> Failure | None:  # noqa: ANN401 - a session or a pooler's client
        name, _, value = self.leaves.partition("=")
        if not name or name in member.left:
            return None
        kind = name.partition(" ")[0]
        if name in session.left and kind in _THERE:
            return _error(name, _THERE)
        if kind == "lock" and any(name in other.left for other in self.database.sessions.objects.values()):
            return Failure(Outcome.APPLICATION_ERROR, f"could not obtain advisory {name}")
        session.left[name] = member.left[name] = parse_duration(value) if value else 0
        return None

    def _need(self, session: Session) -> Failure | None:
        name = self.needs.partition("=")[0]
        return None if not name or name in session.left else _error(name, _MISSING)

    def _drop(self, request: Request, member: Any, session: Session) -> Failure | None:  # noqa: ANN401 - as above
        name = self.drops.partition("=")[0]
        if not name:
            return None
        member.left.pop(name, None)
        if session.left.pop(name, None) is not None or member is session:
            return None
        if name.startswith("lock "):
            request.pod.warn(_NOT_OWNED)
        return _error(name, _MISSING)

    def _overrun(self, started: tuple[Session, Request, int]) -> None:
        """Cancel a statement that runs longer than its session's setting, whoever set that."""
        session, request, since = started
        if session.state == ACTIVE and session.user is request and session.since == since:
            self.database.cancel(session, STATEMENT_TIMEOUT)


def _error(name: str, texts: dict[str, tuple[str, str]]) -> Failure | None:
    """Return the error about a thing in a session; None for kinds that raise none."""
    kind, _, rest = name.partition(" ")
    if kind not in texts:
        return None
    text, sqlstate = texts[kind]
    return Failure(Outcome.APPLICATION_ERROR, "ERROR:  " + text.format(rest), sqlstate)


def leaves_any(spec: DeploymentSpec) -> bool:
    """Return whether any statement of a deployment leaves something in its session, or needs or drops it."""
    steps = (step for endpoint in spec.endpoints.values() for step in flat(endpoint.program))
    return any(step.leaves or step.needs or step.drops for step in steps if isinstance(step, QueryStep))
