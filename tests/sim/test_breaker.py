"""A circuit breaker by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.callers import BreakerSpec
from drill.sim.breaker import CLOSED, HALF_OPEN, OPEN, Breaker
from tests.sim.worlds import CASES, S

SMALL = BreakerSpec(window=10, minimum=4, failures=0.5, open=5 * S, trials=2)


def call(breaker: Breaker, at_s: float, *, failed: bool) -> bool:
    """Make a call that ends at once; return whether it was permitted."""
    permit = breaker.permit(round(at_s * S))
    if permit is not None:
        breaker.record(permit, round(at_s * S), failed=failed)
    return permit is not None


def opened() -> Breaker:
    """Return a breaker that opened at time 0."""
    breaker = Breaker(SMALL)
    for _ in range(4):
        call(breaker, 0, failed=True)
    return breaker


def test_it_opens_at_its_share_of_failures_but_not_before_it_has_seen_enough() -> None:
    breaker = Breaker(SMALL)
    states = []
    for failed in (True, True, True, False):
        call(breaker, 0, failed=failed)
        states.append(breaker.state)
    assert states == [CLOSED, CLOSED, CLOSED, OPEN]


def test_it_stays_closed_below_its_share_of_failures() -> None:
    breaker = Breaker(SMALL)
    assert all(call(breaker, 0, failed=number % 3 == 2) for number in range(200))


def test_only_the_last_calls_count() -> None:
    breaker = Breaker(SMALL)
    for number in range(20):
        call(breaker, 0, failed=number >= 16)
    assert breaker.state == CLOSED
    call(breaker, 0, failed=True)
    assert breaker.state == OPEN


def test_an_open_breaker_refuses_until_its_time_is_over() -> None:
    breaker = opened()
    assert [call(breaker, at_s, failed=False) for at_s in (0, 2, 4.9, 5)] == [False, False, False, True]
    assert (breaker.refused, breaker.state) == (3, HALF_OPEN)


def test_a_half_open_breaker_lets_only_its_trials_through() -> None:
    breaker = opened()
    permits = [breaker.permit(5 * S) for _ in range(4)]
    assert [permit is not None for permit in permits] == [True, True, False, False]


def test_good_trials_close_it() -> None:
    breaker = opened()
    call(breaker, 5, failed=False)
    assert breaker.state == HALF_OPEN
    call(breaker, 6, failed=False)
    assert breaker.state == CLOSED


def test_failed_trials_open_it_for_the_whole_time_again() -> None:
    breaker = opened()
    call(breaker, 5, failed=True)
    call(breaker, 6, failed=False)
    assert (breaker.state, call(breaker, 10.9, failed=False), call(breaker, 11, failed=False)) == (OPEN, False, True)


def test_results_from_before_it_opened_do_not_count_as_trials() -> None:
    breaker = Breaker(SMALL)
    old = [breaker.permit(0) for _ in range(3)]
    for _ in range(4):
        call(breaker, 0, failed=True)
    breaker.permit(5 * S)
    for permit in old:
        assert permit is not None
        breaker.record(permit, 5 * S, failed=False)
    assert breaker.state == HALF_OPEN


@CASES
@given(
    spec=st.builds(
        BreakerSpec,
        window=st.integers(5, 20),
        minimum=st.integers(1, 5),
        failures=st.floats(0.1, 1),
        open=st.integers(1, 9 * S),
        trials=st.integers(1, 5),
    ),
    steps=st.lists(st.tuples(st.integers(0, 3 * S), st.booleans()), max_size=200),
)
def test_it_never_refuses_while_nothing_fails_and_comes_back_when_nothing_does(
    spec: BreakerSpec, steps: list[tuple[int, bool]]
) -> None:
    breaker, now, failing = Breaker(spec), 0, False
    for pause, failed in steps:
        now += pause
        failing |= failed
        assert call(breaker, now / S, failed=failed) or failing
    for number in range(spec.trials):
        assert call(breaker, (now + spec.open) / S + number, failed=False) or number
    assert call(breaker, (now + 2 * spec.open) / S + 30, failed=False)


SLOW = BreakerSpec(window=10, minimum=4, failures=0.5, slow=1 * S, slow_share=0.5, open=5 * S, trials=2)


def test_slow_calls_open_it_even_if_all_of_them_are_answered() -> None:
    breaker, states = Breaker(SLOW), []
    for took_us in (S, S, S + 1, S + 1):  # slower than the limit, not as slow
        permit = breaker.permit(0)
        assert permit is not None
        breaker.record(permit, 0, failed=False, took_us=took_us)
        states.append(breaker.state)
    assert states == [CLOSED, CLOSED, CLOSED, OPEN]


def test_slow_trials_open_it_again() -> None:
    breaker = Breaker(SLOW)
    for _ in range(4):
        call(breaker, 0, failed=True)
    for _ in range(2):
        permit = breaker.permit(5 * S)
        assert permit is not None
        breaker.record(permit, 5 * S, failed=False, took_us=2 * S)
    assert breaker.state == OPEN


def test_by_default_only_calls_of_a_minute_all_of_them_open_it() -> None:
    """resilience4j: slowCallDurationThreshold 60 s, slowCallRateThreshold 100 %."""
    for fast, state in ((0, OPEN), (1, CLOSED)):
        breaker = Breaker(BreakerSpec())
        for number in range(100):
            permit = breaker.permit(0)
            assert permit is not None
            breaker.record(permit, 0, failed=False, took_us=60 * S if number < fast else 60 * S + 1)
        assert breaker.state == state


@CASES
@given(results=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_what_it_counts_is_what_stands_in_its_window(results: list[tuple[bool, bool]]) -> None:
    breaker = Breaker(BreakerSpec(window=7, minimum=7, failures=1.0, slow=1 * S))
    for number, (failed, slow) in enumerate(results, start=1):
        permit = breaker.permit(0)
        if permit is None:
            return
        breaker.record(permit, 0, failed=failed, took_us=2 * S if slow else 0)
        last = results[max(0, number - 7) : number]
        full = len(last) == 7
        opens = full and (all(failed for failed, _ in last) or all(slow for _, slow in last))
        assert (breaker.state == OPEN) is opens
