"""Functions whose arguments are spelled with words, such as EXTRACT and TRIM; and what may follow a call.

Separate because each is an exception of its own; all end up as ordinary calls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sql.faults import unsupported
from drill.sql.lexer import STRING
from drill.sql.nodes import Call, Const, Node, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.grammar.cursor import Cursor


def after_call(cursor: Cursor, call: Call, over: Callable[[Cursor], Window | None]) -> Call:
    """Read WITHIN GROUP, FILTER and OVER behind a call."""
    if cursor.accept("within", "group"):
        cursor.need("(")
        order = cursor.rules.sort(cursor)
        if not order:
            cursor.fail()
        cursor.need(")")
        call = replace(call, order=order, within=True)
    if cursor.word("filter") and cursor.symbol("(", 1):
        cursor.take()
        cursor.need("(")
        cursor.expect("where")
        call = replace(call, where=cursor.rules.expression(cursor))
        cursor.need(")")
    return replace(call, over=over(cursor))


def _extract(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    cursor.need("(")
    at = cursor.pos
    field = cursor.take().value if cursor.now.kind == STRING else cursor.any_name()
    cursor.expect("from")
    of = cursor.rules.expression(cursor)
    cursor.need(")")
    return Call("extract", (Const("string", field, at), of), pos=pos)


def _position(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    cursor.need("(")
    what = cursor.rules.narrow(cursor)
    cursor.expect("in")
    where = cursor.rules.narrow(cursor)
    cursor.need(")")
    return Call("position", (where, what), pos=pos)


def _substring(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    cursor.need("(")
    args = [cursor.rules.expression(cursor)]
    if cursor.skip(","):
        args.append(cursor.rules.expression(cursor))
        if cursor.skip(","):
            args.append(cursor.rules.expression(cursor))
    elif cursor.word("similar"):
        raise unsupported("SUBSTRING … SIMILAR", pos)
    else:
        if cursor.accept("from"):
            args.append(cursor.rules.expression(cursor))
        if cursor.accept("for"):
            if len(args) == 1:
                args.append(Const("number", "1", cursor.pos))
            args.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return Call("substring", tuple(args), pos=pos)


def _trim(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    cursor.need("(")
    name = {"leading": "ltrim", "trailing": "rtrim"}.get(cursor.one_of("leading", "trailing", "both"), "btrim")
    if cursor.accept("from"):
        args = [cursor.rules.expression(cursor)]
    else:
        args = [cursor.rules.expression(cursor)]
        if cursor.accept("from"):
            args.insert(0, cursor.rules.expression(cursor))
    while cursor.skip(","):
        args.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return Call(name, tuple(args), pos=pos)


def _overlay(cursor: Cursor) -> Node | None:
    if not cursor.symbol("(", 1):
        return None
    pos = cursor.take().pos
    cursor.need("(")
    args = [cursor.rules.expression(cursor)]
    if cursor.accept("placing"):
        args.append(cursor.rules.expression(cursor))
        cursor.expect("from")
        args.append(cursor.rules.expression(cursor))
        if cursor.accept("for"):
            args.append(cursor.rules.expression(cursor))
    else:
        while cursor.skip(","):
            args.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return Call("overlay", tuple(args), pos=pos)


RULES: dict[str, Callable[[Cursor], Node | None]] = {
    "extract": _extract,
    "position": _position,
    "substring": _substring,
    "trim": _trim,
    "overlay": _overlay,
}
"""By the word they begin with; a rule returns None when no parenthesis follows."""
