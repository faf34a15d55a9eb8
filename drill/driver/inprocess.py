"""A session driven in the process that shows it: the default.

Separate from the worker, which drives one of these at the other end of a pipe. A tick works in slices that take a few
milliseconds each, and stops when its share of wall clock is used up or when it is wanted elsewhere, so that a key press
never waits long.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drill.actions.entries import Standstill
from drill.driver.driver import Ended, Frame
from drill.driver.pace import Pace
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.catalogue import Action
    from drill.actions.entries import Deed
    from drill.session.session import Session
    from drill.telemetry.metrics import MetricHistory
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading, Users

SLICE_US = US_PER_S // 4
"""Longest stretch simulated between two looks at the wall clock."""
SHORTEST_SLICE_US = US_PER_S // 100
"""Shortest stretch; below it, looking at the clock costs more than it gives."""
SLICE_S = 0.004
"""Most wall clock a stretch should take: the next one is half as long after one that took more."""
SHORTEST_STOP_S = 1.0
"""Shorter stops are not worth a line of the recording."""
BUDGET_S = 0.03
"""Most wall clock of one tick; a slice that is under way is finished."""


class InProcessDriver:
    """Drives a session from within ticks."""

    def __init__(self, session: Session, speed: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a session at time 0."""
        self._session = session
        self._clock = clock
        self._pace = Pace(clock, speed, session.now_us)
        self._goal_us: int | None = None
        self._users: list[Users] = []
        self._stopped_s: float | None = None
        self._slice_us = SLICE_US
        self._lagging = False

    @property
    def lagging(self) -> bool:
        """Whether the last tick left something to simulate."""
        return self._lagging

    def tick(self, wanted: Callable[[], bool] = bool) -> Frame:
        """Simulate up to the pace's target, or towards the goal of a hurry; stop early once `wanted` elsewhere."""
        self.proceed(wanted)
        return self.frame()

    def proceed(self, wanted: Callable[[], bool] = bool) -> None:
        """Do what a tick does, without saying how things stand."""
        session, length_us = self._session, self._session.spec.length
        target_us = self._pace.due_us(session.now_us) if self._goal_us is None else self._goal_us
        due_us = min(target_us, length_us)
        self._simulate(due_us, wanted)
        self._lagging = session.now_us < due_us
        if self._goal_us is None:
            self._pace.settle(session.now_us)
        elif session.now_us >= due_us:
            self._goal_us = None
            self._pace.move(session.now_us)

    def frame(self) -> Frame:
        """Return how things stand; simulates nothing."""
        session = self._session
        return Frame(
            snapshot=session.snapshot(),
            users=tuple(self._users),
            speed=self._pace.speed,
            effective=self._pace.effective,
            behind=self._pace.behind,
            paused=self._pace.paused,
            hurrying=self._goal_us is not None,
            over=session.now_us >= session.spec.length,
        )

    def pause(self) -> None:
        """Stop simulated time at once: what a slow machine still owes is given up."""
        if not self._pace.paused:
            self._stopped_s = self._clock()
        self._pace.pause()
        if self.lagging:
            self._pace.move(self._session.now_us)

    def resume(self) -> None:
        """Let simulated time go on, and record how long it had been stopped: whoever compares runs wants to know."""
        stopped_s, self._stopped_s = self._stopped_s, None
        if stopped_s is not None and self._clock() - stopped_s >= SHORTEST_STOP_S:
            stood_still = round(self._clock() - stopped_s) * US_PER_S
            self._session.do(Standstill(stood_still=stood_still))
        self._pace.resume()

    def set_speed(self, speed: float) -> None:
        """Change the speed."""
        self._pace.set_speed(speed)

    def hurry(self, to_us: int) -> None:
        """Simulate as fast as ticks allow up to a time, and pause there."""
        self._goal_us = to_us
        self._pace.pause()

    def perform(self, action: Action, by: str = "") -> str:
        """Carry out and record an action."""
        return self._session.perform(action, by)

    def do(self, deed: Deed) -> str:
        """Do and record anything that can stand on a timed line."""
        return self._session.do(deed)

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Return a view and record the look."""
        return self._session.look(view, target, by)

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside."""
        return self._session.inspect()

    def glance(self, view: str, target: str = "") -> Reading:
        """Return a view that is open already."""
        return self._session.simulation.look(view, target)

    def history(self, metric: str) -> MetricHistory:
        """Return every sample of a metric so far."""
        return self._session.simulation.history(metric)

    def finish(self) -> Ended:
        """Simulate what is left, close the recording and return what the run came to."""
        return Ended(result=self._session.finish(), entries=tuple(self._session.entries))

    def leave(self) -> None:
        """Close the recording where the run stands."""
        self._session.end("left")

    def _simulate(self, due_us: int, wanted: Callable[[], bool]) -> None:
        session, period_us = self._session, self._session.spec.sampling
        began_s = now_s = self._clock()
        while session.now_us < due_us:
            sample_us = (session.now_us // period_us + 1) * period_us
            session.advance(min(due_us, sample_us, session.now_us + self._slice_us))
            if session.now_us == sample_us:
                self._users.append(session.snapshot().users)
            slice_s, now_s = self._clock() - now_s, self._clock()
            self._fit(slice_s)
            if now_s - began_s >= BUDGET_S or wanted():
                return

    def _fit(self, slice_s: float) -> None:
        """Choose the length of the next stretch by what the last one took; where a run is cut changes nothing in it."""
        if slice_s > SLICE_S:
            self._slice_us = max(SHORTEST_SLICE_US, self._slice_us // 2)
        elif slice_s < SLICE_S / 4:
            self._slice_us = min(SLICE_US, self._slice_us * 2)
