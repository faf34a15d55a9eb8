"""ORDER BY and windows: what rows are put in order by, and what a row sees of its neighbours.

Separate from queries because calls need both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sql.faults import unsupported
from drill.sql.lexer import OPERATOR
from drill.sql.nodes import Bound, Node, SortBy, Window

if TYPE_CHECKING:
    from drill.sql.grammar.cursor import Cursor


def sort(cursor: Cursor) -> tuple[SortBy, ...]:
    """Read ORDER BY if it comes next."""
    if not cursor.accept("order"):
        return ()
    cursor.expect("by")
    found = [_sort_item(cursor)]
    while cursor.skip(","):
        found.append(_sort_item(cursor))
    return tuple(found)


def _sort_item(cursor: Cursor) -> SortBy:
    pos = cursor.pos
    what = cursor.rules.expression(cursor)
    using = ""
    if cursor.accept("using"):
        if cursor.now.kind != OPERATOR:
            cursor.fail()
        using = cursor.take().value
        if using not in {"<", ">"}:
            raise unsupported(f"ORDER BY … USING {using}", pos)
    descending = using == ">" or cursor.accept("desc")
    if not descending:
        cursor.accept("asc")
    first = descending
    if cursor.accept("nulls", "first"):
        first = True
    elif cursor.accept("nulls", "last"):
        first = False
    return SortBy(what, descending, first, using, pos)


def windows(cursor: Cursor) -> tuple[Window, ...]:
    """Read the list behind WINDOW."""
    found: list[Window] = []
    while True:
        name = cursor.name()
        cursor.expect("as")
        found.append(replace(window(cursor), name=name))
        if not cursor.skip(","):
            return tuple(found)


def window(cursor: Cursor) -> Window:
    """Read a window in parentheses."""
    pos = cursor.pos
    cursor.need("(")
    base = ""
    if cursor.is_name() and cursor.now.word not in {"partition", "range", "rows", "groups"}:
        base = cursor.name()
    partition: list[Node] = []
    if cursor.accept("partition"):
        cursor.expect("by")
        partition.append(cursor.rules.expression(cursor))
        while cursor.skip(","):
            partition.append(cursor.rules.expression(cursor))
    order = sort(cursor)
    found = Window(base=base, partition=tuple(partition), order=order, pos=pos)
    mode = cursor.one_of("rows", "range", "groups")
    if mode:
        found = _frame(cursor, replace(found, mode=mode))
    cursor.need(")")
    return found


def _frame(cursor: Cursor, window_: Window) -> Window:
    if cursor.accept("between"):
        start = _bound(cursor)
        cursor.expect("and")
        window_ = replace(window_, start=start, end=_bound(cursor))
    else:
        window_ = replace(window_, start=_bound(cursor))
    if cursor.word("exclude"):
        raise unsupported("EXCLUDE in a window frame", cursor.pos)
    return window_


def _bound(cursor: Cursor) -> Bound:
    if cursor.accept("unbounded", "preceding"):
        return Bound("unbounded preceding")
    if cursor.accept("unbounded", "following"):
        return Bound("unbounded following")
    if cursor.accept("current", "row"):
        return Bound("current row")
    pos = cursor.pos
    offset = cursor.rules.expression(cursor)
    if cursor.accept("preceding"):
        return Bound("preceding", offset, pos)
    cursor.expect("following")
    return Bound("following", offset, pos)
