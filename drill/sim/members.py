"""What is borrowed, who borrows, and where members come from.

Separate from the pool, which lends without knowing what it lends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from drill.sim.stock import Stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.queue import Queue


class Claimant(Protocol):
    """Who borrows: a request, a probe, a login."""

    since: int
    """When it began to wait, in microseconds."""
    waited: int
    """Total time waited for pools, in microseconds."""
    resume: Callable[[Any, Any], object]
    """Called with the claimant and the member once it is granted."""
    refuse: Callable[[Any, Failure], object]
    """Called with the claimant and the reason once it is refused."""

    @property
    def patient(self) -> bool:
        """Whether it waits for as long as it likes, whatever the pool's checkout timeout."""

    waiting: Queue | None
    """The queue in which it stands; set to None by whoever ends the wait."""


class Member(Protocol):
    """What is borrowed."""

    @property
    def broken(self) -> bool:
        """Whether it can't be used any more."""

    def rolled_back(self, now_us: int) -> None:
        """Forget unfinished work of the borrower."""

    def pin(self, request: Any, then: Callable[[Any], object], fail: Callable[..., object]) -> None:  # noqa: ANN401 - whoever borrows
        """Begin a transaction that nobody will end, then call `then(request)`; or `fail(request, failure)`."""


class Source(Protocol):
    """Where members come from."""

    @property
    def client_cpu_us(self) -> int:
        """CPU time that whoever opens one spends on it, in microseconds."""

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Open one member and call `opened(member)` or `refused(failure)`, now or later."""

    def close(self, member: Any) -> None:  # noqa: ANN401 - a source knows its own members
        """Close one member."""

    def test(self, member: Any, claimant: Claimant, done: Callable[[bool], object]) -> None:  # noqa: ANN401 - as above
        """Try a member for a claimant and call `done` with whether it works, now or later."""

    def stock(self) -> Stock | None:
        """Return a place for unused members of one pool; None if they are always objects."""


class Token:
    """A member that is nothing but a right to proceed."""

    __slots__ = ()
    broken = False
    session = None

    def rolled_back(self, now_us: int) -> None:
        """Do nothing: there is nothing to forget."""

    def pin(self, request: Any, then: Callable[[Any], object], fail: Callable[..., object]) -> None:  # noqa: ANN401 - whoever borrows
        """Go on at once: there is no transaction."""
        del fail
        then(request)


class Tokens:
    """A source of tokens, which cost nothing to keep."""

    client_cpu_us = 0

    def __init__(self, clock: Clock | None = None, connect_us: int = 0) -> None:
        """Take `connect_us` to open one, which needs a clock; with 0 they are there at once."""
        self._clock = clock
        self._connect_us = connect_us

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Hand over a token."""
        del refused
        if self._clock is None or not self._connect_us:
            opened(Token())
        else:
            self._clock.call_at(self._clock.t + self._connect_us, opened, Token())

    def close(self, member: object) -> None:
        """Do nothing: a token costs nothing."""

    def test(self, member: object, claimant: Claimant, done: Callable[[bool], object]) -> None:
        """Say that it works."""
        del member, claimant
        done(True)  # noqa: FBT003 - the one thing a callback of this kind is told

    def stock(self) -> UnusedTokens:
        """Return a counter."""
        return UnusedTokens()


class UnusedTokens(Stock):
    """Tokens that nobody has used: all alike, so nothing but a counter."""

    __slots__ = ()

    def _pack(self, member: Token) -> bool:
        del member
        return True

    def _unpack(self) -> Token:
        return Token()

    def _close(self) -> None:
        """Do nothing: a token costs nothing."""
