"""Experiments with other numbers than were measured, against what the same mechanism must give.

Single pools, several pods, poolers and leaks are held to another simulation in `tests/sim/test_textbook.py`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, takewhile
from math import sqrt
from typing import NamedTuple

import pytest

from drill.actions.catalogue import Scale, TerminateIdle
from drill.scenario.story import TrafficSpec
from drill.scenario.topology import BorrowStep, DeploymentSpec, EndpointSpec, LockSpec, PoolSpec, QueryStep, ReturnStep
from drill.scenario.traces import Trace
from drill.sim.streams import Streams
from tests.fidelity.recordings import fleet, pool, quantiles
from tests.fidelity.test_hot_row import closed_loop
from tests.sim.formulas import patience
from tests.sim.worlds import MS, Run, S, endpoint, exponential, lognormal, one_query


class Fleet(NamedTuple):
    """Pods before and after a scale-out, connections of each, and the server's limit."""

    before: int
    after: int
    size: int
    max_connections: int


@pytest.mark.parametrize("sizes", [Fleet(8, 20, 7, 90), Fleet(4, 40, 5, 60), Fleet(10, 14, 9, 110)], ids=str)
def test_as_many_newcomers_get_ready_as_whole_pools_fit_and_the_others_crash_three_times(sizes: Fleet) -> None:
    """Crashes after the start-up, 10 s and 20 s later; the next one would be 40 s after that."""
    spec = fleet(sizes.before, pool(sizes.size, 1))
    api = replace(
        spec.topology.deployments["api"],
        start_up=lognormal(2 * S, 0.25),
        endpoints=endpoint(one_query(exponential(50 * MS))),
    )
    run = simulated(spec.topology.deployments["api"], api, sizes.before * 15.0, sizes.max_connections).until(15)
    run.simulation.perform(Scale(deployment="api", replicas=sizes.after))
    run.until(60)
    pods = run.simulation.snapshot().pods
    fit = (sizes.max_connections - 3) // sizes.size
    assert sum(pod.ready for pod in pods) == fit
    assert sum(pod.restarts for pod in pods) == 3 * (sizes.after - fit)
    assert set(run.outcomes()) == {"ok"}


def simulated(like: DeploymentSpec, api: DeploymentSpec, rate: float, max_connections: int = 100) -> Run:
    """Return a run with its own random numbers at time 0, on a server with a limit."""
    spec = fleet(like.replicas, like.pools["db"])
    database = replace(spec.topology.database, max_connections=max_connections)
    topology = replace(spec.topology, deployments={"api": api}, database=database)
    return Run(replace(spec, traffic=TrafficSpec(rate=rate), topology=topology))


@pytest.mark.parametrize(("hold_ms", "sessions", "window_s"), [(5, 16, 8), (100, 8, 20), (50, 24, 20)])
def test_a_hot_row_is_one_server_in_random_order_however_long_it_is_held(
    hold_ms: int, sessions: int, window_s: int
) -> None:
    """Throughput is 1 / hold, the mean Little's law, p95 2 to 3 times that: geometric gives 3, FIFO would give 1."""
    found = closed_loop(sessions, LockSpec(table="t", row="hot"), range(1, 3), hold_ms=hold_ms, window_s=window_s)
    held_ms = hold_ms + 0.92
    assert found.tps == pytest.approx(1_000 / held_ms, rel=0.02)
    assert found.mean == pytest.approx(sessions * held_ms, rel=0.08)  # those of the beginning wait less
    assert 2.0 <= found.p95 / found.mean <= 3.1


@pytest.mark.parametrize(("workers", "rate"), [(40, 60.0), (90, 300.0)])
def test_each_terminated_idle_connection_costs_one_request_whatever_their_number(workers: int, rate: float) -> None:
    spec = fleet(workers, pool(1, 5))
    api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(exponential(50 * MS))))
    run = simulated(spec.topology.deployments["api"], api, rate).until(15)
    killed = int(run.simulation.perform(TerminateIdle(older_than=0)).split()[0])
    assert killed > workers / 2
    run.until(90)
    assert run.outcomes().count("terminated") == pytest.approx(killed, abs=1)


@pytest.mark.parametrize(("lifetime_s", "jitter"), [(20, 0.0), (20, 0.25), (5, 0.5)])
def test_connections_are_opened_anew_once_a_lifetime(lifetime_s: int, jitter: float) -> None:
    """Ten connections that are kept idle for 600 s: 6,000 s over the mean lifetime, and the opening of each."""
    policies = replace(pool(10, 5), min_idle=10, max_lifetime=lifetime_s * S, lifetime_jitter=jitter)
    api = replace(fleet(1, policies).topology.deployments["api"], endpoints=endpoint(one_query(exponential(50 * MS))))
    run = simulated(api, api, 0.0).until(1)
    before = run.world.database.connects
    run.until(601)
    expected = 6_000 / (lifetime_s + 0.0063)
    # One generation, or three standard deviations of so many renewals: ten times 600 s, variance over mean cubed.
    spread = 3 * sqrt(10 * 600 * (jitter * lifetime_s) ** 2 / 3 / lifetime_s**3)
    assert run.world.database.connects - before == pytest.approx(expected, abs=max(10, spread))
    assert len(run.world.database.sessions) >= 9


HOLD_S = 100


def fifty_users(seed: int) -> Run:
    """Return a run in which 8 of 10 connections are held while 50 users want one again and again.

    A user is a token of a pool that turns further ones away, and others come far more often than one gets free.
    """
    streams = Streams(seed)
    gaps, times = streams.draws("gaps", exponential(1 * MS)), streams.draws("times", exponential(100 * MS))
    at_us = list(takewhile(lambda at: at < (HOLD_S + 60) * S, accumulate(gaps, initial=300 * MS)))
    trace = Trace(
        at_us=(0,) * 8 + tuple(at_us),
        service_us=(HOLD_S * S,) * 8 + tuple(next(times) for _ in at_us),
        pod=(),
        endpoint=("holder",) * 8 + ("user",) * len(at_us),
        leak=(),
    )
    query = [BorrowStep(borrow="db"), QueryStep(query="SELECT", on="db"), ReturnStep(returns="db")]
    api = replace(
        fleet(1, pool(10, 2)).topology.deployments["api"],
        pools={"users": PoolSpec(size=50, to="nothing", on_full="reject"), "db": pool(10, 2)},
        endpoints={
            "user": EndpointSpec(program=[BorrowStep(borrow="users"), *query, ReturnStep(returns="users")]),
            "holder": EndpointSpec(program=[*query]),
        },
    )
    spec = fleet(1, pool(10, 2), length_s=HOLD_S + 80)
    return Run(replace(spec, topology=replace(spec.topology, deployments={"api": api})), trace=trace).until(HOLD_S + 70)


def test_fifty_users_who_never_stop_share_two_connections_and_then_ten() -> None:
    """During the hold 48 wait for 2 s at most, which a queue with such patience does at one rate of arrivals only.

    Measured in holds of 6 s, in the first 2 of which nobody gives up: success .851 to .860, and waits of 0.4 s after.
    """
    served = [row for row in fifty_users(1).rows if row.number >= 8 and row.outcome != "pool_full"]
    during = [row for row in served if 5 * S <= row.done_us < HOLD_S * S]
    rate = 20.0
    while True:
        share, wait_s = patience(2, rate, 0.100_92, 2)
        if rate * (share * wait_s + (1 - share) * 2) >= 50 - 2:
            break
        rate += 0.01
    # Of 2,400 that come some 1,900 are served, with a deviation of 2.3 %.
    assert sum(row.outcome == "ok" for row in during) / len(during) == pytest.approx(share, abs=0.03)
    after = [row for row in served if row.at_us > (HOLD_S + 1) * S]
    assert {row.outcome for row in after} == {"ok"}
    # (50 - 10) / 99 a second; of 5,900 that are served, so that the deviation is 1.3 %.
    assert quantiles([row.checkout_wait_us / MS for row in after])["p50"] == pytest.approx(404, rel=0.05)
