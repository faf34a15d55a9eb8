"""The debrief of a run as it fills in: most lanes are simulated while somebody plays, the rest after the end.

Separate from the debrief, which is built from finished lanes, and from screens, which only ask how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.debrief.build import build
from drill.lanes.comparison import IDLE, YOU, alone_tasks, compare, other_tasks, turn_tasks, turns_of
from drill.lanes.lane import lane_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Entry
    from drill.debrief.model import Debrief
    from drill.driver.driver import Ended
    from drill.driver.order import Order
    from drill.driver.others import Known, Lanes
    from drill.lanes.lane import LaneTask
    from drill.scenario.loader import ScenarioFile

_WITHOUT, _ALONE = "without action {}", "action {} on its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a debrief is."""

    debrief: Debrief | None
    """What can be said by now; None until the run itself, nothing done and every reference solution are known."""
    known: int
    """Lanes that are known."""
    asked: int
    """Lanes that were asked for; no more will be once the run has ended."""
    problems: tuple[str, ...]
    """Why lanes are missing that will not come."""

    @property
    def complete(self) -> bool:
        """Whether nothing more will come."""
        return self.known >= self.asked


class Lookback:
    """Builds the debrief of one run."""

    def __init__(self, file: ScenarioFile, order: Order, lanes: Lanes) -> None:
        """Have the lanes computed that do not depend on the run."""
        self._file = file
        self._order = order
        self._lanes = lanes
        self._others = {task.player: task for task in other_tasks(str(order.scenario), order.seed, self._solutions)}
        self._without: dict[str, Entry] = {}
        self._alone: dict[str, Entry] = {}
        self._ended: Ended | None = None
        self._seen = -1
        self._progress = Progress(debrief=None, known=0, asked=len(self._others) + 1, problems=())
        lanes.ask(self._others)

    def end(self, ended: Ended) -> None:
        """Take the run itself, and have each of its actions left out once, and then each done on its own."""
        self._ended = ended
        self._lanes.hasten()
        scenario, seed = str(self._order.scenario), self._order.seed
        self._without = self._ask(_WITHOUT, turn_tasks(scenario, seed, ended.entries))
        self._alone = self._ask(_ALONE, alone_tasks(scenario, seed, ended.entries))
        self._seen = -1

    def poll(self) -> Progress:
        """Return how far it is; hands out work, so call it often."""
        known = self._lanes.poll()
        if len(known) != self._seen:
            self._seen = len(known)
            self._progress = Progress(
                debrief=self._build(known),
                known=len(known) + (self._ended is not None),
                asked=len(self._others) + 1 + len(self._without) + len(self._alone),
                problems=tuple(f"{name}: {lane}" for name, lane in known.items() if isinstance(lane, str)),
            )
        return self._progress

    def close(self) -> None:
        """Stop computing; a second call does nothing."""
        self._lanes.close()

    @property
    def _solutions(self) -> list[str]:
        return list(self._file.spec.story.solutions)

    def _ask(self, name: str, tasks: Sequence[tuple[Entry, LaneTask]]) -> dict[str, Entry]:
        """Have lanes computed, and return whose action each of them is about."""
        named = {name.format(number): each for number, each in enumerate(tasks, start=1)}
        self._lanes.ask({name: task for name, (_, task) in named.items()})
        return {name: entry for name, (entry, _) in named.items()}

    def _build(self, known: Known) -> Debrief | None:
        lanes = {name: lane for name, lane in known.items() if not isinstance(lane, str)}
        solutions = [lanes[name] for name in self._solutions if name in lanes]
        if self._ended is None or IDLE not in lanes or not solutions or not known.keys() >= self._others.keys():
            return None
        you = lane_of(self._file, YOU, self._ended.result)
        without, alone = (
            [(entry, lanes[name]) for name, entry in asked.items() if name in lanes]
            for asked in (self._without, self._alone)
        )
        turns = turns_of(self._ended.entries, without, alone)
        comparison = compare([you, lanes[IDLE], *solutions], turns)
        return build(self._file, self._order.player, self._ended.entries, comparison)
