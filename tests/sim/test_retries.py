"""Whether and when a caller tries again, with a stub for the random numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.callers import BudgetSpec, RetrySpec
from drill.sim.retries import Budget, Retries
from drill.telemetry.outcomes import Outcome
from tests.sim.worlds import CASES, MS, S


def waits(spec: RetrySpec, uniform: float) -> list[int | None]:
    """Return the waits before the second and each further attempt, in milliseconds."""
    retries = Retries(spec, lambda: uniform)
    found: list[int | None] = []
    before = 0
    for attempts in range(1, spec.attempts + 1):
        wait = retries.wait_us(Outcome.CHECKOUT_TIMEOUT, attempts, before, 0)
        found.append(None if wait is None else wait // MS)
        before = wait or 0
    return found


def test_without_back_off_retries_follow_at_once() -> None:
    assert waits(RetrySpec(attempts=4), 0.5) == [0, 0, 0, None]


def test_back_off_doubles_up_to_the_longest_wait() -> None:
    assert waits(RetrySpec(attempts=6, back_off=100 * MS, longest=500 * MS), 0.5) == [100, 200, 400, 500, 500, None]


@pytest.mark.parametrize(
    ("jitter", "uniform", "expected"),
    [
        ("full", 0.0, [0, 0, 0]),
        ("full", 0.5, [50, 100, 200]),
        ("equal", 0.0, [50, 100, 200]),
        ("equal", 0.5, [75, 150, 300]),
        ("decorrelated", 0.0, [100, 100, 100]),
        ("decorrelated", 0.5, [100, 200, 350]),
    ],
)
def test_jitter_spreads_waits_as_its_name_says(jitter: str, uniform: float, expected: list[int]) -> None:
    spec = RetrySpec(attempts=4, back_off=100 * MS, jitter=jitter)  # type: ignore[arg-type]  # one of the four
    assert waits(spec, uniform)[:3] == expected


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.CLIENT_TIMEOUT, "timeout"),
        (Outcome.GATEWAY_TIMEOUT, "timeout"),
        (Outcome.CHECKOUT_TIMEOUT, "error"),
        (Outcome.POD_LOST, "error"),
        (Outcome.NO_READY_POD, "unavailable"),
        (Outcome.SHED, "unavailable"),
        (Outcome.RATE_LIMITED, "limited"),
    ],
)
def test_only_the_named_answers_are_tried_again(outcome: Outcome, kind: str) -> None:
    for named in ("timeout", "error", "unavailable", "limited"):
        retries = Retries(RetrySpec(on=[named]), lambda: 0.0)
        assert (retries.wait_us(outcome, 1, 0, 0) is not None) is (named == kind)


def test_a_budget_allows_a_share_of_the_requests() -> None:
    budget = Budget(BudgetSpec(share=0.2, floor=0.0))
    allowed = 0
    for number in range(1_000):
        budget.deposit(number * 10 * MS)
        allowed += budget.withdraw(number * 10 * MS)
    assert allowed == 200


def test_a_budget_always_allows_its_floor_over_ten_seconds() -> None:
    budget = Budget(BudgetSpec(share=0.0, floor=3.0))
    assert [sum(budget.withdraw(at_s * S) for _ in range(100)) for at_s in (0, 5, 9, 10, 30)] == [30, 0, 0, 30, 30]


def test_credits_expire_after_ten_seconds() -> None:
    budget = Budget(BudgetSpec(share=1.0, floor=0.0))
    for at_s in (0, 9, 100, 110):
        budget.deposit(at_s * S)
    assert [budget.withdraw(110 * S), budget.withdraw(110 * S)] == [True, False]


def test_a_refused_retry_is_counted() -> None:
    retries = Retries(RetrySpec(budget=BudgetSpec(share=0.0, floor=0.0)), lambda: 0.0)
    retries.began(0)
    assert (retries.wait_us(Outcome.POD_LOST, 1, 0, 0), retries.refused) == (None, 1)


@CASES
@given(
    spec=st.builds(
        RetrySpec,
        attempts=st.integers(1, 20),
        back_off=st.integers(0, 10 * S),
        longest=st.integers(0, 60 * S),
        jitter=st.sampled_from(["none", "full", "equal", "decorrelated"]),
    ),
    uniforms=st.lists(st.floats(0, 1, exclude_max=True), min_size=20, max_size=20),
)
def test_waits_stay_between_nothing_and_the_longest(spec: RetrySpec, uniforms: list[float]) -> None:
    retries = Retries(spec, iter(uniforms).__next__)
    before = 0
    for attempts in range(1, spec.attempts):
        wait = retries.wait_us(Outcome.POD_LOST, attempts, before, 0)
        assert wait is not None
        assert 0 <= wait <= spec.longest
        before = wait
    assert retries.wait_us(Outcome.POD_LOST, spec.attempts, before, 0) is None


@CASES
@given(
    share=st.floats(0, 1),
    floor=st.floats(0, 5),
    steps=st.lists(st.tuples(st.integers(0, 3 * S), st.booleans()), max_size=200),
)
def test_no_ten_seconds_hold_more_retries_than_the_budget(
    share: float, floor: float, steps: list[tuple[int, bool]]
) -> None:
    budget, now = Budget(BudgetSpec(share=share, floor=floor)), 0
    deposits: list[int] = []
    paid: list[int] = []
    for pause, retry in steps:
        now += pause
        if not retry:
            budget.deposit(now)
            deposits.append(now)
        elif budget.withdraw(now):
            paid.append(now)
        recent = len([at for at in paid if at // S > now // S - 10])
        # Credits of the twenty seconds before may have paid for the retries of the last ten.
        credit = len([at for at in deposits if at // S > now // S - 20])
        assert recent <= share * credit + 10 * floor + 1
