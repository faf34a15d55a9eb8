"""Expressions: from what was written to what it means.

Separate from calls, operators and forms with rules of their own, each in its module; here each kind of node finds its
way.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drill.sql import types as t
from drill.sql.binding import calls, forms, operators, scope, subqueries
from drill.sql.bound import Expr, call, constant, form
from drill.sql.casting import as_boolean, convert
from drill.sql.faults import (
    CANNOT_COERCE,
    DATATYPE_MISMATCH,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    SqlError,
    unsupported,
)
from drill.sql.nodes import (
    Between,
    Call,
    Case,
    Cast,
    Const,
    Field,
    In,
    Item,
    Logic,
    Name,
    Node,
    Op,
    Quantified,
    Query,
    Special,
    Star,
    Test,
    TypeName,
)
from drill.sql.rounding import plain
from drill.sql.types import BOOL, INT4, INT8, NUMERIC, UNKNOWN, Record, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.binding.level import Level
    from drill.sql.bound import Row


def bind(level: Level, node: Node) -> Expr:
    """Return what an expression means; raise SqlError."""
    return _BINDERS[type(node)](level, node)


def bind_boolean(level: Level, node: Node, what: str) -> Expr:
    """Return a condition; `what` is the clause in the message."""
    return as_boolean(bind(level, node), what, level.running)


def _const(level: Level, node: Const) -> Expr:
    del level
    if node.kind == "string":
        return constant(node.value, UNKNOWN, node.pos)
    if node.kind == "null":
        return constant(None, UNKNOWN, node.pos)
    if node.kind == "bool":
        return constant(node.value == "true", BOOL, node.pos)
    if node.value.lstrip("-").isdecimal():
        if len(node.value) > 1000:  # noqa: PLR2004 - nobody writes such a number to learn something
            raise unsupported("a number of more than 1000 digits", node.pos)
        whole = int(node.value)
        kind = INT4 if -(2**31) <= whole < 2**31 else INT8 if -(2**63) <= whole < 2**63 else None
        if kind is not None:
            return constant(whole, kind, node.pos)
    try:
        value = plain(Decimal(node.value))
    except ArithmeticError:
        raise SqlError("value overflows numeric format", "22003", node.pos) from None
    except SqlError as error:
        raise error.at(node.pos) from None
    return constant(value, NUMERIC, node.pos)


def _name(level: Level, node: Name) -> Expr:
    return scope.resolve(level.scope, node.parts, node.pos)


def _star(level: Level, node: Star) -> Expr:
    del level
    raise SqlError('syntax error at or near "*"', "42601", node.pos)


def _logic(level: Level, node: Logic) -> Expr:
    name = node.kind.upper()
    args = [bind_boolean(level, arg, name) for arg in node.args]
    makers: dict[str, Callable[..., Callable[[Row], Value]]] = {"and": _and, "or": _or, "not": _not}
    return form(node.kind, BOOL, args, makers[node.kind], pos=node.pos)


def conjunction(args: list[Expr]) -> Expr:
    """Return whether all of several conditions hold."""
    return args[0] if len(args) == 1 else form("and", BOOL, args, _and)


def _and(*parts: Callable[[Row], Value]) -> Callable[[Row], Value]:
    def evaluate(row: Row) -> Value:
        known = True
        for part in parts:
            value = part(row)
            if value is False:
                return False
            known = known and value is not None
        return True if known else None

    return evaluate


def _or(*parts: Callable[[Row], Value]) -> Callable[[Row], Value]:
    def evaluate(row: Row) -> Value:
        known = True
        for part in parts:
            value = part(row)
            if value is True:
                return True
            known = known and value is not None
        return False if known else None

    return evaluate


def _not(part: Callable[[Row], Value]) -> Callable[[Row], Value]:
    def evaluate(row: Row) -> Value:
        value = part(row)
        return None if value is None else not value

    return evaluate


def type_of(level: Level, name: TypeName) -> Type:
    """Return the type a name means; raise SqlError for an unknown one."""
    del level
    found = t.TYPES.get(name.name)
    if (
        found is None
        or found.category == "P"
        or found in t.POLYMORPHIC
        or name.name.startswith("_")
        or found is UNKNOWN
    ):
        if name.name in {"money", "bit", "varbit", "timetz", "macaddr", "xml", "point", "tsvector", "tsquery",
                         "int4range", "int8range", "tstzrange", "regoper", "regoperator", "regprocedure", "record",
                         "regconfig", "jsonpath", "tid", "cid", "xid8"}:  # fmt: skip
            raise unsupported(f"type {name.name}", name.pos)
        msg = f'type "{name.name}" does not exist'
        raise SqlError(msg, UNDEFINED_OBJECT, name.pos)
    if name.is_array:
        array = t.array_of(found)
        if array is None:
            raise unsupported(f"an array of {found.title}", name.pos)
        return array
    return found


def _cast(level: Level, node: Cast) -> Expr:
    target = type_of(level, node.to)
    if isinstance(node.arg, Special) and node.arg.name == "array" and not node.arg.args:
        return constant((), target, node.pos)
    if isinstance(node.arg, Special) and node.arg.name == "array" and target.element is not None:
        return forms.array(level, node.arg, target.element)
    arg = bind(level, node.arg)
    if node.to.fields and isinstance(node.arg, Const):
        return _restricted_interval(node, target)
    try:
        found = convert(arg, target, level.running, "e", node.to.mods)
    except SqlError as error:
        if error.code == CANNOT_COERCE:
            error.pos = node.pos if node.pos >= 0 else arg.pos
        raise
    return Expr(
        found.kind, found.type, found.args, found.payload, found.make, pos=arg.pos, name=found.name, mod=node.to.mods
    )


def _restricted_interval(node: Cast, target: Type) -> Expr:
    from drill.sql.lengths import read  # noqa: PLC0415 - rarely asked

    assert isinstance(node.arg, Const)  # noqa: S101 - the caller looked
    try:
        return constant(read(node.arg.value, node.to.fields), target, node.arg.pos)
    except SqlError as error:
        raise error.at(node.arg.pos) from None


def _item(level: Level, node: Item) -> Expr:
    arg = bind(level, node.arg)
    element = arg.type.element
    if element is None:
        msg = f"cannot subscript type {arg.type.title} because it does not support subscripting"
        raise SqlError(msg, DATATYPE_MISMATCH, arg.pos)
    ends = [None if each is None else convert(bind(level, each), INT4, level.running, "a") for each in
            (node.first, node.last)]  # fmt: skip
    if node.sliced:
        first, last = (each or constant(None, INT4) for each in ends)
        open_first, open_last = ends[0] is None, ends[1] is None
        return call(
            lambda value, low, high: _slice(value, low, high, open_first=open_first, open_last=open_last),
            arg.type,
            (arg, first, last),
            key=("slice", open_first, open_last),
            strict=False,
            pos=arg.pos,
        )
    assert ends[0] is not None  # noqa: S101 - only slices have open ends
    return call(_element, element, (arg, ends[0]), key="element", pos=arg.pos)


def _element(value: tuple[Value, ...], index: int) -> Value:
    found = value[index - 1] if 0 < index <= len(value) else None
    if type(found) is tuple:
        raise unsupported("an element of an array of several dimensions")
    return found


def _slice(
    value: tuple[Value, ...] | None, low: int | None, high: int | None, *, open_first: bool, open_last: bool
) -> Value:
    if value is None or (low is None and not open_first) or (high is None and not open_last):
        return None
    return value[max(0, (low or 1) - 1) : len(value) if high is None else max(0, high)]


def _field(level: Level, node: Field) -> Expr:
    arg = bind(level, node.arg)
    fields = getattr(arg.type, "fields", ())
    for index, (name, kind) in enumerate(fields):
        if name == node.name:
            return call(_picker(index), kind, (arg,), key=("field", index), pos=arg.pos)
    if fields:
        msg = f'could not identify column "{node.name}" in record data type'
        raise SqlError(msg, UNDEFINED_COLUMN, arg.pos)
    msg = f"column notation .{node.name} applied to type {arg.type.title}, which is not a composite type"
    raise SqlError(msg, "42809", arg.pos)


def _picker(index: int) -> Callable[[Record], Value]:
    return lambda record: record[index]


_BINDERS: dict[type[Node], Callable[[Level, Any], Expr]] = {
    Const: _const,
    Name: _name,
    Star: _star,
    Logic: _logic,
    Cast: _cast,
    Item: _item,
    Field: _field,
    Op: operators.operation,
    Between: operators.between,
    In: operators.member,
    Test: operators.test,
    Quantified: subqueries.quantified,
    Query: subqueries.query,
    Case: forms.case,
    Special: forms.special,
    Call: calls.invoke,
}
