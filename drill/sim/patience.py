"""How long somebody waits for answers: requests with one timeout, and one timer for the oldest.

Separate because users, the gateway and callers inside all wait in this way. What giving up means is theirs to say.
Requests either stand in a line from their start, or are found on rounds.
"""

from __future__ import annotations

from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING

from drill.sim.clock import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.sim.clock import Clock
    from drill.sim.request import Request


class Patience:
    """Requests in the order of their start, each waited for equally long."""

    __slots__ = ("_clock", "_expire", "_line", "_timeout_us")

    def __init__(self, clock: Clock, timeout_us: int, expire: Callable[[Request], object]) -> None:
        """Call `expire(request)` for a request that has no outcome `timeout_us` after its start."""
        self._clock = clock
        self._timeout_us = timeout_us
        self._expire = expire
        self._line: deque[Request] = deque()
        """Those who are waited for, and some who have an answer; the timer runs while anybody stands here."""

    def start(self, request: Request) -> None:
        """Wait for a request that starts now."""
        line = self._line
        if not line:
            self._clock.call_at(request.at + self._timeout_us, self._fire)
        else:
            # They would leave at the timeout anyway; but memory that was used a moment ago is at hand, and that of
            # requests which ended seconds ago is not.
            while line[0].outcome is not None and len(line) > 1:
                line.popleft()
        line.append(request)

    def _fire(self, _: object) -> None:
        clock, line = self._clock, self._line
        _expire(line, clock.t - self._timeout_us, self._expire)
        if line:
            clock.call_at(line[0].at + self._timeout_us, self._fire)


class Rounds:
    """Waits for requests that said nothing when they started: those without an answer are found among all that run.

    For requests that arrive by the thousand and nearly all have an answer in time. Everybody who waits is looked for
    once in a timeout at most, and given up on just at the end of theirs: who is not found starts later, and so waits
    for longer than until the next round.
    """

    __slots__ = ("_clock", "_expire", "_first_us", "_last_us", "_line", "_running", "_timeout_us")

    def __init__(
        self,
        clock: Clock,
        timeout_us: int,
        running: Callable[[], Iterable[Request]],
        expire: Callable[[Request], object],
    ) -> None:
        """Call `expire(request)` for requests that start from now on and have no outcome `timeout_us` later.

        `running` returns every request that may still get an answer, and others; those with a caller are not looked at.
        """
        self._clock = clock
        self._timeout_us = timeout_us
        self._running = running
        self._expire = expire
        self._first_us, self._last_us = clock.t, NEVER
        self._line: deque[Request] = deque()
        """Those found on the last round, the oldest first."""
        clock.call_at(clock.t + timeout_us, self._go)

    def end(self) -> None:
        """Leave requests that start from now on to somebody else."""
        self._last_us = self._clock.t - 1

    def _go(self, _: object) -> None:
        clock, line = self._clock, self._line
        _expire(line, clock.t - self._timeout_us, self._expire)
        if not line:
            line.extend(self._found())
        if line:
            clock.call_at(line[0].at + self._timeout_us, self._go)
        elif clock.t <= self._last_us:
            clock.call_at(clock.t + self._timeout_us, self._go)

    def _found(self) -> list[Request]:
        """Return those who wait, in the order of their start."""
        found = [
            request
            for request in self._running()
            if request.outcome is None and request.caller is None and self._first_us <= request.at <= self._last_us
        ]
        return sorted(found, key=attrgetter("at", "number"))


def _expire(line: deque[Request], limit_us: int, expire: Callable[[Request], object]) -> None:
    """Give up on those at the head of a line who started at `limit_us` or before; let go of those with an answer."""
    while line and (line[0].outcome is not None or line[0].at <= limit_us):
        request = line[0]
        if request.outcome is None:
            expire(request)  # which may let others join; a line that is not empty has its timer
        if line and line[0] is request:
            line.popleft()
