"""Whether and when a caller tries again: back-off, jitter and a budget.

Separate because users and calls between deployments decide in the same way. Waits follow Marc Brooker's article
"Exponential Backoff And Jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. The budget
is Finagle's RetryBudget, https://finagle.github.io/blog/2016/02/08/retry-budgets: each request brings the credit of a
share of a retry, which expires after ten seconds, and on top of it there is a rate that is always allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.telemetry.outcomes import STATUS, Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.callers import BudgetSpec, RetrySpec

ANSWERS = {"499": "timeout", "504": "timeout", "500": "error", "502": "error", "503": "unavailable", "429": "limited"}
"""Kinds of bad answers, as scenario files name them, by HTTP status."""
_SLICES = 10
_SLICE_US = US_PER_S
_RETRY = 1_000_000
"""Credits that one retry costs; whole numbers, so that the order of adding does not matter."""


def kind(outcome: Outcome) -> str:
    """Return what a failure is to the caller; a caller's own timeout has no status."""
    return "timeout" if outcome is Outcome.CALL_TIMEOUT else ANSWERS[STATUS[outcome]]


class Budget:
    """A bucket of credits for retries."""

    def __init__(self, spec: BudgetSpec) -> None:
        """Start with the credits that are always there."""
        self._deposit = round(spec.share * _RETRY)
        self._reserve = round(spec.floor * _SLICES * _RETRY)
        self._slices = [0] * _SLICES
        self._turn = 0

    def deposit(self, now_us: int) -> None:
        """Add the credit of one request."""
        self._move(now_us)
        self._slices[self._turn % _SLICES] += self._deposit

    def withdraw(self, now_us: int) -> bool:
        """Pay for one retry; return whether there was enough."""
        self._move(now_us)
        if self._reserve + sum(self._slices) < _RETRY:
            return False
        self._slices[self._turn % _SLICES] -= _RETRY
        return True

    def _move(self, now_us: int) -> None:
        turn = now_us // _SLICE_US
        for passed in range(max(self._turn + 1, turn - _SLICES + 1), turn + 1):
            self._slices[passed % _SLICES] = 0
        self._turn = turn


class Retries:
    """One policy in force, with what it has counted."""

    def __init__(self, spec: RetrySpec, uniform: Callable[[], float]) -> None:
        """Spread waits with numbers from `uniform`."""
        self.spec = spec
        self._uniform = uniform
        self._budget = None if spec.budget is None else Budget(spec.budget)
        self.refused = 0
        """Retries that the budget did not allow, since the start of the policy."""

    def began(self, now_us: int) -> None:
        """Count a request at its first attempt."""
        if self._budget is not None:
            self._budget.deposit(now_us)

    def wait_us(self, outcome: Outcome, attempts: int, before_us: int, now_us: int) -> int | None:
        """Return the wait before the next attempt, None for none.

        Args:
            outcome: How the last attempt ended.
            attempts: Attempts made.
            before_us: Wait before the last attempt, 0 before the first.
            now_us: The present time.
        """
        spec = self.spec
        if attempts >= spec.attempts or kind(outcome) not in spec.on:
            return None
        if self._budget is not None and not self._budget.withdraw(now_us):
            self.refused += 1
            return None
        return self._drawn(attempts, before_us) if spec.back_off else 0

    def _drawn(self, attempts: int, before_us: int) -> int:
        spec = self.spec
        if spec.jitter == "decorrelated":
            most = max(spec.back_off, 3 * before_us)
            return min(spec.longest, spec.back_off + int(self._uniform() * (most - spec.back_off)))
        wait_us = min(spec.longest, spec.back_off << (attempts - 1))
        if spec.jitter == "full":
            return int(self._uniform() * wait_us)
        if spec.jitter == "equal":
            return wait_us // 2 + int(self._uniform() * (wait_us - wait_us // 2))
        return wait_us
