"""Names of types.

Separate because some are several words, and most of those differ from what the catalogue calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.lexer import NUMBER
from drill.sql.nodes import TypeName

if TYPE_CHECKING:
    from drill.sql.grammar.cursor import Cursor

_SAME = {
    "int": "int4",
    "integer": "int4",
    "smallint": "int2",
    "bigint": "int8",
    "real": "float4",
    "boolean": "bool",
    "decimal": "numeric",
    "dec": "numeric",
    "character": "bpchar",
    "char": "bpchar",
    "nchar": "bpchar",
}
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_SINGLE_PRECISION = 24


def type_name(cursor: Cursor) -> TypeName:
    """Read the name of a type, with its modifiers and brackets."""
    pos = cursor.pos
    cursor.accept("setof")
    name, mods, fields = _simple(cursor)
    is_array = False
    if cursor.accept("array"):
        is_array = True
    while cursor.skip("["):
        is_array = True
        if cursor.now.kind == NUMBER:
            cursor.take()
        cursor.need("]")
    return TypeName(name, mods, is_array, fields, pos)


def _simple(cursor: Cursor) -> tuple[str, tuple[int, ...], str]:
    if cursor.accept("double"):
        cursor.expect("precision")
        return "float8", (), ""
    if cursor.accept("float"):
        mods = _mods(cursor)
        return ("float4" if mods and mods[0] <= _SINGLE_PRECISION else "float8"), (), ""
    if cursor.word("time") or cursor.word("timestamp"):
        return _time(cursor)
    if cursor.accept("interval"):
        return _interval(cursor)
    if cursor.accept("national"):
        if not cursor.accept("character"):
            cursor.expect("char")
        return _character(cursor, "bpchar")
    if word := cursor.one_of("character", "char", "nchar", "varchar"):
        return _character(cursor, _SAME.get(word, word))
    if cursor.now.word in _SAME:
        return _SAME[cursor.take().word], _mods(cursor), ""
    if cursor.now.word in {"numeric", "bit"}:
        return cursor.take().word, _mods(cursor), ""
    return _named(cursor), _mods(cursor), ""


def _named(cursor: Cursor) -> str:
    token = cursor.now
    if not cursor.is_name() and not cursor.is_function_name():
        cursor.fail()
    cursor.take()
    name = token.value
    while cursor.skip("."):
        schema, name = name, cursor.any_name()
        if schema not in {"pg_catalog", "information_schema"}:
            name = f"{schema}.{name}"
    return name


def _character(cursor: Cursor, name: str) -> tuple[str, tuple[int, ...], str]:
    if cursor.accept("varying"):
        name = "varchar"
    mods = _mods(cursor)
    return name, mods or ((1,) if name == "bpchar" else ()), ""


def _time(cursor: Cursor) -> tuple[str, tuple[int, ...], str]:
    name = cursor.take().word
    mods = _mods(cursor)
    if cursor.accept("with", "time", "zone"):
        return f"{name}tz", mods, ""
    cursor.accept("without", "time", "zone")
    return name, mods, ""


def _interval(cursor: Cursor) -> tuple[str, tuple[int, ...], str]:
    mods = _mods(cursor)
    return "interval", mods, "" if mods else interval_fields(cursor)


def interval_fields(cursor: Cursor) -> str:
    """Read what an interval is restricted to, such as `day to second`; return it or nothing."""
    first = cursor.one_of(*_UNITS)
    if not first:
        return ""
    if cursor.word("to") and cursor.peek().word in _UNITS[_UNITS.index(first) + 1 :]:
        cursor.take()
        first += f" to {cursor.take().word}"
    if first.endswith("second"):
        _mods(cursor)
    return first


def _mods(cursor: Cursor) -> tuple[int, ...]:
    if not cursor.symbol("("):
        return ()
    cursor.take()
    found = [_mod(cursor)]
    while cursor.skip(","):
        found.append(_mod(cursor))
    cursor.need(")")
    return tuple(found)


def _mod(cursor: Cursor) -> int:
    sign = -1 if cursor.skip("-") else 1
    if cursor.now.kind != NUMBER or not cursor.now.value.isdecimal():
        cursor.fail()
    return sign * int(cursor.take().value[:10])
