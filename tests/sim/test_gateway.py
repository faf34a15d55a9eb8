"""The gateway lets users in, sends each to a ready pod, gives up in time and gives each exactly one answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice, pairwise

import pytest

from drill.actions.catalogue import RateLimit, Scale, SetGatewayTimeout, Shed
from drill.scenario.story import RatePoint, SloSpec, TrafficSpec
from drill.scenario.topology import GatewaySpec, PoolSpec
from drill.sim.simulation import Simulation
from drill.sim.streams import Streams
from drill.sim.workload import before, expected_arrivals, poisson_times
from drill.units import US_PER_S
from tests.library import short
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_query, scenario

SLOW = replace(API, endpoints=endpoint(one_query(fixed(5 * S))))


def test_the_gateway_gives_up_exactly_at_its_timeout_and_the_pod_works_on() -> None:
    spec = replace(TOPOLOGY, gateway=GatewaySpec(timeout=3 * S))
    run = Run(scenario(SLOW, topology=spec), trace=arrivals([10 * S])).until(14)
    assert run.outcomes() == ["gateway_timeout"]
    assert run.ended_s() == [13]
    assert run.simulation.snapshot().pods[0].in_flight == 1
    run.until(16)
    assert run.simulation.snapshot().pods[0].in_flight == 0
    assert len(run.rows) == 1


def test_a_request_that_ends_at_its_timeout_has_one_answer() -> None:
    spec = replace(TOPOLOGY, gateway=GatewaySpec(timeout=5 * S))
    run = Run(scenario(SLOW, topology=spec), trace=arrivals([10 * S, 10 * S, 12 * S])).until(60)
    assert len(run.rows) == 3
    assert run.ended_s() == [15, 15, 17]


def test_a_new_timeout_holds_for_requests_that_arrive_from_now_on() -> None:
    run = Run(scenario(SLOW), trace=arrivals([10 * S, 12 * S])).until(11)
    run.simulation.perform(SetGatewayTimeout(timeout=2 * S))
    run.until(60)
    assert run.outcomes() == ["ok", "gateway_timeout"]
    assert run.ended_s() == [15, 14]


def test_a_longer_timeout_holds_for_requests_that_arrive_from_now_on() -> None:
    spec = replace(TOPOLOGY, gateway=GatewaySpec(timeout=2 * S))
    run = Run(scenario(SLOW, topology=spec), trace=arrivals([10 * S, 12 * S])).until(11)
    run.simulation.perform(SetGatewayTimeout(timeout=8 * S))
    run.until(60)
    assert run.outcomes() == ["gateway_timeout", "ok"]
    assert run.ended_s() == [12, 17]


def test_a_timeout_of_a_microsecond_costs_no_more_than_its_requests() -> None:
    run = Run(scenario(API, rate=20.0)).until(1)
    run.simulation.perform(SetGatewayTimeout(timeout=1))
    run.until(11)
    assert set(run.outcomes()[20:]) == {"gateway_timeout"}
    assert next(run.world.clock.tickets) < 10_000  # what has been scheduled so far


def test_without_a_ready_pod_users_fail_at_once() -> None:
    run = Run(scenario(API), trace=arrivals([10 * S])).until(1)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(60)
    assert (run.outcomes(), run.ended_s()) == (["no_ready_pod"], [10])


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 1.0])
def test_shedding_refuses_just_that_share(share: float) -> None:
    run = Run(scenario(API), trace=arrivals(range(10 * S, 20 * S, 10 * MS))).until(1)
    run.simulation.perform(Shed(share=share))
    run.until(60)
    assert run.outcomes().count("shed") == pytest.approx(1_000 * share, abs=1)
    assert run.outcomes().count("ok") == 1_000 - run.outcomes().count("shed")


def test_shedding_everything_lets_nobody_in() -> None:
    run = Run(scenario(API), trace=arrivals(range(10 * S, 20 * S, 10 * MS))).until(1)
    run.simulation.perform(Shed(share=1.0))
    run.until(60)
    assert set(run.outcomes()) == {"shed"}


def test_shedding_ends_when_the_share_is_zero() -> None:
    run = Run(scenario(API, rate=100.0)).until(10)
    run.simulation.perform(Shed(share=0.5))
    run.until(20)
    run.simulation.perform(Shed(share=0.0))
    run.until(30)
    assert set(run.outcomes(20, 29)) == {"ok"}


@pytest.mark.parametrize("limit", [0.5, 7.0, 40.0])
def test_a_rate_limit_lets_that_rate_through(limit: float) -> None:
    run = Run(scenario(replace(API, replicas=2), rate=100.0, length_s=300)).until(1)
    run.simulation.perform(RateLimit(rate=limit))
    run.until(300)
    passed = run.outcomes(1, 299).count("ok")
    assert passed == pytest.approx(limit * 298, abs=max(2.0, limit / 10 + 1))  # a burst of a tenth of a second
    assert set(run.outcomes(1)) == {"ok", "rate_limited"}


def test_a_rate_limit_above_the_traffic_refuses_almost_nobody() -> None:
    run = Run(scenario(replace(API, replicas=4), rate=100.0)).until(1)
    run.simulation.perform(RateLimit(rate=200.0))
    run.until(100)
    assert run.success() > 0.999


def test_a_rate_limit_admits_a_burst_of_a_tenth_of_a_second() -> None:
    run = Run(scenario(replace(API, replicas=20)), trace=arrivals([10 * S] * 50)).until(1)
    run.simulation.perform(RateLimit(rate=100.0))
    run.until(60)
    assert run.outcomes().count("ok") in (10, 11)


def test_each_answer_is_counted_once_whoever_gives_it() -> None:
    spec = replace(TOPOLOGY, gateway=GatewaySpec(timeout=2 * S))
    api = replace(API, pools={"db": PoolSpec(size=2, startup="eager", checkout_timeout=1 * S)})
    run = Run(scenario(api, rate=60.0, length_s=100, topology=spec)).until(100)
    users = run.simulation.snapshot().users
    assert users.offered == users.ok + users.late + users.failed + users.in_flight
    assert len(run.rows) == users.offered - users.in_flight
    assert len({row.number for row in run.rows}) == len(run.rows)


def test_a_correct_answer_after_the_objective_is_late() -> None:
    spec = replace(scenario(SLOW), slo=SloSpec(success=0.99, latency=5 * S))
    api = replace(SLOW, pools={"db": PoolSpec(size=1, startup="eager")})
    spec = replace(spec, topology=replace(spec.topology, deployments={"api": api}))
    run = Run(spec, trace=arrivals([10 * S, 10 * S])).until(60)
    assert run.outcomes() == ["ok", "late"]
    result = run.simulation.result()
    assert (result.ok[10], result.late[10], result.latency.count) == (1, 1, 1)


def test_users_arrive_before_the_end_of_the_scenario_only() -> None:
    run = Run(scenario(API, rate=100.0, length_s=20)).until(60)
    assert max(row.at_us for row in run.rows) < 20 * S
    assert run.simulation.snapshot().users.in_flight == 0


@pytest.mark.parametrize(
    ("batches", "early"),
    [
        ([[1, 4], [5, 7]], [[1, 4], []]),
        ([[1, 5], [6]], [[1]]),
        ([[], [4, 5, 5, 6], [9]], [[], [4]]),
        ([[1], [2]], [[1], [2]]),
    ],
)
def test_only_those_who_come_before_the_end_are_expected_and_let_in(
    batches: list[list[int]], early: list[list[int]]
) -> None:
    expected: list[list[int]] = []
    assert list(before(batches, 5, expected.append)) == early
    assert expected == early


def counts(traffic: TrafficSpec, bounds_s: list[float], seed: int = 1) -> list[int]:
    """Return the arrivals in each stretch of time between the bounds."""
    found = [0] * (len(bounds_s) - 1)
    for at in chain.from_iterable(poisson_times(traffic, Streams(seed))):
        if at >= bounds_s[-1] * S:
            break
        for i in range(len(found)):
            found[i] += bounds_s[i] * S <= at < bounds_s[i + 1] * S
    return found


def test_arrivals_follow_the_rate_over_time() -> None:
    """A step, a ramp and a stretch of silence; each count within four standard deviations of a Poisson number."""
    points = [
        RatePoint(at=100 * S, rate=50.0),
        RatePoint(at=200 * S, rate=150.0, over=100 * S),
        RatePoint(at=400 * S, rate=0.0),
        RatePoint(at=500 * S, rate=20.0),
    ]
    found = counts(TrafficSpec(rate=10.0, points=points, factor=2.0), [0, 100, 200, 250, 300, 400, 500, 600])
    for count, mean in zip(found, [2_000, 10_000, 7_500, 12_500, 30_000, 0, 4_000], strict=True):
        assert count == pytest.approx(mean, abs=4 * mean**0.5)


def test_arrivals_do_not_depend_on_how_a_rate_is_written() -> None:
    """A thousand points that change nothing give the same users as none."""
    points = [RatePoint(at=number * 100 * MS, rate=20.0) for number in range(1_000)]
    plain, cut = (
        chain.from_iterable(poisson_times(TrafficSpec(rate=20.0, points=given), Streams(1))) for given in ([], points)
    )
    for expected, found in islice(zip(plain, cut, strict=True), 2_000):
        assert found == pytest.approx(expected, abs=1)  # rounded to microseconds


def test_arrivals_are_a_poisson_process() -> None:
    """Counts of disjoint seconds have a variance equal to their mean."""
    found = counts(TrafficSpec(rate=20.0), [float(second) for second in range(401)])
    mean = sum(found) / len(found)
    variance = sum((count - mean) ** 2 for count in found) / (len(found) - 1)
    assert mean == pytest.approx(20, abs=4 * (20 / 400) ** 0.5)
    assert variance / mean == pytest.approx(1, abs=4 * (2 / 400) ** 0.5)


def test_the_error_budget_is_that_of_the_whole_run_and_never_comes_back() -> None:
    """Spent is what failed, over what was promised to everybody who is expected."""
    simulation = Simulation(short().spec, 3)
    spent = []
    for second in range(1, 61):
        simulation.advance(second * US_PER_S)
        spent.append(simulation.snapshot().users)
    assert [later.budget_used >= sooner.budget_used for sooner, later in pairwise(spent)] == [True] * 59
    last = spent[-1]
    allowed = (last.late + last.failed) / last.budget_used
    # Arrivals are a Poisson process: their number is off by about its root, here within three of them.
    assert allowed / (1 - short().spec.slo.success) == pytest.approx(last.offered, abs=3 * last.offered**0.5)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], 600.0),
        ([RatePoint(at=30 * US_PER_S, rate=20.0)], 900.0),
        ([RatePoint(at=30 * US_PER_S, rate=20.0, over=20 * US_PER_S)], 800.0),
        ([RatePoint(at=50 * US_PER_S, rate=20.0, over=20 * US_PER_S)], 625.0),
        ([RatePoint(at=90 * US_PER_S, rate=20.0)], 600.0),
    ],
)
def test_expected_users_are_the_area_under_the_rate(points: list[RatePoint], expected: float) -> None:
    """A step, a ramp, a ramp that the end cuts off, and one that comes too late."""
    assert expected_arrivals(TrafficSpec(rate=10.0, points=points), 60.0) == pytest.approx(expected)
