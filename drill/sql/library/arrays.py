"""Functions on arrays.

Separate from text. Arrays begin at 1; those of several dimensions are tuples of tuples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql import spelling
from drill.sql.faults import SqlError, unsupported
from drill.sql.running import MOST_CELLS, checked_length
from drill.sql.types import Record, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value

Array = tuple["Value", ...]


def _dimensions(value: Array) -> list[int]:
    found = []
    while type(value) is tuple and value:
        found.append(len(value))
        value = value[0]
    return found


def _length(value: Array, dimension: int) -> int | None:
    sizes = _dimensions(value)
    return sizes[dimension - 1] if 0 < dimension <= len(sizes) else None


def _flat(value: Array) -> list[Value]:
    found: list[Value] = []
    for each in value:
        if type(each) is tuple:
            found.extend(_flat(each))
        else:
            found.append(each)
    return found


def flat(value: Array) -> list[Value]:
    """Return the elements of an array of any dimensions."""
    return _flat(value)


def _position(value: Array | None, what: Value, start: int = 1) -> int | None:
    if value is None:
        return None
    for index in range(max(1, start), len(value) + 1):
        if value[index - 1] == what:
            return index
    return None


def _to_string(value: tuple[Type, Array | None], by: tuple[Type, str | None], null: Value = None) -> str | None:
    kind, items = value
    if items is None or by[1] is None or kind.element is None:
        return None
    element, missing = kind.element, None if null is None else null[1]
    parts = [missing if each is None else spelling.write(element, each) for each in _flat(items)]
    found = str(by[1]).join(part for part in parts if part is not None)
    checked_length(len(found))
    return found


def _fill(value: Value, sizes: Array) -> Array:
    total = 1
    for size in sizes:
        total *= max(0, size or 0)
    if total > MOST_CELLS // 4:
        msg = "array size exceeds the maximum allowed (134217727)"
        raise SqlError(msg, "54000")
    found: Value = value
    for size in reversed(sizes):
        found = (found,) * size
    return found if type(found) is tuple else ()


def _cardinality(value: Array) -> int:
    return len(_flat(value)) if value and type(value[0]) is tuple else len(value)


def _append(value: Array | None, item: Value) -> Array:
    return (*(value or ()), item)


def _one_dimension(value: Array, name: str) -> Array:
    if value and type(value[0]) is tuple:
        raise unsupported(f"{name} of an array of several dimensions")
    return value


def unnest(value: Array) -> list[tuple[Value]]:
    """Return a row for each element."""
    if value and isinstance(value[0], Record):
        raise unsupported("unnest of an array of rows")
    return [(each,) for each in _flat(value)]


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "array_length(anyarray,int4)int4": _length,
    "cardinality(anyarray)int4": _cardinality,
    "array_ndims(anyarray)int4": lambda value: len(_dimensions(value)) or None,
    "array_lower(anyarray,int4)int4": lambda value, dimension: None if _length(value, dimension) is None else 1,
    "array_upper(anyarray,int4)int4": _length,
    "array_dims(anyarray)text": lambda value: "".join(f"[1:{size}]" for size in _dimensions(value)) or None,
    "n array_position(anycompatiblearray,anycompatible)int4": _position,
    "n array_position(anycompatiblearray,anycompatible,int4)int4": _position,
    "n array_positions(anycompatiblearray,anycompatible)int4[]": lambda value, what: (
        None if value is None else tuple(index for index, each in enumerate(value, 1) if each == what)
    ),
    "n array_append(anycompatiblearray,anycompatible)anycompatiblearray": _append,
    "n array_prepend(anycompatible,anycompatiblearray)anycompatiblearray": lambda item, value: (item, *(value or ())),
    "n array_cat(anycompatiblearray,anycompatiblearray)anycompatiblearray": lambda one, other: (
        other if one is None else one if other is None else one + other
    ),
    "n array_remove(anycompatiblearray,anycompatible)anycompatiblearray": lambda value, what: (
        None if value is None else tuple(each for each in _one_dimension(value, "array_remove") if each != what)
    ),
    "n array_replace(anycompatiblearray,anycompatible,anycompatible)anycompatiblearray": lambda value, old, new: (
        None
        if value is None
        else tuple(new if each == old else each for each in _one_dimension(value, "array_replace"))
    ),
    "nt array_to_string(anyarray,text)text": _to_string,
    "nt array_to_string(anyarray,text,text)text": _to_string,
    "array_fill(anyelement,int4[])anyarray": _fill,
    "trim_array(anyarray,int4)anyarray": lambda value, count: value[: len(value) - count],
    "s unnest(anyarray)anyelement": unnest,
}
