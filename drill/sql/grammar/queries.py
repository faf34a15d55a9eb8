"""Queries: SELECT, VALUES, TABLE, set operations, WITH, ORDER BY, LIMIT, windows.

Separate from FROM (`sources`) and from expressions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sql.faults import SYNTAX_ERROR, SqlError, unsupported
from drill.sql.grammar.ordering import sort, windows
from drill.sql.grammar.sources import sources
from drill.sql.nodes import Const, Node, Star
from drill.sql.statements import Grouping, Select, SetOp, Table, Tail, Target, Values, Whole, With

if TYPE_CHECKING:
    from drill.sql.grammar.cursor import Cursor

_FOR = ("update", "share", "no", "key")


def query(cursor: Cursor) -> Node:
    """Read a query with all that may stand before and behind it."""
    cursor.deeper()
    pos = cursor.pos
    ctes, recursive = _with(cursor)
    body = _set_operation(cursor, 0)
    tail = _tail(cursor)
    cursor.higher()
    if isinstance(body, Whole) and (tail == Tail() and not ctes):
        return body
    return Whole(body, tail, ctes, recursive, pos)


def _with(cursor: Cursor) -> tuple[tuple[With, ...], bool]:
    if not cursor.accept("with"):
        return (), False
    recursive = cursor.accept("recursive")
    found: list[With] = []
    while True:
        pos = cursor.pos
        name = cursor.name()
        columns = cursor.names() if cursor.symbol("(") else ()
        cursor.expect("as")
        if cursor.word("not", "materialized"):
            cursor.take()
        cursor.accept("materialized")
        cursor.need("(")
        if cursor.now.word in {"insert", "update", "delete"}:
            msg = f"cannot execute {cursor.now.word.upper()} in a read-only transaction"
            raise SqlError(msg, "25006")
        found.append(With(name, columns, query(cursor), pos))
        cursor.need(")")
        if cursor.now.word in {"search", "cycle"}:
            raise unsupported(f"{cursor.now.text.upper()} in WITH", cursor.pos)
        if not cursor.skip(","):
            return tuple(found), recursive


def _set_operation(cursor: Cursor, level: int) -> Node:
    if level == 1:
        words: tuple[str, ...] = ("intersect",)
        found = _simple(cursor)
    else:
        words = ("union", "except")
        found = _set_operation(cursor, 1)
    while cursor.now.word in words:
        token = cursor.take()
        every = cursor.accept("all")
        if not every:
            cursor.accept("distinct")
        right = _simple(cursor) if level == 1 else _set_operation(cursor, 1)
        found = SetOp(token.word, every, found, right, token.pos)  # type: ignore[arg-type]  # one of the words above
    return found


def _simple(cursor: Cursor) -> Node:
    if cursor.symbol("("):
        cursor.take()
        found = query(cursor)
        cursor.need(")")
        return found
    pos = cursor.pos
    if cursor.accept("values"):
        rows = [_row(cursor)]
        while cursor.skip(","):
            rows.append(_row(cursor))
        if any(len(row) != len(rows[0]) for row in rows):
            odd = next(row for row in rows if len(row) != len(rows[0]))[0]
            msg = "VALUES lists must all be the same length"
            raise SqlError(msg, SYNTAX_ERROR, getattr(odd, "pos", None))
        return Values(tuple(rows), pos)
    if cursor.accept("table"):
        cursor.accept("only")
        at = cursor.pos
        parts = cursor.qualified()
        table = Table(parts[-1], parts[-2] if len(parts) > 1 else "", pos=at)
        return Select((Target(Star(pos=at), pos=at),), (table,), pos=pos)
    if not cursor.accept("select"):
        cursor.fail()
    return _select(cursor, pos)


def _row(cursor: Cursor) -> tuple[Node, ...]:
    cursor.need("(")
    items = [cursor.rules.expression(cursor)]
    while cursor.skip(","):
        items.append(cursor.rules.expression(cursor))
    cursor.need(")")
    return tuple(items)


def _select(cursor: Cursor, pos: int) -> Select:
    distinct = False
    on: tuple[Node, ...] = ()
    if cursor.accept("distinct"):
        distinct = True
        if cursor.accept("on"):
            on = _row(cursor)
    else:
        cursor.accept("all")
    targets = _targets(cursor)
    if distinct and not targets:
        cursor.fail()
    if cursor.word("into"):
        raise SqlError("cannot execute SELECT INTO in a read-only transaction", "25006")
    found = Select(targets, distinct=distinct, distinct_on=on, pos=pos)
    return _clauses(cursor, found)


def _clauses(cursor: Cursor, found: Select) -> Select:
    if cursor.accept("from"):
        found = replace(found, sources=sources(cursor))
    if cursor.accept("where"):
        found = replace(found, where=cursor.rules.expression(cursor))
    if cursor.accept("group", "by"):
        unique = cursor.accept("distinct")
        if not unique:
            cursor.accept("all")
        found = replace(found, group=_groups(cursor), grouped=True, group_distinct=unique)
    elif cursor.word("group"):
        cursor.take()
        cursor.fail()
    if cursor.accept("having"):
        found = replace(found, having=cursor.rules.expression(cursor))
    if cursor.accept("window"):
        found = replace(found, windows=windows(cursor))
    return found


def _targets(cursor: Cursor) -> tuple[Target, ...]:
    ends = ("from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit", "offset")
    if cursor.now.word in (*ends, "fetch", "for", "into") or cursor.symbol(")") or cursor.now.kind == "end":
        return ()
    found = [_target(cursor)]
    while cursor.skip(","):
        found.append(_target(cursor))
    return tuple(found)


def _target(cursor: Cursor) -> Target:
    pos = cursor.pos
    if cursor.skip("*"):
        return Target(Star(pos=pos), pos=pos)
    what = cursor.rules.expression(cursor)
    if cursor.accept("as"):
        return Target(what, cursor.any_name(), pos)
    return Target(what, cursor.take().value if cursor.is_label() else "", pos)


def _groups(cursor: Cursor) -> tuple[Node, ...]:
    found = [_group(cursor)]
    while cursor.skip(","):
        found.append(_group(cursor))
    return tuple(found)


def _group(cursor: Cursor) -> Node:
    pos = cursor.pos
    if cursor.word("rollup") or cursor.word("cube"):
        kind = cursor.take().word
        return Grouping(kind, _grouped(cursor), pos)  # type: ignore[arg-type]  # one of the two words
    if cursor.accept("grouping", "sets"):
        return Grouping("sets", _grouped(cursor), pos)
    if cursor.symbol("(") and cursor.symbol(")", 1):
        cursor.take()
        cursor.take()
        return Grouping("list", (), pos)
    found = cursor.rules.expression(cursor)
    if getattr(found, "name", "") == "row" and cursor.last.value == ")":
        return Grouping("list", found.args, pos)  # type: ignore[attr-defined]  # a row has arguments
    return found


def _grouped(cursor: Cursor) -> tuple[Node, ...]:
    cursor.need("(")
    found = _groups(cursor)
    cursor.need(")")
    return found


def _tail(cursor: Cursor) -> Tail:
    found = Tail(order=sort(cursor))
    while True:
        if cursor.word("limit") and found.limit is None:
            at = cursor.take().pos
            found = replace(found, limit=_count(cursor))
            if cursor.symbol(","):
                hint = "Use separate LIMIT and OFFSET clauses."
                raise SqlError("LIMIT #,# syntax is not supported", SYNTAX_ERROR, at, hint=hint)
        elif cursor.word("offset") and found.offset is None:
            cursor.take()
            found = replace(found, offset=cursor.rules.expression(cursor))
            cursor.one_of("row", "rows")
        elif cursor.word("fetch") and found.limit is None:
            found = _fetch(cursor, found)
        elif cursor.word("for") and cursor.peek().word in _FOR:
            raise SqlError("cannot execute SELECT FOR UPDATE in a read-only transaction", "25006")
        else:
            return found


def _count(cursor: Cursor) -> Node:
    pos = cursor.pos
    return Const("null", "", pos) if cursor.accept("all") else cursor.rules.expression(cursor)


def _fetch(cursor: Cursor, tail: Tail) -> Tail:
    cursor.take()
    if not cursor.accept("first"):
        cursor.expect("next")
    pos = cursor.pos
    limit = Const("number", "1", pos) if cursor.now.word in {"row", "rows"} else cursor.rules.expression(cursor)
    if not cursor.accept("row"):
        cursor.expect("rows")
    if cursor.accept("with", "ties"):
        if not tail.order:
            msg = "WITH TIES cannot be specified without ORDER BY clause"
            raise SqlError(msg, SYNTAX_ERROR)
        return replace(tail, limit=limit, ties=True)
    cursor.expect("only")
    return replace(tail, limit=limit)
