"""Names and calls: columns, functions with what may stand between and behind their parentheses.

Separate from other operands, which begin with a word or mark of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.grammar import spelled
from drill.sql.keywords import COLUMN_ONLY, RESERVED, column_name
from drill.sql.lexer import IDENT, QUOTED, STRING
from drill.sql.nodes import Call, Cast, Const, Name, Node, SortBy, Star, TypeName, Window

if TYPE_CHECKING:
    from drill.sql.grammar.cursor import Cursor


def named(cursor: Cursor) -> Node:
    """Read what begins with a name: a column, a call, or a constant of a named type."""
    token = cursor.now
    if token.kind not in {IDENT, QUOTED}:
        cursor.fail()
    if token.kind == IDENT and token.value in RESERVED:
        cursor.fail()
    if cursor.peek().kind == STRING and token.value not in COLUMN_ONLY and not token.value.startswith("operator"):
        cursor.take()
        literal = cursor.take()
        return Cast(Const("string", literal.value, literal.pos), TypeName(token.value, pos=token.pos), -1)
    parts = [cursor.take().value]
    while cursor.symbol("."):
        if cursor.symbol("*", 1):
            cursor.take()
            cursor.take()
            return Star(tuple(parts), token.pos)
        cursor.take()
        parts.append(cursor.any_name())
    if cursor.symbol("(") and (len(parts) > 1 or token.kind == QUOTED or token.value not in COLUMN_ONLY):
        return _call(cursor, parts, token.pos)
    if token.kind == IDENT and not column_name(token.value):
        cursor.fail()
    return Name(tuple(parts), token.pos)


def _call(cursor: Cursor, parts: list[str], pos: int) -> Node:
    name, schema = parts[-1], parts[-2] if len(parts) > 1 else ""
    cursor.need("(")
    star = distinct = variadic = False
    args: list[Node] = []
    names: list[str] = []
    order: tuple[SortBy, ...] = ()
    if cursor.skip("*"):
        star = True
    elif not cursor.symbol(")"):
        distinct = cursor.accept("distinct")
        if not distinct:
            cursor.accept("all")
        while True:
            variadic = cursor.accept("variadic")
            if cursor.is_name() and (cursor.symbol("=>", 1) or cursor.symbol(":=", 1)):
                names.append(cursor.take().value)
                cursor.take()
            args.append(cursor.rules.expression(cursor))
            if not cursor.skip(","):
                break
        order = cursor.rules.sort(cursor)
    cursor.need(")")
    call = Call(name, tuple(args), schema, star, distinct, order, variadic=variadic, names=tuple(names), pos=pos)
    return spelled.after_call(cursor, call, _over)


def _over(cursor: Cursor) -> Window | None:
    if not cursor.accept("over"):
        return None
    if cursor.symbol("("):
        found = cursor.rules.window(cursor)
        assert isinstance(found, Window)  # noqa: S101 - rules are typed as loosely as their nodes
        return found
    pos = cursor.pos
    return Window(base=cursor.name(), mode="", pos=pos, name="=")
