"""Whole queries: WITH, set operations, VALUES, and ORDER BY over them.

Separate from SELECT, which is one of their parts.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from drill.sql.binding import expressions, grouping
from drill.sql.binding.emitting import Output, limit_of
from drill.sql.binding.level import Level
from drill.sql.binding.plans import Column, Plan, Sorting, collect
from drill.sql.binding.scope import Cte, Fence, Scope
from drill.sql.binding.selects import bind_select
from drill.sql.bound import Expr, Row, slot
from drill.sql.casting import convert, converter
from drill.sql.faults import (
    DATATYPE_MISMATCH,
    INVALID_COLUMN_REFERENCE,
    NOT_SUPPORTED,
    SYNTAX_ERROR,
    SqlError,
)
from drill.sql.nodes import Name, Node, SortBy
from drill.sql.resolve import common
from drill.sql.statements import Select, SetOp, Table, Tail, Values, Whole, With, leftmost
from drill.sql.types import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sql.running import Running
    from drill.sql.types import Type

    Ctes = dict[str, Cte]


class Queries:
    """Binds queries for one running statement."""

    def __init__(self, running: Running) -> None:
        """Bind for a statement."""
        self.running = running

    def bind(self, node: Node, fence: Fence, ctes: Ctes) -> Plan:
        """Return the plan of a whole query; `fence` stands before the query around it."""
        assert isinstance(node, Whole)  # noqa: S101 - the grammar makes nothing else
        if node.ctes:
            ctes = dict(ctes)
            for each in node.ctes:
                self._with(each, fence, ctes, recursive=node.recursive)
        return self._body(node.body, node.tail, fence, ctes)

    def _body(self, node: Node, tail: Tail, fence: Fence, ctes: Ctes) -> Plan:
        if isinstance(node, Whole):
            if tail == Tail():
                return self.bind(node, fence, ctes)
            return self._ordered(self.bind(node, fence, ctes), tail, fence, ctes)
        level = Level(Scope(fence), self.running, self.bind, ctes)
        if isinstance(node, Select):
            return bind_select(level, node, tail)
        if isinstance(node, Values):
            plan = self._values(level, node)
        else:
            assert isinstance(node, SetOp)  # noqa: S101 - there is nothing else
            plan = self._set_operation(node, fence, ctes)
        return plan if tail == Tail() else self._ordered(plan, tail, fence, ctes)

    def _values(self, level: Level, node: Values) -> Plan:
        level.clause = "VALUES"
        rows = [[expressions.bind(level, each) for each in row] for row in node.rows]
        columns = []
        for index, first in enumerate(rows[0]):
            cells = [row[index] for row in rows]
            kind = common([each.type for each in cells])
            if kind is None:
                other = next(each for each in cells if common([first.type, each.type]) is None)
                msg = f"VALUES types {first.type.title} and {other.type.title} cannot be matched"
                raise SqlError(msg, DATATYPE_MISMATCH, other.pos)
            for row in rows:
                row[index] = convert(row[index], kind, self.running, "i")
            columns.append(Column(f"column{index + 1}", kind))
        made = [[each.compile() for each in row] for row in rows]
        return Plan(tuple(columns), lambda: (tuple(cell(()) for cell in row) for row in made))

    def _set_operation(self, node: SetOp, fence: Fence, ctes: Ctes) -> Plan:
        left, right = (self._body(each, Tail(), fence, ctes) for each in (node.left, node.right))
        left, right = self._united(node, left, right)
        one, other, running = left.rows, right.rows, self.running
        if node.kind == "union":
            if node.every:
                return Plan(left.columns, lambda: chain(one(), other()))
            return Plan(left.columns, lambda: iter(dict.fromkeys(collect(running, chain(one(), other())))))
        keeps = node.kind == "intersect"
        if node.every:
            return Plan(left.columns, lambda: _matched(running, one(), other(), keeps=keeps))
        return Plan(left.columns, lambda: _distinct(running, one(), other(), keeps=keeps))

    def _united(self, node: SetOp, left: Plan, right: Plan) -> tuple[Plan, Plan]:
        name = node.kind.upper()
        if len(left.columns) != len(right.columns):
            at = _first_position(node.right)
            msg = f"each {name} query must have the same number of columns"
            raise SqlError(msg, SYNTAX_ERROR, at)
        columns = []
        for index, (mine, theirs) in enumerate(zip(left.columns, right.columns, strict=True)):
            types = [
                UNKNOWN if plan.untyped(index) else column.type for plan, column in ((left, mine), (right, theirs))
            ]
            kind = common(types)
            if kind is None:
                msg = f"{name} types {types[0].title} and {types[1].title} cannot be matched"
                raise SqlError(msg, DATATYPE_MISMATCH, _position_of(node.right, index))
            columns.append(Column(mine.name, kind, mine.mod if mine.mod == theirs.mod else ()))
        wanted = tuple(columns)
        return self._retyped(left, wanted), self._retyped(right, wanted)

    def _retyped(self, plan: Plan, columns: tuple[Column, ...]) -> Plan:
        changes: list[Callable[[object], object] | None] = []
        for index, (have, want) in enumerate(zip(plan.columns, columns, strict=True)):
            if plan.untyped(index):
                changes.append(self._literal(want.type, plan.unknown[index]) if have.type is not want.type else None)
            else:
                changes.append(None if have.type is want.type else converter(have.type, want.type, self.running))
        if not any(changes):
            return Plan(columns, plan.rows)
        source_rows = plan.rows

        def rows() -> Iterator[Row]:
            for row in source_rows():
                yield tuple(
                    value if change is None or value is None else change(value)
                    for value, change in zip(row, changes, strict=True)
                )

        return Plan(columns, rows)

    def _literal(self, kind: Type, pos: int | None) -> Callable[[object], object]:
        read = converter(UNKNOWN, kind, self.running)

        def change(value: object) -> object:
            try:
                return read(value)
            except SqlError as error:
                raise error.at(pos) from None

        return change

    def _ordered(self, plan: Plan, tail: Tail, fence: Fence, ctes: Ctes) -> Plan:
        level = Level(Scope(fence), self.running, self.bind, ctes, "ORDER BY")
        targets: list[tuple[str, Expr, Node]] = [
            (column.name, slot(index, column.type), Name((column.name,))) for index, column in enumerate(plan.columns)
        ]
        sorting = [_sort_output(each, targets) for each in tail.order]
        limit = limit_of(level, tail)
        columns = [expr for _, expr, _ in targets]
        output = Output(self.running, columns, sorting, distinct=False, on=(), limit=limit)
        return Plan(plan.columns, lambda: output.rows(plan.rows()))

    def _with(self, node: With, fence: Fence, ctes: Ctes, *, recursive: bool) -> None:
        if recursive and _mentions(node.query, node.name):
            ctes[node.name] = self._recursive(node, fence, ctes)
            return
        plan = self.bind(node.query, fence, ctes)
        columns = _named_columns(node, plan)
        named = Plan(columns, plan.rows)
        ctes[node.name] = Cte(node.name, named if fence.crossed else named.cached(self.running))

    def _recursive(self, node: With, fence: Fence, ctes: Ctes) -> Cte:
        whole = node.query
        assert isinstance(whole, Whole)  # noqa: S101 - the grammar makes nothing else
        body = whole.body
        if not isinstance(body, SetOp) or body.kind != "union" or _mentions(body.left, node.name):
            msg = f'recursive query "{node.name}" does not have the form non-recursive-term UNION [ALL] recursive-term'
            raise SqlError(msg, "42P19", node.pos)
        if whole.tail != Tail():
            what = "ORDER BY" if whole.tail.order else "LIMIT"
            msg = f"{what} in a recursive query is not implemented"
            raise SqlError(msg, NOT_SUPPORTED, node.pos)
        first = self._body(body.left, Tail(), fence, ctes)
        columns = _named_columns(node, first)
        working: list[list[Row]] = [[]]
        inner = dict(ctes)
        inner[node.name] = Cte(node.name, Plan(columns, lambda: iter(working[0])))
        step = self._body(body.right, Tail(), fence, inner)
        _check_recursive(node, columns, step, body)
        every, running = body.every, self.running

        def rows() -> Iterator[Row]:
            seen: set[Row] = set()
            found = _new(running, first.rows(), seen, every=every)
            while found:
                yield from found
                working[0] = found
                found = _new(running, step.rows(), seen, every=every)

        plan = Plan(columns, rows)
        return Cte(node.name, plan)


def _new(running: Running, rows: Iterator[Row], seen: set[Row], *, every: bool) -> list[Row]:
    found = collect(running, rows)
    if every:
        return found
    fresh = [row for row in dict.fromkeys(found) if row not in seen]
    seen.update(fresh)
    return fresh


def _check_recursive(node: With, columns: tuple[Column, ...], step: Plan, body: SetOp) -> None:
    if len(step.columns) != len(columns):
        msg = "each UNION query must have the same number of columns"
        raise SqlError(msg, SYNTAX_ERROR, _first_position(body.right))
    for index, (have, want) in enumerate(zip(step.columns, columns, strict=True)):
        if have.type is not want.type and not step.untyped(index):
            msg = (
                f'recursive query "{node.name}" column {index + 1} has type {want.type.title} in non-recursive term '
                f"but type {(common([want.type, have.type]) or have.type).title} overall"
            )
            hint = "Cast the output of the non-recursive term to the correct type."
            raise SqlError(msg, DATATYPE_MISMATCH, _position_of(body.left, index), hint=hint)


def _named_columns(node: With, plan: Plan) -> tuple[Column, ...]:
    if len(node.columns) > len(plan.columns):
        there, wanted = len(plan.columns), len(node.columns)
        msg = f'WITH query "{node.name}" has {there} columns available but {wanted} columns specified'
        raise SqlError(msg, INVALID_COLUMN_REFERENCE, node.pos)
    names = node.columns + tuple(each.name for each in plan.columns[len(node.columns) :])
    return tuple(Column(name, each.type, each.mod) for name, each in zip(names, plan.columns, strict=True))


def _mentions(node: object, name: str) -> bool:
    """Return whether a query reads a table of this name."""
    if isinstance(node, Table) and node.name == name and not node.schema:
        return True
    if isinstance(node, tuple):
        return any(_mentions(each, name) for each in node)
    slots_of = getattr(type(node), "__slots__", ())
    return any(_mentions(getattr(node, each), name) for each in slots_of if each != "pos")


def _distinct(running: Running, one: Iterator[Row], other: Iterator[Row], *, keeps: bool) -> Iterator[Row]:
    theirs = set(collect(running, other))
    return (row for row in dict.fromkeys(collect(running, one)) if (row in theirs) is keeps)


def _matched(running: Running, one: Iterator[Row], other: Iterator[Row], *, keeps: bool) -> Iterator[Row]:
    theirs = Counter(collect(running, other))
    for row in one:
        present = theirs[row] > 0
        if present:
            theirs[row] -= 1
        if present is keeps:
            yield row


def _sort_output(node: SortBy, targets: list[tuple[str, Expr, Node]]) -> Sorting:
    expr = grouping.position(node.what, targets, "ORDER BY")
    if expr is None and isinstance(node.what, Name) and len(node.what.parts) == 1:
        expr = grouping.named(node.what, targets, "ORDER BY")
        if expr is None:
            msg = f'column "{node.what.parts[0]}" does not exist'
            raise SqlError(msg, "42703", node.what.pos)
    if expr is None:
        raise SqlError(
            "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
            NOT_SUPPORTED,
            leftmost(node.what),
            detail="Only result column names can be used, not expressions or functions.",
            hint="Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
        )
    return Sorting(expr, node.descending, node.nulls_first)


def _first_position(node: Node) -> int | None:
    return _position_of(node, 0)


def _position_of(node: Node, index: int) -> int | None:
    if isinstance(node, Whole):
        return _position_of(node.body, index)
    if isinstance(node, SetOp):
        return _position_of(node.left, index)
    if isinstance(node, Select) and index < len(node.targets):
        return leftmost(node.targets[index].what)
    if isinstance(node, Values):
        return leftmost(node.rows[0][index])
    return None
