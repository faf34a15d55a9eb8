"""The syntax tree of statements: queries and their clauses, and commands.

Separate from expressions, which stand in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drill.sql.nodes import AT, Node, SortBy, Window


@dataclass(frozen=True, slots=True)
class Target(Node):
    """One column of a result."""

    what: Node
    label: str = ""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A table in FROM."""

    name: str
    schema: str = ""
    alias: str = ""
    columns: tuple[str, ...] = ()
    pos: int = AT


@dataclass(frozen=True, slots=True)
class SubSelect(Node):
    """A query in FROM."""

    query: Node
    alias: str
    columns: tuple[str, ...] = ()
    lateral: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Rows(Node):
    """Functions in FROM."""

    calls: tuple[Node, ...]
    alias: str = ""
    columns: tuple[str, ...] = ()
    ordinality: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Join(Node):
    """A join."""

    kind: Literal["inner", "left", "right", "full", "cross"]
    left: Node
    right: Node
    on: Node | None = None
    using: tuple[str, ...] = ()
    natural: bool = False
    alias: str = ""
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Grouping(Node):
    """ROLLUP, CUBE, GROUPING SETS or the empty set; plain expressions stand as themselves."""

    kind: Literal["rollup", "cube", "sets", "list"]
    items: tuple[Node, ...]
    pos: int = AT


@dataclass(frozen=True, slots=True)
class With(Node):
    """One query of WITH."""

    name: str
    columns: tuple[str, ...]
    query: Node
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Tail:
    """What may follow any query."""

    order: tuple[SortBy, ...] = ()
    limit: Node | None = None
    offset: Node | None = None
    ties: bool = False


@dataclass(frozen=True, slots=True)
class Select(Node):
    """SELECT."""

    targets: tuple[Target, ...]
    sources: tuple[Node, ...] = ()
    where: Node | None = None
    group: tuple[Node, ...] = ()
    grouped: bool = False
    group_distinct: bool = False
    having: Node | None = None
    windows: tuple[Window, ...] = ()
    distinct: bool = False
    distinct_on: tuple[Node, ...] = ()
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Values(Node):
    """VALUES."""

    rows: tuple[tuple[Node, ...], ...]
    pos: int = AT


@dataclass(frozen=True, slots=True)
class SetOp(Node):
    """UNION, INTERSECT, EXCEPT."""

    kind: Literal["union", "intersect", "except"]
    every: bool
    left: Node
    right: Node
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Whole(Node):
    """A query with its WITH before and its ORDER BY and LIMIT behind."""

    body: Node
    tail: Tail = Tail()
    ctes: tuple[With, ...] = ()
    recursive: bool = False
    pos: int = AT


@dataclass(frozen=True, slots=True)
class Command(Node):
    """Any other statement: its verb, its object and its values."""

    verb: str
    what: str = ""
    values: tuple[str, ...] = ()
    flag: str = ""
    pos: int = AT


def leftmost(node: Node) -> int | None:
    """Return where an expression begins, which is where messages point; None for nothing that was written."""
    places = [place for place in _places(node) if place >= 0]
    return min(places) if places else None


def _places(node: object) -> list[int]:
    if isinstance(node, tuple):
        return [place for each in node for place in _places(each)]
    if not isinstance(node, Node):
        return []
    found = [node.pos] if hasattr(node, "pos") else []
    names: tuple[str, ...] = node.__slots__
    for name in names:
        if name != "pos":
            found += _places(getattr(node, name))
    return found
