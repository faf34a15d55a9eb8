"""What a scenario promises, held against the simulation: with its cause it must come out, without it it must not.

Separate because a promise is about lanes, not about one run's inner life. Nothing here knows a scenario: figures,
windows, bounds and causes stand in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from drill.lanes.lane import LaneTask
from drill.scenario.notation import composed
from drill.session.readings import combine
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.scenario.story import ExpectSpec, FigureSpec
    from drill.telemetry.lanes import LaneResult

STEP_S = 5
"""Length of the steps over which `mean`, `min` and `max` of a share of requests are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One expectation on one seed, whole or with a cause removed."""

    name: str
    seed: int
    cause: str
    """The removed cause; empty for the whole scenario."""
    expect: ExpectSpec
    task: LaneTask

    def judge(self, lane: LaneResult) -> Verdict:
        """Return whether the lane keeps the promise."""
        return self.verdict(figure(lane, self.expect))

    def verdict(self, value: float | None) -> Verdict:
        """Return whether a value of the figure keeps the promise; None where nothing was measured."""
        kept = value is not None and _within(value, self.expect)
        return Verdict(promise=self, value=value, kept=kept != bool(self.cause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came out."""

    promise: Promise
    value: float | None
    """The figure; None when nothing could be measured in the window."""
    kept: bool
    """Whether it came out as promised: within the bounds, or outside of them once its cause was removed."""

    def __str__(self) -> str:
        """Return one line with the figure and the bounds."""
        promise = self.promise
        bounds = bounds_text(promise.expect)
        wanted = f"not {bounds}, without {promise.cause}" if promise.cause else bounds
        value = "nothing" if self.value is None else f"{self.value:.4g}"
        return f"{promise.name} (seed {promise.seed}): {promise.expect.figure} is {value}, promised is {wanted}"


def promises(scenario: str, expects: dict[str, ExpectSpec], seeds: list[int]) -> Iterator[Promise]:
    """Return every promise of a scenario file on every seed."""
    for seed in seeds:
        for name, expect in expects.items():
            own = dict(expect.changes or {})
            for cause, changes in {"": {}, **expect.without}.items():
                patch: dict[str, Any] = composed(own, changes)
                task = LaneTask(scenario=scenario, seed=seed, player=expect.player, changes=patch)
                yield Promise(name=name, seed=seed, cause=cause, expect=expect, task=task)


def bounds_text(expect: ExpectSpec) -> str:
    """Return the bounds in words."""
    parts = []
    if expect.at_least is not None:
        parts.append(f"at least {expect.at_least:.4g}")
    if expect.at_most is not None:
        parts.append(f"at most {expect.at_most:.4g}")
    return " and ".join(parts)


def _within(value: float, expect: ExpectSpec) -> bool:
    low, high = expect.at_least, expect.at_most
    return (low is None or value >= low) and (high is None or value <= high)


def figure(lane: LaneResult, expect: ExpectSpec | FigureSpec) -> float | None:
    """Return a figure over its window, None when nothing was measured there."""
    start, end = expect.start // US_PER_S, expect.end // US_PER_S
    if expect.figure in _OVER_REQUESTS:
        share = _OVER_REQUESTS[expect.figure]
        if expect.stat == "total":
            return share(lane, start, end)
        values = [share(lane, at, min(at + STEP_S, end)) for at in range(start, end, STEP_S)]
        return combine([value for value in values if value is not None], expect.stat)
    window = [row for row in lane.figures if expect.start <= row.at_us < expect.end]
    if expect.figure == "refused_connects_per_s":
        spans = pairwise(window)
        rates = [(b.refused_connects - a.refused_connects) / ((b.at_us - a.at_us) / US_PER_S) for a, b in spans]
        return combine(rates, expect.stat)
    return combine([float(getattr(row, expect.figure)) for row in window], expect.stat)


def _bad_share(lane: LaneResult, start: int, end: int) -> float | None:
    success = lane.success(start, end)
    return None if success is None else 1.0 - success


def _bad_rate(lane: LaneResult, start: int, end: int) -> float | None:
    return sum(lane.bad_by_second[start:end]) / (end - start)


_OVER_REQUESTS: dict[str, Callable[[LaneResult, int, int], float | None]] = {
    "success_rate": lambda lane, start, end: lane.success(start, end),
    "bad_share": _bad_share,
    "bad_per_s": _bad_rate,
}
