"""Rules about time: lines in order and inside the run, windows that have a length, points that don't overlap.

Separate from what happens at those times.
"""

from __future__ import annotations

from collections.abc import Iterator

from drill.scenario.findings import Finding, Place
from drill.scenario.references import lines
from drill.scenario.spec import ScenarioSpec
from drill.units import US_PER_S, format_duration


def lines_in_order(spec: ScenarioSpec) -> Iterator[Finding]:
    """The lines of the timeline, a solution or a trap are in order of time, none after the end of the run."""
    for line in lines(spec):
        at, place = line.entry.at_us, (*line.place, "at")
        if at > spec.length:
            yield _after_end(place, at, spec)
        if line.above is not None and at < line.above.at_us:
            before = format_duration(line.above.at_us)
            yield Finding(
                place, f"{format_duration(at)} is before {before}, the line above; write lines in order of time"
            )


def run_has_room(spec: ScenarioSpec) -> Iterator[Finding]:
    """The page and the end of the warm-up come before the end of the run; metrics are sampled at whole seconds."""
    for key, at in (("paged_at", spec.paged_at), ("warm_up", spec.warm_up)):
        if at >= spec.length:
            msg = f"{format_duration(at)} is not before the end of the run; length is {format_duration(spec.length)}"
            yield Finding((key,), msg)
    if spec.sampling % US_PER_S:
        yield Finding(("sampling",), f"{format_duration(spec.sampling)} is not a whole number of seconds")


def windows_have_length(spec: ScenarioSpec) -> Iterator[Finding]:
    """The window of an expectation starts before it ends, and ends within the run."""
    for name, expect in spec.expects.items():
        if expect.start >= expect.end:
            start, end = format_duration(expect.start), format_duration(expect.end)
            yield Finding(("expects", name, "end"), f"{end} is not after start, {start}")
        if expect.end > spec.length:
            yield _after_end(("expects", name, "end"), expect.end, spec)


def points_follow(spec: ScenarioSpec) -> Iterator[Finding]:
    """Each change of the rate or the number of users starts when the one before is over."""
    traffic = spec.traffic
    changes = [("points", index, point.at, point.over) for index, point in enumerate(traffic.points)]
    changes += [("crowd", index, point.at, point.over) for index, point in enumerate(traffic.crowd)]
    over = 0
    for key, index, at, takes in changes:
        over = over if index else 0
        if at < over:
            msg = f"{format_duration(at)} is before {format_duration(over)}, when the change above is over"
            yield Finding(("traffic", key, index, "at"), msg)
        over = max(over, at + takes)


def _after_end(place: Place, at: int, spec: ScenarioSpec) -> Finding:
    msg = f"{format_duration(at)} is after the end of the run; length is {format_duration(spec.length)}"
    return Finding(place, msg)
