"""A circuit breaker: closed, open, half-open.

Separate because it knows nothing of what is called. It follows resilience4j's count-based breaker with its rate of slow
calls, https://resilience4j.readme.io/docs/circuitbreaker, in which trials that never end keep it half-open for ever;
results of calls from before the last change of state are ignored.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.scenario.callers import BreakerSpec

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"


class Breaker:
    """One breaker."""

    def __init__(self, spec: BreakerSpec) -> None:
        """Be closed."""
        self.spec = spec
        self.state = CLOSED
        self.refused = 0
        """Calls not permitted since the start."""
        self._era = 0
        self._since = 0
        self._results: deque[tuple[bool, bool]] = deque(maxlen=spec.window)
        """Whether each call failed, and whether it was slow."""
        self._failed = self._slow = 0
        """How many of these did."""
        self._permitted = 0

    def permit(self, now_us: int) -> int | None:
        """Return a permit for one call, which its result must come with; None when the call must not be made."""
        if self.state == OPEN and now_us - self._since >= self.spec.open:
            self._become(HALF_OPEN, now_us)
        if self.state == OPEN or (self.state == HALF_OPEN and self._permitted >= self.spec.trials):
            self.refused += 1
            return None
        self._permitted += 1
        return self._era

    def record(self, permit: int, now_us: int, *, failed: bool, took_us: int = 0) -> None:
        """Take the result of a permitted call, which took this long."""
        if permit != self._era:
            return
        results, spec = self._results, self.spec
        if len(results) == results.maxlen:
            self._count(*results[0], -1)
        slow = took_us > spec.slow
        results.append((failed, slow))
        self._count(failed, slow, 1)
        needed = spec.trials if self.state == HALF_OPEN else min(spec.minimum, spec.window)
        if len(results) < needed:
            return
        many = len(results)
        if 0 < self._failed >= spec.failures * many or 0 < self._slow >= spec.slow_share * many:
            self._become(OPEN, now_us)
        elif self.state == HALF_OPEN:
            self._become(CLOSED, now_us)

    def _count(self, failed: bool, slow: bool, times: int) -> None:  # noqa: FBT001 - as they stand in the window
        self._failed += failed * times
        self._slow += slow * times

    def _become(self, state: str, now_us: int) -> None:
        self.state = state
        self._since = now_us
        self._era += 1
        self._permitted = self._failed = self._slow = 0
        trials = state == HALF_OPEN
        self._results = deque(maxlen=self.spec.trials if trials else self.spec.window)
