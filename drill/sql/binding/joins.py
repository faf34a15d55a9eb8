"""FROM at work: rows of tables, functions and queries, joined.

Separate from how names in FROM are bound. Every part extends the row of what stands before it; joins on equality hash
their right side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from drill.sql.binding.plans import collect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from drill.sql.binding.plans import Plan
    from drill.sql.binding.scope import Frame
    from drill.sql.bound import Expr, Row
    from drill.sql.resolve import Function
    from drill.sql.running import Running
    from drill.sql.types import Value

_HASHED = frozenset(
    [
        "int2",
        "int4",
        "int8",
        "oid",
        "float4",
        "float8",
        "numeric",
        "text",
        "name",
        "bool",
        "interval",
        "inet",
        "time",
        "uuid",
        "xid",
        "char",
    ]
)


class Part(Protocol):
    """Something in FROM."""

    start: int
    width: int
    lateral: bool
    """Whether its rows depend on those before it."""

    def rows(self, before: Row) -> Iterable[Row]:
        """Yield rows: those of `before` and its own values."""


@dataclass(slots=True)
class Nothing:
    """No FROM at all: one empty row."""

    start: int = 0
    width: int = 0
    lateral: bool = False

    def rows(self, before: Row) -> Iterable[Row]:
        """Yield one row."""
        return (before,)


@dataclass(slots=True)
class Scan:
    """A table or a query that does not look at what stands before it."""

    running: Running
    source: Callable[[], Iterable[Row]]
    start: int
    width: int
    lateral: bool = False

    def rows(self, before: Row) -> Iterator[Row]:
        """Yield rows."""
        tick = self.running.tick
        for row in self.source():
            tick()
            yield before + row


@dataclass(slots=True)
class Lateral:
    """A query that looks at what stands before it."""

    running: Running
    plan: Plan
    frame: Frame
    start: int
    width: int
    lateral: bool = True

    def rows(self, before: Row) -> Iterator[Row]:
        """Yield rows."""
        saved, self.frame.row = self.frame.row, before
        try:
            found = collect(self.running, self.plan.rows())
        finally:
            self.frame.row = saved
        for row in found:
            yield before + row


@dataclass(slots=True)
class Calls:
    """Functions, side by side."""

    running: Running
    calls: Sequence[tuple[Function | None, Callable[[Row], Value], int]]
    """Each function (None for one that returns one value), how to call it, and how many columns it has."""
    ordinality: bool
    start: int
    width: int
    lateral: bool = True

    def rows(self, before: Row) -> Iterator[Row]:
        """Yield rows; where one function has fewer, NULLs stand in."""
        tick = self.running.tick
        iterators = [_values(function, run(before), width) for function, run, width in self.calls]
        number = 0
        while True:
            parts = [next(each, None) for each in iterators]
            if all(part is None for part in parts):
                return
            tick()
            number += 1
            row = before
            for part, (_, _, width) in zip(parts, self.calls, strict=True):
                row += part if part is not None else (None,) * width
            yield (*row, number) if self.ordinality else row


def _values(function: Function | None, value: Value, width: int) -> Iterator[Row]:
    if function is None or not function.returns_set:
        row = tuple(value) if width != 1 and value is not None else (value,)
        return iter((row if len(row) == width else (None,) * width,))
    return iter(value if value is not None else ())


@dataclass(slots=True)
class Filtered:
    """A part with a condition."""

    part: Part
    test: Callable[[Row], Value]
    start: int
    width: int
    lateral: bool

    def rows(self, before: Row) -> Iterator[Row]:
        """Yield rows that meet the condition."""
        test = self.test
        for row in self.part.rows(before):
            if test(row) is True:
                yield row


@dataclass(slots=True)
class Joined:
    """Two parts."""

    running: Running
    kind: str
    left: Part
    right: Part
    test: Callable[[Row], Value] | None
    keys: Sequence[tuple[Callable[[Row], Value], Callable[[Row], Value]]]
    start: int
    width: int
    lateral: bool
    outer: bool = field(init=False)

    def __post_init__(self) -> None:
        """Know whether left rows without a match stay."""
        self.outer = self.kind in {"left", "full"}

    def rows(self, before: Row) -> Iterator[Row]:
        """Yield rows."""
        if self.right.lateral:
            yield from self._lateral(before)
            return
        start = self.right.start
        others = collect(self.running, (row[start:] for row in self.right.rows((None,) * start)))
        candidates = self._candidates(others)
        nothing = (None,) * self.right.width
        matched: set[int] = set()
        keeps = self.kind in {"right", "full"}
        tick, test = self.running.tick, self.test
        for left in self.left.rows(before):
            found = False
            for index in candidates(left):
                tick()
                row = left + others[index]
                if test is None or test(row) is True:
                    found = True
                    if keeps:
                        matched.add(index)
                    yield row
            if not found and self.outer:
                yield left + nothing
        if keeps:
            blank = before + (None,) * self.left.width
            yield from (blank + other for index, other in enumerate(others) if index not in matched)

    def _lateral(self, before: Row) -> Iterator[Row]:
        nothing = (None,) * self.right.width
        for left in self.left.rows(before):
            found = False
            for row in self.right.rows(left):
                self.running.tick()
                if self.test is None or self.test(row) is True:
                    found = True
                    yield row
            if not found and self.outer:
                yield left + nothing

    def _candidates(self, others: list[Row]) -> Callable[[Row], Sequence[int]]:
        if not self.keys:
            every = range(len(others))
            return lambda _: every
        pad = (None,) * self.right.start
        table: dict[Row, list[int]] = {}
        right_keys = [right for _, right in self.keys]
        for index, other in enumerate(others):
            padded = pad + other
            table.setdefault(tuple(key(padded) for key in right_keys), []).append(index)
        left_keys = [left for left, _ in self.keys]

        def candidates(row: Row) -> Sequence[int]:
            key = tuple(each(row) for each in left_keys)
            return () if None in key else table.get(key, ())

        return candidates


def equal_keys(conditions: Sequence[Expr], split: int) -> list[tuple[Callable[[Row], Value], Callable[[Row], Value]]]:
    """Return the pairs that conditions make equal, one of each side of a join."""
    found = []
    for each in conditions:
        if each.kind != "call" or not isinstance(each.payload, tuple) or each.payload[1][:2] != ("op", "="):
            continue
        if not set(each.payload[1][2:]) <= _HASHED or len(each.args) != 2:  # noqa: PLR2004 - two operands
            continue
        one, other = each.args
        if _within(one, 0, split) and _within(other, split, None):
            found.append((one.compile(), other.compile()))
        elif _within(other, 0, split) and _within(one, split, None):
            found.append((other.compile(), one.compile()))
    return found


def _within(expr: Expr, low: int, high: int | None) -> bool:
    places = slots(expr)
    return places is not None and bool(places) and min(places) >= low and (high is None or max(places) < high)


def slots(expr: Expr) -> list[int] | None:
    """Return the columns an expression reads; None if it reads rows in other ways too."""
    found: list[int] = []
    for each in expr.walk():
        if each.kind == "column" and isinstance(each.payload, int):
            found.append(each.payload)
        elif each.kind in {"query", "row", "set"}:
            return None
    return found


def conjuncts(expr: Expr) -> list[Expr]:
    """Return the conditions that AND joins."""
    if expr.kind == "form" and expr.payload == ("form", "and"):
        return [part for arg in expr.args for part in conjuncts(arg)]
    return [expr]
