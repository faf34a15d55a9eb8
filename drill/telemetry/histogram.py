"""A histogram with logarithmic buckets: quantiles of millions of durations in a few kilobytes.

Separate because raw waits of one long run would take over 100 MB. Values are whole microseconds; below 128 each has its
own bucket, above that an octave has 64 buckets, so a quantile is off by at most 0.8 %. The mean is exact.
"""

from __future__ import annotations

_SUB_BITS = 6
_SUB = 1 << _SUB_BITS


class Histogram:
    """Counts of durations."""

    __slots__ = ("buckets", "count", "total")

    def __init__(self) -> None:
        """Start empty."""
        self.buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0

    def record(self, value_us: int) -> None:
        """Add one duration in whole microseconds, 0 or more."""
        self.count += 1
        buckets = self.buckets
        if value_us < 2 * _SUB:
            key = value_us
        else:
            shift = value_us.bit_length() - _SUB_BITS - 1
            key = (shift << _SUB_BITS) + (value_us >> shift)
        self.total += value_us
        if key in buckets:
            buckets[key] += 1
        else:
            buckets[key] = 1

    def clear(self) -> None:
        """Forget everything."""
        self.buckets = {}
        self.count = 0
        self.total = 0

    def add(self, other: Histogram) -> None:
        """Add all durations of another histogram."""
        self.count += other.count
        self.total += other.total
        for key, count in other.buckets.items():
            self.buckets[key] = self.buckets.get(key, 0) + count

    def mean_us(self) -> float | None:
        """Return the exact mean, None when empty."""
        return self.total / self.count if self.count else None

    def quantile_us(self, share: float) -> float | None:
        """Return the middle of the bucket that holds the quantile `share` (0 to 1), None when empty."""
        if not self.count:
            return None
        rank = min(self.count - 1, int(share * self.count))
        seen = 0
        for key in sorted(self.buckets):
            seen += self.buckets[key]
            if seen > rank:
                return _middle(key)
        return None


def _middle(key: int) -> float:
    if key < 2 * _SUB:
        return float(key)
    shift = (key >> _SUB_BITS) - 1
    low = (key - (shift << _SUB_BITS)) << shift
    return low + ((1 << shift) - 1) / 2
