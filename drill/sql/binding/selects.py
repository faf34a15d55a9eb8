"""SELECT: from its clauses to a plan.

Separate from whole queries, which add WITH, set operations and VALUES. The order of work is PostgreSQL's: FROM, WHERE,
columns, GROUP BY, HAVING, window functions, functions that return sets, DISTINCT, ORDER BY, LIMIT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.binding import expressions, grouping, labels, scope
from drill.sql.binding.emitting import Output, limit_of
from drill.sql.binding.grouping import Groups, bind_groups
from drill.sql.binding.pipeline import Bindings, Pipeline
from drill.sql.binding.plans import Column, Plan, Sorting
from drill.sql.binding.sources import bind_sources
from drill.sql.bound import Expr, is_unknown_literal, slot
from drill.sql.casting import convert
from drill.sql.faults import INVALID_COLUMN_REFERENCE, SYNTAX_ERROR, UNDEFINED_FUNCTION, SqlError
from drill.sql.nodes import Field, Name, Node, SortBy, Star
from drill.sql.statements import Select, Tail, leftmost
from drill.sql.types import TEXT, UNKNOWN, Type

if TYPE_CHECKING:
    from drill.sql.binding.level import AggregateCall, Level, WindowCall

_UNSORTABLE = {"json", "xid"}


def bind_select(level: Level, node: Select, tail: Tail) -> Plan:
    """Return the plan of a SELECT with its ORDER BY and LIMIT."""
    part = bind_sources(level, node.sources)
    level.named_windows = {each.name: each for each in node.windows}
    bound = Bindings(part, None, _targets(level, node))
    if node.where is not None:
        level.clause = "WHERE"
        bound.where = expressions.bind_boolean(level, node.where, "WHERE")
    if node.having is not None:
        level.clause = "HAVING"
        bound.having = expressions.bind_boolean(level, node.having, "HAVING")
    _bind_rest(level, node, tail, bound)
    _regroup(level, node, bound)
    _place_windows(level, bound)
    limit = limit_of(level, tail)
    unknown = tuple((expr.pos or 0) if is_unknown_literal(expr) else None for _, expr, _ in bound.targets)
    targets = [convert(expr, TEXT, level.running) if expr.type is UNKNOWN else expr for _, expr, _ in bound.targets]
    columns = tuple(
        Column(label, expr.type, expr.mod) for (label, _, _), expr in zip(bound.targets, targets, strict=True)
    )
    rows = Pipeline(level, bound)
    output = Output(level.running, targets, bound.order, distinct=node.distinct, on=bound.distinct_on, limit=limit)
    output.frame = level.scope.frame
    return Plan(columns, lambda: output.rows(rows.rows()), unknown)


def _targets(level: Level, node: Select) -> list[tuple[str, Expr, Node]]:
    found: list[tuple[str, Expr, Node]] = []
    for target in node.targets:
        if isinstance(target.what, Star):
            found += _expanded(level, target.what)
        elif isinstance(target.what, Field) and target.what.name == "*":
            found += _fields(level, target.what)
        else:
            found.append((labels.of_target(target), expressions.bind(level, target.what), target.what))
    if node.distinct:
        for _, expr, _ in found:
            _comparable(expr.type, expr.pos)
    return found


def _expanded(level: Level, star: Star) -> list[tuple[str, Expr, Node]]:
    if not star.table:
        if not level.scope.space.sources:
            msg = "SELECT * with no tables specified is not valid"
            raise SqlError(msg, SYNTAX_ERROR, star.pos)
        return [(each.name, _placed(each.expr, star.pos), star) for each in level.scope.space.columns]
    name = star.table[-1]
    for around, fences in level.scope.levels():
        for source in around.space.sources:
            if source.alias == name:
                columns = [(column, source.column(index)) for index, (column, _) in enumerate(source.columns)]
                return [
                    (column, _placed(scope.through(expr, around, fences), star.pos), star) for column, expr in columns
                ]
    return scope.missing_table(level.scope, name, star.pos)


def _placed(expr: Expr, pos: int) -> Expr:
    return Expr(expr.kind, expr.type, expr.args, expr.payload, expr.make, pos=pos, name=expr.name, mod=expr.mod)


def _fields(level: Level, node: Field) -> list[tuple[str, Expr, Node]]:
    whole = expressions.bind(level, node.arg)
    fields: tuple[tuple[str, Type], ...] = getattr(whole.type, "fields", ())
    if not fields:
        msg = f"column notation .* applied to type {whole.type.title}, which is not a composite type"
        raise SqlError(msg, "42809", whole.pos)
    return [(name, expressions.bind(level, Field(node.arg, name, node.pos)), node) for name, _ in fields]


def _comparable(kind: Type, pos: int | None) -> None:
    if kind.name in _UNSORTABLE:
        what = "an equality operator" if kind.name == "json" else "an ordering operator"
        hint = "" if kind.name == "json" else "Use an explicit ordering operator or modify the query."
        msg = f"could not identify {what} for type {kind.title}"
        raise SqlError(msg, UNDEFINED_FUNCTION, pos, hint=hint)


def _bind_rest(level: Level, node: Select, tail: Tail, bound: Bindings) -> None:
    level.clause = "ORDER BY"
    bound.order = [_sorting(level, each, bound, node) for each in tail.order]
    if node.grouped:
        bound.groups = bind_groups(level, node.group, bound.targets, level.scope.space.width)
    if bound.groups is not None and any(each.kind == "set" for key in bound.groups.keys for each in key.walk()):
        _before_groups(level, bound, bound.groups)
    level.clause = "DISTINCT ON"
    for each in node.distinct_on:
        bound.distinct_on.append(_reference(level, each, bound, "SELECT DISTINCT ON"))
    _check_distinct(node, bound)


def _before_groups(level: Level, bound: Bindings, groups: Groups) -> None:
    """Let functions that return sets make rows before these are grouped, as they are grouped by their values."""
    start = level.scope.space.width
    bound.early, level.sets = level.sets, []

    def change(part: Expr) -> Expr | None:
        if part.kind == "set":
            return slot(start + int(str(part.payload)), part.type, part.pos, "?")
        return None

    groups.width = start + len(bound.early)
    groups.keys = [each.rewritten(change) for each in groups.keys]
    bound.targets = [(label, expr.rewritten(change), written) for label, expr, written in bound.targets]
    bound.order = [Sorting(each.expr.rewritten(change), each.descending, each.nulls_first) for each in bound.order]


def _sorting(level: Level, node: SortBy, bound: Bindings, select: Select) -> Sorting:
    expr = _reference(level, node.what, bound, "ORDER BY")
    if expr.type is UNKNOWN:
        expr = convert(expr, TEXT, level.running)
    if select.distinct and not select.distinct_on and not any(expr.same(each) for _, each, _ in bound.targets):
        msg = "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
        raise SqlError(msg, INVALID_COLUMN_REFERENCE, leftmost(node.what))
    if expr.type.name in _UNSORTABLE:
        hint = "Use an explicit ordering operator or modify the query."
        msg = f"could not identify an ordering operator for type {expr.type.title}"
        raise SqlError(msg, UNDEFINED_FUNCTION, expr.pos, hint=hint)
    return Sorting(expr, node.descending, node.nulls_first)


def _reference(level: Level, node: Node, bound: Bindings, clause: str) -> Expr:
    """Return what an item of ORDER BY means: a label, a number, or an expression."""
    found = grouping.position(node, bound.targets, clause)
    if found is None and isinstance(node, Name) and len(node.parts) == 1:
        found = grouping.named(node, bound.targets, clause)
    if found is not None:
        return found
    for _, expr, written in bound.targets:
        if written == node:
            return expr
    return expressions.bind(level, node)


def _check_distinct(node: Select, bound: Bindings) -> None:
    if not bound.distinct_on or not bound.order:
        return
    count = len(bound.distinct_on)
    for index, sorting in enumerate(bound.order[:count]):
        if not any(sorting.expr.same(each) for each in bound.distinct_on):
            msg = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions"
            at = bound.distinct_on[min(index, count - 1)].pos
            raise SqlError(msg, INVALID_COLUMN_REFERENCE, at)
    del node


def _regroup(level: Level, node: Select, bound: Bindings) -> None:
    """Put everything in terms of groups, if there are any."""
    if not (level.aggregates or node.grouped or bound.having is not None):
        return
    groups = bound.groups = bound.groups or Groups(level.scope.space.width)
    count = len(level.aggregates)

    def again(expr: Expr) -> Expr:
        return groups.rewrite(expr, count)

    bound.targets = [(label, again(expr), written) for label, expr, written in bound.targets]
    bound.having = None if bound.having is None else again(bound.having)
    bound.order = [Sorting(again(each.expr), each.descending, each.nulls_first) for each in bound.order]
    bound.distinct_on = [again(each) for each in bound.distinct_on]
    for call in level.windows:
        _rewrite_window(call, again)
    for each in level.sets:
        each.expr = again(each.expr)


def _rewrite_window(call: WindowCall, again: object) -> None:
    rewrite = again
    assert callable(rewrite)  # noqa: S101 - it is one of the functions here
    call.args = tuple(rewrite(each) for each in call.args)
    call.partition = tuple(rewrite(each) for each in call.partition)
    call.order = tuple(Sorting(rewrite(each.expr), each.descending, each.nulls_first) for each in call.order)
    if call.aggregate is not None:
        inner: AggregateCall = call.aggregate
        inner.args = tuple(rewrite(each) for each in inner.args)
        inner.where = None if inner.where is None else rewrite(inner.where)


def _place_windows(level: Level, bound: Bindings) -> None:
    """Put window functions and sets where the rows will have their values."""
    base = level.scope.space.width
    if bound.groups is not None:
        base = bound.groups.width + len(bound.groups.keys) + len(level.aggregates) + 1
    sets = base + len(level.windows)

    def change(part: Expr) -> Expr | None:
        if part.kind == "window":
            return slot(base + int(str(part.payload)), part.type, part.pos)
        if part.kind == "set":
            return slot(sets + int(str(part.payload)), part.type, part.pos)
        return None

    bound.targets = [(label, expr.rewritten(change), written) for label, expr, written in bound.targets]
    bound.order = [Sorting(each.expr.rewritten(change), each.descending, each.nulls_first) for each in bound.order]
    bound.distinct_on = [each.rewritten(change) for each in bound.distinct_on]
    for each in level.sets:
        each.expr = each.expr.rewritten(change)
