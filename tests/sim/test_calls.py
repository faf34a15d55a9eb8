"""Calls from one deployment to another: their own pods, pools, timeouts, retries and breakers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import RestartPods, Scale, SetBreaker, SetCallRetries, SetCallTimeout, SetFlag
from drill.errors import ActionError
from drill.scenario.callers import BreakerSpec, RetrySpec
from drill.scenario.topology import BorrowStep, CallStep, EndpointSpec, GatewaySpec, PoolSpec, ReturnStep
from tests.sim.worlds import (
    API,
    CASES,
    MS,
    NOTHING,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    exponential,
    fixed,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import DeploymentSpec, Guarded

STOCK = replace(API, endpoints={"reserve": EndpointSpec(weight=0, program=one_query(fixed(1 * S)))})
"""One pod whose only endpoint takes a connection for a second and is asked by other deployments only."""


def calling(call: CallStep, *more: Guarded, **fields: Any) -> DeploymentSpec:  # noqa: ANN401 - fields of the spec
    """Return a deployment whose only endpoint makes a call."""
    program = [BorrowStep(borrow="http"), call, ReturnStep(returns="http"), *more]
    pools = {"http": PoolSpec(size=100, to="nothing")}
    return replace(API, pools=pools, endpoints={"q": EndpointSpec(program=program)}, **fields)


def system(call: CallStep, stock: DeploymentSpec = STOCK, **traffic: Any) -> ScenarioSpec:  # noqa: ANN401 - passed on
    """Return an api that calls stock."""
    spec = scenario(calling(call), **traffic)
    deployments = {**spec.topology.deployments, "stock": stock}
    return replace(spec, topology=replace(spec.topology, deployments=deployments))


RESERVE = CallStep(call="stock", endpoint="reserve", time=NOTHING)


def test_a_call_runs_the_called_program_on_a_pod_of_its_own() -> None:
    run = Run(system(RESERVE), trace=arrivals([10 * S])).until(10.5)
    api, stock = (run.world.deployments[name].pods[0] for name in ("api", "stock"))
    assert (len(api.running), len(stock.running), stock.outstanding, stock.pools[0].in_use) == (1, 1, 1, 1)
    run.until(20)
    assert (run.outcomes(), run.ended_s()) == (["ok"], [11])
    assert (api.running, stock.running, stock.outstanding, stock.pools[0].in_use) == ({}, {}, 0, 0)


def test_the_way_takes_time_on_top_of_the_program() -> None:
    run = Run(system(replace(RESERVE, time=fixed(50 * MS))), trace=arrivals([10 * S])).until(20)
    assert run.ended_s() == [11.05]


def test_users_do_not_ask_for_what_only_deployments_call() -> None:
    run = Run(system(RESERVE, rate=3.0, length_s=60)).until(80)
    assert {row.endpoint for row in run.simulation.in_flight()} == set()
    assert {row.pod.partition("-")[0] for row in run.rows} == {"api"}
    assert run.simulation.result().offered == tuple(run.world.ledger.offered_by(80 * S))


def test_callers_wait_in_the_pool_of_what_they_call() -> None:
    """One connection for three callers: they are answered one after the other."""
    stock = replace(STOCK, pools={"db": PoolSpec(size=1, startup="eager")})
    run = Run(system(RESERVE, stock), trace=arrivals([10 * S] * 3)).until(20)
    assert run.ended_s() == [11, 12, 13]


def test_a_caller_gives_up_and_the_called_pod_works_on() -> None:
    run = Run(system(replace(RESERVE, timeout=300 * MS)), trace=arrivals([10 * S])).until(10.5)
    assert (run.outcomes(), run.ended_s()) == (["call_timeout"], [10.3])
    stock = run.world.deployments["stock"].pods[0]
    assert (len(stock.running), stock.outstanding, stock.pools[0].in_use) == (1, 0, 1)
    assert "call to stock timed out after 0.3 s" in run.log()
    run.until(20)
    assert (stock.running, stock.pools[0].in_use, len(run.rows)) == ({}, 0, 1)


def test_an_attempt_given_up_on_the_way_never_arrives() -> None:
    call = replace(RESERVE, time=fixed(2 * S), timeout=1 * S)
    run = Run(system(call), trace=arrivals([10 * S])).until(30)
    assert (run.outcomes(), run.ended_s()) == (["call_timeout"], [11])
    assert run.world.deployments["stock"].pods[0].sent_bytes == 0


def test_an_error_of_what_is_called_is_an_error_of_the_caller() -> None:
    stock = replace(STOCK, pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=500 * MS)})
    run = Run(system(RESERVE, stock), trace=arrivals([10 * S] * 2)).until(20)
    assert (run.outcomes(), run.ended_s()) == (["ok", "call_failed"], [11, 10.5])
    assert "call to stock failed with status 500" in run.log()


def test_without_a_ready_pod_a_call_fails_at_once() -> None:
    run = Run(system(RESERVE, replace(STOCK, replicas=0)), trace=arrivals([10 * S])).until(20)
    assert (run.outcomes(), run.ended_s()) == (["call_failed"], [10])
    assert "call to stock failed with status 503" in run.log()


def test_a_retried_call_may_succeed() -> None:
    stock = replace(STOCK, pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=500 * MS)})
    call = replace(RESERVE, retry=RetrySpec(attempts=3, back_off=400 * MS))
    run = Run(system(call, stock), trace=arrivals([10 * S] * 2)).until(20)
    assert (run.outcomes(), run.ended_s()) == (["ok", "ok"], [11, 12])  # waits from 10.9 s for what is free at 11 s
    assert {row.attempts for row in run.rows} == {1}
    counts = run.world.switchboard.counts["api", "stock"]
    assert (counts.attempts, counts.retries) == (3, 1)


def test_attempts_come_on_top_of_those_given_up() -> None:
    call = replace(RESERVE, timeout=100 * MS, retry=RetrySpec(attempts=4))
    run = Run(system(call), trace=arrivals([10 * S])).until(10.6)
    assert (run.outcomes(), run.ended_s()) == (["call_timeout"], [10.4])
    assert run.world.deployments["stock"].pods[0].pools[0].in_use == 4


@pytest.mark.parametrize("attempts", [1, 3])
def test_an_outside_call_with_retries_is_tried_that_often(attempts: int) -> None:
    call = CallStep(call="payments", time=fixed(5 * S), timeout=1 * S, retry=RetrySpec(attempts=attempts))
    run = Run(system(call), trace=arrivals([10 * S])).until(20)
    assert (run.outcomes(), run.ended_s()) == (["call_timeout"], [10 + attempts])


BREAKER = BreakerSpec(window=4, minimum=4, open=10 * S, trials=1)


def test_an_open_breaker_fails_at_once_and_spares_what_is_called() -> None:
    call = replace(RESERVE, timeout=500 * MS, breaker=BREAKER)
    run = Run(system(call), trace=arrivals([(10 + number) * S for number in range(8)])).until(30)
    assert run.outcomes() == ["call_timeout"] * 4 + ["circuit_open"] * 4
    assert run.ended_s() == [10.5, 11.5, 12.5, 13.5, 14, 15, 16, 17]
    assert run.world.switchboard.counts["api", "stock"].attempts == 4
    assert "CircuitBreaker 'stock' is OPEN and does not permit further calls" in run.log()


def test_a_breaker_closes_after_a_good_trial() -> None:
    stock = replace(STOCK, replicas=0)
    at_us = [*[(10 + number) * S for number in range(5)], 25 * S, 30 * S]
    run = Run(system(replace(RESERVE, breaker=BREAKER), stock), trace=arrivals(at_us)).until(15)
    assert run.outcomes() == ["call_failed"] * 4 + ["circuit_open"]
    run.simulation.perform(Scale(deployment="stock", replicas=1))
    assert run.until(40).outcomes(20) == ["ok", "ok"]


def test_each_pod_has_a_breaker_of_its_own_and_forgets_it_with_its_process() -> None:
    spec = system(replace(RESERVE, timeout=500 * MS, breaker=BREAKER))
    api = replace(spec.topology.deployments["api"], replicas=2, routing="round_robin")
    deployments = {**spec.topology.deployments, "api": api}
    at_us = [(10 + number) * S for number in range(6)]
    spec = replace(spec, topology=replace(spec.topology, deployments=deployments))
    run = Run(spec, trace=arrivals([*at_us, 60 * S])).until(20)
    assert run.outcomes() == ["call_timeout"] * 6  # three each
    assert [len(pod.guards) for pod in run.world.deployments["api"].pods] == [1, 1]
    run.simulation.perform(RestartPods(deployment="api"))
    assert run.until(70).outcomes(50) == ["call_timeout"]


def test_calls_can_be_changed_while_they_are_made() -> None:
    at_us = [10 * S, 20 * S, 30 * S, 40 * S]
    run = Run(system(RESERVE), trace=arrivals(at_us)).until(15)
    run.simulation.perform(SetCallTimeout(deployment="api", call="stock", timeout=100 * MS))
    run.until(25).simulation.perform(SetCallRetries(deployment="api", call="stock", attempts=3))
    run.until(35).simulation.perform(SetCallTimeout(deployment="api", call="stock", timeout=0))
    run.until(60)
    assert run.outcomes() == ["ok", "call_timeout", "call_timeout", "ok"]
    assert run.ended_s() == pytest.approx([11, 20.1, 30.3, 41])


def test_a_change_by_hand_outlives_a_new_revision() -> None:
    run = Run(system(RESERVE), trace=arrivals([30 * S])).until(1)
    run.simulation.perform(SetCallTimeout(deployment="api", call="stock", timeout=100 * MS))
    api = run.world.deployments["api"]
    api.roll_out(replace(api.spec, revision="2"))
    assert run.until(60).outcomes() == ["call_timeout"]


def test_an_outside_call_can_be_guarded_by_hand() -> None:
    call = CallStep(call="payments", time=fixed(5 * S), timeout=1 * S)
    run = Run(system(call), trace=arrivals([10 * S + number for number in range(100)] + [20 * S])).until(1)
    run.simulation.perform(SetBreaker(deployment="api", call="payments", on=True))
    run.until(30)
    assert run.outcomes() == ["call_timeout"] * 100 + ["circuit_open"]
    run.simulation.perform(SetBreaker(deployment="api", call="payments", on=False))
    assert run.world.switchboard.steps["api", "payments"][0].plain


def test_an_unknown_call_can_not_be_changed() -> None:
    with pytest.raises(ActionError, match="makes no call 'stok'; known: stock; did you mean stock"):
        Run(system(RESERVE)).simulation.perform(SetCallTimeout(deployment="api", call="stok", timeout=S))


def test_an_answer_for_a_lost_caller_is_for_nobody() -> None:
    spec = system(RESERVE)
    api = replace(spec.topology.deployments["api"], grace=100 * MS)
    spec = replace(spec, topology=replace(spec.topology, deployments={**spec.topology.deployments, "api": api}))
    run = Run(spec, trace=arrivals([10 * S])).until(10.1)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(10.5)
    stock = run.world.deployments["stock"].pods[0]
    assert (run.outcomes(), len(stock.running)) == (["pod_lost"], 1)
    run.until(20)
    assert (len(run.rows), stock.running, stock.outstanding) == (1, {}, 0)


def test_lanes_share_what_is_drawn_for_calls() -> None:
    """The third user's call takes the same time whether or not the calls of the first two were ever made."""
    stock = replace(STOCK, endpoints={"reserve": EndpointSpec(weight=0, program=one_query(exponential(1 * S)))})
    call = replace(RESERVE, when="on")
    spec = system(call, stock)
    spec = replace(spec, topology=replace(spec.topology, flags={"on": True}))
    both = []
    for first in (True, False):
        run = Run(spec, trace=arrivals([10 * S, 11 * S, 40 * S])).until(1)
        run.simulation.perform(SetFlag(flag="on", on=first))
        run.until(30).simulation.perform(SetFlag(flag="on", on=True))
        both.append(run.until(100).ended_s()[2])
    assert both[0] == both[1]


@settings(CASES, max_examples=30)
@given(
    timeout=st.sampled_from([0, 50 * MS, 300 * MS]),
    retry=st.none() | st.builds(RetrySpec, attempts=st.integers(1, 4), back_off=st.sampled_from([0, 100 * MS])),
    breaker=st.none() | st.just(BreakerSpec(window=10, minimum=5, open=2 * S, trials=3)),
    deployment=st.sampled_from(["api", "stock"]),
    seed=st.integers(0, 99),
)
def test_nothing_leaks_and_users_are_counted_once(
    timeout: int, retry: RetrySpec | None, breaker: BreakerSpec | None, deployment: str, seed: int
) -> None:
    call = replace(RESERVE, time=exponential(5 * MS), timeout=timeout, retry=retry, breaker=breaker)
    program = one_query(exponential(60 * MS))
    stock = replace(
        STOCK,
        replicas=2,
        pools={"db": PoolSpec(size=2, startup="eager", checkout_timeout=400 * MS)},
        endpoints={"reserve": EndpointSpec(weight=0, program=program)},
    )
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=2 * S))
    run = Run(system(call, stock, rate=70.0, length_s=15, topology=topology), seed)
    for moment in (7, 10, 60):
        run.until(moment)
        users = run.simulation.snapshot().users
        assert users.offered == users.ok + users.late + users.failed + users.in_flight
        assert len(run.simulation.in_flight()) == users.in_flight
        assert len(run.rows) == users.offered - users.in_flight
        for each in run.world.deployments.values():
            for pod in each.pods:
                assert pod.outstanding == len([r for r in pod.running.values() if r.outcome is None])
        run.simulation.perform(RestartPods(deployment=deployment))
    assert run.simulation.snapshot().users.in_flight == 0
    run.until(100)
    for each in run.world.deployments.values():
        for pod in each.pods:
            assert (pod.running, pod.outstanding, [pool.in_use for pool in pod.pools]) == ({}, 0, [0])
