"""Long runs agree with queueing theory.

Each length is chosen so that the standard deviation between seeds, given in a comment, is well below the tolerance of
2 %; where a fast test stands beside a slow one, the fast one is shorter and its tolerance is three of its own.
"""

from __future__ import annotations

from dataclasses import replace
from math import log
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from drill.scenario.topology import ComputeStep, PoolSpec
from drill.sim.world import World
from tests.sim.formulas import erlang_b, erlang_c, mean_wait, mean_wait_constant, mean_wait_of_any, patience
from tests.sim.worlds import (
    API,
    EXACT,
    MS,
    TOPOLOGY,
    Run,
    S,
    endpoint,
    exponential,
    fixed,
    lognormal,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.fields import DrawSpec

SERVICE = exponential(10 * MS)
SERVICE_S = 0.01


def queue(servers: int, load: float, requests: int, service: DrawSpec = SERVICE, pool: PoolSpec | None = None) -> World:
    """Return the world after about so many requests to one pool of `servers` connections held for `service`.

    `load` is the utilisation if nobody were refused.
    """
    rate = load * servers * S / service.mean
    pool = pool or PoolSpec(size=servers, startup="eager", checkout_timeout=3_600 * S)
    api = replace(API, pools={"db": replace(pool, size=servers)}, endpoints=endpoint(one_query(service)))
    length_s = round(requests / rate)
    world = World(scenario(api, rate=rate, length_s=length_s), seed=1)
    world.clock.advance(length_s * S)
    return world


def waits(world: World) -> tuple[float, float]:
    """Return the share of requests that waited and the mean wait of all in seconds."""
    checkout = world.ledger.checkout
    return 1 - checkout.buckets.get(0, 0) / checkout.count, checkout.total / checkout.count / S


def success(world: World) -> float:
    return sum(world.ledger.counts.ok) / (sum(world.ledger.counts.ok) + sum(world.ledger.counts.failed))


@pytest.mark.parametrize(("servers", "load"), [(2, 0.5)])
def test_short_erlang_c(servers: int, load: float) -> None:
    """M/M/c, 200,000 requests: seeds differ by 0.5 % of the share that waits and by 1.2 % of the mean wait."""
    share, mean_s = waits(queue(servers, load, 200_000))
    assert share == pytest.approx(erlang_c(servers, load * servers), rel=0.02)
    assert mean_s == pytest.approx(mean_wait(servers, load * servers / SERVICE_S, SERVICE_S), rel=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("servers", "load", "requests"),
    [(1, 0.5, 600_000), (3, 0.6, 1_200_000), (10, 0.7, 3_000_000)],  # seeds differ by 0.5, 0.5 and 0.9 % in mean wait
)
def test_erlang_c(servers: int, load: float, requests: int) -> None:
    share, mean_s = waits(queue(servers, load, requests))
    assert share == pytest.approx(erlang_c(servers, load * servers), rel=0.02)
    assert mean_s == pytest.approx(mean_wait(servers, load * servers / SERVICE_S, SERVICE_S), rel=0.02)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (5, 0.8), (10, 1.2)])
def test_erlang_b(servers: int, load: float) -> None:
    """A full pool that rejects, 100,000 requests: seeds differ by at most 0.5 % of the share rejected."""
    world = queue(servers, load, 100_000, pool=PoolSpec(size=1, startup="eager", on_full="reject"))
    assert 1 - success(world) == pytest.approx(erlang_b(servers, load * servers), rel=0.02)
    assert world.ledger.checkout.total == 0


@pytest.mark.parametrize(("servers", "load", "patience_ms"), [(10, 1.5, 200), (2, 0.9, 30)])
def test_customers_with_a_fixed_patience(servers: int, load: float, patience_ms: int) -> None:
    """M/M/c+D, a checkout timeout, 120,000 requests: seeds differ by 0.3 % of success and 0.6 % of the mean wait."""
    pool = PoolSpec(size=1, startup="eager", checkout_timeout=patience_ms * MS)
    world = queue(servers, load, 120_000, pool=pool)
    served, mean_s = patience(servers, load * servers / SERVICE_S, SERVICE_S, patience_ms / 1_000)
    assert success(world) == pytest.approx(served, rel=0.02)
    assert 1 - success(world) == pytest.approx(1 - served, rel=0.05)  # the smaller share differs by up to 1.7 %
    assert waits(world)[1] == pytest.approx(mean_s, rel=0.02)


def test_short_constant_service() -> None:
    """M/D/2, 100,000 requests: seeds differ by 1.5 %."""
    _, mean_s = waits(queue(2, 0.6, 100_000, service=fixed(10 * MS)))
    assert mean_s == pytest.approx(mean_wait_constant(2, 120, SERVICE_S), rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "load", "requests"), [(1, 0.6, 500_000), (5, 0.7, 1_500_000)])
def test_constant_service(servers: int, load: float, requests: int) -> None:
    """M/D/c: seeds differ by 0.5 %."""
    _, mean_s = waits(queue(servers, load, requests, service=fixed(10 * MS)))
    assert mean_s == pytest.approx(mean_wait_constant(servers, load * servers / SERVICE_S, SERVICE_S), rel=0.02)


def varied(variation: float) -> DrawSpec:
    """Return a lognormal time of 10 ms with a coefficient of variation."""
    return lognormal(10 * MS, log(1 + variation**2) ** 0.5)


@pytest.mark.parametrize(("servers", "load", "variation"), [(1, 0.5, 1.5), (5, 0.8, 0.5)])
def test_short_variable_service(servers: int, load: float, variation: float) -> None:
    """M/G/c, 100,000 requests: seeds differ by 2.5 %."""
    _, mean_s = waits(queue(servers, load, 100_000, service=varied(variation)))
    assert mean_s == pytest.approx(
        mean_wait_of_any(servers, load * servers / SERVICE_S, SERVICE_S, variation), rel=0.08
    )


@pytest.mark.slow
def test_variable_service() -> None:
    """M/G/1, where the formula is exact (Pollaczek and Khinchine); 4,000,000 requests, as seeds differ by 0.5 %."""
    _, mean_s = waits(queue(1, 0.5, 4_000_000, service=varied(1.5)))
    assert mean_s == pytest.approx(mean_wait_of_any(1, 50, SERVICE_S, 1.5), rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("variation", "low", "high"), [(0.5, 0.97, 1.04), (1.5, 0.85, 1.0)])
def test_variable_service_of_several(variation: float, low: float, high: float) -> None:
    """M/G/5, 2,000,000 requests: the approximation gives too much for heavy tails, which stop one server of many."""
    _, mean_s = waits(queue(5, 0.8, 2_000_000, service=varied(variation)))
    about_s = mean_wait_of_any(5, 400, SERVICE_S, variation)
    assert low * about_s <= mean_s <= high * about_s


SHARED = replace(API, pools={"db": PoolSpec(size=400, startup="eager")})
CROWD = replace(TOPOLOGY, database=replace(EXACT, cores=1.0, max_connections=500))
"""So many connections that only the database's CPU limits anything."""


def shared_core(cost: DrawSpec, load: float, requests: int, cores: float = 1.0) -> float:
    """Return the mean time of requests that only want CPU of the database, in seconds."""
    rate = load * cores * S / cost.mean
    length_s = round(requests / rate)
    topology = replace(CROWD, database=replace(CROWD.database, cores=cores))
    api = replace(SHARED, endpoints=endpoint(one_query(cpu=cost)))
    world = World(scenario(api, rate=rate, length_s=length_s, topology=topology), seed=1)
    world.clock.advance(length_s * S)
    assert world.ledger.checkout.total == 0, "somebody waited for a connection"
    return world.ledger.counts.latency.total / world.ledger.counts.latency.count / S


COSTS = [fixed(10 * MS), exponential(10 * MS), lognormal(10 * MS, 1.2)]


@pytest.mark.parametrize("cost", COSTS[1:], ids=lambda cost: cost.shape)
def test_short_processor_sharing(cost: DrawSpec) -> None:
    """M/G/1 PS, 80,000 requests: E[T] = E[S] / (1 - load) whatever the distribution; seeds differ by up to 1.7 %."""
    assert shared_core(cost, 0.5, 80_000) == pytest.approx(SERVICE_S / 0.5, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.shape)
def test_processor_sharing(cost: DrawSpec) -> None:
    """As above with 700,000 requests: seeds differ by up to 0.5 %."""
    assert shared_core(cost, 0.5, 700_000) == pytest.approx(SERVICE_S / 0.5, rel=0.02)


@pytest.mark.slow
def test_processor_sharing_on_four_cores() -> None:
    """With exponential costs the number of jobs, so the mean time, is that of M/M/4; seeds differ by 0.3 %."""
    expected = SERVICE_S + mean_wait(4, 280, SERVICE_S)
    assert shared_core(exponential(10 * MS), 0.7, 700_000, cores=4.0) == pytest.approx(expected, rel=0.02)


def test_littles_law() -> None:
    """Connections in use are the arrival rate times the mean time each is held; seeds differ by 0.7 %."""
    api = replace(SHARED, pools={"db": PoolSpec(size=100)}, endpoints=endpoint(one_query(exponential(500 * MS))))
    run = Run(scenario(api, rate=20.0, length_s=6_000, topology=CROWD)).until(6_000)
    active = fmean([figure.active_queries for figure in run.simulation.result().figures[20:]])
    held_s = sum(row.done_us - row.at_us for row in run.rows) / S
    assert active == pytest.approx(held_s / 6_000, rel=0.02)
    assert active == pytest.approx(10.0, rel=0.02)


def test_utilisation_law() -> None:
    """CPU used is the arrival rate times the mean cost, in pods and in the database; seeds differ by 0.6 %."""
    program = [ComputeStep(compute=exponential(10 * MS)), *one_query(cpu=exponential(20 * MS))]
    api = replace(SHARED, cores=2.0, idle_cpu=0.05, endpoints=endpoint(program))
    topology = replace(CROWD, database=replace(CROWD.database, cores=4.0))
    run = Run(scenario(api, rate=60.0, length_s=600, topology=topology)).until(600)
    figures = run.simulation.result().figures[2:]
    assert fmean([figure.database_cpu for figure in figures]) == pytest.approx(60 * 0.02 / 4, rel=0.02)
    assert fmean([figure.pod_cpu for figure in figures]) == pytest.approx(0.05 + 60 * 0.01 / 2, rel=0.02)
