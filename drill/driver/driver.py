"""What a screen holds of a run, wherever it is simulated.

Separate from both ways of driving, so that screens and tests know only this. Nothing here simulates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from drill.actions.catalogue import Action
    from drill.actions.entries import Deed, Entry
    from drill.telemetry.metrics import MetricHistory
    from drill.telemetry.results import RunResult
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading, Snapshot, Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A run at one moment, with how it is driven."""

    snapshot: Snapshot
    users: tuple[Users, ...]
    """What users felt at the end of each sampling period since time 0, oldest first."""
    speed: float
    """Simulated seconds per second of wall clock, as asked for."""
    effective: float
    """Speed that was reached lately."""
    behind: bool
    """Whether simulated time was given up lately because the machine could not keep up."""
    paused: bool
    hurrying: bool
    """Whether the run is on its way to a time as fast as it goes."""
    over: bool
    """Whether the end of the scenario is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that was simulated to its end."""

    result: RunResult
    entries: tuple[Entry, ...]
    """What was done and looked at, in order of time."""


class Driver(Protocol):
    """One run; begins paused at time 0."""

    @property
    def lagging(self) -> bool:
        """Whether the last tick left something to simulate, so that the next one should come soon."""

    def tick(self) -> Frame:
        """Simulate as far as the wall clock says, within bounds, and return how things stand; call it often."""

    def frame(self) -> Frame:
        """Return how things stand as far as it is known; after a command, not older than the command."""

    def pause(self) -> None:
        """Stop simulated time."""

    def resume(self) -> None:
        """Let simulated time go on."""

    def set_speed(self, speed: float) -> None:
        """Change the speed."""

    def hurry(self, to_us: int) -> None:
        """Simulate as fast as ticks allow up to a time, and pause there."""

    def perform(self, action: Action, by: str = "") -> str:
        """Carry out and record an action and who did it, and return what was done; raise ActionError if it can't be."""

    def do(self, deed: Deed) -> str:
        """Do and record anything that can stand on a timed line; raise ActionError if it can't be."""

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Return a view and record the look."""

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside; records nothing."""

    def glance(self, view: str, target: str = "") -> Reading:
        """Return a view that is open already, so that it follows the run; records nothing."""

    def history(self, metric: str) -> MetricHistory:
        """Return every sample of a metric so far; records nothing."""

    def finish(self) -> Ended:
        """Simulate what is left, close the recording and return what the run came to."""

    def leave(self) -> None:
        """Close the recording where the run stands; a second call, or one after `finish`, does nothing."""
