"""Parts of a request that run side by side, and what four connections at once cost a pool."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import CancelQueries, RestartPods, Scale, TerminateQueries
from drill.scenario.topology import BorrowStep, GatewaySpec, ParallelStep, PoolSpec, QueryStep, ReturnStep
from tests.sim.worlds import (
    API,
    CASES,
    MS,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    exponential,
    fixed,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.fields import DrawSpec
    from drill.scenario.topology import Guarded


def parts(*times: DrawSpec, limit: int = 0) -> ParallelStep:
    """Return queries side by side, each on a connection of its own."""
    return ParallelStep(parallel=[one_query(time) for time in times], limit=limit)


def run_of(program: list[Guarded], at_us: list[int], *, size: int = 4, checkout_s: float = 30) -> Run:
    pool = PoolSpec(size=size, startup="eager", checkout_timeout=round(checkout_s * S))
    api = replace(API, pools={"db": pool}, endpoints=endpoint(program))
    return Run(scenario(api), trace=arrivals(at_us))


THREE = (fixed(1 * S), fixed(2 * S), fixed(3 * S))


def test_a_request_goes_on_when_its_last_part_has_ended() -> None:
    run = run_of([parts(*THREE), *one_query(fixed(1 * S))], [10 * S]).until(11.5)
    assert run.world.deployments["api"].pods[0].pools[0].in_use == 2
    assert run.until(30).ended_s() == [14]


@pytest.mark.parametrize(("limit", "ended_s"), [(1, 16), (2, 14), (3, 13)])
def test_a_limit_lets_only_so_many_parts_run_at_once(limit: int, ended_s: float) -> None:
    run = run_of([parts(*THREE, limit=limit)], [10 * S]).until(10.5)
    assert run.world.deployments["api"].pods[0].pools[0].in_use == limit
    assert run.until(30).ended_s() == [ended_s]


def test_the_first_failure_fails_the_request_and_the_other_parts_go_on() -> None:
    run = run_of([parts(*THREE)], [10 * S], size=2, checkout_s=0.5).until(11.5)
    pod = run.world.deployments["api"].pods[0]
    assert (run.outcomes(), run.ended_s()) == (["checkout_timeout"], [10.5])
    assert (len(pod.running), pod.outstanding, pod.pools[0].in_use) == (1, 0, 1)
    run.until(30)
    assert (pod.running, pod.pools[0].in_use, len(run.rows)) == ({}, 0, 1)


def test_parts_that_have_not_begun_when_another_fails_never_begin() -> None:
    run = run_of([parts(*[fixed(2 * S)] * 6, limit=2)], [10 * S], size=1, checkout_s=0.5).until(12.5)
    pod = run.world.deployments["api"].pods[0]
    assert (run.outcomes(), pod.running, pod.pools[0].in_use) == (["checkout_timeout"], {}, 0)


def test_a_request_has_waited_for_as_long_as_its_slowest_part() -> None:
    run = run_of([parts(*[fixed(1 * S)] * 3)], [10 * S], size=1).until(30)
    assert run.rows[0].checkout_wait_us == 2 * S


def test_parts_end_with_their_pod() -> None:
    run = run_of([parts(*[fixed(60 * S)] * 3)], [10 * S], size=2, checkout_s=60).until(11)
    api = run.world.deployments["api"]
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(50)
    assert (run.outcomes(), run.ended_s()) == (["pod_lost"], [41])  # after the grace period of 30 s
    assert (api.pods, dict(run.until(100).world.database.sessions)) == ([], {})


def test_a_draining_pod_waits_for_parts_nobody_waits_for() -> None:
    run = run_of([parts(*THREE)], [10 * S], size=2, checkout_s=0.5).until(11)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    api = run.world.deployments["api"]
    assert [pod.phase for pod in run.until(11.9).world.deployments["api"].pods] == ["Terminating"]
    run.until(12.1)
    assert api.pods == []


def test_a_cancelled_part_fails_its_request() -> None:
    run = run_of([parts(*THREE)], [10 * S]).until(11.5)
    run.simulation.perform(CancelQueries(older_than=0))
    run.until(30)
    assert run.outcomes() == ["canceled"]
    assert run.world.deployments["api"].pods[0].pools[0].in_use == 0


def test_fifty_requests_with_four_queries_each_want_two_hundred_connections() -> None:
    run = run_of([parts(*[fixed(1 * S)] * 4)], [10 * S] * 50, size=10).until(10.5)
    state = run.simulation.snapshot().pods[0]
    assert (state.in_flight, state.pools[0].in_use, state.pools[0].waiting) == (50, 10, 190)


def shares(rate: float, seed: int, *, limit: int) -> float:
    """Return the share of good answers with four queries of 50 ms each on ten connections and a checkout of 250 ms."""
    pool = PoolSpec(size=10, startup="eager", checkout_timeout=250 * MS)
    program = [parts(*[exponential(50 * MS)] * 4, limit=limit)]
    api = replace(API, pools={"db": pool}, endpoints=endpoint(program))
    return Run(scenario(api, rate=rate, length_s=240), seed).until(250).success(10, 230)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_four_at_once_fail_more_than_four_in_turn_at_equal_work(seed: int) -> None:
    """At a utilisation of 0.78: queries come in batches, and any of four waits can be too long."""
    at_once, in_turn = shares(39.0, seed, limit=0), shares(39.0, seed, limit=1)
    assert 1 - at_once > 3 * (1 - in_turn)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_overload_taking_turns_does_not_help(seed: int) -> None:
    """At twice what the pool can serve: work begun for requests that fail later is lost either way."""
    at_once, in_turn = shares(100.0, seed, limit=0), shares(100.0, seed, limit=1)
    assert in_turn <= at_once + 0.05


@settings(CASES, max_examples=30)
@given(
    times=st.lists(st.sampled_from([fixed(0), exponential(20 * MS), exponential(80 * MS)]), min_size=2, max_size=5),
    limit=st.integers(0, 3),
    seed=st.integers(0, 99),
    action=st.sampled_from(
        [RestartPods(deployment="api"), CancelQueries(older_than=0), TerminateQueries(older_than=0)]
    ),
)
def test_nothing_leaks_whatever_fails(times: list[DrawSpec], limit: int, seed: int, action: RestartPods) -> None:
    program: list[Guarded] = [
        parts(*times, limit=limit),
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT 1", time=exponential(5 * MS)),
        ReturnStep(returns="db"),
    ]
    pool = PoolSpec(size=3, startup="eager", checkout_timeout=100 * MS)
    api = replace(API, replicas=2, pools={"db": pool}, endpoints=endpoint(program))
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=1 * S))
    run = Run(scenario(api, rate=40.0, length_s=15, topology=topology), seed)
    for moment in (6, 9, 40):
        run.until(moment)
        users = run.simulation.snapshot().users
        assert users.offered == users.ok + users.late + users.failed + users.in_flight
        assert len(run.simulation.in_flight()) == users.in_flight
        run.simulation.perform(action)
    run.until(90)
    assert run.simulation.snapshot().users.in_flight == 0
    for pod in run.world.deployments["api"].pods:
        assert (pod.running, pod.outstanding) == ({}, 0)
        assert (pod.pools[0].in_use, pod.pools[0].queue.waiting, pod.cpu.tags()) == (0, 0, [])
    assert run.world.database.states()["active"] == 0
