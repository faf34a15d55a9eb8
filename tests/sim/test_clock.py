"""Simulated time behaves as stock SimPy's does, in whole microseconds."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.clock import NEVER, Clock
from tests.sim.worlds import CASES

if TYPE_CHECKING:
    from collections.abc import Generator

Deed = tuple[str, int]
DEEDS = st.tuples(st.sampled_from(["wait", "spawn", "tell", "hear", "either", "interrupt"]), st.integers(0, 6))
"""What a process does next; small numbers, so that much happens at the same time."""


class Stage:
    """Processes that follow scripts and write down what happens."""

    def __init__(self, env: simpy.Environment, scripts: list[list[Deed]]) -> None:
        """Set one process to work for each script."""
        self.seen: list[tuple[float, str]] = []
        self._env = env
        self._bells = [env.event() for _ in range(7)]
        self._running = [env.process(self._live(str(number), script)) for number, script in enumerate(scripts)]

    def _live(self, name: str, script: list[Deed]) -> Generator[Any, Any, None]:
        for step, (deed, number) in enumerate(script):
            self.seen.append((self._env.now, f"{name}.{step} {deed} {number}"))
            try:
                if deed in ("wait", "hear", "either"):
                    yield self._wait(deed, number)
                else:
                    self._act(f"{name}.{step}", deed, number)
            except simpy.Interrupt as interrupt:
                self.seen.append((self._env.now, f"{name} interrupted by {interrupt.cause}"))

    def _wait(self, deed: str, number: int) -> simpy.Event:
        env = self._env
        if deed == "hear":
            return self._bells[number] | env.timeout(5)
        return env.timeout(number) if deed == "wait" else env.timeout(number) & env.timeout(number // 2)

    def _act(self, name: str, deed: str, number: int) -> None:
        if deed == "spawn":
            self._running.append(self._env.process(self._live(name, [("wait", number), ("hear", number)])))
        elif deed == "tell" and not self._bells[number].triggered:
            self._bells[number].succeed(name)
        elif deed == "interrupt":
            victim = self._running[number % len(self._running)]
            if victim.is_alive and victim is not self._env.active_process:
                victim.interrupt(name)


@CASES
@given(scripts=st.lists(st.lists(DEEDS, max_size=6), min_size=1, max_size=6))
def test_any_processes_run_in_the_order_of_stock_simpy(scripts: list[list[Deed]]) -> None:
    stock, clock = simpy.Environment(), Clock()
    expected, found = Stage(stock, scripts), Stage(clock, scripts)
    stock.run()
    clock.advance(1_000)
    assert found.seen == expected.seen


@CASES
@given(
    scripts=st.lists(st.lists(DEEDS, max_size=6), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 99), max_size=8),
)
def test_any_slices_of_time_give_the_same_run(scripts: list[list[Deed]], cuts: list[int]) -> None:
    whole, sliced = Clock(), Clock()
    expected, found = Stage(whole, scripts), Stage(sliced, scripts)
    whole.advance(100)
    for cut in [*sorted(cuts), 100]:
        sliced.advance(cut)
        assert sliced.now == cut
    assert found.seen == expected.seen


@CASES
@given(delays=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_light_calls_and_events_keep_the_order_in_which_they_were_scheduled(delays: list[tuple[int, bool]]) -> None:
    clock, seen = Clock(), list[int]()
    for number, (delay, light) in enumerate(delays):
        if light:
            clock.call_at(delay, seen.append, number)
        else:
            timeout: Any = clock.timeout(delay, number)
            timeout.callbacks.append(lambda event: seen.append(event.value))
    clock.advance(10)
    assert seen == sorted(range(len(delays)), key=lambda number: (delays[number][0], number))


def test_what_happens_at_the_end_of_an_advance_waits_for_the_next() -> None:
    clock, seen = Clock(), list[str]()
    clock.call_at(99, seen.append, "before")
    clock.call_at(100, seen.append, "at the end")
    clock.advance(100)
    assert (clock.now, seen) == (100, ["before"])
    clock.advance(101)
    assert seen == ["before", "at the end"]


def test_a_call_marked_first_comes_before_everything_else_of_its_time() -> None:
    clock, seen = Clock(), list[str]()
    clock.call_at(5, seen.append, "second")
    clock.call_at(5, seen.append, "first", first=True)
    clock.advance(6)
    assert seen == ["first", "second"]


def test_time_is_a_whole_number_even_if_it_starts_before_zero() -> None:
    clock = Clock(-60)
    clock.timeout(30.0)
    clock.advance(-29)
    assert (clock.now, type(clock.now)) == (-29, int)


def test_a_delay_that_is_not_whole_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"a delay of 1\.5 us is not whole"):
        Clock().timeout(1.5)


def test_an_error_nobody_handles_reaches_the_caller() -> None:
    clock = Clock()

    def fail() -> Generator[Any, Any, None]:
        yield clock.timeout(1)
        msg = "lost"
        raise LookupError(msg)

    clock.process(fail())
    with pytest.raises(LookupError, match="lost"):
        clock.advance(10)


def test_stepping_an_empty_clock_says_so() -> None:
    clock = Clock()
    assert clock.peek() == float("inf")
    with pytest.raises(simpy.core.EmptySchedule):
        clock.step()


@pytest.mark.parametrize("cuts", [[], [3], [3, 4], [1, 2, 3, 4, 5, 6, 7, 8]])
def test_who_arrives_comes_after_all_else_of_that_time_however_time_is_sliced(cuts: list[int]) -> None:
    clock, seen, arrivals = Clock(), list[str](), iter([3, 3, 7, NEVER])

    def arrive(_: object) -> None:
        seen.append(f"{clock.t} arrives")
        clock.due = next(arrivals)

    def tell(word: str) -> None:
        seen.append(f"{clock.t} {word}")
        if word == "first":
            clock.call_at(clock.t, tell, "then")

    clock.arrive, clock.due = arrive, next(arrivals)
    for at_us, word in ((3, "first"), (7, "late"), (8, "last")):
        clock.call_at(at_us, tell, word)
    for cut in [*cuts, 9]:
        clock.advance(cut)
    assert seen == ["3 first", "3 then", "3 arrives", "3 arrives", "7 late", "7 arrives", "8 last"]
    assert clock.peek() == inf


def test_stepping_lets_arrivals_in_as_well() -> None:
    clock, seen = Clock(), list[int]()

    def arrive(_: object) -> None:
        seen.append(clock.t)
        clock.due = NEVER

    clock.arrive, clock.due = arrive, 5
    clock.call_at(6, seen.append, 60)
    assert clock.peek() == 5
    clock.step()
    clock.step()
    assert seen == [5, 60]
    with pytest.raises(simpy.core.EmptySchedule):
        clock.step()
