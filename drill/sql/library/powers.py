"""Powers, of floats and of numerics.

Separate because operators and functions share them.
"""

from __future__ import annotations

from decimal import Decimal

from drill.sql.faults import SqlError
from drill.sql.rounding import WIDE, finite


def float_power(one: float, other: float) -> float:
    """Raise a float to a power; raise SqlError where there is none."""
    if not one and other < 0:
        raise SqlError("zero raised to a negative power is undefined", "2201F")
    try:
        found = one**other
    except OverflowError:
        found = float("inf")
    if isinstance(found, complex):
        raise SqlError("a negative number raised to a non-integer power yields a complex result", "2201F")
    return finite(float(found), one, other)


def numeric_power(one: Decimal, other: Decimal) -> Decimal:
    """Raise a numeric to a power, with at least 16 significant digits, as numeric_power does."""
    if not one and other < 0:
        raise SqlError("zero raised to a negative power is undefined", "2201F")
    if one < 0 and other != other.to_integral_value():
        raise SqlError("a negative number raised to a non-integer power yields a complex result", "2201F")
    if abs(other) > 10_000 or (one and abs(one.adjusted() * other) > 5000):  # noqa: PLR2004 - far beyond use
        msg = "value overflows numeric format"
        raise SqlError(msg, "22003")
    exact = WIDE.power(one, other) if one or other else Decimal(1)
    digits = exact.adjusted() if exact else 0
    scale = max(16 - digits, -min(0, int(one.as_tuple().exponent)), -min(0, int(other.as_tuple().exponent)), 0)
    return exact.quantize(Decimal(1).scaleb(-min(scale, 1000)), context=WIDE)
