"""Cores are shared equally: each job runs at the speed of one core, or of its share of all."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drill.sim.clock import NEVER, Clock
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


@pytest.mark.parametrize("cores", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 11, 47, 49, 64])
@pytest.mark.parametrize("cost_ms", [1, 20])
def test_equal_jobs_on_some_cores_take_exactly_as_long_as_their_share(cores: int, count: int, cost_ms: int) -> None:
    """A 49th of a core is not a binary fraction: what that leaves must not put an end off by a microsecond."""
    found, _ = ends(float(cores), [Job(0, cores * cost_ms * MS)] * count)
    assert set(found.values()) == {max(cores, count) * cost_ms * MS}


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


class Busy(NamedTuple):
    """What is to happen around two processors, in times so short that much falls together."""

    cores: list[float]
    users: list[tuple[int, int, int]]
    """Time, processor and cost of what arrives beside the heap.

    One that costs nothing cancels two jobs; one that costs 1 brings a job without cost and a call that goes before.
    """
    calls: list[tuple[int, int, int, bool]]
    """The same for what is on the heap, and whether it cancels the latest job instead."""
    follow: list[int]
    """Costs of the jobs that follow others, as long as there are some; with 0 a call for the same time, too."""


class Stage:
    """A clock with two processors, and what happens there."""

    def __init__(self, busy: Busy) -> None:
        """Schedule all that is on the heap, and the first user."""
        self.busy, self.follow = busy, list(busy.follow)
        self.clock, self.seen, self.latest = Clock(), list[str](), list[list[str]]()
        self.cpus = [Processor(self.clock, cores) for cores in busy.cores]
        self.users = [*sorted(busy.users), (NEVER, 0, 0)]
        for place, (at, *_) in enumerate(busy.calls):
            self.clock.call_at(at, self.call, place)
        self.clock.arrive, self.clock.due = self.arrive, self.users[0][0]

    def tell(self, what: object) -> None:
        self.seen.append(f"{self.clock.t} {what}")

    def submit(self, which: int, cost: int) -> None:
        tag = [f"{which} submitted at {self.clock.t} for {cost}"]
        self.latest.append(tag)
        self.cpus[which].submit(cost, self.done, tag, 2 if cost % 3 == 2 else 0)

    def done(self, tag: object) -> None:
        self.tell(tag)
        if self.follow:
            cost = self.follow.pop()
            if not cost:
                self.clock.call_at(self.clock.t, self.tell, "follows at once")
            self.submit(cost % 2, cost)

    def arrive(self, _: object) -> None:
        _, which, cost = self.users.pop(0)
        self.tell("arrives")
        self.clock.due = self.users[0][0]
        if cost == 1:
            self.submit(which, 0)
            self.clock.call_at(self.clock.t, self.tell, "urgent", first=True)
        elif cost:
            self.submit(which, cost)
        elif self.latest:
            self.clock.call_at(self.clock.t, self.tell, "cancelled")
            for cpu in self.cpus:
                cpu.cancel(self.latest[-1])
                cpu.cancel(self.latest[0])

    def call(self, place: object) -> None:
        _, which, cost, cancels = self.busy.calls[place]  # type: ignore[call-overload]  # only places are given
        self.tell("called")
        if cancels and self.latest:
            self.cpus[which].cancel(self.latest[-1])
        else:
            self.submit(which, cost)


def told(busy: Busy, cuts: list[int]) -> list[str]:
    """Return what happens when time goes on in slices; none of it before its slice."""
    stage = Stage(busy)
    for cut in [*sorted(cuts), 10_000]:
        stage.clock.advance(cut)
        assert all(int(line.split()[0]) < cut for line in stage.seen)
    return [*stage.seen, *(f"used {cpu.busy_us():.6f}" for cpu in stage.cpus)]


def stepped(busy: Busy, cut: int) -> list[str]:
    """Return what happens step by step after a first slice; no time passes within a step."""
    stage = Stage(busy)
    stage.clock.advance(cut)
    while (following := stage.clock.peek()) < inf:
        count = len(stage.seen)
        stage.clock.step()
        assert all(line.startswith(f"{following} ") for line in stage.seen[count:])
    return [*stage.seen, *(f"used {cpu.busy_us():.6f}" for cpu in stage.cpus)]


PLACES = st.integers(0, 1)


@settings(CASES, max_examples=500)  # what is to be seen takes three things that fall together
@given(
    busy=st.builds(
        Busy,
        st.lists(st.sampled_from([0.5, 1.0, 1.0, 2.0]), min_size=2, max_size=2),
        st.lists(st.tuples(st.integers(0, 15), PLACES, st.integers(0, 6)), max_size=12),
        st.lists(st.tuples(st.integers(0, 30), PLACES, st.integers(0, 6), st.booleans()), max_size=8),
        st.lists(st.integers(0, 6), max_size=12),
    ),
    cuts=st.lists(st.integers(0, 40), max_size=12),
)
@example(Busy([1.0, 1.0], [(2, 0, 2), (3, 1, 4), (6, 1, 3), (7, 0, 3), (9, 1, 4), (10, 1, 2)], [], [1, 2, 2, 4]), [])
@example(Busy([1.0, 1.0], [(0, 0, 3), (1, 0, 30), (20, 1, 13)], [], []), [10])  # two ends at 33
@example(Busy([1.0, 1.0], [(0, 0, 3), (1, 0, 30), (20, 0, 1)], [], []), [10])  # at 20 an end is due, and a call
def test_ends_arrivals_and_calls_come_in_one_order_however_time_goes_on(busy: Busy, cuts: list[int]) -> None:
    whole = told(busy, [])
    assert told(busy, cuts) == whole
    assert stepped(busy, min(cuts, default=0)) == whole


def test_an_arrival_that_cancels_the_last_job_leaves_the_processor_idle() -> None:
    """It comes while the processor goes from end to end, and another processor is never asked."""
    busy = Busy([1.0, 1.0], [(0, 0, 3), (1, 0, 30), (8, 0, 0), (9, 0, 6)], [], [])
    seen = told(busy, [])
    assert "5 ['0 submitted at 0 for 3']" in seen  # 1 us alone, then two share
    assert seen[-3:] == ["15 ['0 submitted at 9 for 6']", "used 14.000000", "used 0.000000"]


def test_work_charged_directly_counts_as_used() -> None:
    cpu = Processor(Clock(), 1.0)
    cpu.charge(500)
    assert cpu.busy_us() == 500
