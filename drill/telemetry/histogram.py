"""A histogram with logarithmic buckets: quantiles of millions of durations in a few kilobytes.

Separate because raw waits of one long run would take over 100 MB. Values are whole microseconds; below 128 each has its
own bucket, above that an octave has 64 buckets, so a quantile is off by at most 0.8 %. The mean is exact.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SUB_BITS = 6
_SUB = 1 << _SUB_BITS
_SMALL = 2 * _SUB


class Histogram:
    """Counts of durations.

    A duration is only noted when it is recorded and counted when somebody asks, many at a time, which costs a quarter.
    """

    __slots__ = ("_buckets", "_noted", "_total", "record")

    record: Callable[[int], object]
    """Add one duration in whole microseconds, 0 or more."""

    def __init__(self) -> None:
        """Start empty."""
        self._buckets: Counter[int] = Counter()
        self._total = 0
        self._noted: list[int] = []
        self.record = self._noted.append

    def record_all(self, values_us: list[int]) -> None:
        """Add many durations."""
        self._noted += values_us

    def record_zeros(self, count: int) -> None:
        """Add durations of 0."""
        self._buckets[0] += count

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as counts."""
        return _made, (dict(self.buckets), self.total)

    @property
    def buckets(self) -> Counter[int]:
        """Number of durations by bucket."""
        self.settle()
        return self._buckets

    @property
    def count(self) -> int:
        """Number of durations."""
        return sum(self.buckets.values())

    @property
    def total(self) -> int:
        """Sum of all durations in microseconds."""
        self.settle()
        return self._total

    def settle(self) -> None:
        """Count what was noted, so that it takes no memory; the answers stay the same."""
        if not self._noted:
            return
        values, bits = self._noted, _SUB_BITS
        self._total += sum(values)
        # As in _bucket, without a call for each.
        self._buckets.update(
            [
                value if value < _SMALL else ((shift := value.bit_length() - bits - 1) << bits) + (value >> shift)
                for value in values
            ]
        )
        values.clear()  # and not a new list: `record` appends to this one

    def add(self, other: Histogram) -> None:
        """Add all durations of another histogram."""
        self.settle()
        self._total += other.total
        self._buckets.update(other.buckets)

    def mean_us(self) -> float | None:
        """Return the exact mean, None when empty."""
        return self.total / self.count if self.count else None

    def quantile_us(self, share: float) -> float | None:
        """Return the middle of the bucket that holds the quantile `share` (0 to 1), None when empty."""
        count = self.count
        if not count:
            return None
        rank = min(count - 1, int(share * count))
        seen = 0
        for key in sorted(self.buckets):
            seen += self.buckets[key]
            if seen > rank:
                return _middle(key)
        return None


def quantile_us(values_us: list[int], share: float) -> float | None:
    """Return what a histogram of these durations says, without making one."""
    if not values_us:
        return None
    value = sorted(values_us)[min(len(values_us) - 1, int(share * len(values_us)))]
    return _middle(value if value < _SMALL else _bucket(value))


def _bucket(value_us: int) -> int:
    """Return the bucket of a duration that has none of its own."""
    shift = value_us.bit_length() - _SUB_BITS - 1
    return (shift << _SUB_BITS) + (value_us >> shift)


def _middle(key: int) -> float:
    if key < _SMALL:
        return float(key)
    shift = (key >> _SUB_BITS) - 1
    low = (key - (shift << _SUB_BITS)) << shift
    return low + ((1 << shift) - 1) / 2


def _made(buckets: dict[int, int], total: int) -> Histogram:
    """Return a histogram that has travelled."""
    histogram = Histogram()
    histogram._buckets.update(buckets)  # noqa: SLF001 - one module, one room
    histogram._total = total  # noqa: SLF001 - as above
    return histogram
