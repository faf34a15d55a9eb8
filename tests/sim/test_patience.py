"""Whoever has no answer in time is given up on just then, whether it stands in a line or is found on a round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.sim.clock import Clock
from drill.sim.patience import Patience, Rounds
from drill.sim.request import Request
from drill.telemetry.outcomes import Outcome
from tests.sim.worlds import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TIMEOUT_US = 100
Starts = list[tuple[int, int]]
"""Time since the start before, and how long until the answer."""
STARTS: st.SearchStrategy[Starts] = st.lists(
    # An answer takes odd times and a timeout even ones: which of both is first at the same moment is left open.
    st.tuples(st.integers(0, 150), st.integers(0, 200).map(lambda half: 2 * half + 1)),
    max_size=40,
)
Expired = list[tuple[int, int]]
"""Number and time of those that were given up on."""


class Crowd:
    """Requests that start, and get answers unless they are given up on before."""

    def __init__(self, starts: Starts) -> None:
        """Start each at its time."""
        self.clock = Clock()
        self.running: dict[int, Request] = {}
        self.expired: Expired = []
        self.start: Callable[[Request], object] = lambda _: None
        at = 0
        for number, (gap, lasts) in enumerate(starts):
            at += gap
            self.clock.call_at(at, self._begin, (Request(number, at, 0, ()), lasts))

    def _begin(self, begun: tuple[Request, int]) -> None:
        request, lasts = begun
        self.running[request.number] = request
        self.start(request)
        self.clock.call_at(request.at + lasts, self._answer, request)

    def _answer(self, request: Request) -> None:
        del self.running[request.number]
        if request.outcome is None:
            request.outcome = Outcome.OK

    def give_up(self, request: Request) -> None:
        assert request.outcome is None
        request.outcome = Outcome.GATEWAY_TIMEOUT
        self.expired.append((request.number, self.clock.t))

    def everybody(self) -> Iterable[Request]:
        return self.running.values()


def in_a_line(starts: Starts) -> Expired:
    crowd = Crowd(starts)
    crowd.start = Patience(crowd.clock, TIMEOUT_US, crowd.give_up).start
    crowd.clock.advance(1_000_000)
    return crowd.expired


def on_rounds(starts: Starts) -> Expired:
    crowd = Crowd(starts)
    Rounds(crowd.clock, TIMEOUT_US, crowd.everybody, crowd.give_up)
    crowd.clock.advance(1_000_000)
    return crowd.expired


@settings(CASES)
@given(starts=STARTS)
def test_rounds_find_everybody_at_the_time_a_line_would(starts: Starts) -> None:
    assert on_rounds(starts) == in_a_line(starts)


def test_both_give_up_on_whoever_has_no_answer_after_the_timeout_and_on_nobody_else() -> None:
    starts = [(30, 99), (10, 101), (5, 399), (200, 1)]
    assert on_rounds(starts) == in_a_line(starts) == [(1, 140), (2, 145)]


@settings(CASES)
@given(starts=STARTS, changed=st.integers(0, 2_000))
def test_whoever_starts_before_a_change_of_the_timeout_keeps_the_old_one(starts: Starts, changed: int) -> None:
    crowd, clock = (made := Crowd(starts)), made.clock
    old = Rounds(clock, TIMEOUT_US, crowd.everybody, crowd.give_up)
    clock.advance(changed)
    old.end()
    Rounds(clock, 3 * TIMEOUT_US, crowd.everybody, crowd.give_up)
    clock.advance(1_000_000)
    ats = [sum(gap for gap, _ in starts[: number + 1]) for number in range(len(starts))]
    patience = [TIMEOUT_US if at < changed else 3 * TIMEOUT_US for at in ats]
    late = [number for number, (_, lasts) in enumerate(starts) if lasts > patience[number]]
    assert sorted(crowd.expired) == [(number, ats[number] + patience[number]) for number in late]


def test_nobody_is_looked_for_more_than_twice_in_a_timeout() -> None:
    # Many who get answers just after the round that found them, and one after the other who does not.
    starts = [(1, 399 if number % 37 == 0 else 5) for number in range(2_000)]
    crowd, looked = Crowd(starts), list[int]()

    def everybody() -> Iterable[Request]:
        looked.append(crowd.clock.t)
        return crowd.running.values()

    Rounds(crowd.clock, TIMEOUT_US, everybody, crowd.give_up)
    crowd.clock.advance(2_000)
    assert len(crowd.expired) > 45
    assert len(looked) <= 2 * 2_000 // TIMEOUT_US


def test_rounds_that_ended_stop_once_nobody_waits() -> None:
    crowd = Crowd([(10, 301)])
    rounds = Rounds(crowd.clock, TIMEOUT_US, crowd.everybody, crowd.give_up)
    crowd.clock.advance(50)
    rounds.end()
    crowd.clock.advance(1_000)
    assert crowd.expired == [(0, 110)]
    assert crowd.clock.peek() == float("inf")


def test_who_has_a_caller_is_given_up_on_by_the_caller() -> None:
    class Somebody:
        def answered(self, request: Request) -> None: ...

    crowd = Crowd([(10, 301), (10, 301)])
    crowd.start = lambda request: setattr(request, "caller", Somebody() if request.number else None)
    Rounds(crowd.clock, TIMEOUT_US, crowd.everybody, crowd.give_up)
    crowd.clock.advance(1_000)
    assert crowd.expired == [(0, 110)]
