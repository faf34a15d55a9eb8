"""What would have happened: nothing done, an expert, and each of the responder's actions left out, on the same seed.

Separate because screens, the debrief and scoring compare the same lanes. The most urgent lanes come first, so that a
screen can show them while the rest is still being simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.lanes.lane import LaneTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Entry
    from drill.telemetry.lanes import LaneResult

YOU, IDLE = "you", "idle"
MAX_TURNS = 12
"""Most actions that are left out one at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One action of the responder, and the run without it."""

    entry: Entry
    without: LaneResult

    def spared(self, you: LaneResult) -> int:
        """Return how many more requests would have been bad without it; negative for an action that did harm."""
        return self.without.bad - you.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Lanes of one seed."""

    you: LaneResult
    idle: LaneResult
    expert: LaneResult
    """The best of the reference solutions."""
    turns: tuple[Turn, ...]
    """In order of time."""


def main_tasks(scenario: str, seed: int, entries: Sequence[Entry], solutions: Sequence[str]) -> list[LaneTask]:
    """Return the lanes that are shown first: the responder's, nothing done, and each reference solution."""
    you = LaneTask(scenario=scenario, seed=seed, player=YOU, entries=tuple(entries))
    others = [LaneTask(scenario=scenario, seed=seed, player=name) for name in (IDLE, *solutions)]
    return [you, *others]


def turn_tasks(scenario: str, seed: int, entries: Sequence[Entry]) -> list[tuple[Entry, LaneTask]]:
    """Return each of the responder's first actions with the lane in which it is left out."""
    you = LaneTask(scenario=scenario, seed=seed, player=YOU)
    actions = [entry for entry in entries if isinstance(entry.deed, Action)][:MAX_TURNS]
    return [(left, replace(you, entries=tuple(entry for entry in entries if entry is not left))) for left in actions]


def compare(main: Sequence[LaneResult], turns: Sequence[Turn] = ()) -> Comparison:
    """Return the comparison of the main lanes, in the order of `main_tasks`, with what is known of turns."""
    you, idle, *solutions = main
    expert = min(solutions, key=lambda lane: lane.bad)
    return Comparison(you=you, idle=idle, expert=expert, turns=tuple(turns))
