"""Members of a pool that were opened and never used since, in as few bytes as their source needs.

Separate because a pool lends objects, and a million connections that wait for a first borrower need none: members of
one source differ in next to nothing until somebody uses them. They lie below the idle members that are objects, so that
whoever borrows finds those first and pays nothing for this.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Roll(dict[Any, int]):
    """The members of a pool that are objects, with their numbers in the order of opening."""

    __slots__ = ("opened",)

    def __init__(self) -> None:
        """Start empty."""
        self.opened = 0
        """Members opened so far, those that never were objects included."""

    def enrol(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Enter a newly opened member."""
        self[member] = self.opened
        self.opened += 1

    def in_order(self) -> list[Any]:
        """Return the members in the order of their opening."""
        return sorted(self, key=self.__getitem__)


class Stock(ABC):
    """The unused members of one pool, lent last in, first out."""

    __slots__ = ("_runs", "count")

    def __init__(self) -> None:
        """Start empty."""
        self.count = 0
        """Members in it."""
        self._runs: list[list[int]] = []
        """Their numbers in the order of opening, as first number and length of each unbroken run."""

    def put(self, member: Any, number: int) -> bool:  # noqa: ANN401 - the source knows the type
        """Keep a member that was opened as number so and so, in place of the object; return False if it can't be."""
        if not self._pack(member):
            return False
        runs = self._runs
        if runs and sum(runs[-1]) == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
        self.count += 1
        return True

    def take(self) -> tuple[Any, int]:
        """Return the member that was put in last, as an object again, and its number; there must be one."""
        run = self._runs[-1]
        run[1] -= 1
        if not run[1]:
            self._runs.pop()
        self.count -= 1
        return self._unpack(), sum(run)

    def close(self) -> None:
        """Close every member at once."""
        self._close()
        self.count = 0
        self._runs = []

    @abstractmethod
    def _pack(self, member: Any) -> bool:  # noqa: ANN401 - as above
        """Note what tells a member from the others; return False if it is more than there is place for."""

    @abstractmethod
    def _unpack(self) -> Any:  # noqa: ANN401 - as above
        """Return the member noted last and forget it here."""

    @abstractmethod
    def _close(self) -> None:
        """Close all that is noted and forget it; `count` still says how many there are."""
