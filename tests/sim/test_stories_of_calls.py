"""C calls B calls A: one full pool at the end of a chain, seen from its beginning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import SetBreaker, SetCallTimeout, SetFlag
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    ComputeStep,
    EndpointSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
)
from tests.fidelity.recordings import quantiles
from tests.sim.worlds import API, EXACT, MS, TOPOLOGY, Run, S, exponential, fixed, lognormal, scenario

SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])
TROUBLE_S = 60
"""When a query of A loses its index."""


def calling(called: str, *, weight: int) -> EndpointSpec:
    """Return an endpoint that computes and calls the next service over an HTTP client pool."""
    steps = [
        ComputeStep(compute=lognormal(3 * MS, 0.4)),
        BorrowStep(borrow="http"),
        CallStep(call=called, endpoint=f"{called}-work", time=fixed(2 * MS)),
        ReturnStep(returns="http"),
    ]
    return EndpointSpec(weight=weight, program=steps)


def chain(seed: int) -> Run:
    """Return C, B and A with 40 users a second at the moment in which A's query begins to take ten times as long."""
    http = {"http": PoolSpec(size=2_000, to="nothing")}
    base = replace(API, replicas=2, cores=2.0)
    a_work = [
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT fast", time=exponential(30 * MS), unless="no-index"),
        QueryStep(query="SELECT slow", time=exponential(300 * MS), when="no-index"),
        ReturnStep(returns="db"),
    ]
    a = replace(
        base,
        pools={"db": PoolSpec(size=4, startup="eager", checkout_timeout=30 * S)},
        endpoints={"a-work": EndpointSpec(weight=0, program=a_work)},
    )
    b = replace(base, pools=http, endpoints={"b-work": calling("a", weight=0)})
    c = replace(base, pools=http, endpoints={"c-work": calling("b", weight=1)})
    topology = replace(TOPOLOGY, flags={"no-index": False}, database=EXACT)
    spec = scenario(c, rate=40.0, length_s=300, topology=topology)
    run = Run(replace(spec, topology=replace(spec.topology, deployments={"c": c, "b": b, "a": a})), seed)
    run.until(TROUBLE_S).simulation.perform(SetFlag(flag="no-index", on=True))
    return run


def p99_ms(run: Run, start_s: float, end_s: float) -> float:
    return quantiles([(row.done_us - row.at_us) / MS for row in run.rows if start_s * S <= row.at_us < end_s * S])[
        "p99"
    ]


@SEEDS
def test_the_first_service_is_slow_and_only_the_last_has_a_queue(seed: int) -> None:
    run = chain(seed).until(TROUBLE_S + 40)
    assert p99_ms(run, 0, TROUBLE_S - 5) < 200
    assert p99_ms(run, TROUBLE_S + 15, TROUBLE_S + 25) > 5_000
    pods = {pod.deployment: pod for pod in run.simulation.snapshot().pods}
    assert [pods[name].pools[0].waiting for name in ("c", "b")] == [0, 0]
    assert pods["a"].pools[0].in_use == pods["a"].pools[0].size
    assert pods["a"].pools[0].waiting > 50
    assert min(pods[name].in_flight for name in ("c", "b", "a")) > 50, "all three look busy"
    assert max(pod.cpu_cores / pod.cpu_limit_cores for pod in pods.values()) < 0.15


@SEEDS
def test_repairing_the_last_service_heals_the_first(seed: int) -> None:
    run = chain(seed).until(TROUBLE_S + 40)
    run.simulation.perform(SetFlag(flag="no-index", on=False))
    run.until(300)
    assert p99_ms(run, 150, 290) < 200


@SEEDS
def test_timeouts_and_breakers_of_the_callers_keep_them_quick_and_do_not_make_the_last_faster(seed: int) -> None:
    run = chain(seed).until(TROUBLE_S + 20)
    for name, called in (("c", "b"), ("b", "a")):
        run.simulation.perform(SetCallTimeout(deployment=name, call=called, timeout=1 * S))
        run.simulation.perform(SetBreaker(deployment=name, call=called, on=True))
    left, guarded = chain(seed).until(290), run.until(290)
    assert p99_ms(left, 150, 240) > 12_000
    assert p99_ms(guarded, 150, 240) < 1_100
    busy = {pod.deployment: pod.in_flight for pod in guarded.simulation.snapshot().pods}
    assert max(busy.values()) < 60
    assert guarded.success(150, 240) < 0.667, "what A can serve: 26.7 of 40 a second"
    assert {"circuit_open", "call_timeout"} <= set(guarded.outcomes(150, 240))
