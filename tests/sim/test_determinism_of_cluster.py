"""A run with nodes, probes, leaks, autoscaling and stuck roll-outs is the same however it is sliced and looked at."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import Action, RestartPods, RollBack, Scale, SetFlag, SetPoolSize
from drill.actions.entries import VIEWS
from drill.scenario.kubernetes import AutoscalerSpec, NodeSpec, ScalingPolicySpec, ScalingRulesSpec
from drill.scenario.topology import AllocateStep, DatabaseSpec, ProbeSpec, RolloutSpec
from tests.sim.worlds import CASES, CHECKOUT, TOPOLOGY, Run, S, endpoint, scenario

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec

LENGTH_S = 120
PLAN: list[tuple[int, Action]] = [
    (10, SetFlag(flag="leak", on=True)),
    (30, SetPoolSize(deployment="api", pool="db", size=4)),
    (35, Scale(deployment="api", replicas=9)),
    (60, RestartPods(deployment="api", rollout="recreate")),
    (80, RollBack(deployment="api")),
]


def spec() -> ScenarioSpec:
    leak = AllocateStep(allocate=3 * 2**20, when="leak")
    rules = ScalingRulesSpec(policies=[ScalingPolicySpec(by=2), ScalingPolicySpec(by=0.5)], select="min")
    api = replace(
        CHECKOUT,
        memory_limit=512 * 2**20,
        cpu_request=0.5,
        memory_request=256 * 2**20,
        endpoints=endpoint([leak, *CHECKOUT.endpoints["q"].program]),
        startup=ProbeSpec(period=1 * S, failures=10),
        readiness=ProbeSpec(check="db", period=3 * S, successes=2, failures=1),
        liveness=ProbeSpec(check="db", period=4 * S, initial_delay=2 * S),
        rollout=RolloutSpec(surge=2, unavailable=0, min_ready=3 * S, progress_deadline=20 * S),
        autoscaler=AutoscalerSpec(
            metric="cpu_utilisation", target=0.5, lowest=2, highest=12, scale_up=rules, stabilisation=30 * S
        ),
    )
    system = replace(
        TOPOLOGY,
        database=DatabaseSpec(max_connections=40, cores=2.0),
        flags={"leak": False, "slow": False},
        nodes={"worker": NodeSpec(count=3, cores=1.5, memory=2**30)},
    )
    return scenario(api, rate=60.0, length_s=LENGTH_S, topology=system)


@cache
def expected() -> Run:
    run = Run(spec())
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


def told(run: Run) -> list[tuple[object, ...]]:
    return [tuple(event) for event in run.world.journal.events]


def test_everything_happens_in_this_run() -> None:
    """Else the tests below would show little."""
    reasons = {event.reason for event in expected().world.journal.events}
    assert {"FailedScheduling", "Unhealthy", "SuccessfulRescale", "ScalingReplicaSet"} <= reasons
    series = expected().simulation.history("kube_pod_container_status_last_terminated_reason").series
    assert "OOMKilled" in {dict(each.labels)["reason"] for each in series}


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", *VIEWS])))


@settings(CASES, max_examples=10)
@given(slices=SLICES)
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]]) -> None:
    run = Run(spec())
    actions = [(at_s * S, action) for at_s, action in PLAN]
    steps: list[tuple[int, str | Action]] = [*slices, *actions]
    for at_us, what in sorted(steps, key=lambda step: step[0]):
        run.simulation.advance(at_us)
        if isinstance(what, Action):
            run.simulation.perform(what)
        elif what == "snapshot":
            run.simulation.snapshot()
        elif what:
            run.simulation.look(what)
    run.until(LENGTH_S)
    assert run.simulation.digest == expected().simulation.digest
    assert told(run) == told(expected())
    assert run.simulation.snapshot() == expected().simulation.snapshot()
