"""A run with a network, a gateway that tries again and a growing crowd is the same however it is sliced."""

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

from drill.actions.catalogue import AddPooler, RestartPods, SetDns, SetLink
from drill.actions.entries import VIEWS
from drill.scenario.callers import BreakerSpec, BudgetSpec, ClientSpec, RetrySpec, UpstreamRetrySpec
from drill.scenario.network import DnsSpec, LinkSpec, NetworkSpec
from drill.scenario.story import CrowdPoint, TrafficSpec
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    DatabaseSpec,
    EndpointSpec,
    GatewaySpec,
    PoolerSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from drill.telemetry.outcomes import Outcome
from tests.sim.worlds import API, CASES, MS, TOPOLOGY, Run, S, exponential, lognormal, scenario

if TYPE_CHECKING:
    from drill.actions.action import Action
    from drill.scenario.spec import ScenarioSpec

ROOT = Path(__file__).parents[2]
LENGTH_S = 30
PLAN: list[tuple[int, Action]] = [
    (8, SetLink(link="all", jitter=4 * MS, loss=0.05)),
    (9, AddPooler(deployment="stock", pool_size=6)),
    (17, SetDns(lookup=2 * MS, servfail=0.3, unanswered=0.2)),
    (20, RestartPods(deployment="api")),
    (24, SetLink(link="all", loss=0.3)),
]


def spec_of_all() -> ScenarioSpec:
    """Return an api in one region that calls stock in another, whose database is in a third."""
    network = NetworkSpec(
        regions={"users": "home", "api": "east", "gateway": "east", "stock": "west", "database": "west"},
        round_trips={"east": {"west": 20 * MS, "home": 10 * MS}, "home": {"west": 25 * MS}},
        links={"all": LinkSpec(jitter=1 * MS)},
        dns=DnsSpec(ttl=2 * S),
        connect_timeout=3 * S,
    )
    call = CallStep(
        call="stock",
        endpoint="reserve",
        time=lognormal(2 * MS, 0.5),
        timeout=800 * MS,
        retry=RetrySpec(attempts=2),
        breaker=BreakerSpec(window=20, minimum=10, open=1 * S, trials=3, slow=200 * MS, slow_share=0.8),
    )
    api = replace(
        API, replicas=2, endpoints={"q": EndpointSpec(program=[CallStep(call="mail", time=exponential(9 * MS)), call])}
    )
    statements = [QueryStep(query="SELECT", time=exponential(9 * MS), cpu=exponential(2 * MS)) for _ in range(3)]
    program = [BorrowStep(borrow="db"), TransactionStep(transaction=list(statements)), ReturnStep(returns="db")]
    stock = replace(
        API,
        replicas=2,
        pools={"db": PoolSpec(size=4, checkout_timeout=500 * MS, max_lifetime=3 * S, validation="borrow")},
        endpoints={"reserve": EndpointSpec(weight=0, program=program)},
    )
    topology = replace(
        TOPOLOGY,
        clients=ClientSpec(timeout=2 * S, retry=RetrySpec(attempts=2)),
        gateway=GatewaySpec(
            timeout=1 * S, retry=UpstreamRetrySpec(on=["error", "timeout", "http_500"], budget=BudgetSpec(share=0.5))
        ),
        database=DatabaseSpec(cores=2.0),
        pooler=PoolerSpec(start_up=1 * S),
        network=network,
    )
    spec = scenario(api, length_s=LENGTH_S, topology=topology)
    spec = replace(spec, topology=replace(spec.topology, deployments={"api": api, "stock": stock}))
    crowd = [CrowdPoint(at=10 * S, users=80, over=5 * S), CrowdPoint(at=20 * S, users=30)]
    traffic = TrafficSpec(users=40, crowd=crowd, think=exponential(500 * MS))
    return replace(spec, traffic=traffic, telemetry=TelemetrySpec(traces=0.1, kept=40, usage=True))


@cache
def expected() -> Run:
    run = Run(spec_of_all())
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


def digest() -> str:
    return expected().simulation.digest


def test_the_run_holds_what_it_is_about() -> None:
    """Otherwise the tests below would compare nothing."""
    world = expected().world
    assert world.network is not None
    assert {"established", "unknown host"} <= {each.outcome for each in world.network.attempts}
    assert world.network.counters["stock"].syn_retrans > 0
    assert min(world.network.counters[part].retrans_segs for part in ("users", "gateway", "api", "database")) > 0
    assert world.gateway.retried > 0  # type: ignore[attr-defined]  # a gateway that tries again
    assert world.pooler is not None
    assert world.pooler.janitor.transactions > 100
    ledger = world.ledger
    met = {each.label for each in Outcome if ledger.counts.failures[each] + ledger.tried_again[each]}
    assert {"client_timeout", "call_failed", "circuit_open"} <= met
    assert ledger.counts.good > 300
    assert expected().simulation.look("traces").rows


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", *VIEWS])))


@settings(CASES, max_examples=10)
@given(slices=SLICES)
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]]) -> None:
    run = Run(spec_of_all())
    steps: list[tuple[int, str | Action]] = [*slices, *((at_s * S, action) for at_s, action in PLAN)]
    for at_us, what in sorted(steps, key=lambda step: step[0]):
        run.simulation.advance(at_us)
        if not isinstance(what, str):
            run.simulation.perform(what)
        elif what == "snapshot":
            run.simulation.snapshot()
        elif what:
            run.simulation.look(what)
    run.until(LENGTH_S)
    assert run.rows == expected().rows
    assert run.simulation.digest == digest()
    assert run.simulation.look("traces") == expected().simulation.look("traces")


def test_the_hash_seed_of_the_interpreter_does_not_matter() -> None:
    code = "from tests.sim.test_determinism_of_network import digest; print(digest())"
    found = set()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {digest()}
