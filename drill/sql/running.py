"""A statement at work: its clock, its patience, its memory, and the server it talks to.

Separate because evaluation needs these and nothing else of the world. PostgreSQL would let a statement run for hours
and fill the disk; a drill's console ends it after about a second and some megabytes.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NoReturn, Protocol

from drill.sql.faults import OUT_OF_MEMORY, QUERY_CANCELED, Notice, SqlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drill.sql.types import Type, Value

PATIENCE_S = 0.7
"""How long a statement may compute, by the wall clock; the answer must be there within a second."""
MOST_CELLS = 400_000
"""Values that may be kept at the same time."""
MOST_TEXT = 12_000_000
"""Characters that may be kept at the same time."""
LONGEST_TEXT = 1_000_000
_CHECK_EVERY = 256
_SHORT = 64


class Relation(Protocol):
    """A table or view: what it is called, its columns and its rows."""

    @property
    def columns(self) -> Sequence[tuple[str, Type]]:
        """Names and types."""

    def rows(self) -> Iterable[tuple[Value, ...]]:
        """Return the rows of now."""


class Server(Protocol):
    """The database behind the statements: tables to read and things to do."""

    @property
    def now_us(self) -> int:
        """The time of the transaction, in microseconds since 1970."""

    def relation(self, schema: str, name: str) -> Relation | None:
        """Return a table or view, None if there is none; `schema` may be empty."""

    def function(self, name: str, args: Sequence[Value]) -> Value:
        """Carry out or answer one of the functions that depend on the server, such as pg_terminate_backend."""

    def setting(self, name: str) -> str | None:
        """Return what SHOW shows; None for an unknown name."""


class Running:
    """One statement at work."""

    def __init__(self, server: Server, patience_s: float = PATIENCE_S) -> None:
        """Begin now."""
        self.server = server
        self.now_us = server.now_us
        self.notices: list[Notice] = []
        self._until = monotonic() + patience_s
        self._ticks = 0
        self._cells = 0
        self._text = 0

    def tick(self) -> None:
        """Count one row's worth of work; raise SqlError when patience ends."""
        self._ticks += 1
        if not self._ticks % _CHECK_EVERY:
            self.check()

    def check(self) -> None:
        """Raise SqlError when patience has ended."""
        if monotonic() > self._until:
            self.cancel()

    def cancel(self) -> NoReturn:
        """End the statement as a timeout does."""
        msg = "canceling statement due to statement timeout"
        raise SqlError(msg, QUERY_CANCELED)

    def keep(self, row: Sequence[Value]) -> None:
        """Count a row that is kept; raise SqlError when it is too much."""
        self._cells += len(row) + 1
        for value in row:
            if type(value) is str:
                if len(value) > _SHORT:
                    self._text += len(value)
            elif type(value) is tuple:
                self._cells += len(value)
        if self._cells > MOST_CELLS or self._text > MOST_TEXT:
            self.exhausted()
        self.tick()

    def exhausted(self) -> NoReturn:
        """End the statement for want of memory."""
        detail = 'Failed on request of size 67108864 in memory context "ExecutorState".'
        raise SqlError("out of memory", OUT_OF_MEMORY, detail=detail)

    def warn(self, message: str, code: str = "01000") -> None:
        """Send a warning to the client."""
        self.notices.append(Notice("WARNING", message, code))


def checked_length(length: int) -> None:
    """Raise SqlError for a text that would be too long."""
    if length > LONGEST_TEXT:
        msg = "requested length too large"
        raise SqlError(msg, "54000")
