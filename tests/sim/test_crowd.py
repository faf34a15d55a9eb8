"""Users in a closed loop: they think, ask, wait for the answer, and ask again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import Scale, Shed
from drill.scenario.callers import ClientSpec, RetrySpec
from drill.scenario.story import TrafficSpec
from drill.scenario.topology import GatewaySpec, PoolSpec
from tests.sim.worlds import API, CASES, MS, TOPOLOGY, Run, S, endpoint, exponential, fixed, one_query, scenario


def crowd(users: int, think_us: int, service_us: int, *, size: int = 10, length_s: int = 300) -> Run:
    pool = PoolSpec(size=size, startup="eager", checkout_timeout=60 * S)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(exponential(service_us))))
    spec = scenario(api, length_s=length_s)
    return Run(replace(spec, traffic=TrafficSpec(users=users, think=exponential(think_us))))


@pytest.mark.parametrize(("users", "think_ms", "service_ms"), [(20, 1_000, 100), (60, 500, 100), (200, 1_000, 50)])
def test_throughput_is_users_over_response_and_think_time(users: int, think_ms: int, service_ms: int) -> None:
    """The interactive response time law holds for every system; 3 % for think times that differ from their mean."""
    run = crowd(users, think_ms * MS, service_ms * MS).until(300)
    rows = [row for row in run.rows if row.at_us >= 20 * S]
    response_s = sum(row.done_us - row.at_us for row in rows) / len(rows) / S
    assert len(rows) / 280 == pytest.approx(users / (response_s + think_ms / 1_000), rel=0.03)


def test_throughput_never_exceeds_what_the_pool_can_serve() -> None:
    """Ten connections of 100 ms each serve 100/s, however many users there are; 3 % for drawn times."""
    run = crowd(300, 1_000 * MS, 100 * MS).until(300)
    rows = [row for row in run.rows if 20 * S <= row.done_us < 300 * S]
    assert len(rows) / 280 == pytest.approx(100, rel=0.03)


def test_never_more_requests_than_users_are_in_flight() -> None:
    run = crowd(30, 100 * MS, 1_000 * MS, size=2)
    for moment in range(10, 100, 7):
        assert run.until(moment).simulation.snapshot().users.in_flight <= 30
    assert run.simulation.snapshot().users.in_flight > 20


def test_a_user_who_is_refused_thinks_and_asks_again() -> None:
    run = crowd(10, 1_000 * MS, 50 * MS).until(10)
    run.simulation.perform(Shed(share=1.0))
    run.until(110)
    refused = run.outcomes(10.5, 110)
    assert set(refused) == {"shed"}
    assert len(refused) == pytest.approx(10 * 99.5, rel=0.1)  # 995 exponential pauses: a standard deviation of 3 %


def test_nobody_asks_after_the_end() -> None:
    run = crowd(10, 100 * MS, 50 * MS, length_s=20).until(60)
    assert max(row.at_us for row in run.rows) < 20 * S
    assert run.simulation.snapshot().users.in_flight == 0


def test_the_factor_multiplies_the_users() -> None:
    spec = scenario(API, length_s=60)
    run = Run(replace(spec, traffic=TrafficSpec(users=10, factor=2.5, think=fixed(1 * S)))).until(1.01)
    assert run.simulation.snapshot().users.offered == 25


@settings(CASES, max_examples=20)
@given(
    users=st.integers(1, 40),
    think=st.sampled_from([fixed(1 * MS), exponential(200 * MS)]),
    timeout=st.sampled_from([0, 300 * MS]),
    retry=st.none() | st.just(RetrySpec(attempts=2, back_off=50 * MS)),
    seed=st.integers(0, 99),
)
def test_users_come_one_request_at_a_time_and_are_counted_once(
    users: int, think: object, timeout: int, retry: RetrySpec | None, seed: int
) -> None:
    pool = PoolSpec(size=2, startup="eager", checkout_timeout=200 * MS)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(exponential(80 * MS))))
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=1 * S), clients=ClientSpec(timeout=timeout, retry=retry))
    spec = scenario(api, length_s=10, topology=topology)
    run = Run(replace(spec, traffic=TrafficSpec(users=users, think=think)), seed)  # type: ignore[arg-type]  # a draw
    for moment in (3, 6, 60):
        counts = run.until(moment).simulation.snapshot().users
        assert counts.offered == counts.ok + counts.late + counts.failed + counts.in_flight
        assert len(run.simulation.in_flight()) == counts.in_flight <= users
        run.simulation.perform(Scale(deployment="api", replicas=moment % 2))
    assert counts.in_flight == 0
