"""A histogram with logarithmic buckets: quantiles of millions of durations in a few kilobytes.

Separate because raw waits of one long run would take over 100 MB. Values are whole microseconds; below 128 each has its
own bucket, above that an octave has 64 buckets, so a quantile is off by at most 0.8 %. The mean is exact.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SUB_BITS = 6
_SUB = 1 << _SUB_BITS
_SMALL = 2 * _SUB
_MANY = 4096
"""So many durations are counted at once; the more there are, the more of them share a bucket."""


class Histogram:
    """Counts of durations.

    A duration is only noted when it is recorded. Many are counted at a time: in order, so that it takes a step for each
    bucket and not for each duration.
    """

    __slots__ = ("_bits", "_buckets", "_noted", "_total", "record")

    record: Callable[[int], object]
    """Add one duration in whole microseconds, 0 or more."""

    def __init__(self, bits: int = 0) -> None:
        """Start empty; durations are recorded as microseconds times 2 to the power of `bits`."""
        self._bits = bits
        self._buckets: Counter[int] = Counter()
        self._total = 0
        self._noted: list[int] = []
        self.record = self._noted.append

    def record_all(self, values: list[int]) -> None:
        """Add many durations; those in rising order take the least time."""
        noted = self._noted
        noted += values
        if len(noted) > _MANY:
            self.settle()

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
        values, bits, buckets, first = self._noted, self._bits, self._buckets, 0
        self._total += sum(values) >> bits
        values.sort()
        while first < len(values):
            bucket = _bucket(values[first] >> bits)
            after = bisect_left(values, _least(bucket + 1) << bits, first)
            buckets[bucket] += after - first
            first = after
        values.clear()  # and not a new list: `record` appends to this one

    def add(self, other: Histogram) -> None:
        """Add all durations of another histogram."""
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
        buckets, which, seen = self.buckets, rank(count, share), 0
        for key in sorted(buckets):
            seen += buckets[key]
            if seen > which:
                return middle_us(_least(key))
        return None


def quantile_us(values_us: list[int], share: float) -> float | None:
    """Return what a histogram of these durations says, without making one."""
    return middle_us(sorted(values_us)[rank(len(values_us), share)]) if values_us else None


def rank(count: int, share: float) -> int:
    """Return which of so many durations in rising order is the quantile `share` (0 to 1)."""
    return min(count - 1, int(share * count))


def middle_us(value_us: int) -> float:
    """Return the middle of the bucket that holds a duration."""
    bucket = _bucket(value_us)
    return (_least(bucket) + _least(bucket + 1) - 1) / 2


def _bucket(value_us: int) -> int:
    """Return the bucket of a duration."""
    if value_us < _SMALL:
        return value_us
    shift = value_us.bit_length() - _SUB_BITS - 1
    return (shift << _SUB_BITS) + (value_us >> shift)


def _least(bucket: int) -> int:
    """Return the shortest duration in a bucket."""
    if bucket < _SMALL:
        return bucket
    shift = (bucket >> _SUB_BITS) - 1
    return (bucket - (shift << _SUB_BITS)) << shift


def _made(buckets: dict[int, int], total: int) -> Histogram:
    """Return a histogram that has travelled."""
    histogram = Histogram()
    histogram._buckets.update(buckets)  # noqa: SLF001 - one module, one room
    histogram._total = total  # noqa: SLF001 - as above
    return histogram
