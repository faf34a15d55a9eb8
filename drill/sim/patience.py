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

    __slots__ = ("_clock", "_expire", "_queue", "_timeout_us", "start")

    start: Callable[[Request], object]
    """Wait for a request that starts now; little but its place in the line while the timer runs."""

    def __init__(self, clock: Clock, timeout_us: int, expire: Callable[[Request], object]) -> None:
        """Call `expire(request)` for a request that has no outcome `timeout_us` after its start."""
        self._clock = clock
        self._timeout_us = timeout_us
        self._expire = expire
        self._queue: deque[Request] = deque()
        self.start = self._begin

    def _begin(self, request: Request) -> None:
        self._queue.append(request)
        self._clock.call_at(request.at + self._timeout_us, self._fire)
        self.start = self._join

    def _join(self, request: Request) -> None:
        # Whoever has an answer leaves when others come and not at the timeout: memory that was used a moment ago is at
        # hand, and that of requests which ended seconds ago is not.
        queue = self._queue
        if queue and queue[0].outcome is not None:
            queue.popleft()
            if queue and queue[0].outcome is not None:
                queue.popleft()
        queue.append(request)

    def _fire(self, _: object) -> None:
        clock, queue = self._clock, self._queue
        limit = clock.t - self._timeout_us
        while queue and (queue[0].outcome is not None or queue[0].at <= limit):
            request = queue.popleft()
            if request.outcome is None:
                self._expire(request)
        if queue:
            clock.call_at(queue[0].at + self._timeout_us, self._fire)
        else:
            self.start = self._begin
