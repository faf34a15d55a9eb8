"""What expressions are made of: constants, columns, calls, CASE, sub-queries.

Separate from operators and their precedence (`expressions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.faults import UNDEFINED_TABLE, SqlError, unsupported
from drill.sql.grammar import spelled
from drill.sql.grammar.calling import named
from drill.sql.grammar.types import interval_fields
from drill.sql.lexer import IDENT, NUMBER, PARAM, STRING
from drill.sql.nodes import Call, Case, Cast, Const, Node, Query, Special, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.grammar.cursor import Cursor

_TYPE_WORDS = frozenset(
    [
        "bigint",
        "bit",
        "boolean",
        "char",
        "character",
        "dec",
        "decimal",
        "float",
        "int",
        "integer",
        "interval",
        "national",
        "nchar",
        "numeric",
        "real",
        "smallint",
        "time",
        "timestamp",
        "varchar",
    ]
)


_LIST_LIKE = {"coalesce", "greatest", "least", "nullif", "grouping"}


_VALUES = {
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_catalog",
    "current_schema",
}


def primary(cursor: Cursor) -> Node:
    """Read one operand."""
    token = cursor.now
    if token.kind == NUMBER:
        cursor.take()
        return Const("number", token.value, token.pos)
    if token.kind == STRING:
        cursor.take()
        return Const("string", token.value, token.pos)
    if token.kind == PARAM:
        raise SqlError(f"there is no parameter ${token.value}", UNDEFINED_TABLE, token.pos)
    if cursor.symbol("("):
        return _parenthesis(cursor)
    if token.kind == IDENT:
        rule = _RULES.get(token.value)
        if rule is not None:
            found = rule(cursor)
            if found is not None:
                return found
    return named(cursor)


def _parenthesis(cursor: Cursor) -> Node:
    pos = cursor.pos
    if cursor.opens_query():
        cursor.deeper()
        mark = cursor.mark()
        cursor.take()
        query = cursor.rules.query(cursor)
        if not cursor.nested_at(mark) or cursor.symbol(")"):
            cursor.need(")")
            cursor.higher()
            return Query("scalar", query, pos)
        cursor.back(mark)
        cursor.higher()
    cursor.need("(")
    first = cursor.rules.expression(cursor)
    if not cursor.symbol(","):
        cursor.need(")")
        return first
    args = [first]
    while cursor.skip(","):
        args.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return Special("row", tuple(args), pos)


def _constant(kind: str) -> Callable[[Cursor], Node | None]:
    def rule(cursor: Cursor) -> Node | None:
        token = cursor.take()
        return Const("null", "", token.pos) if kind == "null" else Const("bool", token.value, token.pos)

    return rule


def _case(cursor: Cursor) -> Node | None:
    pos = cursor.take().pos
    cursor.deeper()
    arg = None if cursor.word("when") else cursor.rules.expression(cursor)
    whens: list[tuple[Node, Node]] = []
    places: list[int] = []
    while cursor.word("when"):
        places.append(cursor.take().pos)
        condition = cursor.rules.expression(cursor)
        cursor.expect("then")
        whens.append((condition, cursor.rules.expression(cursor)))
    if not whens:
        cursor.fail()
    default = cursor.rules.expression(cursor) if cursor.accept("else") else None
    cursor.expect("end")
    cursor.higher()
    return Case(arg, tuple(whens), default, tuple(places), pos)


def _cast(cursor: Cursor) -> Node | None:
    pos = cursor.take().pos
    cursor.need("(")
    arg = cursor.rules.expression(cursor)
    cursor.expect("as")
    to = cursor.rules.type_name(cursor)
    cursor.need(")")
    return Cast(arg, to, pos)


def _exists(cursor: Cursor) -> Node | None:
    pos = cursor.take().pos
    cursor.need("(")
    query = cursor.rules.query(cursor)
    cursor.need(")")
    return Query("exists", query, pos)


def _array(cursor: Cursor) -> Node | None:
    pos = cursor.take().pos
    if cursor.skip("("):
        query = cursor.rules.query(cursor)
        cursor.need(")")
        return Query("array", query, pos)
    return _brackets(cursor, pos)


def _brackets(cursor: Cursor, pos: int) -> Node:
    cursor.need("[")
    cursor.deeper()
    items: list[Node] = []
    while not cursor.symbol("]"):
        if items:
            cursor.need(",")
        at = cursor.pos
        items.append(_brackets(cursor, at) if cursor.symbol("[") else cursor.rules.expression(cursor))
    cursor.need("]")
    cursor.higher()
    return Special("array", tuple(items), pos)


def _row(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    return Special("row", _arguments(cursor), pos)


def _special(cursor: Cursor) -> Node | None:
    token = cursor.now
    if not cursor.symbol("(", 1):
        return None
    cursor.take()
    args = _arguments(cursor)
    if not args or (token.value == "nullif" and len(args) != 2):  # noqa: PLR2004 - NULLIF(a, b)
        cursor.back(cursor.mark() - 1)
        cursor.fail()
    return Special(token.value, args, token.pos)


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    cursor.need("(")
    args: list[Node] = []
    if not cursor.symbol(")"):
        args.append(cursor.rules.expression(cursor))
        while cursor.skip(","):
            args.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return tuple(args)


def _interval(cursor: Cursor) -> Node | None:
    mark, pos = cursor.mark(), cursor.take().pos
    mods: tuple[int, ...] = ()
    if cursor.symbol("(") and cursor.peek().kind == NUMBER:
        cursor.take()
        mods = (int(cursor.take().value),)
        cursor.need(")")
    if cursor.now.kind != STRING:
        cursor.back(mark)
        return None
    token = cursor.take()
    fields = "" if mods else interval_fields(cursor)
    return Cast(Const("string", token.value, token.pos), TypeName("interval", mods, fields=fields, pos=pos), -1)


def _value(cursor: Cursor) -> Node | None:
    token = cursor.take()
    if token.value in {"current_date", "current_user", "session_user", "user", "current_role", "current_catalog"}:
        return Call(token.value, label=token.value, pos=token.pos)
    if token.value == "current_schema":
        if cursor.skip("("):
            cursor.need(")")
        return Call("current_schema", pos=token.pos)
    if cursor.symbol("("):
        raise unsupported(f"{token.value.upper()} with a precision", token.pos)
    return Call(token.value, label=token.value, pos=token.pos)


def _typed_constant(cursor: Cursor) -> Node | None:
    """Read `timestamp '…'` and the like, or nothing."""
    mark = cursor.mark()
    to = cursor.rules.type_name(cursor)
    if cursor.now.kind == STRING:
        token = cursor.take()
        return Cast(Const("string", token.value, token.pos), to, -1)
    cursor.back(mark)
    return None


_RULES: dict[str, Callable[[Cursor], Node | None]] = {
    "null": _constant("null"),
    "true": _constant("bool"),
    "false": _constant("bool"),
    "case": _case,
    "cast": _cast,
    "exists": _exists,
    "array": _array,
    "row": _row,
    "interval": _interval,
    **dict.fromkeys(_LIST_LIKE, _special),
    **dict.fromkeys(_VALUES, _value),
    **dict.fromkeys(_TYPE_WORDS - {"interval"}, _typed_constant),
    "double": lambda cursor: _typed_constant(cursor) if cursor.peek().word == "precision" else None,
    **spelled.RULES,
}
