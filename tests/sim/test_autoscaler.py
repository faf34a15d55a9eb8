"""The autoscaler decides as the Kubernetes documentation says, from numbers that know nothing of shared limits."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import PauseAutoscaler, ResumeAutoscaler
from drill.scenario.kubernetes import ScalingPolicySpec, ScalingRulesSpec
from drill.scenario.story import RatePoint
from drill.scenario.topology import AutoscalerSpec, ComputeStep, HoldStep, PoolSpec, ProbeSpec
from drill.sim.kubernetes.behaviour import Behaviour
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


def documented(spec: AutoscalerSpec, current: int, wanted: int, earlier: list[tuple[int, int]], now: int) -> int:
    """Return the replicas by the documentation's default behaviour; `earlier` are recommendations of syncs before.

    Scaling down waits for the highest recommendation of 300 s; scaling up adds at most 100 % or 4 pods in 15 s.
    """
    recent = [count for at, count in earlier if now - at < spec.stabilisation]
    earlier.append((now, wanted))
    if wanted < current:
        return max(spec.lowest, min(current, max([*recent, wanted])))
    return min(spec.highest, wanted, max(current * 2, current + 4)) if wanted > current else current


@CASES
@given(wanted=st.lists(st.integers(2, 80), min_size=1, max_size=40), start=st.integers(2, 40))
def test_what_is_wanted_is_followed_as_the_documentation_says(wanted: list[int], start: int) -> None:
    behaviour, current, earlier = Behaviour(SPEC), start, [(0, start)]
    behaviour.first(0, start)
    for sync, count in enumerate(wanted):
        now = sync * 15 * S
        expected = documented(SPEC, current, count, earlier, now)
        decided = behaviour.decide(now, current, count)
        assert decided == expected
        if decided != current:
            behaviour.changed(now, current, decided)
        current = decided


def decisions(spec: AutoscalerSpec, start: int, wanted: int, syncs: int, every_s: int = 15) -> list[int]:
    """Return the replicas after each sync, while the metric asks for the same number throughout."""
    behaviour, current, found = Behaviour(spec), start, []
    for sync in range(syncs):
        now = sync * every_s * S
        after = behaviour.decide(now, current, wanted)
        if after != current:
            behaviour.changed(now, current, after)
        current = after
        found.append(current)
    return found


def rules(*policies: tuple[float, int], select: str = "max") -> ScalingRulesSpec:
    each = [ScalingPolicySpec(by=by, within=within_s * S) for by, within_s in policies]
    return ScalingRulesSpec(policies=each, select=select)  # type: ignore[arg-type]  # one of the literals


def test_the_documentation_s_policies_of_80_replicas_scaled_down_to_10() -> None:
    """Its example: 10 % or 4 pods a minute. From 80, 8 pods go, then 7, then 10 % of 65 …; from 40 on, 4 at a time."""
    spec = replace(SPEC, highest=80, stabilisation=0, scale_down=rules((4, 60), (0.1, 60)))
    found = decisions(spec, 80, 10, 12, every_s=61)
    assert found[:3] == [72, 64, 57]  # 80 × 0.9, 72 × 0.9, 64 × 0.9, rounded down as the controller does
    later = [count for count in found if count <= 40]
    assert [a - b for a, b in pairwise(later)] == [4] * (len(later) - 1)


@pytest.mark.parametrize(
    ("select", "expected"), [("max", [72, 72, 72, 72, 64]), ("min", [76, 76, 76, 76, 72]), ("disabled", [80] * 5)]
)
def test_a_policy_counts_what_was_removed_within_its_period(select: str, expected: list[int]) -> None:
    spec = replace(SPEC, highest=80, stabilisation=0, scale_down=rules((4, 60), (0.1, 60), select=select))
    assert decisions(spec, 80, 10, 5) == expected


def test_scaling_up_can_wait_for_the_lowest_recommendation() -> None:
    behaviour = Behaviour(replace(SPEC, stabilisation_up=60 * S))
    behaviour.first(0, 4)
    found = [behaviour.decide(at_s * S, 4, 8) for at_s in (0, 15, 30, 45, 60)]
    assert found == [4, 4, 4, 4, 8]


def loaded(*points: RatePoint, **changes: object) -> Run:
    """Return a run whose traffic starts at 25 requests a second."""
    spec = scenario(replace(CPU, autoscaler=replace(SPEC, **changes)), rate=25.0, length_s=1_800)  # type: ignore[arg-type]  # any field
    return Run(replace(spec, traffic=replace(spec.traffic, points=list(points))))


def replicas(run: Run) -> int:
    return run.simulation.snapshot().deployments[0].replicas


def test_more_load_brings_more_pods_within_a_few_periods() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0)).until(59)
    assert replicas(run) == 2
    run.until(160)
    # 150/s × 20 ms = 3 cores and 2 % of a core a pod; at half a core each 7 pods, one more by the noise of arrivals.
    assert replicas(run) in (6, 7, 8)


def test_cpu_is_seen_late_because_metrics_server_reads_every_15_s() -> None:
    """The traffic grows at 60 s; the reading at 67.5 s holds half of it, and the look at 75 s sees it first."""
    run = loaded(RatePoint(at=60 * S, rate=150.0)).until(74.9)
    assert (replicas(run), run.events("SuccessfulRescale")) == (2, [])
    run.until(75.1)
    assert replicas(run) > 2


def test_less_load_takes_pods_away_only_after_the_stabilisation_window() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0), RatePoint(at=200 * S, rate=25.0)).until(199)
    high = replicas(run)
    run.until(480)
    assert replicas(run) == high
    run.until(580)
    assert replicas(run) == 2


def test_events_say_why_in_the_controller_s_words() -> None:
    run = loaded(RatePoint(at=60 * S, rate=150.0), RatePoint(at=200 * S, rate=25.0)).until(600)
    said = [event.message for event in run.world.journal.events if event.reason == "SuccessfulRescale"]
    assert said[0].endswith("; reason: cpu resource above target")
    assert said[-1] == "New size: 2; reason: All metrics below target"


def test_utilisation_is_of_the_request_and_not_of_the_limit() -> None:
    """25/s × 20 ms over two pods, and 2 % idle: 0.27 cores each are 108 % of a quarter, 27 % of the limit."""
    spec = replace(SPEC, metric="cpu_utilisation", target=0.5)
    api = replace(CPU, cpu_request=0.25, autoscaler=spec)
    run = Run(scenario(api, rate=25.0)).until(200)
    # The metric asks for (0.5 + 0.02 n) / 0.25 / 0.5 pods, and n = 5 is within the tolerance of that; up to 6 by noise.
    assert replicas(run) in (4, 5, 6)
    said = next(event.message for event in run.world.journal.events if event.reason == "SuccessfulRescale")
    assert said.endswith("reason: cpu resource utilization (percentage of request) above target")
    assert replicas(Run(scenario(replace(api, cpu_request=None), rate=25.0)).until(200)) == 2


def test_requests_in_flight_can_be_the_metric() -> None:
    spec = AutoscalerSpec(metric="in_flight", target=10.0, highest=40)
    api = replace(CPU, endpoints=endpoint([HoldStep(hold=fixed(2 * S))]), autoscaler=spec)
    run = Run(scenario(api, rate=60.0)).until(200)
    # Little: 60/s × 2 s = 120 in flight; the noise of a moment (sd 11) lifts the highest recommendation of 300 s.
    assert 11 <= replicas(run) <= 17
    said = next(event.message for event in run.world.journal.events if event.reason == "SuccessfulRescale")
    assert said.endswith("reason: pods metric http_requests_in_flight above target")


def test_without_metrics_nothing_changes_and_an_event_says_so() -> None:
    """Pods that never get ready have no CPU that counts in their first five minutes."""
    api = replace(CPU, pools={"db": PoolSpec(size=1)}, autoscaler=SPEC)
    never = replace(api, readiness=ProbeSpec(initial_delay=500 * S))
    run = Run(scenario(never)).until(100)
    assert replicas(run) == 2
    said = [event.message for event in run.world.journal.events if event.reason == "FailedGetResourceMetric"]
    assert set(said) == {
        "failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)"
    }


@pytest.mark.parametrize(("lowest", "highest", "expected"), [(5, 40, 5), (1, 1, 1)])
def test_replicas_outside_of_the_range_are_brought_into_it(lowest: int, highest: int, expected: int) -> None:
    run = loaded(lowest=lowest, highest=highest).until(1)
    assert replicas(run) == expected
    bound = "above Spec.MaxReplicas" if highest == expected else "below Spec.MinReplicas"
    said = next(event.message for event in run.world.journal.events if event.reason == "SuccessfulRescale")
    assert said == f"New size: {expected}; reason: Current number of replicas {bound}"


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


def test_a_percentage_of_few_pods_is_rounded_up() -> None:
    """Or one pod could never become two."""
    spec = replace(SPEC, lowest=1, scale_up=rules((0.1, 15)))
    assert decisions(spec, 1, 40, 3) == [2, 3, 4]


def test_what_was_added_within_the_period_counts_against_a_policy() -> None:
    """4 pods a minute, looked at every 15 s: 4, then none for as long as they count, then 4 again."""
    spec = replace(SPEC, scale_up=rules((4, 60)))
    assert decisions(spec, 4, 40, 9) == [8, 8, 8, 8, 12, 12, 12, 12, 16]
