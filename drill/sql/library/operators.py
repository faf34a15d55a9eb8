"""Operators on numbers, texts, times, networks and arrays.

Separate from functions because most come in families over pairs of types.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING

from drill.sql import addresses, intervals, moments
from drill.sql.casting import as_text
from drill.sql.comparing import compare
from drill.sql.faults import DATETIME_OVERFLOW, SqlError
from drill.sql.intervals import US_PER_DAY, Interval
from drill.sql.library import matching
from drill.sql.library.powers import float_power, numeric_power
from drill.sql.rounding import (
    WIDE,
    as_single,
    division_by_zero,
    finite,
    in_range,
    plain,
    quotient,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from drill.sql.types import Value

_ORDERED: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WHOLE = ("int2", "int4", "int8")
OPERATORS: dict[str, Callable[..., Value]] = {}


def _cut(one: int, other: int) -> int:
    if not other:
        raise division_by_zero()
    whole = abs(one) // abs(other)
    return whole if (one < 0) == (other < 0) else -whole


def _remainder(one: int, other: int) -> int:
    if not other:
        raise division_by_zero()
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


_INTEGER: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _cut,
    "%": _remainder,
    "&": operator.and_,
    "|": operator.or_,
    "#": operator.xor,
}


def _bounded(run: Callable[[int, int], int], kind: str) -> Callable[[int, int], int]:
    return lambda one, other: in_range(run(one, other), kind)


def _whole_numbers() -> None:
    for one in _WHOLE:
        for other in _WHOLE:
            result = max(one, other)
            for name, run in _INTEGER.items():
                if name in "+-*/" or one == other:
                    OPERATORS[f"{name}({one},{other}){result}"] = _bounded(run, result)
        OPERATORS[f"-({one}){one}"] = _negation(one)
        OPERATORS[f"+({one}){one}"] = lambda value: value
        OPERATORS[f"~({one}){one}"] = operator.invert
        OPERATORS[f"@({one}){one}"] = abs
        OPERATORS[f"<<({one},int4){one}"] = lambda value, by: _wrapped(value << (by % 64))
        OPERATORS[f">>({one},int4){one}"] = lambda value, by: value >> (by % 64)


def _wrapped(value: int) -> int:
    return in_range(value, "int8")


def _negation(kind: str) -> Callable[[int], int]:
    return lambda value: in_range(-value, kind)


def _float_quotient(one: float, other: float) -> float:
    if not other:
        raise division_by_zero()
    return finite(one / other, one, other)


def _fractions() -> None:
    arithmetic: dict[str, Callable[[float, float], float]] = {
        "+": lambda one, other: finite(one + other, one, other),
        "-": lambda one, other: finite(one - other, one, other),
        "*": lambda one, other: finite(one * other, one, other),
        "/": _float_quotient,
    }
    for one in ("float4", "float8"):
        for other in ("float4", "float8"):
            result = max(one, other)
            for name, run in arithmetic.items():
                OPERATORS[f"{name}({one},{other}){result}"] = _single(run) if result == "float4" else run
        OPERATORS[f"-({one}){one}"] = operator.neg
        OPERATORS[f"+({one}){one}"] = operator.pos
        OPERATORS[f"@({one}){one}"] = abs
    OPERATORS["^(float8,float8)float8"] = float_power
    OPERATORS["|/(float8)float8"] = lambda value: float(value) ** 0.5
    for name, exact in (("+", WIDE.add), ("-", WIDE.subtract), ("*", WIDE.multiply)):
        OPERATORS[f"{name}(numeric,numeric)numeric"] = _plain(exact)
    OPERATORS["/(numeric,numeric)numeric"] = quotient
    OPERATORS["%(numeric,numeric)numeric"] = _numeric_remainder
    OPERATORS["^(numeric,numeric)numeric"] = numeric_power
    OPERATORS["-(numeric)numeric"] = operator.neg
    OPERATORS["+(numeric)numeric"] = lambda value: value
    OPERATORS["@(numeric)numeric"] = abs


def _single(run: Callable[[float, float], float]) -> Callable[[float, float], float]:
    return lambda one, other: as_single(run(one, other))


def _plain(run: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Decimal, Decimal], Decimal]:
    return lambda one, other: plain(run(one, other))


def _numeric_remainder(one: Decimal, other: Decimal) -> Decimal:
    if not other:
        raise division_by_zero()
    return WIDE.remainder(one, other)


def _comparisons() -> None:
    families = (_WHOLE, ("float4", "float8"), ("text", "name"))
    pairs = {(one, other) for family in families for one in family for other in family}
    alone = ["numeric", "bool", "oid", "interval", "inet", "date", "time", "timestamp", "timestamptz", "uuid", "jsonb"]
    pairs |= {(one, one) for one in alone}
    for one, other in sorted(pairs):
        for name, run in _ORDERED.items():
            OPERATORS[f"{name}({one},{other})bool"] = run
    for name, run in _ORDERED.items():
        OPERATORS[f"{name}(char,char)bool"] = run
        OPERATORS[f"{name}(bpchar,bpchar)bool"] = _stripped(run)
        for kind in ("anyarray", "record"):
            OPERATORS[f"{name}({kind},{kind})bool"] = _compared(run)
        for zoned in ("timestamp", "timestamptz"):
            OPERATORS[f"{name}(date,{zoned})bool"] = _scaled_left(run)
            OPERATORS[f"{name}({zoned},date)bool"] = _scaled_right(run)
        OPERATORS[f"{name}(timestamp,timestamptz)bool"] = run
        OPERATORS[f"{name}(timestamptz,timestamp)bool"] = run
    for name in ("=", "<>"):
        OPERATORS[f"{name}(xid,xid)bool"] = OPERATORS[f"{name}(xid,int4)bool"] = _ORDERED[name]


def _stripped(run: Callable[[Value, Value], bool]) -> Callable[[str, str], bool]:
    return lambda one, other: run(one.rstrip(" "), other.rstrip(" "))


def _compared(run: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool]:
    return lambda one, other: run(compare(one, other), 0)


def _scaled_left(run: Callable[[Value, Value], bool]) -> Callable[[int, int], bool]:
    return lambda one, other: run(one * US_PER_DAY, other)


def _scaled_right(run: Callable[[Value, Value], bool]) -> Callable[[int, int], bool]:
    return lambda one, other: run(one, other * US_PER_DAY)


def _to_day(value: int) -> int:
    if not -800_000 < value < 3_000_000:  # noqa: PLR2004 - the years 1 to 9999
        msg = "date out of range"
        raise SqlError(msg, DATETIME_OVERFLOW)
    return value


def _over(value: Interval, by: float) -> Interval:
    if not by:
        raise division_by_zero()
    return intervals.scaled(value, 1 / Fraction(by))


def _times() -> None:
    table: dict[str, Callable[..., Value]] = {
        "+(date,int4)date": lambda day, by: _to_day(day + by),
        "+(int4,date)date": lambda by, day: _to_day(day + by),
        "-(date,int4)date": lambda day, by: _to_day(day - by),
        "-(date,date)int4": operator.sub,
        "+(date,time)timestamp": lambda day, time: day * US_PER_DAY + time,
        "+(date,interval)timestamp": lambda day, by: moments.plus(day * US_PER_DAY, by),
        "+(interval,date)timestamp": lambda by, day: moments.plus(day * US_PER_DAY, by),
        "-(date,interval)timestamp": lambda day, by: moments.plus(day * US_PER_DAY, -by),
        "+(time,interval)time": lambda time, by: (time + by.us) % US_PER_DAY,
        "+(interval,time)time": lambda by, time: (time + by.us) % US_PER_DAY,
        "-(time,interval)time": lambda time, by: (time - by.us) % US_PER_DAY,
        "-(time,time)interval": lambda one, other: Interval(0, 0, one - other),
        "+(interval,interval)interval": operator.add,
        "-(interval,interval)interval": operator.sub,
        "-(interval)interval": operator.neg,
        "*(interval,float8)interval": lambda value, by: intervals.scaled(value, Fraction(by)),
        "*(float8,interval)interval": lambda by, value: intervals.scaled(value, Fraction(by)),
        "/(interval,float8)interval": _over,
    }
    for kind in ("timestamp", "timestamptz"):
        table[f"+({kind},interval){kind}"] = moments.plus
        table[f"+(interval,{kind}){kind}"] = lambda by, us: moments.plus(us, by)
        table[f"-({kind},interval){kind}"] = lambda us, by: moments.plus(us, -by)
        table[f"-({kind},{kind})interval"] = moments.minus
    OPERATORS.update(table)


def _texts() -> None:
    table: dict[str, Callable[..., Value]] = {
        "||(text,text)text": matching.joined,
        "t ||(text,anynonarray)text": lambda one, other: matching.joined(one[1], as_text(*other)),
        "t ||(anynonarray,text)text": lambda one, other: matching.joined(as_text(*one), other[1]),
    }
    for kind in ("text", "name"):
        table[f"~~({kind},text)bool"] = matching.like
        table[f"!~~({kind},text)bool"] = lambda text, pattern: not matching.like(text, pattern)
        table[f"~~*({kind},text)bool"] = matching.ilike
        table[f"!~~*({kind},text)bool"] = lambda text, pattern: not matching.ilike(text, pattern)
        table[f"~({kind},text)bool"] = matching.matches
        table[f"!~({kind},text)bool"] = lambda text, pattern: not matching.matches(text, pattern)
        table[f"~*({kind},text)bool"] = matching.imatches
        table[f"!~*({kind},text)bool"] = lambda text, pattern: not matching.imatches(text, pattern)
    table["^@(text,text)bool"] = lambda text, start: text.startswith(start)
    OPERATORS.update(table)


def _networks() -> None:
    within = addresses.contains
    OPERATORS.update(
        {
            "<<(inet,inet)bool": lambda one, other: within(other, one, strictly=True),
            "<<=(inet,inet)bool": lambda one, other: within(other, one, strictly=False),
            ">>(inet,inet)bool": lambda one, other: within(one, other, strictly=True),
            ">>=(inet,inet)bool": lambda one, other: within(one, other, strictly=False),
            "+(inet,int8)inet": addresses.shifted,
            "+(int8,inet)inet": lambda by, value: addresses.shifted(value, by),
            "-(inet,int8)inet": lambda value, by: addresses.shifted(value, -by),
            "-(inet,inet)int8": lambda one, other: one.address - other.address,
            "&&(inet,inet)bool": lambda one, other: (
                within(one, other, strictly=False) or within(other, one, strictly=False)
            ),
        }
    )


def _arrays() -> None:
    OPERATORS.update(
        {
            "@>(anyarray,anyarray)bool": lambda one, other: all(each is not None and each in one for each in other),
            "<@(anyarray,anyarray)bool": lambda one, other: all(each is not None and each in other for each in one),
            "&&(anyarray,anyarray)bool": lambda one, other: any(each is not None and each in other for each in one),
            "n ||(anycompatiblearray,anycompatiblearray)anycompatiblearray": lambda one, other: (
                other if one is None else one if other is None else one + other
            ),
            "n ||(anycompatiblearray,anycompatible)anycompatiblearray": lambda one, other: (one or ()) + (other,),
            "n ||(anycompatible,anycompatiblearray)anycompatiblearray": lambda one, other: (one, *(other or ())),
        }
    )


_whole_numbers()
_fractions()
_comparisons()
_times()
_texts()
_networks()
_arrays()
