"""Rounding and the rules of PostgreSQL's numbers: ranges of integers, scales of numeric, texts of floats.

Separate because operators, functions, casts and aggregates share them. Scales follow numeric.c: 16 significant digits
at least, counted in groups of four.
"""

from __future__ import annotations

import struct
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, Inexact, Overflow
from fractions import Fraction

from drill.sql.faults import DIVISION_BY_ZERO, OUT_OF_RANGE, SqlError

WIDE = Context(prec=2000, rounding=ROUND_HALF_UP, Emax=200_000, Emin=-200_000)
"""Wide enough to be exact for everything but quotients."""
WIDE.traps[Overflow] = True
WIDE.traps[Inexact] = False
_MIN_SIGNIFICANT = 16
_GROUP = 4
_MAX_SCALE = 1000
_MAX_DIGITS = 5000
_RANGES = {"int2": (2**15, "smallint"), "int4": (2**31, "integer"), "int8": (2**63, "bigint")}


def half_even(value: Fraction) -> int:
    """Return the nearest whole number, the even one of two, as C's rint does."""
    return round(value)


def half_up(value: Decimal) -> int:
    """Return the nearest whole number, away from zero of two, as numeric does."""
    return int(value.to_integral_value(ROUND_HALF_UP, WIDE))


def in_range(value: int, kind: str) -> int:
    """Return a whole number that fits its type, or raise SqlError."""
    limit, title = _RANGES[kind]
    if not -limit <= value < limit:
        msg = f"{title} out of range"
        raise SqlError(msg, OUT_OF_RANGE)
    return value


def quotient(one: Decimal, other: Decimal) -> Decimal:
    """Divide two numerics, with as many decimals as PostgreSQL gives (select_div_scale)."""
    if not other:
        raise division_by_zero()
    scale = min(_MAX_SCALE, max(_MIN_SIGNIFICANT - _weight(one, other) * _GROUP, scale_of(one), scale_of(other), 0))
    # One digit more than wanted and a sticky one behind it round like the exact quotient.
    exact = Fraction(one) / Fraction(other)
    return from_fraction(exact, scale)


def from_fraction(value: Fraction, scale: int) -> Decimal:
    """Return a numeric of a scale, rounded half away from zero."""
    numerator = abs(value.numerator) * 10**scale
    whole, rest = divmod(numerator, value.denominator)
    if 2 * rest >= value.denominator:
        whole += 1
    return Decimal(-whole if value < 0 else whole).scaleb(-scale, WIDE)


def _weight(one: Decimal, other: Decimal) -> int:
    weight1, first1 = _leading(one)
    weight2, first2 = _leading(other)
    return weight1 - weight2 - (1 if first1 <= first2 else 0)


def _leading(value: Decimal) -> tuple[int, int]:
    """Return the weight of the first group of four digits, and that group."""
    if not value:
        return 0, 0
    top = value.adjusted()
    weight = top // _GROUP
    group = abs(value).scaleb(-weight * _GROUP, WIDE)
    return weight, int(group)


def scale_of(value: Decimal) -> int:
    """Return the number of decimals."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def to_scale(value: Decimal, scale: int) -> Decimal:
    """Round half away from zero to a number of decimals, perhaps a negative one."""
    if value.adjusted() + scale > _MAX_DIGITS:
        raise numeric_overflow()
    rounded = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, WIDE)
    return rounded if scale >= 0 else rounded.quantize(Decimal(1), ROUND_HALF_UP, WIDE)


def cut_to_scale(value: Decimal, scale: int) -> Decimal:
    """Cut to a number of decimals, perhaps a negative one."""
    cut = value.quantize(Decimal(1).scaleb(-scale), ROUND_DOWN, WIDE)
    return cut if scale >= 0 else cut.quantize(Decimal(1), ROUND_DOWN, WIDE)


def plain(value: Decimal) -> Decimal:
    """Return a numeric without a positive exponent; raise SqlError for one of too many digits."""
    if value.adjusted() > _MAX_DIGITS:
        raise numeric_overflow()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1), ROUND_HALF_EVEN, WIDE) if isinstance(exponent, int) and exponent > 0 else value


def numeric_overflow() -> SqlError:
    """Return the error for a number that is too long."""
    return SqlError("value overflows numeric format", OUT_OF_RANGE)


def division_by_zero() -> SqlError:
    """Return the error for a division by zero."""
    return SqlError("division by zero", DIVISION_BY_ZERO)


def fit(value: Decimal, precision: int, scale: int) -> Decimal:
    """Return a value as numeric(precision, scale), or raise SqlError."""
    rounded = to_scale(value, scale)
    if rounded and rounded.adjusted() >= precision - scale:
        detail = (
            f"A field with precision {precision}, scale {scale} must round to an absolute value less than "
            f"{'10^' + str(precision - scale) if precision > scale else '1'}."
        )
        raise SqlError("numeric field overflow", OUT_OF_RANGE, detail=detail)
    return rounded


def write_float(value: float, *, single: bool = False) -> str:
    """Return the shortest text that reads back, as float8out and float4out write it."""
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    digits, exponent, negative = _shortest(value, single=single)
    limit = 6 if single else 15
    sign = "-" if negative else ""
    if not digits.strip("0"):
        return sign + "0"
    if -5 <= exponent - 1 < limit and exponent > -4:  # noqa: PLR2004 - from 1e-4 on
        if exponent <= 0:
            return f"{sign}0.{'0' * -exponent}{digits}"
        if len(digits) <= exponent:
            return sign + digits + "0" * (exponent - len(digits))
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    power = exponent - 1
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02}"


def _shortest(value: float, *, single: bool) -> tuple[str, int, bool]:
    """Return digits without trailing zeros, the place of the point, and the sign."""
    text = repr(value)
    if single:
        for precision in range(1, 10):
            text = f"{value:.{precision}g}"
            if as_single(float(text)) == value:
                break
    sign, digits, exponent = Decimal(text).as_tuple()
    joined = "".join(map(str, digits))
    point = len(joined) + (exponent if isinstance(exponent, int) else 0)
    return joined.rstrip("0") or "0", point, bool(sign)


def as_single(value: float) -> float:
    """Return the nearest float4."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        msg = "value out of range: overflow"
        raise SqlError(msg, OUT_OF_RANGE) from None


def finite(value: float, *operands: float) -> float:
    """Return the result of floating-point arithmetic, or raise SqlError where it overflowed."""
    if value in {float("inf"), float("-inf")} and all(abs(each) != float("inf") for each in operands):
        msg = "value out of range: overflow"
        raise SqlError(msg, OUT_OF_RANGE)
    return value
