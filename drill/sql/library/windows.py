"""Window functions that are no aggregates: ranks, neighbours, firsts and lasts.

Separate because they see whole partitions and frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.sql.faults import SqlError
from drill.sql.registry import type_of
from drill.sql.resolve import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sql.types import Value

    Args = Sequence[tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in its partition."""

    index: int
    size: int
    peers: tuple[int, int]
    """First of its peers, and the one behind the last."""
    group: int
    """How many groups of peers are before it."""
    frame: tuple[int, int]
    """First row of its frame, and the one behind the last."""


@dataclass(frozen=True, slots=True)
class WindowFunction:
    """One window function of PostgreSQL."""

    function: Function
    run: Callable[[Place, Args], Value]
    """Takes a place and the arguments of every row of the partition."""


def _ntile(place: Place, args: Args) -> Value:
    buckets = args[place.index][0]
    if buckets is None:
        return None
    if buckets <= 0:
        msg = "argument of ntile must be greater than zero"
        raise SqlError(msg, "22014")
    size, more = divmod(place.size, buckets)
    large = more * (size + 1)
    if place.index < large:
        return place.index // (size + 1) + 1
    return more + (place.index - large) // max(size, 1) + 1


def _neighbour(sign: int) -> Callable[[Place, Args], Value]:
    def run(place: Place, args: Args) -> Value:
        mine = args[place.index]
        by = mine[1] if len(mine) > 1 else 1
        if by is None:
            return None
        other = place.index + sign * by
        if 0 <= other < place.size:
            return args[other][0]
        return mine[2] if len(mine) > 2 else None  # noqa: PLR2004 - value, offset, default

    return run


def _first(place: Place, args: Args) -> Value:
    start, end = place.frame
    return args[start][0] if start < end else None


def _last(place: Place, args: Args) -> Value:
    start, end = place.frame
    return args[end - 1][0] if start < end else None


def _nth(place: Place, args: Args) -> Value:
    start, end = place.frame
    number = args[place.index][1]
    if number is None:
        return None
    if number <= 0:
        msg = "argument of nth_value must be greater than zero"
        raise SqlError(msg, "22016")
    return args[start + number - 1][0] if start + number <= end else None


def _percent_rank(place: Place, _: Args) -> float:
    return place.peers[0] / (place.size - 1) if place.size > 1 else 0.0


_TABLE: dict[str, Callable[[Place, Args], Value]] = {
    "row_number()int8": lambda place, _: place.index + 1,
    "rank()int8": lambda place, _: place.peers[0] + 1,
    "dense_rank()int8": lambda place, _: place.group + 1,
    "percent_rank()float8": _percent_rank,
    "cume_dist()float8": lambda place, _: place.peers[1] / place.size,
    "ntile(int4)int4": _ntile,
    "lag(anyelement)anyelement": _neighbour(-1),
    "lag(anyelement,int4)anyelement": _neighbour(-1),
    "lag(anycompatible,int4,anycompatible)anycompatible": _neighbour(-1),
    "lead(anyelement)anyelement": _neighbour(1),
    "lead(anyelement,int4)anyelement": _neighbour(1),
    "lead(anycompatible,int4,anycompatible)anycompatible": _neighbour(1),
    "first_value(anyelement)anyelement": _first,
    "last_value(anyelement)anyelement": _last,
    "nth_value(anyelement,int4)anyelement": _nth,
}
WINDOW_FUNCTIONS: dict[str, list[WindowFunction]] = {}
"""By name."""
for _signature, _run in _TABLE.items():
    _name, _, _rest = _signature.partition("(")
    _inside, _, _result = _rest.partition(")")
    _args = tuple(type_of(word) for word in _inside.split(",") if word)
    _found = WindowFunction(Function(_name, _args, type_of(_result), _run, strict=False), _run)
    WINDOW_FUNCTIONS.setdefault(_name, []).append(_found)
