"""The autoscaler decides as the Kubernetes documentation says, from numbers that know nothing of shared limits."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import PauseAutoscaler, ResumeAutoscaler
from drill.scenario.story import RatePoint
from drill.scenario.topology import AutoscalerSpec, ComputeStep, HoldStep, PoolSpec
from tests.sim.worlds import API, CASES, MS, Run, S, endpoint, fixed, scenario

SPEC = AutoscalerSpec(metric="cpu", target=0.5, lowest=2, highest=40)
CPU = replace(
    API,
    replicas=2,
    cores=1.0,
    pools={"db": PoolSpec(size=1)},
    endpoints=endpoint([ComputeStep(compute=fixed(20 * MS))]),
)
"""Requests of 20 ms of CPU: 25 a second use half a core."""


def kubernetes(spec: AutoscalerSpec, current: int, metric: float, earlier: list[tuple[int, int]], now: int) -> int:
    """Return the replicas by the documented algorithm; `earlier` are times and recommendations of syncs before."""
    ratio = metric / spec.target
    desired = current if abs(ratio - 1.0) <= 0.1 else ceil(current * ratio)
    recent = [count for at, count in earlier if now - at <= spec.stabilisation]
    earlier.append((now, desired))
    if desired < current:
        desired = min(current, max([*recent, desired]))
    elif desired > current:
        desired = min(desired, max(current * 2, current + 4))  # the default policies: 100 % or 4 pods in 15 s
    return max(spec.lowest, min(spec.highest, desired))


@CASES
@given(metrics=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=40), start=st.integers(2, 40))
def test_every_decision_is_that_of_the_documented_algorithm(metrics: list[float], start: int) -> None:
    run = Run(scenario(replace(API, replicas=0))).until(1)
    deployment = run.world.deployments["api"]
    autoscaler = Autoscaler(run.world.clock, deployment, SPEC)
    earlier: list[tuple[int, int]] = []
    deployment.replicas = start
    # A sync every 14.9 s, so that none lies exactly on the edge of the stabilisation window.
    for sync, metric in enumerate(metrics):
        run.until(1 + 14.9 * sync)
        expected = kubernetes(SPEC, deployment.replicas, metric, earlier, run.simulation.now_us)
        deployment.replicas = autoscaler.decide(metric)
        assert deployment.replicas == expected


@pytest.mark.parametrize(
    ("metric", "expected"),
    [(0.5, 10), (0.54, 10), (0.46, 10), (0.55, 11), (0.56, 12), (0.75, 15), (1.0, 20), (4.0, 20), (0.4, 8), (0.0, 2)],
)
def test_one_decision_for_ten_pods(metric: float, expected: int) -> None:
    """Within 10 % nothing changes, up at most doubles, down is as far as the minimum."""
    run = Run(scenario(replace(API, replicas=10))).until(1)
    assert Autoscaler(run.world.clock, run.world.deployments["api"], SPEC).decide(metric) == expected


def loaded(*points: RatePoint, **changes: object) -> Run:
    """Return a run whose traffic starts at 25 requests a second."""
    spec = scenario(replace(CPU, autoscaler=replace(SPEC, **changes)), rate=25.0, length_s=1_800)  # type: ignore[arg-type]  # any field
    return Run(replace(spec, traffic=replace(spec.traffic, points=list(points))))


def replicas(run: Run) -> int:
    return run.simulation.snapshot().deployments[0].replicas


def test_more_load_brings_more_pods_within_a_period_or_two() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0)).until(59)
    assert replicas(run) == 2
    run.until(140)
    # 150/s × 20 ms = 3 cores, at half a core each 6 pods; one more or less by the noise of 15 s of arrivals.
    assert replicas(run) in (6, 7)


def test_less_load_takes_pods_away_only_after_the_stabilisation_window() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0), RatePoint(at=200 * S, rate=25.0)).until(199)
    high = replicas(run)
    run.until(480)
    assert replicas(run) == high
    run.until(560)
    assert replicas(run) == 2


def test_requests_in_flight_can_be_the_metric() -> None:
    spec = AutoscalerSpec(metric="in_flight", target=10.0, highest=40)
    api = replace(CPU, endpoints=endpoint([HoldStep(hold=fixed(2 * S))]), autoscaler=spec)
    run = Run(scenario(api, rate=60.0)).until(200)
    # Little: 60/s × 2 s = 120 in flight; the noise of a moment (sd 11) lifts the highest recommendation of 300 s.
    assert 11 <= replicas(run) <= 17


def test_a_paused_autoscaler_changes_nothing_until_it_is_resumed() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0)).until(30)
    run.simulation.perform(PauseAutoscaler(deployment="api"))
    run.until(300)
    assert replicas(run) == 2
    run.simulation.perform(ResumeAutoscaler(deployment="api"))
    run.until(400)
    assert replicas(run) >= 6


def test_an_autoscaler_may_be_paused_from_the_start() -> None:
    assert replicas(loaded(RatePoint(at=60 * S, rate=150.0), paused=True).until(300)) == 2
