"""FROM: tables, queries, functions, joins.

Separate from queries, which say what becomes of the rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from drill.sql.faults import SYNTAX_ERROR, SqlError, unsupported
from drill.sql.keywords import FUNCTION_OR_TYPE
from drill.sql.lexer import IDENT, QUOTED
from drill.sql.nodes import Call, Node
from drill.sql.statements import Join, Rows, SubSelect, Table

if TYPE_CHECKING:
    from drill.sql.grammar.cursor import Cursor

_VALUE_CALLS = {"current_date", "current_timestamp", "current_user", "session_user", "user", "current_catalog"}


def sources(cursor: Cursor) -> tuple[Node, ...]:
    """Read the list behind FROM."""
    found = [_joined(cursor)]
    while cursor.skip(","):
        found.append(_joined(cursor))
    return tuple(found)


def _joined(cursor: Cursor) -> Node:
    cursor.deeper()
    found = _source(cursor)
    while True:
        pos = cursor.pos
        natural = cursor.accept("natural")
        kind = _join_kind(cursor)
        if not kind:
            if natural:
                cursor.fail()
            cursor.higher()
            return found
        found = _join(cursor, kind, found, pos, natural=natural)


def _join_kind(cursor: Cursor) -> str:
    if cursor.accept("join"):
        return "inner"
    kind = cursor.now.word
    if kind in {"inner", "cross"}:
        cursor.take()
        cursor.expect("join")
        return kind
    if kind in {"left", "right", "full"}:
        cursor.take()
        cursor.accept("outer")
        cursor.expect("join")
        return kind
    return ""


def _join(cursor: Cursor, kind: str, left: Node, pos: int, *, natural: bool) -> Node:
    right = _source(cursor)
    if natural or kind == "cross":
        return Join(_kind(kind), left, right, natural=natural, pos=pos)
    while not (cursor.word("on") or cursor.word("using")):  # a JOIN b JOIN c ON … ON …: the inner one closes first
        at, natural_inside = cursor.pos, cursor.accept("natural")
        inside = _join_kind(cursor)
        if not inside:
            cursor.fail()
        right = _join(cursor, inside, right, at, natural=natural_inside)
    join = Join(_kind(kind), left, right, pos=pos)
    if cursor.accept("on"):
        return replace(join, on=cursor.rules.expression(cursor))
    if cursor.accept("using"):
        join = replace(join, using=cursor.names())
        if cursor.accept("as"):
            join = replace(join, alias=cursor.name())
        return join
    return cursor.fail()


def _kind(word: str) -> Literal["inner", "left", "right", "full", "cross"]:
    return word  # type: ignore[return-value]  # read from these very words


def _source(cursor: Cursor) -> Node:
    pos = cursor.pos
    lateral = cursor.accept("lateral")
    if cursor.symbol("("):
        return _in_parentheses(cursor, pos, lateral=lateral)
    if cursor.word("rows", "from"):
        return _rows_from(cursor)
    if cursor.accept("only"):
        return _table(cursor)
    if _is_call(cursor):
        call = _call(cursor)
        ordinality = cursor.accept("with", "ordinality")
        alias, columns = _alias(cursor)
        return Rows((call,), alias, columns, ordinality, pos)
    if lateral:
        cursor.fail()
    return _table(cursor)


def _in_parentheses(cursor: Cursor, pos: int, *, lateral: bool) -> Node:
    if cursor.opens_query():
        mark = cursor.mark()
        cursor.take()
        query = cursor.rules.query(cursor)
        if not cursor.nested_at(mark) or cursor.symbol(")"):
            cursor.need(")")
            alias, columns = _alias(cursor)
            if not alias:
                values = query.__class__.__name__ == "Whole" and type(query.body).__name__ == "Values"  # type: ignore[attr-defined]  # a whole query has a body
                what, hint = ("VALUES", "(VALUES ...)") if values else ("subquery", "(SELECT ...)")
                raise SqlError(
                    f"{what} in FROM must have an alias",
                    SYNTAX_ERROR,
                    pos,
                    hint=f"For example, FROM {hint} [AS] foo.",
                )
            return SubSelect(query, alias, columns, lateral, pos)
        cursor.back(mark)
    cursor.need("(")
    found = _joined(cursor)
    cursor.need(")")
    if not isinstance(found, Join):
        cursor.fail()
    alias, columns = _alias(cursor)
    if alias:
        raise unsupported("an alias for a join in parentheses", pos)
    return found


def _is_call(cursor: Cursor) -> bool:
    if cursor.now.word in _VALUE_CALLS:
        return True
    ahead = 0
    while cursor.peek(ahead).kind in {IDENT, QUOTED} and cursor.symbol(".", ahead + 1):
        ahead += 2
    return (
        cursor.peek(ahead).kind in {IDENT, QUOTED}
        and cursor.symbol("(", ahead + 1)
        and (cursor.is_function_name() or ahead > 0)
    )


def _call(cursor: Cursor) -> Node:
    pos = cursor.pos
    found = cursor.rules.narrow(cursor)
    if not isinstance(found, Call):
        raise unsupported("this expression in FROM", pos)
    return found


def _rows_from(cursor: Cursor) -> Node:
    pos = cursor.take().pos
    cursor.take()
    cursor.need("(")
    calls = [_call(cursor)]
    while cursor.skip(","):
        calls.append(_call(cursor))
    cursor.need(")")
    ordinality = cursor.accept("with", "ordinality")
    alias, columns = _alias(cursor)
    return Rows(tuple(calls), alias, columns, ordinality, pos)


def _table(cursor: Cursor) -> Node:
    pos = cursor.pos
    if not cursor.is_name() and cursor.now.word not in FUNCTION_OR_TYPE:
        cursor.fail()
    parts = cursor.qualified()
    cursor.skip("*")
    alias, columns = _alias(cursor)
    if cursor.word("tablesample"):
        raise unsupported("TABLESAMPLE", cursor.pos)
    return Table(parts[-1], parts[-2] if len(parts) > 1 else "", alias, columns, pos)


def _alias(cursor: Cursor) -> tuple[str, tuple[str, ...]]:
    if cursor.accept("as"):
        if cursor.symbol("("):
            raise unsupported("a list of column definitions", cursor.pos)
        alias = cursor.name()
    elif cursor.is_name():
        alias = cursor.name()
    else:
        return "", ()
    if not cursor.symbol("("):
        return alias, ()
    if cursor.peek(2).kind in {IDENT, QUOTED}:
        raise unsupported("a list of column definitions", cursor.pos)
    return alias, cursor.names()
