"""One run as the screens share it: the driver, the newest frame, what was done, and the other lanes.

Separate from the driver, which knows no words, and from the screens, which come and go while a run lasts. Nothing here
draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.entries import Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.catalogue import Action
    from drill.driver.driver import Driver
    from drill.driver.order import Order
    from drill.driver.others import Lanes
    from drill.scenario.loader import ScenarioFile
    from drill.telemetry.lanes import LaneResult
    from drill.telemetry.results import RunResult
    from drill.telemetry.snapshot import Reading

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Speeds that `+` and `-` go through."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done, in words."""

    at_us: int
    text: str
    acted: bool = False
    """Whether it changed the system."""


class LiveRun:
    """A run from its page to its result."""

    def __init__(self, scenario: ScenarioFile, order: Order, driver: Driver, compare: Callable[[Order], Lanes]) -> None:
        """Take a driver at time 0 and send it off to the moment of the page."""
        self.scenario = scenario
        self.order = order
        self.notes: tuple[Note, ...] = ()
        """What was done, oldest first."""
        self.result: RunResult | None = None
        """Set once the run has been simulated to its end."""
        self._driver = driver
        self._compare = compare
        self._lanes: Lanes | None = None
        self._goes_on = False
        self.live = False
        """Whether it has been started and is not on its way to its result."""
        self.closed = False
        """Whether its recording is closed, so that nothing can be asked of it any more."""
        driver.hurry(scenario.spec.paged_at)
        self.frame = driver.tick()
        """How things stood at the last tick."""

    @property
    def ready(self) -> bool:
        """Whether the moment of the page is reached."""
        return not self.frame.hurrying

    def tick(self) -> None:
        """Let the driver work, once every tenth of a second or more often."""
        self.frame = self._driver.tick()

    def start(self) -> None:
        """Take the page, let time run, and have the other lanes computed meanwhile."""
        self._driver.do(Update(update="acknowledge"))
        self._note("page acknowledged")
        self._driver.resume()
        self._lanes = self._compare(self.order)
        self.live = True
        self.tick()

    def toggle(self) -> None:
        """Pause, or go on."""
        if self.frame.paused:
            self._driver.resume()
        else:
            self._driver.pause()
        self.tick()

    def hold(self) -> None:
        """Pause because nobody can see what happens."""
        self._goes_on = self._goes_on or not self.frame.paused
        self._driver.pause()
        self.tick()

    def release(self) -> None:
        """Go on after `hold`, if time was running then."""
        if self._goes_on:
            self._goes_on = False
            self._driver.resume()
            self.tick()

    def change_speed(self, step: int) -> None:
        """Take the next higher (1) or lower (-1) speed."""
        now = self.frame.speed
        further = [speed for speed in SPEEDS if (speed - now) * step > 0]
        if further:
            self._driver.set_speed(min(further) if step > 0 else max(further))
            self.tick()

    def act(self, action: Action) -> None:
        """Carry out an action; raise ActionError if it can't be."""
        self._note(self._driver.perform(action), acted=True)
        self.tick()

    def look(self, view: str) -> Reading:
        """Open a view."""
        return self._driver.look(view)

    def glance(self, view: str) -> Reading:
        """Return a view that is open already, as it is now."""
        return self._driver.glance(view)

    def resolve(self) -> None:
        """Say that the incident is over."""
        self._driver.do(Update(update="resolved"))
        self._note("said to be resolved")

    def conclude(self) -> None:
        """Send the run silently to its end; ticks then bring it there, and `result` is set."""
        self.live = False
        self._driver.hurry(self.scenario.spec.length)
        self.tick()

    def collect(self) -> None:
        """Take the result if the end is reached."""
        if self.result is None and self.frame.over:
            self.result = self._driver.finish()

    def others(self) -> dict[str, LaneResult | str]:
        """Return the other lanes that are known by now, by player."""
        return self._lanes.poll() if self._lanes is not None else {}

    def close(self) -> None:
        """Close the recording where the run stands and stop computing; a second call does nothing."""
        self.live, self.closed = False, True
        self._driver.leave()
        if not self.notes and self.order.record is not None:  # never started, so there is nothing to keep
            self.order.record.unlink(missing_ok=True)
        if self._lanes is not None:
            self._lanes.close()
            self._lanes = None

    def _note(self, text: str, *, acted: bool = False) -> None:
        self.notes = (*self.notes, Note(self.frame.snapshot.at_us, text, acted))
