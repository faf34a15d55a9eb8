"""The lock manager of one PostgreSQL server: who takes, waits for and gives up locks on rows and tables.

Separate because statements, timeouts, ends of sessions and the search for deadlocks all meet here, while the queues
themselves are those of rows and tables. Only what is locked exists: a table of a million rows costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drill.sim.alarms import Alarms
from drill.sim.deadlocks import cycle_of, deadlock, reorder, server_log
from drill.sim.failures import LOCK_TIMEOUT
from drill.sim.relations import ROW_EXCLUSIVE, Relation
from drill.sim.rows import Row
from drill.sim.waits import Holds, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.request import Request
    from drill.sim.sessions import Session

_FIRST_XID = 731
_FIRST_OID = 16_385


class Target(NamedTuple):
    """A table and the mode in which it is locked."""

    relation: Relation
    mode: int


class Locks:
    """Every lock on rows and tables of one server."""

    def __init__(
        self,
        clock: Clock,
        deadlock_timeout_us: int,
        uniform: Callable[[], float],
        cut: Callable[[Session, Failure], object],
        log: Callable[[str, str], object],
    ) -> None:
        """Start with nothing locked.

        Args:
            clock: Simulated time.
            deadlock_timeout_us: How long a wait may take until it is checked for a deadlock.
            uniform: Gives numbers from 0 to below 1, which decide races.
            cut: Called with a waiting session and the failure that ends its statement.
            log: Called with a level and a text for the server's log.
        """
        self.rows: dict[tuple[Relation, int], Row] = {}
        """Rows that are locked."""
        self.lock_alarms: list[Alarms] = []
        """Every lock_timeout that was ever in force; statements at work may still go by an earlier one."""
        self.deadlocks = 0
        """Deadlocks found since the start."""
        self._clock = clock
        self._uniform = uniform
        self._cut = cut
        self._log = log
        self._deadlock_alarm = Alarms(clock, deadlock_timeout_us, self._check)
        self._next_xid = _FIRST_XID
        self.relations: dict[str, Relation] = {}
        """Tables by name, from the moment they are first named by a lock."""

    def relation(self, name: str) -> Relation:
        """Return a table by its name."""
        if name not in self.relations:
            self.relations[name] = Relation(name, _FIRST_OID + len(self.relations))
        return self.relations[name]

    def take(
        self, request: Request, session: Session, target: Target, row: int | None, then: Callable[[Request], object]
    ) -> None:
        """Lock a table, then one of its rows if `row` says which, and call `then(request)`, now or later."""
        relation, mode = target
        holds = session.holds
        if holds is None:
            holds = session.holds = Holds(self, session, 0)
        if not holds.xid and (row is not None or mode >= ROW_EXCLUSIVE):
            holds.xid = self._next_xid
            self._next_xid += 1
        if not relation.try_grant(holds, mode):
            wait = Wait(holds, relation, None, mode, self._clock.t)
            relation.join(wait)
            self._begin(wait, request, self._row_next(holds, relation, row, then))
        elif row is None:
            then(request)
        else:
            self._take_row(request, holds, relation, row, then)

    def end(self, holds: Holds, *, committed: bool) -> None:
        """Give up everything a transaction holds, to whoever waits for it."""
        holds.session.holds = None
        for row in holds.rows:
            winner = row.hand_over(self._uniform, self._clock.t, committed=committed)
            if winner is None:
                del self.rows[row.relation, row.number]
                continue
            row.holder = winner.holds
            winner.holds.rows.append(row)
            if row.first is not None or row.followers:
                self._arm(row)
            self._granted(winner)
        for relation in holds.relations:
            relation.release(holds)
            self._wake(relation)

    def forget(self, session: Session) -> None:
        """Stop a session's wait, because its statement was cut short."""
        wait = session.wait
        if wait is None:
            return
        session.wait = None
        if wait.row is not None:
            promoted = wait.row.leave(wait, self._clock.t)
            if promoted is not None:
                self._arm(promoted)
        else:
            wait.relation.line = [each for each in wait.relation.line if each is not wait]
            self._wake(wait.relation)

    def expired(self, alarms: Alarms, item: Wait | Row, since_us: int) -> None:
        """End the waits that a lock_timeout is about; see `Alarms`."""
        for wait in self._still(item, since_us):
            if wait.limit is alarms and wait.session.wait is wait:
                self._cut(wait.session, LOCK_TIMEOUT)

    def _row_next(
        self, holds: Holds, relation: Relation, row: int | None, then: Callable[[Request], object]
    ) -> Callable[[Request], object]:
        return then if row is None else lambda request: self._take_row(request, holds, relation, row, then)

    def _take_row(
        self, request: Request, holds: Holds, relation: Relation, number: int, then: Callable[[Request], object]
    ) -> None:
        row = self.rows.get((relation, number))
        if row is None:
            row = self.rows[relation, number] = Row(relation, number, holds, self._clock.t)
            holds.rows.append(row)
            then(request)
        elif row.holder is holds:
            then(request)
        else:
            wait = Wait(holds, relation, row, ROW_EXCLUSIVE, self._clock.t)
            row.join(wait)
            self._begin(wait, request, then)

    def _begin(self, wait: Wait, request: Request, then: Callable[[Request], object]) -> None:
        wait.request, wait.then = request, then
        wait.session.wait = wait
        self._arm(wait)

    def _granted(self, wait: Wait) -> None:
        wait.session.wait = None
        wait.then(wait.request)

    def _wake(self, relation: Relation) -> None:
        for wait in relation.wake():
            self._granted(wait)

    def _arm(self, item: Wait | Row) -> None:
        # A row stands for all who wait for its holder: one entry a change of holder, however many wait.
        self._deadlock_alarm.add(item)
        for alarms in self.lock_alarms:
            alarms.add(item)

    @staticmethod
    def _still(item: Wait | Row, since_us: int) -> list[Wait]:
        """Return the waits that have gone on since an alarm was set."""
        if isinstance(item, Wait):
            return [item] if item.session.wait is item and item.attempt_since == since_us else []
        if item.since != since_us:  # its holder has changed, and all attempts with it
            return []
        waiting = item.followers if item.first is None else [item.first, *item.followers]
        return [wait for wait in waiting if wait.attempt_since == since_us]

    def _check(self, _: Alarms, item: Wait | Row, since_us: int) -> None:
        for wait in self._still(item, since_us):
            if wait.session.wait is not wait:
                continue
            if hard := cycle_of(wait, soft=False):
                self.deadlocks += 1
                failure = deadlock(hard)
                for text in server_log(hard, failure):
                    self._log("ERROR", text)
                self._cut(wait.session, failure)
            elif soft := cycle_of(wait, soft=True):
                for relation in reorder(soft):
                    self._wake(relation)
