"""Cores are shared equally: each job runs at the speed of one core, or of its share of all."""

from __future__ import annotations

from math import ceil, inf
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.clock import Clock
from drill.sim.processor import Processor
from tests.sim.worlds import CASES, MS


class Job(NamedTuple):
    at: int
    cost: int
    cancelled_at: int | None = None
    rest: int = 0


CORES = st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 6.0, 16.0])
JOBS = st.lists(
    st.builds(
        Job,
        st.integers(0, 2_000),
        st.integers(0, 2_000),
        st.one_of(st.none(), st.integers(0, 5_000)),
        st.just(0),
    ),
    min_size=1,
    max_size=12,
)


def ends(cores: float, jobs: list[Job]) -> tuple[dict[int, int], Processor]:
    """Return when each job was done, by position, and the processor long after."""
    clock, found = Clock(), dict[int, int]()
    cpu = Processor(clock, cores)
    tags = [[position] for position in range(len(jobs))]  # cancelling goes by identity

    def done(tag: object) -> None:
        found[tags.index(tag)] = clock.t  # type: ignore[arg-type]  # only tags are submitted

    def submit(tag: object) -> None:
        job = jobs[tags.index(tag)]  # type: ignore[arg-type]  # as above
        cpu.submit(job.cost, done, tag, job.rest)

    for job, tag in zip(jobs, tags, strict=True):
        clock.call_at(job.at, submit, tag)
        if job.cancelled_at is not None:
            clock.call_at(max(job.at, job.cancelled_at), cpu.cancel, tag)
    clock.advance(10_000_000)
    return found, cpu


def fluid(cores: float, jobs: list[Job]) -> tuple[dict[int, float], float]:
    """Return when each job is done if work flows continuously, and the CPU time used; by brute force."""
    now, busy, left, ended = 0.0, 0.0, dict[int, float](), dict[int, float]()
    gone_at = [inf if job.cancelled_at is None else float(max(job.at, job.cancelled_at)) for job in jobs]
    coming = sorted({float(job.at) for job in jobs} | {at for at in gone_at if at < inf})
    while coming or left:
        rate = min(1.0, cores / len(left)) if left else 0.0
        following = min([*coming[:1], *(now + rest / rate for rest in left.values())])
        for position in left:
            left[position] -= (following - now) * rate
            busy += (following - now) * rate
        now = following
        for position in [position for position, rest in left.items() if rest < 1e-9]:
            del left[position]
            ended[position] = now
        if coming and coming[0] <= now:
            coming.pop(0)
            for position, job in enumerate(jobs):
                if job.at == now and gone_at[position] > now:
                    left[position] = float(job.cost)
                if gone_at[position] == now:
                    left.pop(position, None)
    return ended, busy


@CASES
@given(cores=CORES, jobs=JOBS)
def test_any_jobs_end_when_a_continuous_flow_of_work_says(cores: float, jobs: list[Job]) -> None:
    jobs = [job._replace(cancelled_at=None) for job in jobs]
    found, _ = ends(cores, jobs)
    expected, _ = fluid(cores, jobs)
    assert found.keys() == expected.keys()
    for position, at in expected.items():
        # Each end is rounded up to a whole microsecond and takes that much from everybody else.
        assert found[position] == pytest.approx(at, abs=len(jobs) / min(1.0, cores) + 1)


@CASES
@given(cores=CORES, jobs=JOBS)
def test_cancelled_jobs_never_end_and_stop_taking_cpu_time(cores: float, jobs: list[Job]) -> None:
    expected, busy = fluid(cores, jobs)
    slack = len(jobs) / min(1.0, cores) + 1  # as above
    found, cpu = ends(cores, jobs)
    for position, job in enumerate(jobs):
        limit = max(job.at, job.cancelled_at or 0)
        if position in found:
            assert found[position] == pytest.approx(expected.get(position, limit), abs=slack)
        else:
            assert job.cancelled_at is not None
            assert expected.get(position, inf) >= limit - slack
    assert cpu.busy_us() == pytest.approx(busy, abs=slack * len(jobs) * cores)
    assert cpu.tags() == []


@CASES
@given(cores=CORES, jobs=JOBS)
def test_at_any_time_as_many_cores_are_busy_as_there_are_jobs_or_all(cores: float, jobs: list[Job]) -> None:
    clock = Clock()
    cpu = Processor(clock, cores)
    for number, job in enumerate(jobs):
        clock.call_at(job.at, lambda n: cpu.submit(jobs[n].cost, lambda _: None, n), number)
    while (following := clock.peek()) < inf:
        count, before, since = len(cpu.tags()), cpu.busy_us(), clock.t
        clock.advance(int(following))  # nothing happens until then
        assert cpu.busy_us() - before == pytest.approx(min(cores, count) * (clock.t - since), abs=1e-6)
        clock.advance(clock.t + 1)


@CASES
@given(cores=CORES, costs=st.lists(st.integers(0, 5_000), min_size=1, max_size=10))
def test_cpu_time_used_is_the_cost_of_the_jobs(cores: float, costs: list[int]) -> None:
    _, cpu = ends(cores, [Job(0, cost) for cost in costs])
    # Rounding each end up to a whole microsecond keeps at most all cores busy for that long.
    assert cpu.busy_us() == pytest.approx(sum(costs), abs=len(costs) * max(1.0, cores) + 1)


@pytest.mark.parametrize("cores", [1.0, 2.0, 8.0])
def test_one_job_alone_takes_its_cost(cores: float) -> None:
    assert ends(cores, [Job(100, 20 * MS)])[0] == {0: 100 + 20 * MS}


def test_one_job_on_half_a_core_takes_twice_its_cost() -> None:
    assert ends(0.5, [Job(100, 20 * MS)])[0] == {0: 100 + 40 * MS}


@pytest.mark.parametrize("cores", [1.0, 2.0, 8.0])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 64])
def test_equal_jobs_on_some_cores_take_as_long_as_their_share(cores: float, count: int) -> None:
    found, _ = ends(cores, [Job(0, 20 * MS)] * count)
    expected = ceil(20 * MS * max(1.0, count / cores))
    assert len(set(found.values())) == 1
    assert found[0] in (expected, expected + 1)  # a third of a core is not a binary fraction, and ends are rounded up


@CASES
@given(cores=CORES, jobs=JOBS, rests=st.lists(st.integers(0, 3_000), min_size=12, max_size=12))
def test_what_follows_a_job_takes_no_cpu_time_from_others(cores: float, jobs: list[Job], rests: list[int]) -> None:
    jobs = [job._replace(cancelled_at=None) for job in jobs]
    resting = [job._replace(rest=rest) for job, rest in zip(jobs, rests, strict=False)]
    (alone, used), (found, used_then) = ends(cores, jobs), ends(cores, resting)
    assert found == {position: at + resting[position].rest for position, at in alone.items()}
    assert used_then.busy_us() == used.busy_us()


def test_a_cancelled_job_that_rests_by_then_is_not_cancelled() -> None:
    assert ends(1.0, [Job(0, 100, cancelled_at=100, rest=50)])[0] == {0: 150}


def test_a_job_with_a_core_of_its_own_ends_later_when_it_has_to_share() -> None:
    # 100 us alone, then half the speed: 900 of 1,000 us are left. The other has 500 us and is gone after 1,000.
    assert ends(1.0, [Job(0, 1_000), Job(100, 500)])[0] == {1: 1_100, 0: 1_500}


def test_jobs_that_come_later_put_off_the_end_of_the_first() -> None:
    # Alone at first, then two and three share; each newcomer has more to do than the one before.
    found, _ = ends(1.0, [Job(0, 900), Job(300, 900), Job(600, 900)])
    assert found == {0: 1_950, 1: 2_550, 2: 2_700}


def test_jobs_that_end_together_are_done_in_the_order_of_submission() -> None:
    clock, seen = Clock(), list[int]()
    cpu = Processor(clock, 2.0)
    for number in range(5):
        cpu.submit(1_000, seen.append, number)
    clock.advance(10_000)
    assert seen == [0, 1, 2, 3, 4]


def test_asking_for_cpu_time_changes_nothing() -> None:
    jobs = [Job(40 * number, 1_000 + number) for number in range(20)]
    clock, seen, used = Clock(), dict[int, int](), list[float]()
    cpu = Processor(clock, 2.0)
    for number, job in enumerate(jobs):
        clock.call_at(job.at, lambda n: cpu.submit(jobs[n].cost, lambda n: seen.update({n: clock.t}), n), number)
    for at in range(0, 20_000, 7):
        clock.advance(at)
        used.append(cpu.busy_us())
    assert seen == ends(2.0, jobs)[0]
    assert used == sorted(used)


def test_work_charged_directly_counts_as_used() -> None:
    cpu = Processor(Clock(), 1.0)
    cpu.charge(500)
    assert cpu.busy_us() == 500
