"""How fast a run goes while somebody is busy with a form, types, or can't see it.

Separate from the run, because several screens may lie above each other: each says what it needs and takes it back, in
any order, and only the last one to leave restores what was before. No Textual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.driver.driver import Driver, Frame

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Speeds that `+` and `-` go through."""
SLOW = 1.0
"""Highest speed while a form is open."""


class Tempo:
    """Pauses and speeds of one driver."""

    def __init__(self, driver: Driver) -> None:
        """Leave a driver as it is."""
        self._driver = driver
        self._holds = 0
        self._slows = 0
        self._goes_on = False
        self.after: float | None = None
        """The speed that comes back when the last form is closed; None while no form slows the run."""

    def hold(self, frame: Frame) -> None:
        """Pause until `release` was called as often."""
        if not self._holds:
            self._goes_on = not frame.paused
            self._driver.pause()
        self._holds += 1

    def release(self, *, live: bool) -> None:
        """Go on after the last `hold`, if time was running then and the run is still `live`."""
        self._holds = max(0, self._holds - 1)
        if not self._holds and self._goes_on:
            self._goes_on = False
            if live:
                self._driver.resume()

    def slow(self, frame: Frame) -> None:
        """Go no faster than `SLOW` until `unslow` was called as often."""
        if not self._slows:
            self.after = frame.speed
            self._set(frame, min(SLOW, frame.speed))
        self._slows += 1

    def unslow(self, frame: Frame, *, live: bool) -> None:
        """Go on as fast as before the first `slow`, after the last one, if the run is still `live`."""
        self._slows = max(0, self._slows - 1)
        if not self._slows and self.after is not None:
            before, self.after = self.after, None
            if live:
                self._set(frame, before)

    def change(self, frame: Frame, step: int) -> None:
        """Take the next higher (1) or lower (-1) speed; while forms are open, that is the one which comes after."""
        now = frame.speed if self.after is None else self.after
        further = [speed for speed in SPEEDS if (speed - now) * step > 0]
        if not further:
            return
        wanted = min(further) if step > 0 else max(further)
        if self.after is None:
            self._driver.set_speed(wanted)
        else:
            self.after = wanted
            self._set(frame, min(SLOW, wanted))

    def _set(self, frame: Frame, speed: float) -> None:
        if speed != frame.speed:
            self._driver.set_speed(speed)
