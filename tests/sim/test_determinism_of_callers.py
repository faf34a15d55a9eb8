"""A run with every kind of caller is the same however it is sliced, looked at, and wherever it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions import callers
from drill.actions.catalogue import RestartPods
from drill.actions.entries import VIEWS
from drill.scenario.callers import BreakerSpec, BudgetSpec, ClientSpec, RetrySpec, ThrottleSpec
from drill.scenario.story import TrafficSpec
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    DatabaseSpec,
    EndpointSpec,
    GatewaySpec,
    ParallelStep,
    PoolSpec,
    ReturnStep,
)
from drill.telemetry.outcomes import Outcome
from tests.sim.worlds import API, CASES, MS, TOPOLOGY, Run, S, exponential, lognormal, one_query, scenario

if TYPE_CHECKING:
    from drill.actions.action import Action
    from drill.scenario.spec import ScenarioSpec

ROOT = Path(__file__).parents[2]
LENGTH_S = 30
PLAN: list[tuple[int, Action]] = [
    (8, callers.SetCallTimeout(deployment="api", call="stock", timeout=150 * MS)),
    (10, callers.SetCallRetries(deployment="api", call="stock", attempts=3, back_off=20 * MS, jitter="decorrelated")),
    (12, RestartPods(deployment="stock")),
    (15, callers.SetThrottle(deployment="stock", pool="db", on=True)),
    (18, callers.SetBreaker(deployment="api", call="stock", on=False)),
    (20, callers.SetClientRetries(attempts=2, back_off=100 * MS, jitter="equal")),
    (22, callers.SetClientTimeout(timeout=120 * MS)),
    (24, callers.SetThrottle(deployment="stock", pool="db", on=False)),
]


def spec_of_all(*, closed: bool = False) -> ScenarioSpec:
    """Return an api that calls stock, where queries run side by side; clients retry within a budget."""
    breaker = BreakerSpec(window=20, minimum=10, open=1 * S, trials=3)
    call = CallStep(
        call="stock",
        endpoint="reserve",
        time=lognormal(2 * MS, 0.5),
        timeout=400 * MS,
        retry=RetrySpec(attempts=2, back_off=30 * MS, jitter="full"),
        breaker=breaker,
    )
    program = [BorrowStep(borrow="http"), call, ReturnStep(returns="http")]
    api = replace(
        API,
        replicas=2,
        routing="least_outstanding",
        pools={"http": PoolSpec(size=50, to="nothing")},
        endpoints={"q": EndpointSpec(program=program)},
    )
    fork = ParallelStep(parallel=[one_query(exponential(30 * MS)) for _ in range(3)], limit=2)
    stock = replace(
        API,
        replicas=2,
        pools={"db": PoolSpec(size=4, checkout_timeout=200 * MS)},
        endpoints={"reserve": EndpointSpec(weight=0, program=[fork])},
    )
    clients = ClientSpec(
        timeout=1200 * MS, retry=RetrySpec(back_off=50 * MS, jitter="full", budget=BudgetSpec(share=0.3, floor=2.0))
    )
    throttle = ThrottleSpec(deployment="stock", pool="db", start=1.0, full=1.0, period=1 * S)
    topology = replace(
        TOPOLOGY,
        clients=clients,
        gateway=GatewaySpec(timeout=2 * S, throttle=throttle),
        database=DatabaseSpec(cores=2.0),
    )
    spec = scenario(api, rate=120.0, length_s=LENGTH_S, topology=topology)
    spec = replace(spec, topology=replace(spec.topology, deployments={"api": api, "stock": stock}))
    return replace(spec, traffic=TrafficSpec(users=60, think=exponential(500 * MS))) if closed else spec


@cache
def expected(*, closed: bool = False) -> Run:
    run = Run(spec_of_all(closed=closed))
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


def digests() -> list[str]:
    return [expected(closed=closed).simulation.digest for closed in (False, True)]


def test_the_run_holds_what_it_is_about() -> None:
    """Otherwise the tests below would compare nothing."""
    ledger = expected().world.ledger
    met = {each.label for each in Outcome if ledger.counts.failures[each] + ledger.tried_again[each]}
    assert {"client_timeout", "call_failed", "call_timeout", "circuit_open", "throttled"} <= met
    assert ledger.counts.good > 100
    assert max(row.attempts for row in expected().rows) > 1
    metrics = set(expected().simulation._sampler.history.names())  # noqa: SLF001 - it shows them to views
    assert {"envoy_cluster_upstream_rq_retry", "resilience4j_circuitbreaker_state"} <= metrics


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", *VIEWS])))


@settings(CASES, max_examples=15)
@given(slices=SLICES, closed=st.booleans())
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]], closed: bool) -> None:  # noqa: FBT001 - drawn
    run = Run(spec_of_all(closed=closed))
    steps: list[tuple[int, str | Action]] = [*slices, *((at_s * S, action) for at_s, action in PLAN)]
    for at_us, what in sorted(steps, key=lambda step: step[0]):
        run.simulation.advance(at_us)
        if not isinstance(what, str):
            run.simulation.perform(what)
        elif what == "snapshot":
            run.simulation.snapshot()
            run.simulation.in_flight()
        elif what:
            run.simulation.look(what)
    run.until(LENGTH_S)
    assert run.rows == expected(closed=closed).rows
    assert run.simulation.digest == expected(closed=closed).simulation.digest


def test_the_hash_seed_of_the_interpreter_does_not_matter() -> None:
    code = "from tests.sim.test_determinism_of_callers import digests; print(*digests())"
    found = set()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {" ".join(digests())}
