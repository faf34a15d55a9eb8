"""Calls with OVER: which rows a window function sees, and in which order.

Separate from other calls; how their values are computed stands in `framing`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sql import types as t
from drill.sql.binding import calls, expressions
from drill.sql.binding.level import AggregateCall, Level, WindowCall
from drill.sql.bound import Expr
from drill.sql.casting import convert
from drill.sql.faults import GROUPING_ERROR, WINDOWING_ERROR, SqlError
from drill.sql.library.windows import WINDOW_FUNCTIONS
from drill.sql.resolve import concrete, select, unify
from drill.sql.types import TEXT, UNKNOWN, Type

if TYPE_CHECKING:
    from drill.sql.binding.plans import Sorting
    from drill.sql.nodes import Bound, Call, Window


def window_function(level: Level, node: Call) -> Expr:
    """Bind a window function that is no aggregate."""
    if node.over is None:
        msg = f"window function {node.name} requires an OVER clause"
        raise SqlError(msg, calls.WRONG_KIND, node.pos)
    level.refuse("window functions", node.pos)
    args = [expressions.bind(level, each) for each in node.args]
    candidates = WINDOW_FUNCTIONS[node.name]
    types = [each.type for each in args]
    found, several = select([each.function for each in candidates], types)
    if found is None:
        raise calls.undefined(node, types, several=several, known=True)
    element = unify(found.args, types) or UNKNOWN
    element = TEXT if element is UNKNOWN else element
    ready = [
        convert(each, concrete(want, element), level.running, "i") for each, want in zip(args, found.args, strict=True)
    ]
    choice = next(each for each in candidates if each.function is found)
    return over(level, node, choice, None, concrete(found.result, element), tuple(ready))


def over(  # noqa: PLR0913, PLR0917 - the two kinds of window calls share all but one part
    level: Level, node: Call, function: object, aggregate: AggregateCall | None, result: Type, args: tuple[Expr, ...]
) -> Expr:
    """Put down a window call, of a window function or of an aggregate."""
    if level.inside == "aggregate":
        msg = "aggregate function calls cannot contain window function calls"
        raise SqlError(msg, GROUPING_ERROR, node.pos)
    if level.inside == "window":
        msg = "window function calls cannot be nested"
        raise SqlError(msg, WINDOWING_ERROR, node.pos)
    assert node.over is not None  # noqa: S101 - the callers looked
    window = _merged(level, node.over)
    inside, level.inside = level.inside, "window"
    partition = tuple(expressions.bind(level, each) for each in window.partition)
    order = tuple(calls.sorting(level, each) for each in window.order)
    offsets = tuple(_offset(level, window, each, order) for each in (window.start, window.end))
    level.inside = inside
    _check_frame(window, order)
    call = WindowCall(function, aggregate, args, partition, order, window, (offsets[0], offsets[1]))  # type: ignore[arg-type]  # either kind of function
    level.windows.append(call)
    return Expr("window", result, (), len(level.windows) - 1, pos=node.pos)


def _merged(level: Level, window: Window) -> Window:
    """Return a window with what it takes from the one it names."""
    if not window.base:
        return window
    base = level.named_windows.get(window.base)
    if base is None:
        msg = f'window "{window.base}" does not exist'
        raise SqlError(msg, "42704", window.pos)
    base = _merged(level, base)
    if window.name == "=":
        return base
    if window.partition:
        msg = f'cannot override PARTITION BY clause of window "{window.base}"'
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    if window.order and base.order:
        msg = f'cannot override ORDER BY clause of window "{window.base}"'
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    if base.mode:
        msg = f'cannot copy window "{window.base}" because it has a frame clause'
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    return replace(window, partition=base.partition, order=window.order or base.order)


def _offset(level: Level, window: Window, bound: Bound, order: tuple[Sorting, ...]) -> Expr | None:
    if bound.offset is None:
        return None
    expr = expressions.bind(level, bound.offset)
    if window.mode != "range":
        return convert(expr, t.INT8, level.running, "a")
    if len(order) != 1:
        msg = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    kind = order[0].expr.type
    return convert(expr, t.INTERVAL if kind.category in {"D", "T"} else kind, level.running, "i")


def _check_frame(window: Window, order: tuple[Sorting, ...]) -> None:
    if window.mode == "groups" and not order:
        msg = "GROUPS mode requires an ORDER BY clause"
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    if window.start.kind == "unbounded following":
        msg = "frame start cannot be UNBOUNDED FOLLOWING"
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    if window.end.kind == "unbounded preceding":
        msg = "frame end cannot be UNBOUNDED PRECEDING"
        raise SqlError(msg, WINDOWING_ERROR, window.pos)
    after = ("unbounded preceding", "preceding", "current row", "following", "unbounded following")
    if after.index(window.start.kind) > after.index(window.end.kind):
        start = "following row" if window.start.kind == "following" else "current row"
        end = "preceding rows" if window.end.kind == "preceding" else "current row"
        msg = f"frame starting from {start} cannot {'end with' if end == 'current row' else 'have'} {end}"
        raise SqlError(msg, WINDOWING_ERROR, window.end.pos or window.pos)
