"""FROM: which tables, queries and functions are meant, and which columns they offer.

Separate from how their rows are joined (`joins`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.binding import expressions, operators
from drill.sql.binding.joins import Calls, Joined, Lateral, Nothing, Part, Scan, conjuncts, equal_keys
from drill.sql.binding.level import Level
from drill.sql.binding.scope import Fence, Scope, Source, Space, Visible
from drill.sql.bound import Expr, form
from drill.sql.casting import convert
from drill.sql.faults import (
    AMBIGUOUS_COLUMN,
    DUPLICATE_ALIAS,
    INVALID_COLUMN_REFERENCE,
    UNDEFINED_COLUMN,
    UNDEFINED_TABLE,
    SqlError,
)
from drill.sql.nodes import Call, Node
from drill.sql.resolve import Function, common
from drill.sql.statements import Join, Rows, SubSelect, Table
from drill.sql.types import INT8, TEXT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sql.bound import Row
    from drill.sql.types import Type, Value


def bind_sources(level: Level, nodes: Sequence[Node]) -> Part:
    """Bind FROM and make its columns visible."""
    if not nodes:
        return Nothing()
    part, space = _bind(level, nodes[0], Space())
    for node in nodes[1:]:
        other, offered = _bind(level, node, space)
        _unique(space, offered)
        both = Space(space.sources + offered.sources, space.columns + offered.columns, offered.width)
        lateral = part.lateral or other.lateral
        part, space = Joined(level.running, "inner", part, other, None, (), 0, both.width, lateral), both
    level.scope.space = space
    return part


def _unique(left: Space, right: Space) -> None:
    names = {each.alias for each in left.sources}
    for each in right.sources:
        if each.alias in names:
            msg = f'table name "{each.alias}" specified more than once'
            raise SqlError(msg, DUPLICATE_ALIAS)


def _bind(level: Level, node: Node, left: Space) -> tuple[Part, Space]:
    """Bind one part; `left` is what stands before it."""
    if isinstance(node, Table):
        return _table(level, node, left)
    if isinstance(node, SubSelect):
        return _query(level, node, left)
    if isinstance(node, Rows):
        return _functions(level, node, left)
    assert isinstance(node, Join)  # noqa: S101 - there is nothing else in FROM
    return _join(level, node, left)


def _space(source: Source) -> Space:
    columns = [Visible(name, source.column(index)) for index, (name, _) in enumerate(source.columns)]
    return Space([source], columns, source.start + len(source.columns))


def _renamed(columns: Sequence[tuple[str, Type]], names: Sequence[str], alias: str) -> tuple[tuple[str, Type], ...]:
    if len(names) > len(columns):
        msg = f'table "{alias}" has {len(columns)} columns available but {len(names)} columns specified'
        raise SqlError(msg, INVALID_COLUMN_REFERENCE)
    return tuple((names[i] if i < len(names) else name, kind) for i, (name, kind) in enumerate(columns))


def _table(level: Level, node: Table, left: Space) -> tuple[Part, Space]:
    start, alias = left.width, node.alias or node.name
    cte = level.ctes.get(node.name) if not node.schema else None
    rows: Callable[[], object]
    if cte is not None:
        columns: Sequence[tuple[str, Type]] = [(each.name, each.type) for each in cte.plan.columns]
        rows = cte.plan.rows
    else:
        relation = level.running.server.relation(node.schema, node.name)
        if relation is None:
            shown = f"{node.schema}.{node.name}" if node.schema else node.name
            msg = f'relation "{shown}" does not exist'
            raise SqlError(msg, UNDEFINED_TABLE, node.pos)
        columns, rows = relation.columns, relation.rows
    named = _renamed(columns, node.columns, alias)
    source = Source(alias, named, start, node.name if node.alias else "", node.pos)
    return Scan(level.running, rows, start, len(named)), _space(source)


def _outside(level: Level, left: Space, *, lateral: bool) -> Scope:
    """Return what a query in FROM can see: the queries around, and with LATERAL what stands before it."""
    scope = Scope(level.scope.parent, level.scope.frame, left if lateral else Space())
    scope.hidden = [] if lateral else list(left.sources)
    return scope


def _query(level: Level, node: SubSelect, left: Space) -> tuple[Part, Space]:
    start = left.width
    fence = Fence(_outside(level, left, lateral=node.lateral))
    plan = level.query(node.query, fence, level.ctes)
    columns = _renamed([(each.name, each.type) for each in plan.columns], node.columns, node.alias)
    source = Source(node.alias, columns, start, pos=node.pos)
    if node.lateral:
        return Lateral(level.running, plan, level.scope.frame, start, len(columns)), _space(source)
    rows = plan.rows if fence.crossed else plan.cached(level.running).rows
    return Scan(level.running, rows, start, len(columns)), _space(source)


def _functions(level: Level, node: Rows, left: Space) -> tuple[Part, Space]:
    inner = Level(_outside(level, left, lateral=True), level.running, level.query, level.ctes)
    calls: list[tuple[Function | None, Callable[[Row], Value], int]] = []
    columns: list[tuple[str, Type]] = []
    single = False
    for call in _spread(node.calls):
        assert isinstance(call, Call)  # noqa: S101 - the grammar takes nothing else
        inner.clause = "functions in FROM"
        expr = expressions.bind(inner, call)
        function: Function | None = None
        if expr.kind == "set":
            found = inner.sets[int(str(expr.payload))]
            function, expr = found.function, found.expr
        fields = function.fields if function is not None else ()
        single = not fields
        if expr.type is UNKNOWN:
            expr = convert(expr, TEXT, level.running)
        named = fields or ((node.alias if node.alias and len(node.calls) == 1 else call.name, expr.type),)
        calls.append((function, expr.compile(), len(named)))
        columns.extend(named)
    if node.ordinality:
        columns.append(("ordinality", INT8))
    first = node.calls[0]
    alias = node.alias or (first.name if isinstance(first, Call) else "")
    named_columns = _renamed(columns, node.columns, alias)
    source = Source(alias, named_columns, left.width, pos=node.pos, single=single and len(columns) == 1)
    lateral = any(True for _ in left.sources)
    part = Calls(level.running, calls, node.ordinality, left.width, len(named_columns), lateral)
    return part, _space(source)


def _spread(calls: Sequence[Node]) -> list[Node]:
    """Return calls with `unnest(a, b)` as `unnest(a), unnest(b)`."""
    from dataclasses import replace  # noqa: PLC0415 - beside its only use

    found: list[Node] = []
    for call in calls:
        if isinstance(call, Call) and call.name == "unnest" and len(call.args) > 1:
            found += [replace(call, args=(arg,)) for arg in call.args]
        else:
            found.append(call)
    return found


def _join(level: Level, node: Join, before: Space) -> tuple[Part, Space]:
    left_part, left = _bind(level, node.left, before)
    lateral = Space(before.sources + left.sources, before.columns + left.columns, left.width)
    right_part, right = _bind(level, node.right, lateral)
    _unique(left, right)
    if right_part.lateral and node.kind in {"right", "full"} and not isinstance(right_part, Calls):
        msg = "The combining JOIN type must be INNER or LEFT for a LATERAL reference."
        raise SqlError("invalid reference to FROM-clause entry", INVALID_COLUMN_REFERENCE, node.pos, detail=msg)
    both = Space(left.sources + right.sources, left.columns + right.columns, right.width)
    names = node.using
    if node.natural:
        theirs = {each.name for each in right.columns}
        names = tuple(each.name for each in left.columns if each.name in theirs)
    conditions: list[Expr] = []
    if names:
        both.columns, conditions = _merged(level, node, names, left, right)
    if node.on is not None:
        conditions += _condition(level, node.on, both)
    test = expressions.conjunction(conditions).compile() if conditions else None
    kind = "inner" if node.kind == "cross" else node.kind
    keys = equal_keys(conditions, right_part.start)
    depends = left_part.lateral or right_part.lateral
    start = left_part.start
    part = Joined(level.running, kind, left_part, right_part, test, keys, start, right.width - start, depends)
    return part, both


def _condition(level: Level, on: Node, both: Space) -> list[Expr]:
    inner = Level(Scope(level.scope.parent, level.scope.frame, both), level.running, level.query, level.ctes)
    inner.clause = "JOIN conditions"
    inner.scope.hidden = [each for each in level.scope.space.sources if each not in both.sources]
    return conjuncts(expressions.bind_boolean(inner, on, "JOIN/ON"))


def _merged(
    level: Level, node: Join, names: Sequence[str], left: Space, right: Space
) -> tuple[list[Visible], list[Expr]]:
    """Return the visible columns of a join with USING, and its conditions."""
    columns: list[Visible] = []
    conditions: list[Expr] = []
    for name in names:
        mine, theirs = _only(left, name, "left"), _only(right, name, "right")
        kind = common([mine.type, theirs.type])
        if kind is None:
            msg = f"JOIN/USING types {mine.type.title} and {theirs.type.title} cannot be matched"
            raise SqlError(msg, "42804")
        conditions.append(operators.apply(level.running, "=", (mine, theirs), node.pos))
        first, second = (convert(each, kind, level.running, "i") for each in (mine, theirs))
        merged = first if node.kind in {"inner", "left"} else second if node.kind == "right" else _either(first, second)
        columns.append(Visible(name, merged))
    rest = [each for each in (*left.columns, *right.columns) if each.name not in names]
    return columns + rest, conditions


def _only(space: Space, name: str, side: str) -> Expr:
    found = [each.expr for each in space.columns if each.name == name]
    if not found:
        msg = f'column "{name}" specified in USING clause does not exist in {side} table'
        raise SqlError(msg, UNDEFINED_COLUMN)
    if len(found) > 1:
        msg = f'common column name "{name}" appears more than once in {side} table'
        raise SqlError(msg, AMBIGUOUS_COLUMN)
    return found[0]


def _either(first: Expr, second: Expr) -> Expr:
    def make(one: Callable[[Row], Value], other: Callable[[Row], Value]) -> Callable[[Row], Value]:
        def evaluate(row: Row) -> Value:
            value = one(row)
            return other(row) if value is None else value

        return evaluate

    return form("coalesce", first.type, (first, second), make)
