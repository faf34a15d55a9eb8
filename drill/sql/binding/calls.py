"""Calls: functions, aggregates, window functions, functions that return sets.

Separate because one notation means four things. Aggregates and window functions are put down in the level and become
references to what the plan will compute.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sql import registry
from drill.sql import types as t
from drill.sql.binding import expressions, operators, windowing
from drill.sql.binding.level import AggregateCall, SetCall
from drill.sql.binding.plans import Sorting
from drill.sql.bound import Expr
from drill.sql.casting import convert
from drill.sql.faults import (
    AMBIGUOUS_FUNCTION,
    GROUPING_ERROR,
    INVALID_COLUMN_REFERENCE,
    NOT_SUPPORTED,
    UNDEFINED_FUNCTION,
    SqlError,
    unsupported,
)
from drill.sql.library.aggregates import Aggregate, aggregates
from drill.sql.library.known import KNOWN
from drill.sql.library.windows import WINDOW_FUNCTIONS
from drill.sql.nodes import Call, Const, Node, SortBy
from drill.sql.resolve import Function, concrete, select, unify
from drill.sql.types import POLYMORPHIC, TEXT, UNKNOWN, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.sql.binding.level import Level

WRONG_KIND = "42809"
_MOVE = "You might be able to move the set-returning function into a LATERAL FROM item."


def invoke(level: Level, node: Call) -> Expr:
    """Bind a call."""
    if node.schema not in {"", "pg_catalog", "public", "information_schema"}:
        raise SqlError(f'schema "{node.schema}" does not exist', "3F000", node.pos)
    if node.names or node.variadic:
        node = _in_order(node)
    if node.name in aggregates():
        return _aggregate(level, node)
    if node.name in WINDOW_FUNCTIONS:
        return windowing.window_function(level, node)
    _only_plain(node)
    args = [expressions.bind(level, each) for each in node.args]
    function = resolve_function(level, node, [each.type for each in args])
    if function is None:
        return convert(args[0], t.TYPES[node.name], level.running)
    if function.returns_set:
        return _set(level, node, function, args)
    return _named(operators.invoke(level.running, function, args, ("fn", node.name), node.pos), node.pos)


_INTERVAL_PARTS = ("years", "months", "weeks", "days", "hours", "mins", "secs")


def _in_order(node: Call) -> Call:
    """Return a call with arguments by name as one with arguments in their places."""
    if node.name != "make_interval" or node.variadic or len(node.names) != len(node.args):
        raise unsupported("this way to pass arguments", node.pos)
    if not set(node.names) <= set(_INTERVAL_PARTS):
        raise undefined(node, (), several=False, known=True)
    args: list[Node] = [Const("number", "0", node.pos) for _ in _INTERVAL_PARTS]
    for name, arg in zip(node.names, node.args, strict=True):
        args[_INTERVAL_PARTS.index(name)] = arg
    return replace(node, args=tuple(args), names=())


def _named(expr: Expr, pos: int) -> Expr:
    return Expr(expr.kind, expr.type, expr.args, expr.payload, expr.make, pos=pos, name=expr.name, mod=expr.mod)


def _only_plain(node: Call) -> None:
    name = node.name
    if not registry.functions(name):
        return
    if node.star and all(each.args for each in registry.functions(name)):
        raise undefined(node, (), several=False, known=True)
    if node.star or node.distinct or node.order or node.where is not None or node.within:
        what = (
            f"{name}(*) specified, but {name} is not an aggregate function" if node.star
            else f"DISTINCT specified, but {name} is not an aggregate function" if node.distinct
            else f"WITHIN GROUP specified, but {name} is not an aggregate function" if node.within
            else f"ORDER BY specified, but {name} is not an aggregate function" if node.order
            else f"FILTER specified, but {name} is not an aggregate function"
        )  # fmt: skip
        raise SqlError(what, WRONG_KIND, node.pos)
    if node.over is not None:
        msg = f"OVER specified, but {name} is not a window function nor an aggregate function"
        raise SqlError(msg, WRONG_KIND, node.pos)


def resolve_function(level: Level, node: Call, types: Sequence[Type]) -> Function | None:
    """Return the function of a call, None when it is a cast written as one; raise SqlError for neither."""
    del level
    candidates = registry.functions(node.name)
    found, several = select(candidates, types)
    if found is not None:
        return found
    if len(types) == 1 and node.name in t.TYPES and t.TYPES[node.name].category not in {"P", "X"} and not several:
        return None
    raise undefined(node, types, several=several, known=bool(candidates))


def undefined(node: Call, types: Sequence[Type], *, several: bool, known: bool) -> SqlError:
    """Return the error for a call that means nothing."""
    shown = f"{node.name}({', '.join('*' if node.star else each.title for each in types)})"
    if node.star:
        shown = f"{node.name}()"
    if several:
        hint = "Could not choose a best candidate function. You might need to add explicit type casts."
        return SqlError(f"function {shown} is not unique", AMBIGUOUS_FUNCTION, node.pos, hint=hint)
    if not known and node.name in KNOWN:
        return unsupported(f"function {node.name}", node.pos)
    hint = "No function matches the given name and argument types. You might need to add explicit type casts."
    return SqlError(f"function {shown} does not exist", UNDEFINED_FUNCTION, node.pos, hint=hint)


def _set(level: Level, node: Call, function: Function, args: list[Expr]) -> Expr:
    level.refuse("set-returning functions", node.pos)
    if level.inside:
        what = "aggregate function" if level.inside == "aggregate" else "window function"
        msg = f"{what} calls cannot contain set-returning function calls"
        raise SqlError(msg, NOT_SUPPORTED, node.pos, hint=_MOVE)
    if any(each.kind == "set" for arg in args for each in arg.walk()):
        raise unsupported("a set-returning function inside another", node.pos)
    expr = operators.invoke(level.running, _unfolded(function), args, ("set", node.name), node.pos)
    level.sets.append(SetCall(function, expr))
    return Expr("set", expr.type, (), len(level.sets) - 1, pos=node.pos)


def _unfolded(function: Function) -> Function:
    return replace(function, volatile=True)


def _aggregate(level: Level, node: Call) -> Expr:
    if level.inside == "aggregate":
        msg = "aggregate function calls cannot be nested"
        raise SqlError(msg, GROUPING_ERROR, node.pos)
    if node.over is None:
        level.refuse("aggregate functions", node.pos)
    call, result = _collect(level, node)
    if node.over is not None:
        level.refuse("window functions", node.pos)
        return windowing.over(level, node, None, call, result, ())
    key = len(level.aggregates)
    level.aggregates.append(call)
    return Expr("agg", result, (), key, pos=node.pos)


def _collect(level: Level, node: Call) -> tuple[AggregateCall, Type]:
    """Bind the arguments of an aggregate and choose it."""
    inside, level.inside = level.inside, level.inside if node.over is not None else "aggregate"
    sets = len(level.sets)
    args = [expressions.bind(level, each) for each in node.args]
    order = [] if node.within and not node.order else [sorting(level, each) for each in node.order]
    level.inside = "filter" if node.over is None else inside
    where = None if node.where is None else expressions.bind_boolean(level, node.where, "FILTER")
    level.inside = inside
    if len(level.sets) > sets:
        msg = "aggregate function calls cannot contain set-returning function calls"
        raise SqlError(msg, NOT_SUPPORTED, node.pos, hint=_MOVE)
    choice, result, ready, direct = _choose(level, node, args, order)
    _check_aggregate(node, choice, ready)
    kinds = [each.type for each in ready]
    if (
        args
        and all(e.kind != "column" for a in args for e in a.walk())
        and any(e.kind == "outer" for a in args for e in a.walk())
    ):
        raise unsupported("an aggregate over columns of an outer query", node.pos)
    make = (lambda: choice.make(*kinds)) if choice.typed else choice.make
    bound = Aggregate(choice.function, make, choice.keeps_nulls, choice.ordered, choice.typed, choice.bounded)
    return AggregateCall(bound, tuple(ready), node.distinct, tuple(order), where, tuple(direct), node.star), result


def _choose(
    level: Level, node: Call, args: list[Expr], order: list[Sorting]
) -> tuple[Aggregate, Type, list[Expr], list[Expr]]:
    candidates = aggregates()[node.name]
    ordered = candidates[0].ordered
    if ordered is not node.within:
        types = [each.type for each in (*args, *(each.expr for each in order))]
        raise undefined(node, types, several=False, known=True)
    every = [*args, *(each.expr for each in order)] if ordered else args
    if not every and not node.star and node.name == "count":
        msg = "count(*) must be used to call a parameterless aggregate function"
        raise SqlError(msg, WRONG_KIND, node.pos)
    if node.star and node.name != "count":
        raise undefined(node, (), several=False, known=True)
    types = [each.type for each in every]
    found, several = select([each.function for each in candidates], types)
    if found is None:
        raise undefined(node, types, several=several, known=True)
    choice = next(each for each in candidates if each.function is found)
    declared = found.args
    element = unify(declared, types) or UNKNOWN
    element = TEXT if element is UNKNOWN else element
    wanted = [concrete(each, element) for each in declared]
    ready = [
        each if want.name == "any" else convert(each, want, level.running, "i")
        for each, want in zip(every, wanted, strict=True)
    ]  # fmt: skip
    result = concrete(found.result, element) if found.result in POLYMORPHIC else found.result
    if ordered:
        count = len(args)
        order[:] = [
            Sorting(new, old.descending, old.nulls_first) for new, old in zip(ready[count:], order, strict=True)
        ]
        return choice, result, ready[count:], ready[:count]
    return choice, result, ready, []


def _check_aggregate(node: Call, choice: Aggregate, args: list[Expr]) -> None:
    if node.distinct and node.order and not choice.ordered:
        written = list(node.args)
        for each in node.order:
            if each.what not in written:
                msg = "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list"
                raise SqlError(msg, INVALID_COLUMN_REFERENCE, each.pos)
    if node.distinct and args and args[0].type.name == "json":
        msg = "could not identify an equality operator for type json"
        raise SqlError(msg, UNDEFINED_FUNCTION, args[0].pos)
    if node.over is not None and (node.distinct or node.order):
        what = (
            "DISTINCT is not implemented for window functions"
            if node.distinct
            else ("aggregate ORDER BY is not implemented for window functions")
        )
        raise SqlError(what, NOT_SUPPORTED, node.pos)


def sorting(level: Level, node: SortBy) -> Sorting:
    """Return what an item of ORDER BY inside a call sorts by."""
    expr = expressions.bind(level, node.what)
    if expr.type is UNKNOWN:
        expr = convert(expr, TEXT, level.running)
    return Sorting(expr, node.descending, node.nulls_first)
