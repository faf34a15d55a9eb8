"""A lock manager alone, with sessions that do nothing but lock, for tests of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from drill.sim.alarms import Alarms
from drill.sim.clock import Clock
from drill.sim.locks import Locks, Target
from drill.sim.relations import MODES, ROW_EXCLUSIVE
from drill.sim.sessions import Session
from drill.sim.settings import Limits
from tests.sim.worlds import S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.failures import Failure
    from drill.sim.request import Request


class Text:
    """A statement that is nothing but its text."""

    commits = True

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self.text = text


class Lockers:
    """Sessions by pid, and what became of what they wanted."""

    def __init__(self, count: int = 6, uniforms: Iterator[float] | None = None, lock_timeout_us: int = 0) -> None:
        """Start with idle sessions 1, 2, …; `uniforms` decide races, the first racer wins without."""
        self.clock = Clock()
        self.limits = Limits({})
        self.cut: list[tuple[int, Failure]] = []
        self.granted: list[int] = []
        self.logged: list[str] = []
        self.locks = Locks(
            self.clock,
            1 * S,
            (lambda: 0.0) if uniforms is None else lambda: next(uniforms),
            self._cut,
            lambda _, text: self.logged.append(text),
        )
        if lock_timeout_us:
            self.limits.lock = Alarms(self.clock, lock_timeout_us, self.locks.expired)
            self.locks.lock_alarms.append(self.limits.lock)
        self.sessions = {pid: Session(pid, "app", 0, self.limits) for pid in range(1, count + 1)}

    def _cut(self, session: Session, failure: Failure) -> None:
        self.cut.append((session.pid, failure))
        self.locks.forget(session)
        session.end_transaction(committed=False)

    def update(self, pid: int, row: int, table: str = "t") -> None:
        """Lock a row as UPDATE does."""
        self.lock(pid, MODES[ROW_EXCLUSIVE], table, row)

    def lock(self, pid: int, mode: str, table: str = "t", row: int | None = None) -> None:
        """Lock a table, and a row of it if one is given."""
        target = Target(self.locks.relation(table), MODES.index(mode))
        request = cast("Request", pid)  # the lock manager hands it back and looks at nothing in it
        self.sessions[pid].statement = Text(f"UPDATE {table}")
        self.locks.take(request, self.sessions[pid], target, row, lambda back: self.granted.append(cast("int", back)))

    def commit(self, pid: int) -> None:
        self.sessions[pid].end_transaction(committed=True)

    def roll_back(self, pid: int) -> None:
        self.sessions[pid].end_transaction(committed=False)

    def leave(self, pid: int) -> None:
        """End a session that may be waiting."""
        self.locks.forget(self.sessions[pid])
        self.roll_back(pid)

    def waits(self) -> dict[int, str]:
        """Return for what each waiting session waits."""
        return {pid: session.wait.kind for pid, session in self.sessions.items() if session.wait is not None}
