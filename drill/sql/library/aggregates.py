"""Aggregates: what becomes of many values.

Separate from functions of one row. An aggregate is a factory of accumulators; those that need all values keep them
within the statement's memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Protocol

from drill.sql.comparing import compare
from drill.sql.intervals import Interval, scaled
from drill.sql.library.statistics import spread
from drill.sql.registry import type_of
from drill.sql.resolve import Function
from drill.sql.rounding import WIDE, in_range, quotient
from drill.sql.running import checked_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Type, Value


class Accumulator(Protocol):
    """Takes values one by one."""

    def add(self, *values: Value) -> None:
        """Take the arguments of one row; NULLs were left out unless the aggregate wants them."""

    def result(self) -> Value:
        """Return what it comes to so far."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate of PostgreSQL."""

    function: Function
    make: Callable[..., Accumulator]
    keeps_nulls: bool = False
    ordered: bool = False
    """Whether it takes WITHIN GROUP (ORDER BY …)."""
    typed: bool = False
    """Whether `make` takes the types of its arguments."""
    bounded: bool = True
    """Whether its state stays small, whatever it is given."""


class _Count:
    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self, *_: Value) -> None:
        self.count += 1

    def result(self) -> int:
        return self.count


class _Sum:
    __slots__ = ("kind", "total")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.total: Value = None

    def add(self, *values: Value) -> None:
        value = values[0]
        if self.total is None:
            self.total = value
        else:
            self.total = WIDE.add(self.total, value) if self.kind == "numeric" else self.total + value

    def result(self) -> Value:
        if self.total is None:
            return None
        if self.kind == "int8":
            return in_range(self.total, "int8")
        return Decimal(self.total) if self.kind == "whole" else self.total


class _Average:
    __slots__ = ("count", "kind", "total")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.count = 0
        self.total: Value = None

    def add(self, *values: Value) -> None:
        value = values[0]
        self.count += 1
        if self.total is None:
            self.total = value
        else:
            self.total = WIDE.add(self.total, value) if self.kind == "numeric" else self.total + value

    def result(self) -> Value:
        if not self.count:
            return None
        if self.kind == "interval":
            total: Interval = self.total
            return scaled(total, Fraction(1, self.count))
        if self.kind == "float":
            return self.total / self.count
        return quotient(Decimal(self.total), Decimal(self.count))


class _Extreme:
    __slots__ = ("best", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.best: Value = None

    def add(self, *values: Value) -> None:
        if self.best is None or compare(values[0], self.best) * self.sign > 0:
            self.best = values[0]

    def result(self) -> Value:
        return self.best


class _Kept:
    """Keeps all values for a function of the list."""

    __slots__ = ("final", "values")

    def __init__(self, final: Callable[[list[Value]], Value]) -> None:
        self.final = final
        self.values: list[Value] = []

    def add(self, *values: Value) -> None:
        self.values.append(values[0] if len(values) == 1 else values)

    def result(self) -> Value:
        return self.final(self.values)


def _joined(pairs: list[Value]) -> str | None:
    if not pairs:
        return None
    parts: list[str] = []
    for index, (text, by) in enumerate(pairs):
        if index and by is not None:
            parts.append(by)
        parts.append(text)
    checked_length(sum(map(len, parts)))
    return "".join(parts)


def _bits(name: str) -> Callable[[list[int]], int | None]:
    def final(values: list[int]) -> int | None:
        found: int | None = None
        for value in values:
            found = value if found is None else found & value if name == "and" else found | value
        return found

    return final


_ORDERED_KINDS = (
    "int2 int4 int8 oid float4 float8 numeric text bpchar date time timestamp timestamptz interval inet anyarray"
)
_STATISTICS = {
    "stddev": (True, True), "stddev_samp": (True, True), "stddev_pop": (False, True),
    "variance": (True, False), "var_samp": (True, False), "var_pop": (False, False),
}  # fmt: skip


def _define() -> dict[str, list[Aggregate]]:
    found: dict[str, list[Aggregate]] = {}

    def add(signature: str, make: Callable[..., Accumulator], **options: bool) -> None:
        name, _, rest = signature.partition("(")
        inside, _, result = rest.partition(")")
        args = tuple(type_of(word) for word in inside.split(",") if word)
        function = Function(name, args, type_of(result), make, strict=False)
        found.setdefault(name, []).append(Aggregate(function, make, **options))

    add("count()int8", _Count, keeps_nulls=True)
    add("count(any)int8", _Count)
    _define_sums(add)
    for name, sign in (("max", 1), ("min", -1)):
        for kind in _ORDERED_KINDS.split():
            add(f"{name}({kind}){kind}", lambda sign=sign: _Extreme(sign))
    for name, final in (("bool_and", all), ("every", all), ("bool_or", any)):
        add(f"{name}(bool)bool", lambda final=final: _Kept(lambda v: final(v) if v else None))
    for kind in ("int2", "int4", "int8"):
        add(f"bit_and({kind}){kind}", lambda: _Kept(_bits("and")))
        add(f"bit_or({kind}){kind}", lambda: _Kept(_bits("or")))
    add("string_agg(text,text)text", lambda: _Kept(_joined), keeps_nulls=True, bounded=False)
    add("array_agg(anynonarray)anyarray", lambda: _Kept(lambda v: tuple(v) or None), keeps_nulls=True, bounded=False)
    _define_json(add)
    for name, (sample, root) in _STATISTICS.items():
        for kind in ("int2", "int4", "int8", "numeric"):
            add(f"{name}({kind})numeric", lambda s=sample, r=root: _Kept(spread(sample=s, root=r, exact=True)))
        for kind in ("float4", "float8"):
            add(f"{name}({kind})float8", lambda s=sample, r=root: _Kept(spread(sample=s, root=r, exact=False)))
    for signature in ("percentile_cont(float8,float8)float8", "percentile_cont(float8,interval)interval",
                      "percentile_cont(float8[],float8)float8[]", "percentile_cont(float8[],interval)interval[]",
                      "percentile_disc(float8,anyelement)anyelement", "percentile_disc(float8[],anyelement)anyarray",
                      "mode(anyelement)anyelement"):  # fmt: skip
        add(signature, _Count, ordered=True, bounded=False)
    return found


def _define_sums(add: Callable[..., None]) -> None:
    for kind, result, how in (
        ("int2", "int8", "int8"), ("int4", "int8", "int8"), ("int8", "numeric", "whole"),
        ("numeric", "numeric", "numeric"), ("float4", "float4", "float"), ("float8", "float8", "float"),
        ("interval", "interval", "interval"),
    ):  # fmt: skip
        add(f"sum({kind}){result}", lambda how=how: _Sum(how))
    for kind, result, how in (
        ("int2", "numeric", "whole"), ("int4", "numeric", "whole"), ("int8", "numeric", "whole"),
        ("numeric", "numeric", "numeric"), ("float4", "float8", "float"), ("float8", "float8", "float"),
        ("interval", "interval", "interval"),
    ):  # fmt: skip
        add(f"avg({kind}){result}", lambda how=how: _Average(how))


def _define_json(add: Callable[..., None]) -> None:
    from drill.sql import spelling  # noqa: PLC0415 - beside its only use
    from drill.sql.library.json import render  # noqa: PLC0415 - beside its only use

    def listed(kind: Type) -> _Kept:
        return _Kept(
            lambda values: _text("[" + ", ".join(render(kind, value) for value in values) + "]") if values else None
        )

    def canonical(kind: Type) -> _Kept:
        import json  # noqa: PLC0415 - beside its only use

        return _Kept(
            lambda values: (
                spelling.canonical([json.loads(render(kind, value), parse_float=Decimal) for value in values])
                if values
                else None
            )
        )

    add("json_agg(any)json", listed, keeps_nulls=True, typed=True, bounded=False)
    add("jsonb_agg(any)jsonb", canonical, keeps_nulls=True, typed=True, bounded=False)


def _text(text: str) -> str:
    checked_length(len(text))
    return text


@cache
def aggregates() -> dict[str, list[Aggregate]]:
    """Return all aggregates by name."""
    return _define()
