"""A statement that locks a row or a table before it does its work.

Separate from other steps because few statements do: a program without locks pays nothing for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.locks import Target
from drill.sim.program import Query
from drill.sim.relations import MODES, ROW_EXCLUSIVE
from drill.sim.streams import CHOICE_BITS

if TYPE_CHECKING:
    from drill.scenario.topology import LockSpec
    from drill.sim.database import Database
    from drill.sim.request import Request

_FIRST_NUMBERED = 100
"""Rows with names stand before the numbered ones."""


class LockingQuery(Query):
    """Run one statement that first takes a lock, which its transaction keeps to its end."""

    __slots__ = ("named", "row_draw", "rows", "target")

    def __init__(
        self, database: Database, pool: int, text: str, draws: tuple[int, int], lock: tuple[LockSpec, int | None]
    ) -> None:
        """As for `Query`; `lock` is what is locked, with the demand that chooses among several rows."""
        super().__init__(database, pool, text, draws)
        spec, self.row_draw = lock
        relation = database.locks.relation(spec.table)
        self.target = Target(relation, MODES.index(mode_name(spec.mode)) if spec.mode else ROW_EXCLUSIVE)
        self.named = relation.number_of(spec.row) if spec.row else None
        self.rows = spec.rows

    def run(self, request: Request) -> None:
        """Start the statement, over the pooler if there is one, with its lock."""
        member = request.held(self.pool)
        session = member.session
        if session is None:
            member.link(request, self.run, self.fail)
            return
        if session.closed is not None:
            self.fail(request, session.closed)
            return
        session.begin(self, request, self.database.clock.t)
        self.database.locks.take(request, session, self.target, self._row(request), self.locked)

    def locked(self, request: Request) -> None:
        """Do the work; a statement whose client is gone meanwhile does it, too."""
        database, demands = self.database, request.demands
        member = request.held(self.pool)  # none for a client that was cut off in the middle
        rest_us = demands[self.time_draw] + database.round_trip_us + (0 if member is None else member.extra_us)
        if demands[self.cpu_draw]:
            database.cpu.submit(demands[self.cpu_draw], self.ended, request, rest_us)
        else:
            database.clock.call_at(database.clock.t + rest_us, self.ended, request)

    def done(self, request: Request) -> None:
        """Commit if the transaction ends here, and go on."""
        if self.commits and request.ended is None:
            request.held(self.pool).session.end_transaction(committed=True)
        super().done(request)

    def _row(self, request: Request) -> int | None:
        if self.row_draw is not None:
            choice: int = request.demands[self.row_draw]
            return _FIRST_NUMBERED + (choice * self.rows >> CHOICE_BITS)
        return self.named


def mode_name(written: str) -> str:
    """Return PostgreSQL's name of a lock mode as pg_locks shows it, such as AccessExclusiveLock."""
    return "".join(word.capitalize() for word in written.split()) + "Lock"
