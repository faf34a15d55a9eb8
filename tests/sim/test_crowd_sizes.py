"""Users of a closed loop whose number changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.story import CrowdPoint, TrafficSpec
from drill.scenario.topology import HoldStep
from drill.sim.users import crowd_sizes
from drill.sim.world import _expected
from tests.sim.worlds import API, CASES, MS, Run, S, endpoint, exponential, fixed, scenario

THINK = exponential(900 * MS)
HOLD = replace(API, cores=64.0, pools={}, endpoints=endpoint([HoldStep(hold=fixed(100 * MS))]))


def crowd(traffic: TrafficSpec) -> Run:
    return Run(replace(scenario(HOLD, length_s=300), traffic=traffic))


def test_throughput_follows_the_number_of_users() -> None:
    """Users over think and response time, 1 s: 50, then 200, then 20 a second; four standard errors of a count."""
    points = [CrowdPoint(at=100 * S, users=200), CrowdPoint(at=200 * S, users=20)]
    run = crowd(TrafficSpec(users=50, crowd=points, think=THINK)).until(300)
    offered = run.simulation.result().offered
    for start, rate in ((10, 50), (110, 200), (210, 20)):
        count = sum(offered[start : start + 90])
        assert count == pytest.approx(90 * rate, abs=4 * (90 * rate) ** 0.5)


def test_a_change_over_time_is_even() -> None:
    points = [CrowdPoint(at=100 * S, users=100, over=100 * S)]
    sizes = list(crowd_sizes(TrafficSpec(users=0, crowd=points)))
    assert sizes[0] == (0, 0)
    assert sizes[1:] == [(100 * S + (number + 1) * S, number + 1) for number in range(100)]


def test_who_is_too_many_leaves_only_between_two_requests() -> None:
    slow = replace(HOLD, endpoints=endpoint([HoldStep(hold=fixed(20 * S))]))
    traffic = TrafficSpec(users=30, crowd=[CrowdPoint(at=10 * S, users=0)], think=fixed(1 * S))
    run = Run(replace(scenario(slow, length_s=100), traffic=traffic)).until(15)
    assert run.simulation.snapshot().users.in_flight == 30
    run.until(90)
    assert run.outcomes() == ["ok"] * 30


@CASES
@given(
    users=st.integers(1, 60),
    points=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 60), st.integers(0, 10)), max_size=4),
    factor=st.sampled_from([0.5, 1.0, 1.7]),
)
def test_never_more_users_than_wanted_are_added_and_the_end_is_the_last_point(
    users: int, points: list[tuple[int, int, int]], factor: float
) -> None:
    at, changes = 0, []
    for pause, number, over in points:
        at += pause
        changes.append(CrowdPoint(at=at * S, users=number, over=over * S))
        at += over
    traffic = TrafficSpec(users=users, crowd=changes, factor=factor, think=THINK)
    sizes = list(crowd_sizes(traffic))
    assert [time for time, _ in sizes] == sorted(time for time, _ in sizes)
    assert sizes[-1][1] == round((changes[-1].users if changes else users) * factor)
    run = crowd(traffic).until(at + 30)
    assert run.simulation.snapshot().users.in_flight <= sizes[-1][1]


def test_the_error_budget_is_that_of_all_users_of_the_run() -> None:
    """50 users for 100 s, 150 on average for 100 s, 250 for 100 s, each asking once a second at most."""
    points = [CrowdPoint(at=100 * S, users=250, over=100 * S)]
    spec = replace(scenario(HOLD, length_s=300), traffic=TrafficSpec(users=50, crowd=points, think=fixed(1 * S)))
    assert _expected(spec, None) == pytest.approx(45_000, rel=0.005)  # steps of one user
