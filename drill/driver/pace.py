"""How far the simulation should be by now: simulated time at the last change, plus wall clock since then times speed.

Separate because the arithmetic has no session in it and is tested without one. It never adds up steps: timers drop
ticks, and a speed made of steps would sink unseen. Nothing here waits; the wall clock is a function that is handed in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_S = 1.0
"""Most wall clock that a run may owe: a few slow ticks lose nothing, and what a suspended process missed does not
happen in one leap."""
WINDOW_S = 3.0
"""Wall clock over which the effective speed is measured."""
SHORTEST_S = 0.5
"""Least wall clock that says anything about a speed."""
_NEARLY = 0.9
"""Share of a speed from which on it counts as reached."""


class Pace:
    """The clockwork of one run; begins paused."""

    def __init__(self, clock: Callable[[], float], speed: float, at_us: int = 0) -> None:
        """Stand at a simulated time; `clock` returns seconds of wall clock, `speed` is simulated per wall second."""
        self._clock = clock
        self._speed = speed
        self._paused = True
        self._anchor_us = at_us
        self._anchor_s = clock()
        self._reached: deque[tuple[float, int]] = deque()
        self._shed_s: float | None = None

    @property
    def speed(self) -> float:
        """Simulated seconds per second of wall clock, as asked for."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether simulated time stands still."""
        return self._paused

    def target_us(self) -> int:
        """Return the simulated time that belongs to now."""
        if self._paused:
            return self._anchor_us
        return self._anchor_us + round((self._clock() - self._anchor_s) * self._speed * US_PER_S)

    def pause(self) -> None:
        """Let simulated time stand still from now on."""
        self._anchor(self.target_us())
        self._paused = True

    def resume(self) -> None:
        """Let simulated time go on from where it stands."""
        self._anchor(self.target_us())
        self._paused = False

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._anchor(self.target_us())
        self._speed = speed

    def move(self, at_us: int) -> None:
        """Count from another simulated time, as after a stretch that was simulated without pacing; forgive debts."""
        self._anchor(at_us)

    def due_us(self, now_us: int) -> int:
        """Return how far to simulate in this tick; what exceeds the cap is given up for good."""
        target_us = self.target_us()
        most_us = now_us + round(LONGEST_S * self._speed * US_PER_S)
        if target_us > most_us:
            self._anchor_us = most_us
            self._anchor_s = self._shed_s = self._clock()
            return most_us
        return target_us

    def settle(self, reached_us: int) -> None:
        """Note how far a tick got."""
        now_s = self._clock()
        self._reached.append((now_s, reached_us))
        while now_s - self._reached[0][0] > WINDOW_S:
            self._reached.popleft()
        if self._shed_s is not None and now_s - self._shed_s > WINDOW_S:
            self._shed_s = None

    @property
    def behind(self) -> bool:
        """Whether so much time was given up lately that the effective speed is well below the one asked for."""
        return self._shed_s is not None and self.effective < _NEARLY * self._speed

    @property
    def effective(self) -> float:
        """Speed that was reached lately; the one asked for while there is nothing to measure."""
        if len(self._reached) > 1:
            (from_s, from_us), (to_s, to_us) = self._reached[0], self._reached[-1]
            if to_s - from_s >= SHORTEST_S:
                return (to_us - from_us) / US_PER_S / (to_s - from_s)
        return self._speed

    def _anchor(self, at_us: int) -> None:
        self._anchor_us, self._anchor_s = at_us, self._clock()
        self._reached.clear()
        self._shed_s = None
