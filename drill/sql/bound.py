"""Expressions that know their types, and how they become Python functions of a row.

Separate from the syntax they come from and from the tables they read. An expression is built bottom-up; what depends on
nothing is evaluated while it is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sql.faults import SqlError
from drill.sql.types import UNKNOWN, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

Row = tuple[Value, ...]
Closure = "Callable[[Row], Value]"


class Expr:
    """One expression."""

    __slots__ = ("args", "kind", "make", "mod", "name", "payload", "pos", "type")

    def __init__(  # noqa: PLR0913 - the parts of an expression
        self,
        kind: str,
        type_: Type,
        args: tuple[Expr, ...] = (),
        payload: Hashable = None,
        make: Callable[..., Callable[[Row], Value]] | None = None,
        *,
        pos: int | None = None,
        name: str = "",
        mod: tuple[int, ...] = (),
    ) -> None:
        """Keep the parts.

        Args:
            kind: `const`, `column`, `outer`, `call`, `agg`, `window`, `set`, `query` or `form`.
            type_: Of its values.
            args: What it is made of.
            payload: What makes two expressions of one kind and arguments differ.
            make: Takes a function of a row for each argument and returns one for the whole.
            pos: Where it was written.
            name: What messages call a column.
            mod: Type modifiers, such as precision and scale.
        """
        self.kind = kind
        self.type = type_
        self.args = args
        self.payload = payload
        self.make = make
        self.pos = pos
        self.name = name
        self.mod = mod

    def same(self, other: Expr) -> bool:
        """Return whether two expressions say the same."""
        return (
            self.kind == other.kind
            and self.type is other.type
            and self.payload == other.payload
            and type(self.payload) is type(other.payload)
            and len(self.args) == len(other.args)
            and all(mine.same(theirs) for mine, theirs in zip(self.args, other.args, strict=True))
        )

    def begins(self) -> int | None:
        """Return where it begins, which is where messages about the whole of it point."""
        places = [each.pos for each in self.walk() if each.pos is not None and each.pos >= 0]
        return min(places) if places else None

    def walk(self) -> Iterator[Expr]:
        """Yield this expression and all it is made of."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    def rewritten(self, change: Callable[[Expr], Expr | None]) -> Expr:
        """Return the expression with parts exchanged; `change` returns None for what stays."""
        changed = change(self)
        if changed is not None:
            return changed
        if not self.args:
            return self
        args = tuple(arg.rewritten(change) for arg in self.args)
        if all(new is old for new, old in zip(args, self.args, strict=True)):
            return self
        return Expr(self.kind, self.type, args, self.payload, self.make, pos=self.pos, name=self.name, mod=self.mod)

    def compile(self) -> Callable[[Row], Value]:
        """Return a function of a row."""
        assert self.make is not None, self.kind  # noqa: S101 - what can't be evaluated was replaced before
        return self.make(*(arg.compile() for arg in self.args))


def constant(value: Value, type_: Type, pos: int | None = None, mod: tuple[int, ...] = ()) -> Expr:
    """Return a constant."""
    key = value if _hashable(value) else repr(value)
    return Expr("const", type_, payload=("value", key, value is None), make=lambda: lambda _: value, pos=pos, mod=mod)


def _hashable(value: Value) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def value_of(expr: Expr) -> Value:
    """Return the value of a constant."""
    return expr.compile()(())


def slot(index: int, type_: Type, pos: int | None = None, name: str = "") -> Expr:
    """Return a column of the row at hand."""
    return Expr("column", type_, payload=index, make=lambda: _getter(index), pos=pos, name=name)


def _getter(index: int) -> Callable[[Row], Value]:
    def get(row: Row) -> Value:
        return row[index]

    return get


def call(  # noqa: PLR0913 - the parts of a call
    run: Callable[..., Value],
    type_: Type,
    args: Sequence[Expr],
    *,
    key: Hashable,
    strict: bool = True,
    fold: bool = True,
    pos: int | None = None,
    mod: tuple[int, ...] = (),
) -> Expr:
    """Return a call of a Python function, or its value if its arguments are constants."""
    make = _strict(run, len(args)) if strict else _loose(run, len(args))
    expr = Expr("call", type_, tuple(args), ("call", key), make, pos=pos, mod=mod)
    if fold and all(arg.kind == "const" for arg in args):
        try:
            return constant(value_of(expr), type_, expr.begins(), mod)
        except SqlError:
            return expr
    return expr


def _strict(run: Callable[..., Value], count: int) -> Callable[..., Callable[[Row], Value]]:
    if count == 1:
        return lambda one: _strict_1(run, one)
    if count == 2:  # noqa: PLR2004 - the common case of operators, kept fast
        return lambda one, two: _strict_2(run, one, two)

    def make(*parts: Callable[[Row], Value]) -> Callable[[Row], Value]:
        def evaluate(row: Row) -> Value:
            values = [part(row) for part in parts]
            return None if None in values else run(*values)

        return evaluate

    return make


def _strict_1(run: Callable[..., Value], one: Callable[[Row], Value]) -> Callable[[Row], Value]:
    def evaluate(row: Row) -> Value:
        value = one(row)
        return None if value is None else run(value)

    return evaluate


def _strict_2(
    run: Callable[..., Value], one: Callable[[Row], Value], two: Callable[[Row], Value]
) -> Callable[[Row], Value]:
    def evaluate(row: Row) -> Value:
        first = one(row)
        if first is None:
            return None
        second = two(row)
        return None if second is None else run(first, second)

    return evaluate


def _loose(run: Callable[..., Value], count: int) -> Callable[..., Callable[[Row], Value]]:
    del count

    def make(*parts: Callable[[Row], Value]) -> Callable[[Row], Value]:
        def evaluate(row: Row) -> Value:
            return run(*[part(row) for part in parts])

        return evaluate

    return make


def form(
    kind: Hashable,
    type_: Type,
    args: Sequence[Expr],
    make: Callable[..., Callable[[Row], Value]],
    *,
    pos: int | None = None,
) -> Expr:
    """Return an expression that evaluates its arguments as it sees fit, such as CASE."""
    expr = Expr("form", type_, tuple(args), ("form", kind), make, pos=pos)
    if args and all(arg.kind == "const" for arg in args):
        try:
            return constant(value_of(expr), type_, expr.begins())
        except SqlError:
            return expr
    return expr


def is_unknown_literal(expr: Expr) -> bool:
    """Return whether an expression is a string whose type nobody has said yet, or NULL."""
    return expr.kind == "const" and expr.type is UNKNOWN


Maker = Any
"""What `make` is, where its exact type says nothing."""
