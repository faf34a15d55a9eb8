"""Operators, BETWEEN, IN with a list, IS.

Separate because choosing an operator has rules of its own: a string whose type nobody has said takes the type of the
other side (oper() in parse_oper.c).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from drill.sql import registry
from drill.sql.binding import expressions
from drill.sql.bound import Expr, call, constant, form, value_of
from drill.sql.casting import as_boolean, convert
from drill.sql.comparing import compare
from drill.sql.faults import AMBIGUOUS_FUNCTION, DATATYPE_MISMATCH, UNDEFINED_FUNCTION, SqlError, unsupported
from drill.sql.nodes import Between, In, Logic, Node, Op, Query, Special, Test
from drill.sql.resolve import Function, common, concrete, select, unify
from drill.sql.types import BOOL, POLYMORPHIC, TEXT, UNKNOWN, Record, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sql.binding.level import Level
    from drill.sql.bound import Row
    from drill.sql.running import Running

_HINT = "No operator matches the given name and argument {}. You might need to add {}."


def operation(level: Level, node: Op) -> Expr:
    """Bind an operator and its operands."""
    left, right = node.left, node.right
    if isinstance(left, Special) and isinstance(right, Special) and left.name == right.name == "row":
        return _rows(level, node, left, right)
    if any(isinstance(each, Special) and each.name == "row" for each in (left, right)) and any(
        isinstance(each, Query) for each in (left, right)
    ):
        raise unsupported("comparing a row with a query", node.pos)
    args = [expressions.bind(level, each) for each in (left, right) if each is not None]
    return apply(level.running, node.name, args, node.pos)


def apply(running: Running, name: str, args: Sequence[Expr], pos: int | None) -> Expr:
    """Return an operator applied to bound operands; raise SqlError when there is none for their types."""
    function = find(name, [arg.type for arg in args], pos)
    return invoke(running, function, args, ("op", name), pos)


def find(name: str, types: Sequence[Type], pos: int | None) -> Function:
    """Return the operator for some types; raise SqlError."""
    candidates = [each for each in registry.functions(name) if len(each.args) == len(types)]
    if len(types) == 2 and (types[0] is UNKNOWN) != (types[1] is UNKNOWN):  # noqa: PLR2004 - between two operands
        known = types[1] if types[0] is UNKNOWN else types[0]
        for each in candidates:
            if all(arg is known for arg in each.args):
                return each
    found, several = select(candidates, types)
    if found is not None:
        return found
    shown = f"{types[0].title} {name} {types[1].title}" if len(types) > 1 else f"{name} {types[0].title}"
    if several:
        hint = "Could not choose a best candidate operator. You might need to add explicit type casts."
        msg = f"operator is not unique: {shown}"
        raise SqlError(msg, AMBIGUOUS_FUNCTION, pos, hint=hint)
    hint = (
        _HINT.format("types", "explicit type casts")
        if len(types) > 1
        else _HINT.format("type", "an explicit type cast")
    )
    msg = f"operator does not exist: {shown}"
    raise SqlError(msg, UNDEFINED_FUNCTION, pos, hint=hint)


def invoke(running: Running, function: Function, args: Sequence[Expr], key: tuple[str, str], pos: int | None) -> Expr:
    """Return a call of a function, its arguments cast to what it takes."""
    declared = function.declared(len(args))
    result = function.result
    polymorphic = any(each in POLYMORPHIC and each.name != "any" for each in declared)
    if polymorphic:
        element = unify(declared, [arg.type for arg in args]) or UNKNOWN
        if element is UNKNOWN:
            if result in POLYMORPHIC:
                msg = "could not determine polymorphic type because input has type unknown"
                raise SqlError(msg, DATATYPE_MISMATCH)
            element = TEXT
        declared = tuple(concrete(each, element) for each in declared)
        result = concrete(result, element)
    ready = [_ready(running, arg, want) for arg, want in zip(args, declared, strict=True)]
    run: Callable[..., Value] = function.run
    if function.typed:
        run = _typed(run, [arg.type for arg in ready])
    if function.context:
        run = _with_running(run, running)
    return call(
        run,
        result,
        ready,
        key=(*key, *(each.name for each in function.args)),
        strict=function.strict,
        fold=(not function.volatile and not function.context) or key[1] in _STABLE,
        pos=pos,
    )


_STABLE = {
    "now",
    "current_timestamp",
    "current_date",
    "localtimestamp",
    "transaction_timestamp",
    "statement_timestamp",
    "age",
}


def _ready(running: Running, arg: Expr, want: Type) -> Expr:
    if want.name in {"any", "record"}:
        return arg
    return convert(arg, want, running, "i") if arg.type is not want else arg


def _typed(run: Callable[..., Value], types: Sequence[Type]) -> Callable[..., Value]:
    return lambda *values: run(*zip(types, values, strict=True))


def _with_running(run: Callable[..., Value], running: Running) -> Callable[..., Value]:
    return lambda *values: run(running, *values)


def between(level: Level, node: Between) -> Expr:
    """Bind BETWEEN."""
    pos = node.pos
    if node.symmetric:
        found: Node = Logic(
            "or", (_range(node.arg, node.low, node.high, pos), _range(node.arg, node.high, node.low, pos)), pos
        )
    else:
        found = _range(node.arg, node.low, node.high, pos)
    return expressions.bind(level, Logic("not", (found,), pos) if node.negated else found)


def _range(arg: Node, low: Node, high: Node, pos: int) -> Node:
    return Logic("and", (Op(">=", arg, low, pos), Op("<=", arg, high, pos)), pos)


def member(level: Level, node: In) -> Expr:
    """Bind IN with a list."""
    if isinstance(node.arg, Special) and node.arg.name == "row":
        ors: Node = Logic("or", tuple(Op("=", node.arg, each, node.pos) for each in node.items), node.pos)
        if len(node.items) == 1:
            ors = Op("=", node.arg, node.items[0], node.pos)
        return expressions.bind(level, Logic("not", (ors,), node.pos) if node.negated else ors)
    arg = expressions.bind(level, node.arg)
    items = [expressions.bind(level, each) for each in node.items]
    kind = common([arg.type, *(each.type for each in items)])
    if kind is None or kind.name in {"json", "bpchar"}:
        parts = [as_boolean(apply(level.running, "=", (arg, each), node.pos), "IN", level.running) for each in items]
        found = parts[0] if len(parts) == 1 else form("or", BOOL, parts, expressions._or)  # noqa: SLF001 - IN is an OR
        return form("not", BOOL, (found,), expressions._not) if node.negated else found  # noqa: SLF001
    find("=", (kind, kind), node.pos)
    ready = [convert(each, kind, level.running, "i") for each in (arg, *items)]
    if all(each.kind == "const" for each in ready[1:]):
        values = [value_of(each) for each in ready[1:]]
        return _in_constants(ready[0], values, negated=node.negated, pos=node.pos)
    return form(("in", node.negated), BOOL, ready, _in(negated=node.negated), pos=node.pos)


def _in_constants(arg: Expr, values: list[Value], *, negated: bool, pos: int) -> Expr:
    nulls = None in values
    known = frozenset(value for value in values if value is not None)

    def run(value: Value) -> Value:
        if value in known:
            return not negated
        return None if nulls else negated

    key = ("in", tuple(sorted(map(repr, known))), nulls, negated)
    return call(run, BOOL, (arg,), key=key, pos=pos)


def _in(*, negated: bool) -> Callable[..., Callable[[Row], Value]]:
    def make(first: Callable[[Row], Value], *others: Callable[[Row], Value]) -> Callable[[Row], Value]:
        def evaluate(row: Row) -> Value:
            value = first(row)
            if value is None:
                return None
            unknown = False
            for other in others:
                candidate = other(row)
                if candidate is None:
                    unknown = True
                elif candidate == value:
                    return not negated
            return None if unknown else negated

        return evaluate

    return make


def test(level: Level, node: Test) -> Expr:
    """Bind IS."""
    if node.what == "distinct" and node.other is not None:
        return _distinct(level, node, node.other)
    arg = expressions.bind(level, node.arg)
    negated = node.negated
    if node.what == "null":
        if arg.type.name == "record":
            want = negated
            run: Callable[[Value], Value] = lambda value: value is None if not want else value is not None  # noqa: E731 - one of two
            if isinstance(node.arg, Special):
                run = lambda value: all((each is not None) == want for each in value)  # noqa: E731 - one of two
            return call(run, BOOL, (arg,), key=("is null", negated), strict=False, pos=node.pos)
        return call(
            _is_not_null if negated else _is_null, BOOL, (arg,), key=("null", negated), strict=False, pos=node.pos
        )
    word = f"IS {'NOT ' if negated else ''}{node.what.upper()}"
    truth = as_boolean(arg, word, level.running)
    want_value = {"true": True, "false": False}.get(node.what)
    return call(
        lambda value: (value is want_value) is not negated, BOOL, (truth,), key=(word,), strict=False, pos=node.pos
    )


def _is_null(value: Value) -> bool:
    return value is None


def _is_not_null(value: Value) -> bool:
    return value is not None


def _distinct(level: Level, node: Test, other: Node) -> Expr:
    equal = operation(level, Op("=", node.arg, other, node.pos))
    args = equal.args
    if equal.kind == "const" or not args:
        one, two = expressions.bind(level, node.arg), expressions.bind(level, other)
        kind = common([one.type, two.type]) or TEXT
        args = (convert(one, kind, level.running), convert(two, kind, level.running))
    negated = node.negated

    def run(one: Value, two: Value) -> bool:
        same = compare(one, two) == 0 if one is not None and two is not None else one is two
        return same if negated else not same

    return call(run, BOOL, args, key=("distinct", negated), strict=False, pos=node.pos)


def _rows(level: Level, node: Op, left: Special, right: Special) -> Expr:
    if len(left.args) != len(right.args):
        msg = "unequal number of entries in row expressions"
        raise SqlError(msg, "42601", node.pos)
    pairs = list(zip(left.args, right.args, strict=True))
    if node.name in {"=", "<>"}:
        parts: list[Node] = [Op(node.name, one, other, node.pos) for one, other in pairs]
        kind = "and" if node.name == "=" else "or"
        return expressions.bind(level, parts[0] if len(parts) == 1 else Logic(kind, tuple(parts), node.pos))  # type: ignore[arg-type]  # one of two words
    if node.name not in {"<", "<=", ">", ">="}:
        msg = f"could not determine interpretation of row comparison operator {node.name}"
        raise SqlError(msg, "0A000", node.pos)
    nested: Node = Op(node.name, *pairs[-1], node.pos)
    strict = node.name.rstrip("=")
    for one, other in reversed(pairs[:-1]):
        same = Logic("and", (Op("=", one, other, node.pos), nested), node.pos)
        nested = Logic("or", (Op(strict, one, other, node.pos), same), node.pos)
    return expressions.bind(level, nested)


def all_of(values: Sequence[Value]) -> Record:
    """Return values as a row."""
    return reduce(lambda row, value: Record((*row, value)), values, Record())


NOTHING = constant(None, UNKNOWN)
