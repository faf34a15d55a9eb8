"""Story 1, "more pods, less site": what every engineer would try, on the shipped scenario.

Nothing of this stands in the file; the windows leave two minutes for a change to settle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drill.actions.catalogue import Action, AddPooler, RestartPods, Scale, SetPoolSize, TerminateIdle
from drill.actions.entries import Entry
from drill.lanes.batch import default_jobs, run_lanes
from drill.lanes.lane import LaneTask
from drill.scenario.library import find
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.telemetry.lanes import LaneResult

ACT_S, SETTLED_S, END_S = 330, 450, 600
SLO = 0.995
PATH = str(find("checkout-down"))
SEEDS = [pytest.param([1], id="one-seed"), pytest.param(range(1, 21), id="twenty-seeds", marks=pytest.mark.slow)]


def lanes(seeds: list[int], *actions: Action, **traffic: float) -> list[LaneResult]:
    """Return the run of each seed with actions taken at 5m30s, ten minutes long."""
    changes: dict[str, Any] = {
        "length": "10m",
        "expects": None,
        "story": {"solutions": {name: {"entries": []} for name in ("scale-back", "pooler", "smaller-pools")}},
        "traffic": traffic,
    }
    entries = tuple(Entry(at_us=ACT_S * US_PER_S, deed=action) for action in actions)
    tasks = [LaneTask(scenario=PATH, seed=seed, player="me", entries=entries, changes=changes) for seed in seeds]
    return list(run_lanes(tasks, default_jobs()))


def settled(lane: LaneResult) -> float:
    """Return the success rate once a change has settled."""
    return lane.success(SETTLED_S, END_S) or 0.0


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("replicas", [10, 15, 19])
def test_scaling_back_under_the_limit_recovers(seeds: list[int], replicas: int) -> None:
    """19 pods of 5 connections fit under 97 usable slots, and so do fewer that still carry the load."""
    for lane in lanes(seeds, Scale(deployment="checkout", replicas=replicas)):
        assert settled(lane) >= SLO


@pytest.mark.parametrize("seeds", SEEDS)
def test_some_pods_too_many_are_an_outage_still(seeds: list[int]) -> None:
    """25 pods want 125 connections: some have none, and that is enough to miss the objective.

    With 21 it depends on which pods go: Kubernetes takes any of those that are of about one age, and what they held
    is shared by pods that had none.
    """
    for lane in lanes(seeds, Scale(deployment="checkout", replicas=25)):
        assert settled(lane) < SLO


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("replicas", [36, 60])
def test_scaling_further_up_never_helps(seeds: list[int], replicas: int) -> None:
    """More pods find no free slot and draw more of the traffic."""
    nothing, scaled = lanes(seeds), lanes(seeds, Scale(deployment="checkout", replicas=replicas))
    for before, after in zip(nothing, scaled, strict=True):
        assert settled(after) < settled(before) < 0.4


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_a_pooler_carries_the_load_ninety_seconds_later(seeds: list[int], factor: float) -> None:
    """Twenty server connections serve thirty pods in every 5 s window, with a third more load, too."""
    for lane in lanes(seeds, AddPooler(deployment="checkout", pool_size=20), factor=factor):
        windows = [lane.success(at, at + 5) for at in range(ACT_S + 90, END_S - 5, 5)]
        assert min(window for window in windows if window is not None) >= 0.999


@pytest.mark.parametrize("seeds", SEEDS)
def test_smaller_pools_in_every_pod_fit(seeds: list[int]) -> None:
    """Thirty pods of three are ninety connections."""
    for lane in lanes(seeds, SetPoolSize(deployment="checkout", pool="db", size=3)):
        assert settled(lane) >= SLO


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("rollout", ["recreate", "as-configured"])
def test_restarting_the_pods_does_not_recover(seeds: list[int], rollout: str) -> None:
    """The same pods race for the same slots again, whichever way they are replaced."""
    for lane in lanes(seeds, RestartPods(deployment="checkout", rollout=rollout)):  # type: ignore[arg-type]  # a literal
        assert settled(lane) < 0.9


@pytest.mark.parametrize("seeds", SEEDS)
def test_terminated_sessions_come_back(seeds: list[int]) -> None:
    """Room made by terminating idle sessions is taken again within a minute."""
    for lane in lanes(seeds, TerminateIdle(older_than=10 * US_PER_S)):
        rows = {row.at_us // US_PER_S: row.connections for row in lane.figures}
        assert rows[ACT_S] < 50 <= 97 - 5 <= rows[ACT_S + 60]
