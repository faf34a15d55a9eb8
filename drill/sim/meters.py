"""What an application measures of its own pools: waits for members, connects and how they failed.

Separate from the pool, which lends without knowing that anybody counts. A timer costs a list's append for each value;
counting happens when somebody samples or asks.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from drill.sim.pool import Pool
from drill.telemetry.histogram import middle_us, rank
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.members import Claimant, Source
    from drill.sim.stock import Stock
    from drill.telemetry.histogram import Histogram

WINDOW_US = 60 * US_PER_S
"""For how long a maximum is shown; micrometer's `expiry`, which its Prometheus registry sets to a minute."""
_NEVER = 1 << 62
Measured = tuple[int, float, float, float]
"""How many durations, then in seconds their sum, the largest of the last minute and the 95 % quantile since the last
sample; the latter two are 0 without any."""


class Timer:
    """Durations of one kind: how many, their sum, the largest of the last minute, and those since the last sample."""

    __slots__ = (
        *("_changes", "_count", "_given_up", "_maxima", "_noted", "_quiet", "_recent", "_total_us", "_whole", "_zeros"),
        *("at_once", "record"),
    )

    record: Callable[[int], object]
    """Add one duration in whole microseconds, 0 or more."""

    def __init__(self, whole: Histogram | None = None) -> None:
        """Start empty; `whole` gets every duration, too."""
        self._noted: list[int] = []
        self.record = self._noted.append
        self.at_once = 0
        """Durations of 0 that are not counted yet; whoever has one may add it here in place of recording it."""
        self._whole = whole
        self._recent: list[int] = []
        self._zeros = 0
        """Durations of 0 that belong to the recent ones."""
        self._count = 0
        self._given_up = 0
        self._total_us = 0
        self._maxima: deque[tuple[int, int]] = deque()
        """Times and values of those samples' maxima that are or may yet become the largest; values fall."""
        self._quiet: Measured = (0, 0.0, 0.0, 0.0)
        """What a sample says as long as there is nothing new."""
        self._changes = _NEVER
        """When that changes nevertheless, because the largest is of more than a minute ago."""

    @property
    def count(self) -> int:
        """Number of durations."""
        return self._count + len(self._noted) + self.at_once

    @property
    def total_us(self) -> int:
        """Sum of all durations."""
        return self._total_us + sum(self._noted)

    def settle(self) -> None:
        """Count what was noted; the answers stay the same."""
        noted, at_once, whole = self._noted, self.at_once, self._whole
        if at_once:
            self._count += at_once
            self._zeros += at_once
            if whole is not None:
                whole.record_zeros(at_once)
            self.at_once = 0
        if noted:
            noted.sort()
            self._count += len(noted)
            self._total_us += sum(noted)
            self._recent += noted
            if whole is not None:
                whole.record_all(noted)
            noted.clear()

    def sample(self, now_us: int, given_up: int = 0, after_us: int = 0) -> Measured:
        """Return what was measured. Only who samples may call it.

        Waits that were given up after `after_us`, `given_up` in all since the start, count too, as in HikariCP
        (recordBorrowTimeoutStats).
        """
        if self._noted or self.at_once:
            self.settle()
        if given_up != self._given_up:
            more, self._given_up = given_up - self._given_up, given_up
            self._count += more
            self._total_us += more * after_us
            self._recent += [after_us] * more
        recent, zeros, maxima = self._recent, self._zeros, self._maxima
        if now_us >= self._changes:
            while maxima and maxima[0][0] <= now_us - WINDOW_US:
                maxima.popleft()
            self._remember()
        if not recent:
            if zeros:  # which change no maximum
                self._zeros = 0
                self._remember()
            return self._quiet
        recent.sort()
        largest, which = recent[-1], rank(zeros + len(recent), 0.95)
        p95_us = middle_us(recent[which - zeros]) if which >= zeros else 0.0
        while maxima and maxima[-1][1] <= largest:  # from now on a later one is as large
            maxima.pop()
        maxima.append((now_us, largest))
        recent.clear()
        self._zeros = 0
        self._remember()
        return (*self._quiet[:3], p95_us / US_PER_S)

    def _remember(self) -> None:
        """Note what samples say from now on and for how long."""
        first = self._maxima[0] if self._maxima else (_NEVER, 0)
        self._changes = first[0] + WINDOW_US
        self._quiet = (self._count, self._total_us / US_PER_S, first[1] / US_PER_S, 0.0)


class TimedPool(Pool):
    """A pool that measures how long its members are lent; those who borrow from it must always claim."""

    __slots__ = ("_lent", "usage")

    def __init__(self, *arguments: Any, **policies: Any) -> None:  # noqa: ANN401 - those of any pool
        """Start as any pool does."""
        self.usage = Timer()
        self._lent: dict[Any, int] = {}
        """Since when each member is lent."""
        super().__init__(*arguments, **policies)
        self.plain = False

    def lend(self, claimant: Claimant, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Hand over a member from now on."""
        self._lent[member] = self.clock.t
        super().lend(claimant, member)

    def give_back(self, member: Any) -> None:  # noqa: ANN401 - as above
        """Return a member."""
        self._returned(member)
        super().give_back(member)

    def discard(self, member: Any) -> None:  # noqa: ANN401 - as above
        """Close a member in use."""
        self._returned(member)
        super().discard(member)

    def _returned(self, member: Any) -> None:  # noqa: ANN401 - as above
        since = self._lent.pop(member, None)  # a member that is returned may be discarded at once
        if since is not None:
            self.usage.record(self.clock.t - since)


class Metered:
    """A source whose connects are timed and whose refusals are counted."""

    def __init__(self, clock: Clock, source: Source) -> None:
        """Open members of `source`."""
        self.creation = Timer()
        """How long connects took that worked."""
        self.refused: dict[str, int] = {}
        """Connects that failed for want of a slot, or for any other reason; a kind is missing until it happens."""
        self.client_cpu_us = source.client_cpu_us
        self.clock = clock
        self._source = source

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Open one."""
        began = self.clock.t

        def worked(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            self.creation.record(self.clock.t - began)
            opened(member)

        def failed(failure: Failure) -> None:
            kind = "connection_slots" if failure.outcome is Outcome.CONNECTION_SLOTS else "connect_failed"
            self.refused[kind] = self.refused.get(kind, 0) + 1
            refused(failure)

        self._source.open(worked, failed)

    def close(self, member: Any) -> None:  # noqa: ANN401 - as above
        """Close one."""
        self._source.close(member)

    def test(self, member: Any, claimant: Claimant, done: Callable[[bool], object]) -> None:  # noqa: ANN401 - as above
        """Try one."""
        self._source.test(member, claimant, done)

    def stock(self) -> Stock | None:
        """Return a place for members that nobody has used."""
        return self._source.stock()
