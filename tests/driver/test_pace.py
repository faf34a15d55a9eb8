"""The simulated time that belongs to a moment of wall clock follows from the last change, not from ticks."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.driver.pace import LONGEST_S, WINDOW_S, Pace
from drill.units import US_PER_S
from tests.driver.clock import Clock

STEPS = st.lists(st.floats(0, LONGEST_S, allow_nan=False), min_size=1, max_size=60)
SPEEDS = st.floats(0.1, 60)


def running(speed: float = 1.0) -> tuple[Pace, Clock]:
    """Return a pace that runs from time 0."""
    clock = Clock()
    pace = Pace(clock, speed)
    pace.resume()
    return pace, clock


def ticked(pace: Pace, now_us: int) -> int:
    """Let a tick get as far as it should, and return where."""
    due_us = pace.due_us(now_us)
    pace.settle(due_us)
    return due_us


def test_a_pace_begins_paused() -> None:
    clock = Clock()
    pace = Pace(clock, 2.0, at_us=7)
    clock.now_s = 100.0
    assert pace.paused
    assert pace.target_us() == 7


def test_the_target_is_wall_clock_times_speed() -> None:
    pace, clock = running(2.5)
    clock.now_s += 4.0
    assert pace.target_us() == 10 * US_PER_S


def test_a_pause_stops_time_where_it_stands() -> None:
    pace, clock = running(10.0)
    clock.now_s += 0.5
    pace.pause()
    clock.now_s += 1_000.0
    assert pace.target_us() == 5 * US_PER_S
    pace.resume()
    clock.now_s += 0.1
    assert pace.target_us() == 6 * US_PER_S


def test_a_change_of_speed_keeps_what_has_passed() -> None:
    pace, clock = running(1.0)
    clock.now_s += 3.0
    pace.set_speed(20.0)
    clock.now_s += 1.0
    assert pace.target_us() == 23 * US_PER_S


@given(steps=STEPS, speed=SPEEDS)
def test_uneven_and_dropped_ticks_lose_nothing(steps: list[float], speed: float) -> None:
    """However late ticks come, as long as each is within the cap, the speed is the one asked for."""
    pace, clock = running(speed)
    now_us = 0
    for step in steps:
        clock.now_s += step
        now_us = ticked(pace, now_us)
    assert now_us == pytest.approx(list(accumulate(steps))[-1] * speed * US_PER_S, abs=2)
    assert not pace.behind


@given(steps=STEPS, speeds=st.lists(SPEEDS, min_size=60, max_size=60))
def test_time_never_goes_back(steps: list[float], speeds: list[float]) -> None:
    pace, clock = running()
    now_us = 0
    for number, (step, speed) in enumerate(zip(steps, speeds, strict=False)):
        clock.now_s += step
        if number % 3 == 0:
            pace.set_speed(speed)
        if number % 7 == 0:
            pace.pause()
        if number % 7 == 1:
            pace.resume()
        before_us, now_us = now_us, ticked(pace, now_us)
        assert now_us >= before_us


@given(away_s=st.floats(LONGEST_S, 1e6), speed=SPEEDS)
def test_what_a_suspended_process_missed_does_not_happen_in_one_leap(away_s: float, speed: float) -> None:
    pace, clock = running(speed)
    clock.now_s += away_s
    now_us = ticked(pace, 0)
    assert now_us <= LONGEST_S * speed * US_PER_S + 1
    clock.now_s += 0.1
    assert ticked(pace, now_us) - now_us == pytest.approx(0.1 * speed * US_PER_S, abs=2)


def worked(pace: Pace, clock: Clock, now_us: int, most_us: int) -> int:
    """Let a tenth of a second pass on a machine that simulates so much in it at most, and return where that leads."""
    clock.now_s += 0.1
    now_us = min(pace.due_us(now_us), now_us + most_us)
    pace.settle(now_us)
    return now_us


def test_a_machine_that_is_too_slow_sheds_speed_and_says_so() -> None:
    """Twenty times real speed is all it can; of the debt only so much is carried along."""
    pace, clock = running(40.0)
    now_us = 0
    for _ in range(100):
        now_us = worked(pace, clock, now_us, 2 * US_PER_S)
    assert pace.behind
    assert pace.effective == pytest.approx(20.0, rel=0.01)
    assert pace.speed == 40.0
    assert pace.target_us() - now_us <= LONGEST_S * 40 * US_PER_S


def test_a_few_slow_ticks_lose_nothing() -> None:
    """What they leave is made up for by those after them."""
    pace, clock = running(10.0)
    now_us = 0
    for number in range(50):
        now_us = worked(pace, clock, now_us, US_PER_S // 2 if number in range(10, 15) else 2 * US_PER_S)
    assert now_us == 50 * US_PER_S
    assert not pace.behind


def test_having_been_behind_is_forgotten() -> None:
    pace, clock = running(10.0)
    now_us = 0
    for _ in range(40):
        now_us = worked(pace, clock, now_us, US_PER_S // 2)
    assert pace.behind
    for _ in range(int(2 * WINDOW_S / 0.1)):
        now_us = worked(pace, clock, now_us, 2 * US_PER_S)
    assert not pace.behind
    assert pace.effective == pytest.approx(10.0)


def test_after_a_stretch_without_pacing_time_counts_from_there() -> None:
    pace, clock = running(1.0)
    pace.pause()
    clock.now_s += 5.0
    pace.move(300 * US_PER_S)
    pace.resume()
    clock.now_s += 2.0
    assert pace.target_us() == 302 * US_PER_S
