"""CASE, COALESCE, GREATEST, LEAST, NULLIF, ARRAY, ROW, GROUPING.

Separate because these evaluate only what they need, and give several values one type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql import types as t
from drill.sql.binding import expressions, operators
from drill.sql.bound import Expr, form
from drill.sql.casting import convert
from drill.sql.comparing import compare
from drill.sql.faults import DATATYPE_MISMATCH, SqlError, unsupported
from drill.sql.nodes import Case, Node, Op, Special
from drill.sql.resolve import common
from drill.sql.types import INT4, UNKNOWN, Record, RowType, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sql.binding.level import Level
    from drill.sql.bound import Row

    Closure = Callable[[Row], Value]


def unite(level: Level, args: Sequence[Expr], what: str) -> list[Expr]:
    """Return expressions cast to one type; raise SqlError naming `what` if there is none."""
    kind = common([each.type for each in args])
    if kind is None:
        first = next(each.type for each in args if each.type is not UNKNOWN)
        chosen = first
        for each in args:
            if each.type is not UNKNOWN and each.type.category != chosen.category:
                msg = f"{what} types {chosen.title} and {each.type.title} cannot be matched"
                raise SqlError(msg, DATATYPE_MISMATCH, each.begins())
            chosen = common([chosen, each.type]) or chosen
    assert kind is not None  # noqa: S101 - otherwise two of them differ
    return [convert(each, kind, level.running, "i") for each in args]


def case(level: Level, node: Case) -> Expr:
    """Bind CASE."""
    conditions: list[Expr] = []
    for (condition, _), place in zip(node.whens, node.places, strict=True):
        if node.arg is None:
            conditions.append(expressions.bind_boolean(level, condition, "CASE/WHEN"))
        else:
            conditions.append(operators.operation(level, Op("=", node.arg, condition, place)))
    default = expressions.bind(level, node.default) if node.default is not None else operators.NOTHING
    results = [expressions.bind(level, result) for _, result in node.whens]
    united = unite(level, [default, *results], "CASE")
    kind = united[0].type
    count = len(conditions)

    def make(*parts: Closure) -> Closure:
        pairs = list(zip(parts[:count], parts[count + 1 :], strict=True))
        otherwise = parts[count]

        def evaluate(row: Row) -> Value:
            for condition, result in pairs:
                if condition(row) is True:
                    return result(row)
            return otherwise(row)

        return evaluate

    return form("case", kind, [*conditions, *united], make, pos=node.pos)


def special(level: Level, node: Special) -> Expr:
    """Bind one of the forms that look like functions."""
    return _FORMS[node.name](level, node)


def _coalesce(level: Level, node: Special) -> Expr:
    args = unite(level, [expressions.bind(level, each) for each in node.args], "COALESCE")

    def make(*parts: Closure) -> Closure:
        def evaluate(row: Row) -> Value:
            for part in parts:
                value = part(row)
                if value is not None:
                    return value
            return None

        return evaluate

    return form("coalesce", args[0].type, args, make, pos=node.pos)


def _extreme(sign: int, what: str) -> Callable[[Level, Special], Expr]:
    def bind(level: Level, node: Special) -> Expr:
        args = unite(level, [expressions.bind(level, each) for each in node.args], what)

        def make(*parts: Closure) -> Closure:
            def evaluate(row: Row) -> Value:
                best: Value = None
                for part in parts:
                    value = part(row)
                    if value is not None and (best is None or compare(value, best) * sign > 0):
                        best = value
                return best

            return evaluate

        return form(what, args[0].type, args, make, pos=node.pos)

    return bind


def _nullif(level: Level, node: Special) -> Expr:
    first = expressions.bind(level, node.args[0])
    equal = operators.operation(level, Op("=", node.args[0], node.args[1], node.pos))
    if first.type is UNKNOWN:
        first = convert(first, t.TEXT, level.running, "i")

    def make(value: Closure, same: Closure) -> Closure:
        def evaluate(row: Row) -> Value:
            return None if same(row) is True else value(row)

        return evaluate

    return form("nullif", first.type, (first, equal), make, pos=node.pos)


def array(level: Level, node: Special, element: Type | None = None) -> Expr:
    """Bind ARRAY[…]; `element` is what it is cast to at once, None for whatever fits."""
    nested = bool(node.args) and all(isinstance(each, Special) and each.name == "array" for each in node.args)
    if nested:
        args = [array(level, each, element) for each in node.args if isinstance(each, Special)]
    else:
        args = [expressions.bind(level, each) for each in node.args]
    if not args:
        hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[]."
        raise SqlError("cannot determine type of empty array", "42P18", node.pos, hint=hint)
    if element is None:
        args = unite(level, args, "ARRAY")
    elif not nested:
        args = [convert(each, element, level.running) for each in args]
    kind = args[0].type if nested else t.array_of(args[0].type)
    if kind is None:
        raise unsupported(f"an array of {args[0].type.title}", node.pos)

    def make(*parts: Closure) -> Closure:
        return lambda row: tuple(part(row) for part in parts)

    return form("array", kind, args, make, pos=node.pos)


def _row(level: Level, node: Special) -> Expr:
    args = [_named(level, each) for each in node.args]
    fields = tuple((f"f{index}", arg.type) for index, arg in enumerate(args, 1))
    kind = RowType("record", 2249, "record", "P", fields=fields)

    def make(*parts: Closure) -> Closure:
        return lambda row: Record(part(row) for part in parts)

    return form(("row", len(args)), kind, args, make, pos=node.pos)


def _named(level: Level, node: Node) -> Expr:
    found = expressions.bind(level, node)
    return convert(found, t.TEXT, level.running) if found.type is UNKNOWN else found


def _grouping(level: Level, node: Special) -> Expr:
    level.refuse("grouping operations", node.pos)
    level.grouping.append(node.args)
    args = tuple(expressions.bind(level, each) for each in node.args)
    return Expr("grouping", INT4, args, "grouping", pos=node.pos)


_FORMS: dict[str, Callable[[Level, Special], Expr]] = {
    "coalesce": _coalesce,
    "greatest": _extreme(1, "GREATEST"),
    "least": _extreme(-1, "LEAST"),
    "nullif": _nullif,
    "array": array,
    "row": _row,
    "grouping": _grouping,
}
