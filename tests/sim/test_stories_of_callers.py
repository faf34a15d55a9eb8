"""Stories of those who act on what they see from outside: an autoscaler that helps, a caller without a breaker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import PauseAutoscaler, Scale, SetBreaker, SetFlag
from drill.scenario.callers import BreakerSpec
from drill.scenario.topology import (
    AutoscalerSpec,
    BorrowStep,
    CallStep,
    ComputeStep,
    DatabaseSpec,
    EndpointSpec,
    GatewaySpec,
    Guarded,
    PoolSpec,
    ReturnStep,
)
from tests.sim.worlds import API, CHECKOUT, MS, TOPOLOGY, Run, S, fixed, lognormal, scenario

SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])
TROUBLE_S = 60


def helpful(seed: int, *, paused: bool) -> Run:
    """Return 6 pods with 5 connections each of 37, whose requests begin to hold them for twice as long."""
    scaler = AutoscalerSpec(metric="in_flight", target=4.0, lowest=6, highest=30, stabilisation=60 * S, paused=paused)
    pool = PoolSpec(size=5, startup="degraded", checkout_timeout=2 * S)
    api = replace(CHECKOUT, replicas=6, pools={"db": pool}, autoscaler=scaler)
    topology = replace(
        TOPOLOGY,
        database=DatabaseSpec(max_connections=40, cores=8.0),
        flags={"slow": False},
        gateway=GatewaySpec(timeout=10 * S),
    )
    run = Run(scenario(api, rate=150.0, length_s=400, topology=topology), seed)
    run.until(TROUBLE_S).simulation.perform(SetFlag(flag="slow", on=True))
    return run


@SEEDS
def test_an_autoscaler_that_follows_requests_in_flight_makes_it_worse(seed: int) -> None:
    """Story 13: waiting requests are in flight, so pods are added that have no connections, and fail fast."""
    left, scaled = (helpful(seed, paused=paused).until(240) for paused in (True, False))
    assert left.success(10, TROUBLE_S - 5) == scaled.success(10, TROUBLE_S - 5) == 1.0
    deployments = [run.simulation.snapshot().deployments[0].replicas for run in (left, scaled)]
    assert deployments[0] == 6
    assert deployments[1] >= 10
    assert scaled.success(140, 230) < 0.75 * left.success(140, 230)
    assert "connection_slots" in scaled.outcomes(140, 230)
    assert "connection_slots" not in left.outcomes(140, 230)
    pods = [pod for pod in scaled.simulation.snapshot().pods if pod.ready]
    assert max(pod.cpu_cores / pod.cpu_limit_cores for pod in pods) < 0.6, "CPU asks for no pod"
    without = [pod for pod in pods if not pod.pools[0].open]
    assert len(without) >= 0.25 * len(pods)


@SEEDS
def test_scaling_down_by_hand_lasts_only_while_the_autoscaler_is_paused(seed: int) -> None:
    trap, fixed_first = (helpful(seed, paused=False).until(200) for _ in range(2))
    fixed_first.simulation.perform(PauseAutoscaler(deployment="api"))
    for run in (trap, fixed_first):
        run.simulation.perform(Scale(deployment="api", replicas=6))
        run.until(390)
    replicas = [run.simulation.snapshot().deployments[0].replicas for run in (trap, fixed_first)]
    assert replicas[0] >= 10
    assert replicas[1] == 6
    assert trap.success(300, 380) < 0.75 * fixed_first.success(300, 380)


def dependent(seed: int, breaker: BreakerSpec | None) -> Run:
    """Return an api with 40 workers whose `pay` calls something that begins to take 8 s; `browse` does not."""
    call = CallStep(call="fraud-check", time=fixed(8 * S), when="slow", breaker=breaker)
    quick = CallStep(call="fraud-check", time=lognormal(40 * MS, 0.5), unless="slow", breaker=breaker)
    compute = ComputeStep(compute=lognormal(4 * MS, 0.5))
    pay: list[Guarded] = [BorrowStep(borrow="workers"), compute, call, quick, ReturnStep(returns="workers")]
    browse: list[Guarded] = [BorrowStep(borrow="workers"), compute, ReturnStep(returns="workers")]
    workers = PoolSpec(size=20, to="nothing", checkout_timeout=2 * S)
    api = replace(
        API,
        replicas=2,
        pools={"workers": workers},
        endpoints={"pay": EndpointSpec(weight=1, program=pay), "browse": EndpointSpec(weight=4, program=browse)},
    )
    topology = replace(TOPOLOGY, flags={"slow": False}, gateway=GatewaySpec(timeout=30 * S))
    run = Run(scenario(api, rate=100.0, length_s=300, topology=topology), seed)
    run.until(TROUBLE_S).simulation.perform(SetFlag(flag="slow", on=True))
    return run


GUARD = BreakerSpec(window=20, minimum=10, failures=0.5, slow=1 * S, slow_share=0.5, open=10 * S, trials=3)


@SEEDS
def test_without_a_breaker_a_slow_dependency_takes_what_does_not_need_it_with_it(seed: int) -> None:
    """Story 21: 20 calls a second of 8 s want 160 workers of 40; most browsing fails though it calls nobody."""
    run = dependent(seed, None).until(200)
    assert run.success(10, TROUBLE_S - 5) == 1.0
    assert run.success(90, 190) < 0.4
    assert "checkout_timeout" in run.outcomes(90, 190)
    pods = run.simulation.snapshot().pods
    assert [pod.pools[0].in_use for pod in pods] == [20, 20]
    assert max(pod.cpu_cores / pod.cpu_limit_cores for pod in pods) < 0.3


@SEEDS
def test_with_a_breaker_on_slow_calls_only_what_needs_it_fails(seed: int) -> None:
    """All calls are answered well in the end, so that a breaker that counts errors alone would never open."""
    run = dependent(seed, GUARD).until(200)
    assert run.success(90, 190) == pytest.approx(0.8, abs=0.03), "browsing is four fifths"
    assert set(run.outcomes(90, 190)) <= {"ok", "circuit_open"}
    run.simulation.perform(SetFlag(flag="slow", on=False))
    run.until(290)
    assert run.success(225, 280) == 1.0, "and it closes again"
    errors_only = dependent(seed, replace(GUARD, slow=600 * S)).until(200)
    assert errors_only.success(90, 190) < 0.4


@SEEDS
def test_a_breaker_switched_on_during_the_incident_frees_the_workers(seed: int) -> None:
    run = dependent(seed, GUARD)
    run.simulation.perform(SetBreaker(deployment="api", call="fraud-check", on=False))
    run.until(150)
    assert run.success(100, 140) < 0.4
    run.simulation.perform(SetBreaker(deployment="api", call="fraud-check", on=True))
    run.until(240)
    assert run.success(190, 230) == pytest.approx(0.8, abs=0.05)
