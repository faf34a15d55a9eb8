"""Whether what players come to makes a scenario worth playing, and whether it keeps its promises.

Separate from the runs: these are rules over a handful of numbers. The bounds are those scoring rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.lanes.proof import key_of
from drill.scoring.impact import avoided_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drill.lanes.proof import Outcome, Trial

LEAST_ROOM = 0.25
"""Least share of the bad requests of nothing done that the best solution avoids: below it, luck outweighs skill."""
LEAST_SOLVED = 0.85
"""Least share of what the best solution avoids that any other avoids."""
MOST_TRAPPED = 0.75
"""A trap avoids less than this share of what the best solution avoids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that should not have come out."""

    text: str
    failing: tuple[float | None, ...]
    """The run in which it came out."""
    window_s: tuple[int, int] | None = None
    """Where in the run; None for all of it."""


def broken(trial: Trial, outcomes: Mapping[str, Outcome]) -> Iterator[Fault]:
    """Return the promises of a trial that were not kept; `outcomes` are by the keys of its runs."""
    for promise in trial.promises:
        found = outcomes[repr(promise.task)]
        verdict = promise.verdict(found.values[key_of(promise)])
        if not verdict.kept:
            window_s = (promise.expect.start // 1_000_000, promise.expect.end // 1_000_000)
            yield Fault(text=str(verdict), failing=found.failing, window_s=window_s)


def unplayable(trial: Trial, outcomes: Mapping[str, Outcome]) -> Iterator[Fault]:
    """Return which rules of a scenario worth playing the players of a trial break."""
    came = {part: outcomes[repr(trial.task(part))] for part in trial.parts}
    idle = next(each for part, each in came.items() if part.role == "idle")
    best = min(each.bad for part, each in came.items() if part.role == "solution")
    seed = f"(seed {trial.seed})"
    for name in idle.unmeasured:
        text = f"story.figures.{name} {seed}: nothing is measured; look for names and labels with `drill run --metrics`"
        yield Fault(text=text, failing=idle.failing)
    if idle.bad == 0 or (idle.bad - best) / idle.bad < LEAST_ROOM:
        text = f"{seed}: the best solution has {best} bad requests of {idle.bad}; it must avoid {LEAST_ROOM:.0%}"
        yield Fault(text=text, failing=idle.failing)
        return
    if idle.recovered:
        yield Fault(text=f"{seed}: it recovers although nothing is done", failing=idle.failing)
    for part, each in came.items():
        avoided = avoided_share(each.bad, idle.bad, best)
        if part.role == "solution" and (not each.recovered or avoided < LEAST_SOLVED):
            how = f"avoids {avoided:.0%} of what the best does" if each.recovered else "does not recover"
            yield Fault(
                text=f"{part.name} {seed}: this solution {how}; {LEAST_SOLVED:.0%} is wanted", failing=each.failing
            )
        if part.role == "trap" and avoided >= MOST_TRAPPED:
            text = f"{part.name} {seed}: this trap avoids {avoided:.0%} of what the best solution does; it is none"
            yield Fault(text=text, failing=each.failing)
