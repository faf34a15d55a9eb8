"""Functions on numbers.

Separate from operators. Scales of numeric results follow numeric.c.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from drill.sql.faults import OUT_OF_RANGE, SqlError
from drill.sql.library.operators import OPERATORS
from drill.sql.library.powers import numeric_power
from drill.sql.rounding import WIDE, cut_to_scale, division_by_zero, finite, in_range, scale_of, to_scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value


def _domain(text: str, code: str = "2201E") -> SqlError:
    return SqlError(text, code)


def _sqrt(value: float) -> float:
    if value < 0:
        raise _domain("cannot take square root of a negative number", "2201F")
    return math.sqrt(value)


def _numeric_sqrt(value: Decimal) -> Decimal:
    if value < 0:
        raise _domain("cannot take square root of a negative number", "2201F")
    weight = value.adjusted() // 4 if value else 0
    digits = (weight * 4) // 2 + 1 if weight >= 0 else 1 - (-weight * 4 - 4) // 2
    scale = max(16 - digits, scale_of(value), 0)
    return WIDE.sqrt(value).quantize(Decimal(1).scaleb(-scale), context=WIDE)


def _log(run: Callable[[float], float]) -> Callable[[float], float]:
    def found(value: float) -> float:
        if not value:
            raise _domain("cannot take logarithm of zero")
        if value < 0:
            raise _domain("cannot take logarithm of a negative number")
        return run(value)

    return found


def _numeric_log(run: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    def found(value: Decimal) -> Decimal:
        if not value:
            raise _domain("cannot take logarithm of zero")
        if value < 0:
            raise _domain("cannot take logarithm of a negative number")
        exact = run(value)
        scale = max(16 - _weight_of_log(value), scale_of(value), 0)
        return exact.quantize(Decimal(1).scaleb(-scale), context=WIDE)

    return found


def _weight_of_log(value: Decimal) -> int:
    """Return how many digits the natural logarithm has before its point, as estimate_ln_dweight does."""
    near = value - 1
    if Decimal("0.9") <= value <= Decimal("1.1"):
        return near.adjusted() if near else 0
    return int(math.log10(abs(float(WIDE.ln(value)))))


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        msg = "value out of range: overflow"
        raise SqlError(msg, OUT_OF_RANGE) from None


def _numeric_exp(value: Decimal) -> Decimal:
    if abs(value) > 6000:  # noqa: PLR2004 - as numeric.c's NUMERIC_MAX_RESULT_SCALE * 3
        msg = "value overflows numeric format"
        raise SqlError(msg, OUT_OF_RANGE)
    exact = WIDE.exp(value)
    scale = max(16 - int(value * Decimal("0.434294481903252")), scale_of(value), 0)
    return exact.quantize(Decimal(1).scaleb(-min(scale, 1000)), context=WIDE)


def _float_round(value: float) -> float:
    return value if math.isinf(value) else float(round(value))


def _div(one: Decimal, other: Decimal) -> Decimal:
    if not other:
        raise division_by_zero()
    return WIDE.divide_int(one, other)


def _mod(one: int, other: int) -> int:
    if not other:
        raise division_by_zero()
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


def _width_bucket(value: float, low: float, high: float, count: int) -> int:
    if count <= 0:
        raise SqlError("count must be greater than zero", "2201G")
    if low == high:
        raise SqlError("lower bound cannot equal upper bound", "2201G")
    if low < high:
        return 0 if value < low else count + 1 if value >= high else int((value - low) / (high - low) * count) + 1
    return 0 if value > low else count + 1 if value <= high else int((low - value) / (low - high) * count) + 1


def _scaled(run: Callable[[Decimal, int], Decimal]) -> Callable[[Decimal, int], Decimal]:
    return lambda value, scale: run(value, max(-2000, min(scale, 2000)))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "round(numeric)numeric": lambda value: to_scale(value, 0),
    "round(numeric,int4)numeric": _scaled(to_scale),
    "round(float8)float8": _float_round,
    "trunc(numeric)numeric": lambda value: cut_to_scale(value, 0),
    "trunc(numeric,int4)numeric": _scaled(cut_to_scale),
    "trunc(float8)float8": lambda value: float(math.trunc(value)) if math.isfinite(value) else value,
    "ceil(numeric)numeric": lambda value: value.to_integral_value(ROUND_CEILING, WIDE),
    "ceiling(numeric)numeric": lambda value: value.to_integral_value(ROUND_CEILING, WIDE),
    "floor(numeric)numeric": lambda value: value.to_integral_value(ROUND_FLOOR, WIDE),
    "ceil(float8)float8": lambda value: float(math.ceil(value)) if math.isfinite(value) else value,
    "ceiling(float8)float8": lambda value: float(math.ceil(value)) if math.isfinite(value) else value,
    "floor(float8)float8": lambda value: float(math.floor(value)) if math.isfinite(value) else value,
    "abs(numeric)numeric": abs,
    "abs(float8)float8": abs,
    "sign(numeric)numeric": lambda value: Decimal((value > 0) - (value < 0)),
    "sign(float8)float8": lambda value: float((value > 0) - (value < 0)),
    "sqrt(float8)float8": _sqrt,
    "sqrt(numeric)numeric": _numeric_sqrt,
    "cbrt(float8)float8": math.cbrt,
    "ln(float8)float8": _log(math.log),
    "ln(numeric)numeric": _numeric_log(WIDE.ln),
    "log(float8)float8": _log(math.log10),
    "log(numeric)numeric": _numeric_log(WIDE.log10),
    "log10(float8)float8": _log(math.log10),
    "log10(numeric)numeric": _numeric_log(WIDE.log10),
    "exp(float8)float8": _exp,
    "exp(numeric)numeric": _numeric_exp,
    "power(float8,float8)float8": OPERATORS["^(float8,float8)float8"],
    "power(numeric,numeric)numeric": numeric_power,
    "pow(float8,float8)float8": OPERATORS["^(float8,float8)float8"],
    "pow(numeric,numeric)numeric": numeric_power,
    "div(numeric,numeric)numeric": _div,
    "mod(numeric,numeric)numeric": OPERATORS["%(numeric,numeric)numeric"],
    "scale(numeric)int4": scale_of,
    "min_scale(numeric)int4": lambda value: scale_of(value.normalize(WIDE)),
    "trim_scale(numeric)numeric": lambda value: to_scale(value, scale_of(value.normalize(WIDE))),
    "pi()float8": lambda: math.pi,
    "degrees(float8)float8": math.degrees,
    "radians(float8)float8": math.radians,
    "sin(float8)float8": lambda value: finite(math.sin(value)),
    "cos(float8)float8": lambda value: finite(math.cos(value)),
    "width_bucket(float8,float8,float8,int4)int4": _width_bucket,
    "width_bucket(numeric,numeric,numeric,int4)int4": _width_bucket,
}
for _kind in ("int2", "int4", "int8"):
    FUNCTIONS[f"mod({_kind},{_kind}){_kind}"] = _mod
    FUNCTIONS[f"abs({_kind}){_kind}"] = lambda value, kind=_kind: in_range(abs(value), kind)
for _kind in ("int4", "int8"):
    FUNCTIONS[f"gcd({_kind},{_kind}){_kind}"] = math.gcd
    FUNCTIONS[f"lcm({_kind},{_kind}){_kind}"] = lambda one, other, kind=_kind: in_range(math.lcm(one, other), kind)
