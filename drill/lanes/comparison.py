"""What would have happened: nothing done, an expert, each of the responder's actions left out, and each on its own.

Separate because screens, the debrief and scoring compare the same lanes, all on one seed. The most urgent lanes come
first, so that a screen can show them while the rest is still being simulated.
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
"""Most actions that are left out, and done on their own, one at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One action of the responder, the run without it, and the run with nothing else."""

    entry: Entry
    without: LaneResult | None = None
    """None while, or because, it is not known; the same for the next."""
    alone: LaneResult | None = None

    def spared(self, you: LaneResult) -> int | None:
        """Return how many more requests would have been bad without it; negative for an action that did harm."""
        return None if self.without is None else self.without.bad - you.bad

    def spared_alone(self, idle: LaneResult) -> int | None:
        """Return how many requests fewer are bad with nothing but it than with nothing done; negative for more."""
        return None if self.alone is None else idle.bad - self.alone.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Lanes of one seed."""

    you: LaneResult
    idle: LaneResult
    expert: LaneResult
    """The best of the reference solutions."""
    solutions: tuple[LaneResult, ...]
    """Every reference solution that is known, named as in the scenario."""
    turns: tuple[Turn, ...]
    """In order of time."""


def main_tasks(scenario: str, seed: int, entries: Sequence[Entry], solutions: Sequence[str]) -> list[LaneTask]:
    """Return the lanes that are shown first: the responder's, nothing done, and each reference solution."""
    you = LaneTask(scenario=scenario, seed=seed, player=YOU, entries=tuple(entries))
    return [you, *other_tasks(scenario, seed, solutions)]


def other_tasks(scenario: str, seed: int, solutions: Sequence[str]) -> list[LaneTask]:
    """Return the lanes that do not depend on the responder: nothing done, and each reference solution."""
    return [LaneTask(scenario=scenario, seed=seed, player=name) for name in (IDLE, *solutions)]


def turn_tasks(scenario: str, seed: int, entries: Sequence[Entry]) -> list[tuple[Entry, LaneTask]]:
    """Return each of the responder's first actions with the lane in which it is left out."""
    you = LaneTask(scenario=scenario, seed=seed, player=YOU, skips=True)
    actions = _actions(entries)[:MAX_TURNS]
    return [(left, replace(you, entries=tuple(entry for entry in entries if entry is not left))) for left in actions]


def alone_tasks(scenario: str, seed: int, entries: Sequence[Entry]) -> list[tuple[Entry, LaneTask]]:
    """Return each of the responder's first actions with the lane in which nothing else is done.

    Nothing for a single action: its own lane is then the responder's.
    """
    actions = _actions(entries)
    if len(actions) <= 1:
        return []
    you = LaneTask(scenario=scenario, seed=seed, player=YOU, skips=True)
    return [(kept, replace(you, entries=(kept,))) for kept in actions[:MAX_TURNS]]


def turns_of(
    entries: Sequence[Entry], without: Sequence[tuple[Entry, LaneResult]], alone: Sequence[tuple[Entry, LaneResult]]
) -> list[Turn]:
    """Return what is known of each action, in order of time; actions of which nothing is known are left out."""
    left = {id(entry): lane for entry, lane in without}
    kept = {id(entry): lane for entry, lane in alone}
    return [
        Turn(entry=entry, without=left.get(id(entry)), alone=kept.get(id(entry)))
        for entry in _actions(entries)
        if id(entry) in left.keys() | kept.keys()
    ]


def compare(main: Sequence[LaneResult], turns: Sequence[Turn] = ()) -> Comparison:
    """Return the comparison of the main lanes, in the order of `main_tasks`, with what is known of turns."""
    you, idle, *solutions = main
    expert = min(solutions, key=lambda lane: lane.bad)
    return Comparison(you=you, idle=idle, expert=expert, solutions=tuple(solutions), turns=tuple(turns))


def _actions(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if isinstance(entry.deed, Action)]
