"""How long somebody waits for answers: requests with one timeout, and one timer for the oldest.

Separate because users, the gateway and callers inside all wait in this way. What giving up means is theirs to say.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.request import Request


class Patience:
    """Requests in the order of their start, each waited for equally long."""

    __slots__ = ("_clock", "_expire", "_timeout_us", "line")

    def __init__(self, clock: Clock, timeout_us: int, expire: Callable[[Request], object]) -> None:
        """Call `expire(request)` for a request that has no outcome `timeout_us` after its start."""
        self._clock = clock
        self._timeout_us = timeout_us
        self._expire = expire
        self.line: deque[Request] = deque()
        """Those who are waited for, and some who have an answer; the timer runs while anybody stands here.

        Who starts now may join a line that is not empty without asking.
        """

    def start(self, request: Request) -> None:
        """Wait for a request that starts now."""
        line = self.line
        if not line:
            self._clock.call_at(request.at + self._timeout_us, self._fire)
        else:
            self.dismiss()
        line.append(request)

    def dismiss(self) -> None:
        """Let go of those at the head of the line who have an answer, but for the last in line.

        They would leave at the timeout anyway; but memory that was used a moment ago is at hand, and that of requests
        which ended seconds ago is not.
        """
        line = self.line
        while line[0].outcome is not None and len(line) > 1:
            line.popleft()

    def _fire(self, _: object) -> None:
        clock, line = self._clock, self.line
        limit = clock.t - self._timeout_us
        while line and (line[0].outcome is not None or line[0].at <= limit):
            request = line[0]
            if request.outcome is None:
                self._expire(request)  # which may let others join; a line that is not empty has its timer
            if line and line[0] is request:
                line.popleft()
        if line:
            clock.call_at(line[0].at + self._timeout_us, self._fire)
