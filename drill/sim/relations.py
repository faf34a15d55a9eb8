"""Table locks: PostgreSQL's eight modes, who conflicts with whom, and the queue before one table.

Separate from row locks because it is another mechanism: a fair queue in the lock manager. Whoever comes later waits
also behind those who only wait, which is how one ALTER TABLE behind a long transaction stops every query. Modes and
conflicts are those of the PostgreSQL 15 manual, "Explicit Locking"; the order of the queue is that of ProcSleep and
ProcLockWakeup (storage/lmgr/proc.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.sim.waits import Holds, Wait

MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""Names of the modes by number, weakest first."""
ROW_EXCLUSIVE = 2
"""What every INSERT, UPDATE and DELETE takes on its table."""
_CONFLICTS = (
    (7,),
    (6, 7),
    (4, 5, 6, 7),
    (3, 4, 5, 6, 7),
    (2, 3, 5, 6, 7),
    (2, 3, 4, 5, 6, 7),
    (1, 2, 3, 4, 5, 6, 7),
    (0, 1, 2, 3, 4, 5, 6, 7),
)


def conflict(one: int, other: int) -> bool:
    """Return whether two transactions can't hold these modes on one table together."""
    return other in _CONFLICTS[one]


class Relation:
    """One table that is locked or waited for."""

    __slots__ = ("_counts", "_numbers", "granted", "line", "name", "oid")

    def __init__(self, name: str, oid: int) -> None:
        """Start unlocked."""
        self.name = name
        self.oid = oid
        self.granted: dict[Holds, list[int]] = {}
        """Modes that transactions hold."""
        self.line: list[Wait] = []
        """Who waits, first in turn first."""
        self._counts = [0] * len(MODES)
        """Transactions that hold each mode."""
        self._numbers: dict[str, int] = {}

    def number_of(self, row: str) -> int:
        """Return the position of a row that has a name; those are the first of a table."""
        return self._numbers.setdefault(row, len(self._numbers))

    def free_for(self, holds: Holds, mode: int) -> bool:
        """Return whether no other transaction holds a mode that conflicts."""
        counts, own = self._counts, self.granted.get(holds, ())
        return all(counts[other] == (other in own) for other in _CONFLICTS[mode])

    def conflicting(self, holds: Holds, mode: int) -> list[Holds]:
        """Return the other transactions that hold a mode that conflicts."""
        return [other for other, modes in self.granted.items() if other is not holds and _any(modes, mode)]

    def grant(self, holds: Holds, mode: int) -> None:
        """Let a transaction hold a mode."""
        modes = self.granted.setdefault(holds, [])
        if mode not in modes:
            modes.append(mode)
            self._counts[mode] += 1
        holds.relations[self] = None

    def try_grant(self, holds: Holds, mode: int) -> bool:
        """Grant a mode unless a holder, or somebody whose turn is earlier, is in the way; return whether it was."""
        own = self.granted.get(holds, ())
        if mode not in own:
            ahead = self.line[: self._turn(holds)]
            if any(conflict(wait.mode, mode) for wait in ahead) or not self.free_for(holds, mode):
                return False
            self.grant(holds, mode)
        return True

    def join(self, wait: Wait) -> None:
        """Stand in line; before those who wait for a mode that the transaction holds itself, as they would wait."""
        self.line.insert(self._turn(wait.holds), wait)

    def ahead_of(self, wait: Wait) -> list[Wait]:
        """Return who stands before a waiter and would conflict with it."""
        place = next(index for index, each in enumerate(self.line) if each is wait)
        return [each for each in self.line[:place] if conflict(each.mode, wait.mode)]

    def release(self, holds: Holds) -> None:
        """Forget what a transaction holds."""
        for mode in self.granted.pop(holds, ()):
            self._counts[mode] -= 1

    def wake(self) -> list[Wait]:
        """Grant what can be granted now, in turn, and return whose wait is over."""
        woken: list[Wait] = []
        passed: list[Wait] = []
        for wait in self.line:
            in_the_way = any(conflict(other.mode, wait.mode) for other in passed)
            if in_the_way or not self.free_for(wait.holds, wait.mode):
                passed.append(wait)
            else:
                self.grant(wait.holds, wait.mode)
                woken.append(wait)
        self.line = passed
        return woken

    def _turn(self, holds: Holds) -> int:
        own = self.granted.get(holds)
        if own:
            for index, wait in enumerate(self.line):
                if _any(own, wait.mode):
                    return index
        return len(self.line)


def _any(modes: list[int], mode: int) -> bool:
    return any(conflict(each, mode) for each in modes)
