"""Order and equality of values, NULLs inside of them included.

Separate because operators, sorting, grouping and aggregates must agree. Text compares by code points, as in the C
collation.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from drill.sql.types import Record, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Row = tuple[Value, ...]


def compare(one: Value, other: Value) -> int:
    """Return whether a value is before (-1), like (0) or behind (1) another of its type; NULL is behind all."""
    if one is None or other is None:
        return (one is None) - (other is None)
    if type(one) is tuple or isinstance(one, Record):
        for mine, theirs in zip(one, other, strict=False):
            found = compare(mine, theirs)
            if found:
                return found
        return (len(one) > len(other)) - (len(one) < len(other))
    return int(one > other) - int(one < other)


def order(rows: list[tuple[Row, Row]], directions: Sequence[tuple[bool, bool]]) -> None:
    """Sort pairs of keys and rows by their keys, in place; directions are pairs of descending and nulls first."""
    for index in range(len(directions) - 1, -1, -1):
        descending, nulls_first = directions[index]
        rows.sort(key=_key(index, null=2 if descending == nulls_first else 0), reverse=descending)


def _key(index: int, null: int) -> Callable[[tuple[Row, Row]], tuple[int, Value]]:
    def key(pair: tuple[Row, Row]) -> tuple[int, Value]:
        value = pair[0][index]
        if value is None:
            return (null, 0)
        return (1, comparable(value) if isinstance(value, tuple) else value)

    return key


comparable = cmp_to_key(compare)
