"""Files with every policy of pools, callers and the cluster are read as they are written, fit the schema, and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.scenario.callers import BudgetSpec, ThrottleSpec
from drill.scenario.kubernetes import NodeSpec, ScalingPolicySpec, ScalingRulesSpec
from drill.scenario.loader import load
from drill.scenario.network import LinkSpec
from drill.scenario.networking import distance
from drill.scenario.schema import schema
from drill.scenario.source import parse
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import AllocateStep, CallStep, ParallelStep
from drill.sim.simulation import Simulation
from drill.units import US_PER_S
from tests.scenario.json_schema import breaches

FOLDER = Path(__file__).parent / "data"
PATH, CALLERS, CLUSTER, NETWORK = (FOLDER / f"{name}.yaml" for name in ("policies", "callers", "cluster", "network"))
SPEC = load(PATH).spec
EACH = pytest.mark.parametrize("path", [PATH, CALLERS, CLUSTER, NETWORK], ids=lambda path: path.stem)


@EACH
def test_it_fits_the_schema(path: Path) -> None:
    made = schema()
    assert list(breaches(made, parse(path.read_text("utf-8"), path.name).content, made)) == []


def test_the_cluster_is_read_in_its_units() -> None:
    topology = load(CLUSTER).spec.topology
    api = topology.deployments["api"]
    assert topology.nodes["worker"] == NodeSpec(count=3, cores=3.9, memory=14 * 2**30)
    assert (api.cpu_request, api.memory_request) == (0.25, 2**28)
    assert (api.rollout.surge, api.rollout.unavailable, api.rollout.min_ready) == (1, 0, 10 * US_PER_S)
    assert isinstance(api.rollout.surge, int)
    scaler = api.autoscaler
    assert scaler is not None
    assert (scaler.target, scaler.tolerance, scaler.scale_down.select) == (0.7, 0.05, "disabled")
    policies = [ScalingPolicySpec(by=0.5, within=60 * US_PER_S), ScalingPolicySpec(by=2, within=30 * US_PER_S)]
    assert scaler.scale_up == ScalingRulesSpec(policies=policies, select="min")
    assert isinstance(api.endpoints["pay"].program[1], AllocateStep)


def test_callers_are_read_in_their_units() -> None:
    topology = load(CALLERS).spec.topology
    retry, throttle = topology.clients.retry, topology.gateway.throttle
    assert retry is not None
    assert (retry.on, retry.back_off, retry.budget) == (["timeout", "error"], 100_000, BudgetSpec(share=0.2, floor=2.0))
    assert throttle == ThrottleSpec(deployment="stock", pool="db", period=US_PER_S)
    call = topology.deployments["api"].endpoints["buy"].program[1]
    assert isinstance(call, CallStep)
    assert (call.endpoint, call.timeout, call.breaker and call.breaker.open) == ("reserve", 500_000, 5 * US_PER_S)
    fork = topology.deployments["stock"].endpoints["reserve"].program[0]
    assert isinstance(fork, ParallelStep)
    assert ([len(part) for part in fork.parallel], fork.limit) == ([3, 3], 2)


def test_the_network_is_read_in_its_units() -> None:
    spec = load(NETWORK).spec
    network, retry = spec.topology.network, spec.topology.gateway.retry
    assert network is not None
    assert network.links["ocean"] == LinkSpec(
        source="stock", target="pooler", round_trip=1_000, jitter=2_000, loss=0.001
    )
    assert distance(network, "west", "home") == distance(network, "home", "west") == 60_000
    assert (network.dns and network.dns.ttl, network.connect_timeout) == (10 * US_PER_S, 5 * US_PER_S)
    assert retry is not None
    assert (retry.tries, retry.timeout, retry.budget) == (2, 3 * US_PER_S, BudgetSpec(share=0.1, floor=1.0))
    assert spec.telemetry == TelemetrySpec(traces=0.05, kept=100, usage=True)


def test_keys_are_read_in_their_units() -> None:
    pool = SPEC.topology.deployments["api"].pools["db"]
    assert (pool.overflow, pool.min_idle, pool.max_lifetime) == (5, 2, 30 * US_PER_S)
    assert (pool.lifetime_jitter, pool.validation, pool.validation_bypass) == (0.25, "borrow", US_PER_S // 2)
    pooler = SPEC.topology.pooler
    assert pooler is not None
    assert (pooler.mode, pooler.reserve_pool_timeout, pooler.query_wait_timeout) == ("transaction", US_PER_S, 0)


@EACH
@pytest.mark.parametrize("seed", [1, 2])
def test_it_runs_and_everybody_is_counted_once(path: Path, seed: int) -> None:
    """Offered = ok + late + failed + in flight, at every minute."""
    simulation = Simulation(load(path).spec, seed)
    for minute in range(1, 6):
        simulation.advance(minute * 60 * US_PER_S)
        users, result = simulation.snapshot().users, simulation.result()
        assert users.offered == users.ok + users.late + users.failed + users.in_flight
        assert result.in_flight == users.in_flight == len(simulation.in_flight())
    assert users.ok > 0
