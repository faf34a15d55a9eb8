"""Variance, deviation, percentiles: what aggregates make of all values together.

Separate from the accumulators that collect them. The arithmetic is that of numeric.c, float.c and orderedsetaggs.c.
"""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from drill.sql.faults import SqlError
from drill.sql.intervals import Interval, scaled
from drill.sql.rounding import WIDE, from_fraction, quotient, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value


def spread(*, sample: bool, root: bool, exact: bool) -> Callable[[list[Value]], Value]:
    """Return variance or standard deviation: by sums of squares in numeric, by Youngs and Cramer in floats."""

    def final(values: list[Value]) -> Value:
        count = len(values)
        if count < (2 if sample else 1):
            return None
        if exact:
            return _exact_spread([Fraction(value) for value in values], values, sample=sample, root=root)
        total = sum_of_squares = 0.0
        for index, value in enumerate(values, 1):
            total += value
            if index > 1:
                step = value * index - total
                sum_of_squares += step * step / (index * (index - 1))
        found = sum_of_squares / (count - sample)
        return math.sqrt(found) if root else found

    return final


def _exact_spread(fractions: list[Fraction], values: list[Value], *, sample: bool, root: bool) -> Decimal:
    count, total = len(fractions), sum(fractions, Fraction(0))
    squares = sum((value * value for value in fractions), Fraction(0))
    scale = max((scale_of(Decimal(value)) for value in values), default=0)
    above = from_fraction(squares * count - total * total, 2 * scale)
    found = quotient(above, Decimal(count * (count - sample)))
    if not above:
        return Decimal(0)
    if not root:
        return found
    return WIDE.sqrt(found).quantize(Decimal(1).scaleb(-scale_of(found)), context=WIDE)


def _continuous(values: list[Value], share: float) -> Value:
    place = share * (len(values) - 1)
    low, high = math.floor(place), math.ceil(place)
    one, other = values[low], values[high]
    if low == high:
        return one
    if isinstance(one, Interval):
        return one + scaled(other - one, Fraction(place - low))
    return one + (place - low) * (other - one)


def _discrete(values: list[Value], share: float) -> Value:
    return values[max(0, math.ceil(share * len(values)) - 1)]


def _percentile(pick: Callable[[list[Value], float], Value]) -> Callable[[list[Value], Value], Value]:
    def final(values: list[Value], share: Value) -> Value:
        if share is None:
            return None
        if type(share) is tuple:
            return tuple(None if each is None else final(values, each) for each in share)
        if not 0 <= share <= 1:
            msg = f"percentile value {share:g} is not between 0 and 1"
            raise SqlError(msg, "22003")
        return pick(values, share) if values else None

    return final


def _mode(values: list[Value], *_: Value) -> Value:
    counts: Counter[Value] = Counter(values)
    return max(values, key=lambda value: counts[value]) if values else None


ORDERED: dict[str, Callable[..., Value]] = {
    "percentile_cont": _percentile(_continuous),
    "percentile_disc": _percentile(_discrete),
    "mode": _mode,
}
"""What ordered-set aggregates make of sorted values and their direct argument."""
