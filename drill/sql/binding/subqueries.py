"""Queries inside expressions: one value, whether there are rows, an array of values, ANY and ALL.

Separate because they run plans. What does not depend on the row at hand runs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql import types as t
from drill.sql.binding import expressions, operators
from drill.sql.binding.scope import Fence
from drill.sql.bound import Expr, slot
from drill.sql.casting import as_boolean, convert
from drill.sql.faults import CARDINALITY, SYNTAX_ERROR, SqlError, unsupported
from drill.sql.nodes import Quantified, Query, Special
from drill.sql.statements import Whole
from drill.sql.types import BOOL, UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sql.binding.level import Level
    from drill.sql.binding.plans import Plan
    from drill.sql.bound import Row
    from drill.sql.nodes import Node

    Closure = Callable[[Row], Value]


def _plan(level: Level, node: Node) -> tuple[Plan, Fence]:
    fence = Fence(level.scope)
    plan = level.query(node, fence, level.ctes)
    return (plan if fence.crossed else plan.cached(level.running)), fence


def _outer_columns(fence: Fence) -> tuple[Expr, ...]:
    """Return the columns of the query at hand that a query inside of it uses."""
    return tuple(each for each in fence.crossed if each.kind == "column")


def query(level: Level, node: Query) -> Expr:
    """Bind a query that stands for a value."""
    plan, fence = _plan(level, node.query)
    frame = level.scope.frame
    if node.kind != "exists" and len(plan.columns) != 1:
        msg = "subquery must return only one column"
        raise SqlError(msg, SYNTAX_ERROR, node.pos)
    kind, take = _takes(node, plan)
    key = (id(plan), "query")

    def make(*_: Closure) -> Closure:
        def evaluate(row: Row) -> Value:
            saved, frame.row = frame.row, row
            try:
                return take(plan.rows())
            finally:
                frame.row = saved

        return evaluate

    return Expr("query", kind, _outer_columns(fence), key, make, pos=node.pos)


def _takes(node: Query, plan: Plan) -> tuple[t.Type, Callable[[Iterator[Row]], Value]]:
    if node.kind == "exists":
        return BOOL, lambda rows: next(rows, None) is not None
    kind = plan.columns[0].type
    if node.kind == "array":
        array = t.array_of(kind)
        if array is None:
            raise unsupported(f"an array of {kind.title}", node.pos)
        return array, lambda rows: tuple(row[0] for row in rows)
    return kind, _single


def _single(rows: Iterator[Row]) -> Value:
    first = next(rows, None)
    if first is None:
        return None
    if next(rows, None) is not None:
        msg = "more than one row returned by a subquery used as an expression"
        raise SqlError(msg, CARDINALITY)
    return first[0]


def quantified(level: Level, node: Quantified) -> Expr:
    """Bind a comparison with ANY or ALL."""
    if isinstance(node.of, Whole):
        return _of_query(level, node, node.of)
    arg, array = expressions.bind(level, node.arg), expressions.bind(level, node.of)
    if array.type is UNKNOWN:
        kind = t.array_of(arg.type if arg.type is not UNKNOWN else t.TEXT)
        if kind is None:
            raise unsupported(f"an array of {arg.type.title}", node.pos)
        array = convert(array, kind, level.running, "i")
    element = array.type.element
    if element is None:
        msg = "op ANY/ALL (array) requires array on right side"
        raise SqlError(msg, "42809", node.pos)
    function = operators.find(node.op, (arg.type, element), node.pos)
    declared = function.args
    if declared[1] in t.POLYMORPHIC:
        raise unsupported("ANY or ALL with this operator", node.pos)
    left = convert(arg, declared[0], level.running, "i")
    target = t.array_of(declared[1])
    right = convert(array, target, level.running, "i") if target is not None and declared[1] is not element else array
    run, every = function.run, node.every

    def make(one: Closure, many: Closure) -> Closure:
        def evaluate(row: Row) -> Value:
            values = many(row)
            if values is None:
                return None
            value = one(row)
            return _decided((_compare(run, value, each) for each in _flat(values)), every=every)

        return evaluate

    return Expr("form", BOOL, (left, right), ("quantified", node.op, every), make, pos=node.pos)


def _flat(values: tuple[Value, ...]) -> list[Value]:
    from drill.sql.library.arrays import flat  # noqa: PLC0415 - the library is loaded late

    return flat(values)


def _compare(run: Callable[..., Value], one: Value, other: Value) -> Value:
    return None if one is None or other is None else run(one, other)


def _decided(results: Iterator[Value], *, every: bool) -> bool | None:
    unknown = False
    for result in results:
        if result is None:
            unknown = True
        elif result is not every:
            return not every
    return None if unknown else every


def _of_query(level: Level, node: Quantified, of: Whole) -> Expr:
    plan, fence = _plan(level, of)
    parts = node.arg.args if isinstance(node.arg, Special) and node.arg.name == "row" else (node.arg,)
    if len(parts) != len(plan.columns):
        few = "few" if len(plan.columns) < len(parts) else "many"
        raise SqlError(f"subquery has too {few} columns", SYNTAX_ERROR, node.pos)
    args = [expressions.bind(level, each) for each in parts]
    count = len(args)
    if count > 1 and node.op not in {"=", "<>"}:
        raise unsupported("this comparison of rows with a query", node.pos)
    columns = _columns(level, plan, node)
    tests = [
        as_boolean(
            operators.apply(level.running, node.op, (slot(index, arg.type), columns[index]), node.pos),
            "ANY",
            level.running,
        )
        for index, arg in enumerate(_typed(level, args, columns))
    ]
    test = tests[0] if count == 1 else expressions.conjunction(tests)
    frame, compiled, every = level.scope.frame, test.compile(), node.every

    def make(*closures: Closure) -> Closure:
        def evaluate(row: Row) -> Value:
            values = tuple(part(row) for part in closures[:count])
            saved, frame.row = frame.row, row
            try:
                return _decided((compiled(values + each) for each in plan.rows()), every=every)
            finally:
                frame.row = saved

        return evaluate

    ready = _typed(level, args, columns)
    key = (id(plan), node.op, every)
    return Expr("query", BOOL, (*ready, *_outer_columns(fence)), key, make, pos=node.pos)


def _columns(level: Level, plan: Plan, node: Quantified) -> list[Expr]:
    del level, node
    count = len(plan.columns)
    return [slot(count + index, column.type) for index, column in enumerate(plan.columns)]


def _typed(level: Level, args: list[Expr], columns: list[Expr]) -> list[Expr]:
    """Return operands whose type nobody has said as what they are compared with."""
    return [
        convert(arg, column.type, level.running, "i") if arg.type is UNKNOWN else arg
        for arg, column in zip(args, columns, strict=True)
    ]
