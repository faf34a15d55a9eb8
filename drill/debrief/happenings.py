"""What was really going on: the moments at which the system changed its state, read off the samples.

Separate because it is the one part of the debrief that no responder saw. It knows figures, not scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.debrief.deeds import describe
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.lanes import LaneResult
    from drill.telemetry.results import Figures

BEGIN, END = "users begin to fail", "users are served again, to the end"
_STEP_S = 5
_LASTING = 2
"""Samples a state must last to count."""


@dataclass(frozen=True, slots=True)
class _State:
    holds: Callable[[Figures], bool]
    begins: str
    ends: str


_STATES = (
    _State(
        lambda row: row.connections_share >= 0.98,  # noqa: PLR2004 - one slot in fifty is about one pod's connection
        "database sessions reach the ceiling",
        "database sessions are below the ceiling again",
    ),
    _State(
        lambda row: row.pods_without_connections > 0,
        "some ready pods have no database connection at all",
        "every ready pod has a database connection again",
    ),
    _State(
        lambda row: row.database_cpu >= 0.9,  # noqa: PLR2004 - where queueing for cores begins to hurt
        "the database's cores are busy",
        "the database's cores have room again",
    ),
    _State(
        lambda row: row.pods_ready < row.pods,
        "some pods are not ready",
        "every pod is ready",
    ),
)


def colleagues(spec: ScenarioSpec) -> list[tuple[int, str]]:
    """Return times in microseconds and what colleagues did there, in order of time."""
    return sorted(
        (entry.at_us, f"{entry.by or 'somebody'}: {describe(entry.deed, spec)}")
        for entry in spec.timeline.values()
        if isinstance(entry.deed, Action)
    )


def happenings(lane: LaneResult) -> list[tuple[int, str]]:
    """Return times in microseconds and which states of the system began or ended there, in order of time."""
    return sorted(change for state in _STATES for change in _changes(state, lane.figures))


def users(spec: ScenarioSpec, lane: LaneResult) -> list[tuple[int, str]]:
    """Return when users began to fail, to the second, and when they were served again to the end."""
    impact = lane.summary["impact"]
    if impact["first_s"] is None:
        return []
    steps = range(impact["first_s"], spec.length // US_PER_S, _STEP_S)
    objective = spec.slo.success
    missed = next((at for at in steps if _missed(lane, at, objective)), impact["first_s"])
    # The 5 s may begin before what made them bad: an effect must not stand before its cause.
    bad = next((missed + s for s, count in enumerate(lane.bad_by_second[missed : missed + _STEP_S]) if count), missed)
    found = [(bad * US_PER_S, BEGIN)]
    if impact["recovered_s"] is not None:
        found.append((impact["recovered_s"] * US_PER_S, END))
    return found


def _missed(lane: LaneResult, at_s: int, objective: float) -> bool:
    share = lane.success(at_s, at_s + _STEP_S)
    return share is not None and share < objective


def _changes(state: _State, figures: tuple[Figures, ...]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    inside = False
    for i, row in enumerate(figures):
        following = figures[i : i + _LASTING]
        if all(state.holds(each) is not inside for each in following) and state.holds(row) is not inside:
            inside = not inside
            found.append((row.at_us, state.begins if inside else state.ends))
    return found
