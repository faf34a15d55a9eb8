"""Calls back for what has waited for one delay, with one timer for the oldest.

Separate because SimPy can't cancel timers: whatever ended its wait in time is recognised by whoever is called, and no
wait has a timer of its own. It knows nothing of what waits.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock


class Alarms:
    """One delay for everything that begins to wait."""

    __slots__ = ("_armed", "_clock", "_delay_us", "_due", "_queue")

    def __init__(self, clock: Clock, delay_us: int, due: Callable[[Alarms, Any, int], object]) -> None:
        """Call `due(alarms, item, since_us)` a delay after `item` was added."""
        self._clock = clock
        self._delay_us = delay_us
        self._due = due
        self._queue: deque[tuple[int, Any]] = deque()
        self._armed = False

    def add(self, item: object) -> None:
        """Begin the delay of an item now."""
        now = self._clock.t
        self._queue.append((now, item))
        if not self._armed:
            self._armed = True
            self._clock.call_at(now + self._delay_us, self._fire)

    def _fire(self, _: object) -> None:
        queue, limit = self._queue, self._clock.t - self._delay_us
        while queue and queue[0][0] <= limit:
            since, item = queue.popleft()
            self._due(self, item, since)
        self._armed = bool(queue)
        if queue:
            self._clock.call_at(queue[0][0] + self._delay_us, self._fire)
