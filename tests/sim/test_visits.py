"""Users whose clients give up or try again: one user, several attempts, and nothing behind the gateway that notices."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import RateLimit, RestartPods, Shed
from drill.scenario.callers import BudgetSpec, ClientSpec, RetrySpec
from drill.scenario.topology import GatewaySpec, PoolSpec
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

ONE = replace(API, pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=30 * S)})
"""One pod with one connection."""


def run_of(
    clients: ClientSpec,
    at_us: list[int],
    *,
    service_us: int = 50 * MS,
    gateway_s: float = 3_600,
    checkout_s: float = 30,
) -> Run:
    """Return a run with users at given times, one connection, and clients that behave in a way."""
    pool = PoolSpec(size=1, startup="eager", checkout_timeout=round(checkout_s * S))
    api = replace(ONE, pools={"db": pool}, endpoints=endpoint(one_query(fixed(service_us))))
    topology = replace(TOPOLOGY, clients=clients, gateway=GatewaySpec(timeout=round(gateway_s * S)))
    return Run(scenario(api, topology=topology), trace=arrivals(at_us))


def test_a_client_gives_up_and_the_pod_works_on() -> None:
    run = run_of(ClientSpec(timeout=2 * S), [10 * S], service_us=5 * S).until(12.5)
    assert (run.outcomes(), run.ended_s()) == (["client_timeout"], [12])
    pod = run.world.deployments["api"].pods[0]
    assert (len(pod.running), pod.outstanding, pod.pools[0].in_use) == (1, 0, 1)
    run.until(20)
    assert (len(pod.running), pod.pools[0].in_use, len(run.rows)) == (0, 0, 1)


def test_users_who_come_at_a_rate_give_up_like_those_of_a_trace() -> None:
    topology = replace(TOPOLOGY, clients=ClientSpec(timeout=2 * S), gateway=GatewaySpec(timeout=3_600 * S))
    api = replace(API, endpoints=endpoint(one_query(fixed(5 * S))))
    run = Run(scenario(api, rate=1.0, length_s=20, topology=topology)).until(60)
    assert len(run.rows) > 5
    assert set(run.outcomes()) == {"client_timeout"}


def test_an_answer_in_time_is_taken() -> None:
    run = run_of(ClientSpec(timeout=2 * S), [10 * S]).until(20)
    assert (run.outcomes(), run.rows[0].attempts) == (["ok"], 1)


def test_each_attempt_has_the_whole_timeout() -> None:
    run = run_of(ClientSpec(timeout=2 * S, retry=RetrySpec(attempts=3)), [10 * S], service_us=60 * S).until(30)
    assert (run.outcomes(), run.ended_s(), run.rows[0].attempts) == (["client_timeout"], [16], 3)


def test_a_second_attempt_comes_on_top_of_the_first() -> None:
    """The first attempt keeps the connection for 5 s, so the second waits behind it and is answered at 20 s."""
    run = run_of(ClientSpec(timeout=2 * S, retry=RetrySpec(attempts=4, back_off=2 * S)), [10 * S], service_us=5 * S)
    run.until(14.5)
    pod = run.world.deployments["api"].pods[0]
    assert (len(pod.running), pod.outstanding, pod.pools[0].queue.waiting) == (2, 1, 1)
    run.until(60)
    assert (run.rows[0].attempts, run.outcomes()) == (4, ["client_timeout"])


def test_waits_for_a_retry_count_as_in_flight() -> None:
    run = run_of(ClientSpec(retry=RetrySpec(back_off=10 * S)), [10 * S], service_us=5 * S, gateway_s=1).until(12)
    users = run.simulation.snapshot().users
    assert (users.offered, users.in_flight) == (1, 1)
    assert [(row.number, row.attempts, row.outcome) for row in run.simulation.in_flight()] == [(0, 1, "in_flight")]


def test_the_gateway_gives_up_before_a_patient_client() -> None:
    run = run_of(ClientSpec(timeout=5 * S), [10 * S], service_us=9 * S, gateway_s=3).until(30)
    assert (run.outcomes(), run.ended_s()) == (["gateway_timeout"], [13])


def test_a_retry_may_succeed() -> None:
    """The second user finds the connection taken for 1 s, waits in vain for half of it, and tries again."""
    clients = ClientSpec(retry=RetrySpec(on=["error"], back_off=1 * S))
    run = run_of(clients, [10 * S, 10 * S + 1], service_us=1 * S, checkout_s=0.5).until(30)
    assert [(row.outcome, row.attempts) for row in sorted(run.rows)] == [("ok", 1), ("ok", 2)]
    result = run.simulation.result()
    assert (result.attempts, sum(result.ok)) == (3, 2)


def test_the_gateway_counts_attempts_and_the_books_count_users() -> None:
    run = run_of(ClientSpec(timeout=2 * S, retry=RetrySpec(attempts=3)), [10 * S], service_us=60 * S).until(30)
    statuses = run.world.ledger.statuses()
    assert (statuses["499"], statuses["200"]) == (3, 0)
    assert sum(run.simulation.result().failures) == 1


def test_without_clients_that_give_up_there_is_no_status_499() -> None:
    run = run_of(ClientSpec(), [10 * S]).until(30)
    assert "499" not in run.world.ledger.statuses()


def test_refused_users_try_again_where_the_policy_says_so() -> None:
    run = run_of(ClientSpec(retry=RetrySpec(on=["unavailable"], attempts=2)), [10 * S]).until(1)
    run.simulation.perform(Shed(share=1.0))
    run.until(20)
    assert [(row.outcome, row.attempts, row.pod) for row in run.rows] == [("shed", 2, "")]


def test_a_policy_that_wants_more_attempts_than_there_are_users_stays_within_its_budget() -> None:
    """100/s of which all fail: a fifth of them and one a second besides may be tried again."""
    budget = BudgetSpec(share=0.2, floor=1.0)
    retry = RetrySpec(attempts=4, on=["limited"], budget=budget)
    topology = replace(TOPOLOGY, clients=ClientSpec(retry=retry))
    run = Run(scenario(API, rate=100.0, topology=topology)).until(1)
    run.simulation.perform(RateLimit(rate=1e-6))
    run.until(101)
    visits = run.world.visits
    assert visits.retried / len(run.rows) == pytest.approx(0.21, abs=0.01)  # ten seconds' worth of the floor at once
    assert visits.retries is not None
    assert visits.retries.refused > 5_000


def test_visits_do_not_change_what_single_requests_meet() -> None:
    """A policy that never applies gives the same answers at the same times."""
    plain = Run(scenario(API, rate=80.0, length_s=60)).until(100)
    topology = replace(TOPOLOGY, clients=ClientSpec(timeout=3_600 * S, retry=RetrySpec(attempts=2)))
    careful = Run(scenario(API, rate=80.0, length_s=60, topology=topology)).until(100)
    assert careful.rows == plain.rows


CLIENTS = st.builds(
    ClientSpec,
    timeout=st.sampled_from([0, 100 * MS, 400 * MS, 2 * S]),
    retry=st.none()
    | st.builds(
        RetrySpec,
        attempts=st.integers(1, 4),
        back_off=st.sampled_from([0, 50 * MS, 1 * S]),
        jitter=st.sampled_from(["none", "full", "equal", "decorrelated"]),
        budget=st.none() | st.builds(BudgetSpec, share=st.floats(0, 1), floor=st.floats(0, 5)),
    ),
)


@settings(CASES, max_examples=40)
@given(clients=CLIENTS, rate=st.sampled_from([20.0, 60.0, 120.0]), seed=st.integers(0, 99), at_s=st.integers(1, 25))
def test_users_are_counted_once_and_nothing_leaks(clients: ClientSpec, rate: float, seed: int, at_s: int) -> None:
    """Offered = ok + late + failed + in flight, in users; attempts are at least one each; everything comes back."""
    api = replace(
        API,
        replicas=2,
        pools={"db": PoolSpec(size=2, startup="eager", checkout_timeout=1 * S)},
        endpoints=endpoint(one_query(exponential(60 * MS))),
    )
    topology = replace(TOPOLOGY, clients=clients, gateway=GatewaySpec(timeout=1500 * MS))
    run = Run(scenario(api, rate=rate, length_s=20, topology=topology), seed)
    for moment in (at_s, at_s + 3, 80):
        run.until(moment)
        users, result = run.simulation.snapshot().users, run.simulation.result()
        assert users.offered == users.ok + users.late + users.failed + users.in_flight == sum(result.offered)
        assert len(run.rows) == users.offered - users.in_flight
        assert len(run.simulation.in_flight()) == users.in_flight
        if moment == at_s:
            run.simulation.perform(RestartPods(deployment="api"))
    assert run.simulation.snapshot().users.in_flight == 0
    most = 1 if clients.retry is None else clients.retry.attempts
    assert all(1 <= row.attempts <= most for row in run.rows)
    assert len({row.number for row in run.rows}) == len(run.rows)
    for pod in run.world.deployments["api"].pods:
        assert (pod.running, pod.outstanding, pod.pools[0].in_use, pod.pools[0].queue.waiting) == ({}, 0, 0, 0)
    assert run.world.database.states()["active"] == 0
