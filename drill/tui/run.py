"""One run as the screens share it: the driver, the newest frame, what was done, and the other lanes.

Separate from the driver, which knows no words, and from the screens, which come and go while a run lasts. Nothing here
draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.actions.entries import Diagnosis, Entry, Hint, Remark, Update
from drill.debrief.deeds import describe, kind_of
from drill.driver.lookback import Lookback, Progress
from drill.session.rules import hints_taken, pinned
from drill.tui.tempo import Tempo

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.entries import Deed, Pin
    from drill.driver.driver import Driver, Ended
    from drill.driver.order import Order
    from drill.driver.others import Lanes
    from drill.scenario.loader import ScenarioFile
    from drill.scenario.story import HintSpec
    from drill.telemetry.metrics import MetricHistory
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading
    from drill.tui import sorting
    from drill.tui.chips import Spread
    from drill.tui.talk import Talk


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done, in words."""

    at_us: int
    text: str
    kind: str
    """`action`, `pin`, `diagnosis`, `update`, `hint` or `note`."""


class LiveRun:
    """A run from its page to its debrief."""

    def __init__(self, scenario: ScenarioFile, order: Order, driver: Driver, lanes: Callable[[], Lanes]) -> None:
        """Take a driver at time 0 and send it off to the moment of the page."""
        self.scenario = scenario
        self.order = order
        self.notes: tuple[Note, ...] = ()
        """What was done besides looking, oldest first."""
        self.ended: Ended | None = None
        """Set once the run has been simulated to its end."""
        self.live = False
        """Whether it has been started and is not on its way to its debrief."""
        self.closed = False
        """Whether its recording is closed, so that nothing can be asked of it any more."""
        self.filters: dict[str, str] = {}
        """What the tables are filtered by, by their names."""
        self.orders: dict[str, sorting.Order] = {}
        """How the tables are sorted, by their names."""
        self.draft: Spread | None = None
        """Chips that were laid and not committed; None without any."""
        self.talk: Talk | None = None
        """What was said on its console; None while nobody has opened it."""
        self._driver = driver
        self._new_lanes = lanes
        self._lookback: Lookback | None = None
        self._tempo = Tempo(driver)
        self._done: tuple[Entry, ...] = ()
        driver.hurry(scenario.spec.paged_at)
        self.frame = driver.frame()
        """How things stood at the last tick."""

    @property
    def ready(self) -> bool:
        """Whether the moment of the page is reached."""
        return not self.frame.hurrying

    @property
    def urgent(self) -> bool:
        """Whether the next tick should come at once, because there is more to simulate than this one had time for."""
        return self.frame.hurrying or self._driver.lagging

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The readings that are pinned, oldest first."""
        return tuple(pinned(self._done))

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The last diagnosis that was committed."""
        return next((entry.deed for entry in reversed(self._done) if isinstance(entry.deed, Diagnosis)), None)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What was done to the system, oldest first."""
        return tuple(entry.deed for entry in self._done if isinstance(entry.deed, Action))

    @property
    def updates(self) -> tuple[Entry, ...]:
        """The updates that were given, oldest first, and when."""
        return tuple(entry for entry in self._done if isinstance(entry.deed, Update))

    @property
    def hints(self) -> tuple[HintSpec, ...]:
        """The hints that were taken, first rung first."""
        return tuple(self.scenario.spec.story.hints[: hints_taken(self._done)])

    def tick(self) -> None:
        """Let the driver work, once every tenth of a second or more often."""
        if self.closed:
            return
        self.frame = self._driver.tick()
        if self._lookback is None and self.ready and not self.closed:  # they are computed while the page is read
            self._lookback = Lookback(self.scenario, self.order, self._new_lanes())

    def start(self) -> None:
        """Take the page and let time run."""
        self.do(Update(update="acknowledge"))
        self._driver.resume()
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
        """Pause because nobody can see what happens, or somebody writes; calls nest."""
        self._tempo.hold(self.frame)
        self.tick()

    def release(self) -> None:
        """Take a `hold` back; after the last one time goes on, if it was running before the first."""
        self._tempo.release(live=self.live)
        self.tick()

    @property
    def speed_after(self) -> float | None:
        """The speed that comes back when the last form is closed; None while no form slows the run."""
        return self._tempo.after

    def slow(self) -> None:
        """Let time pass no faster than it really does, because somebody fills in a form; calls nest."""
        self._tempo.slow(self.frame)
        self.tick()

    def unslow(self) -> None:
        """Take a `slow` back; after the last one the speed is what it was before the first."""
        self._tempo.unslow(self.frame, live=self.live)
        self.tick()

    def change_speed(self, step: int) -> None:
        """Take the next higher (1) or lower (-1) speed."""
        self._tempo.change(self.frame, step)
        self.tick()

    def do(self, deed: Deed, by: str = "") -> None:
        """Do and record anything but a look, and who did it; raise ActionError if it can't be."""
        text = self._driver.perform(deed, by) if isinstance(deed, Action) else self._driver.do(deed)
        at_us = self._driver.frame().snapshot.at_us
        self._done = (*self._done, Entry(at_us=at_us, deed=deed, by=by))
        words = text or describe(deed, self.scenario.spec)
        self.notes = (*self.notes, Note(at_us, words, kind_of(deed)))
        self.tick()

    def take_hint(self) -> None:
        """Open the next rung of help; raise ActionError if there is none."""
        self.do(Hint(hint=len(self.hints) + 1))

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Open a view."""
        return self._driver.look(view, target, by)

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside; records nothing."""
        return self._driver.inspect()

    def glance(self, view: str, target: str = "") -> Reading:
        """Return a view that is open already, as it is now."""
        return self._driver.glance(view, target)

    def history(self, metric: str) -> MetricHistory:
        """Return every sample of a metric so far."""
        return self._driver.history(metric)

    def resolve(self, remark: str = "") -> None:
        """Say that the incident is over, with what somebody has to say about it."""
        if remark:
            self.do(Remark(note=remark))
        self.do(Update(update="resolved"))

    def conclude(self) -> None:
        """Send the run silently to its end; ticks then bring it there, and `ended` is set."""
        self.live = False
        self._driver.hurry(self.scenario.spec.length)
        self.tick()

    def look_back(self) -> Progress | None:
        """Return how far the debrief is, None before the moment of the page; call it often."""
        if self._lookback is None:
            return None
        if self.ended is None and not self.live and self.frame.over:
            self.ended = self._driver.finish()
            self._lookback.end(self.ended)
        return self._lookback.poll()

    def close(self) -> None:
        """Close the recording where the run stands and stop computing; a second call does nothing."""
        self.live, self.closed = False, True
        self._driver.leave()
        if not self.notes and self.order.record is not None:  # never started, so there is nothing to keep
            self.order.record.unlink(missing_ok=True)
        if self._lookback is not None:
            self._lookback.close()
