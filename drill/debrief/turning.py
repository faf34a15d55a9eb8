"""What each action changed: the run without it, and the run with nothing but it, put into one word.

Separate because one threshold must serve every place that says an action helped. It compares lanes and knows no words
around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.debrief.deeds import describe
from drill.debrief.model import TurningPoint
from drill.debrief.traps import trap_of
from drill.lanes.comparison import MAX_TURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Entry
    from drill.lanes.comparison import Comparison
    from drill.scenario.spec import ScenarioSpec

HELPED, HARMED, LITTLE = "helped", "did harm", "little difference"
TOGETHER = "helped with others"
"""Only together with the others: without it things are worse, and by itself it makes little difference."""
DEPENDS = "depends on others"
"""It helps beside the others and does harm by itself, or the other way round."""
HELPED_ALONE, HARMED_ALONE = "helps by itself", "harms by itself"
"""Only by itself: in this run the others did as much, or made up for it."""
EFFECTS = (HELPED, TOGETHER, HELPED_ALONE, DEPENDS, LITTLE, HARMED_ALONE, HARMED)
HELPFUL = (HELPED, TOGETHER, HELPED_ALONE)
_SHARE = 100
"""One in so many of the bad requests of the run with nothing done: what any change moves by shifting chance is less."""


def slight(idle_bad: int) -> int:
    """Return how many requests an action must change at least to have made a difference: 1 % of `idle_bad`."""
    return max(1, -(-idle_bad // _SHARE))


def effect(least: int, spared: int | None, alone: int | None, *, asked_alone: bool) -> str:
    """Return an effect that follows from both runs, or empty text as long as one of them is not known.

    `least` is what makes a difference, as `slight` returns it.
    """
    if spared is None or (asked_alone and alone is None):
        return ""
    here = _sign(spared, least)
    itself = here if alone is None else _sign(alone, least)
    if here * itself < 0:
        return DEPENDS
    if here:
        return HARMED if here < 0 else HELPED if itself else TOGETHER
    return {1: HELPED_ALONE, 0: LITTLE, -1: HARMED_ALONE}[itself]


def turning_points(spec: ScenarioSpec, entries: Sequence[Entry], lanes: Comparison) -> tuple[TurningPoint, ...]:
    """Return every action in order of time, with what is known of it."""
    known = {id(turn.entry): (turn.spared(lanes.you), turn.spared_alone(lanes.idle)) for turn in lanes.turns}
    actions = [entry for entry in entries if isinstance(entry.deed, Action)]
    least = slight(lanes.idle.bad)
    found = []
    for number, entry in enumerate(actions):
        spared, alone = known.get(id(entry), (None, None))
        asked = number < MAX_TURNS
        asked_alone = asked and len(actions) > 1
        word = effect(least, spared, alone, asked_alone=asked_alone)
        found.append(
            TurningPoint(
                at_us=entry.at_us,
                text=describe(entry.deed, spec),
                risky=isinstance(entry.deed, Action) and entry.deed.risky,
                asked=asked,
                spared=spared,
                asked_alone=asked_alone,
                alone=alone,
                effect=word,
                trap=trap_of(spec, entries, entry) if word and not _helps(spared, alone, least) else "",
            )
        )
    return tuple(found)


def _helps(spared: int | None, alone: int | None, least: int) -> bool:
    """Return whether an action helps by itself; a single action is by itself in its own run."""
    itself = spared if alone is None else alone
    return itself is not None and _sign(itself, least) > 0


def _sign(change: int, least: int) -> int:
    return 0 if abs(change) < least else 1 if change > 0 else -1
