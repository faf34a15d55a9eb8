"""The syntax tree of expressions: what was written, and where.

Separate from statements, and from what both mean, which needs tables and types. `pos` is an offset into the statement;
it takes no part in comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AT: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that was written."""


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A constant: a number, a string, a truth value or NULL."""

    kind: Literal["number", "string", "bool", "null"]
    value: str
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column, perhaps with its table and schema before it."""

    parts: tuple[str, ...]
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Star(Node):
    """All columns, perhaps of one table."""

    table: tuple[str, ...] = ()
    pos: int = AT


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type."""

    name: str
    mods: tuple[int, ...] = ()
    is_array: bool = False
    fields: str = ""
    """What an interval is restricted to, such as `minute`."""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class SortBy(Node):
    """One item of ORDER BY."""

    what: Node
    descending: bool = False
    nulls_first: bool = False
    using: str = ""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """One end of a window's frame."""

    kind: Literal["unbounded preceding", "preceding", "current row", "following", "unbounded following"]
    offset: Node | None = None
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Window(Node):
    """A window: its own name, the one it builds upon, and what it says itself."""

    name: str = ""
    base: str = ""
    partition: tuple[Node, ...] = ()
    order: tuple[SortBy, ...] = ()
    mode: str = ""
    """`rows`, `range` or `groups`; empty for no frame."""
    start: Bound = Bound("unbounded preceding")
    end: Bound = Bound("current row")
    exclude: str = ""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call."""

    name: str
    args: tuple[Node, ...] = ()
    schema: str = ""
    star: bool = False
    distinct: bool = False
    order: tuple[SortBy, ...] = ()
    within: bool = False
    where: Node | None = None
    over: Window | None = None
    label: str = ""
    """What the column is called, where that is not the name."""
    variadic: bool = False
    names: tuple[str, ...] = ()
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Op(Node):
    """An operator between two expressions, or before one."""

    name: str
    left: Node | None
    right: Node
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """AND, OR, NOT."""

    kind: Literal["and", "or", "not"]
    args: tuple[Node, ...]
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Test(Node):
    """IS NULL, IS TRUE and the like; `other` for IS DISTINCT FROM."""

    what: Literal["null", "true", "false", "unknown", "distinct"]
    arg: Node
    other: Node | None = None
    negated: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Between(Node):
    """BETWEEN."""

    arg: Node
    low: Node
    high: Node
    negated: bool = False
    symmetric: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class In(Node):
    """IN with a list."""

    arg: Node
    items: tuple[Node, ...]
    negated: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """A comparison with ANY or ALL of an array or of a query's rows."""

    op: str
    arg: Node
    every: bool
    of: Node
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Query(Node):
    """A query inside an expression: its one value, whether it has rows, or all its values as an array."""

    kind: Literal["scalar", "exists", "array"]
    query: Node
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE."""

    arg: Node | None
    whens: tuple[tuple[Node, Node], ...]
    default: Node | None
    places: tuple[int, ...] = field(default=(), compare=False)
    """Where each WHEN stands."""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Special(Node):
    """COALESCE, GREATEST, LEAST, NULLIF, ARRAY, ROW, GROUPING: what looks like a function and has rules of its own."""

    name: str
    args: tuple[Node, ...]
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """A cast."""

    arg: Node
    to: TypeName
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Item(Node):
    """An element of an array, or a slice of it."""

    arg: Node
    first: Node | None
    last: Node | None = None
    sliced: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field of a row, `*` for all."""

    arg: Node
    name: str
    pos: int = AT
