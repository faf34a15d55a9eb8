"""One query while its expressions are bound: its names, what may stand in the clause at hand, what was collected.

Separate because every kind of expression needs it. Aggregates, window functions and functions that return sets are
collected here and evaluated by the plan; expressions only refer to their results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drill.sql.faults import NOT_SUPPORTED, SqlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.binding.plans import Plan, Sorting
    from drill.sql.binding.scope import Cte, Fence, Scope
    from drill.sql.bound import Expr
    from drill.sql.library.aggregates import Aggregate
    from drill.sql.library.windows import WindowFunction
    from drill.sql.nodes import Node, Window
    from drill.sql.resolve import Function
    from drill.sql.running import Running


@dataclass(slots=True)
class AggregateCall:
    """An aggregate to compute."""

    aggregate: Aggregate
    args: tuple[Expr, ...]
    distinct: bool = False
    order: tuple[Sorting, ...] = ()
    where: Expr | None = None
    direct: tuple[Expr, ...] = ()
    """Arguments before WITHIN GROUP."""
    star: bool = False
    """Whether it is count(*), which takes rows and no values."""


@dataclass(slots=True)
class WindowCall:
    """A window function to compute."""

    function: WindowFunction | None
    aggregate: AggregateCall | None
    args: tuple[Expr, ...]
    partition: tuple[Expr, ...]
    order: tuple[Sorting, ...]
    frame: Window
    offsets: tuple[Expr | None, Expr | None] = (None, None)


@dataclass(slots=True)
class SetCall:
    """A function in the list of columns that returns several rows."""

    function: Function
    expr: Expr


@dataclass(slots=True)
class Level:
    """One query that is being bound."""

    scope: Scope
    running: Running
    query: Callable[[Node, Fence, dict[str, Cte]], Plan]
    """Binds a query inside of this one."""
    ctes: dict[str, Cte]
    clause: str = "SELECT"
    """Where expressions stand that are bound now."""
    aggregates: list[AggregateCall] = field(default_factory=list)
    windows: list[WindowCall] = field(default_factory=list)
    sets: list[SetCall] = field(default_factory=list)
    named_windows: dict[str, Window] = field(default_factory=dict)
    inside: str = ""
    """`aggregate` or `window` while arguments of one are bound."""
    grouping: list[tuple[Node, ...]] = field(default_factory=list)
    """GROUPING() calls."""

    def refuse(self, what: str, pos: int | None) -> None:
        """Raise SqlError if aggregates, window functions or sets may not stand in the clause at hand."""
        allowed = {
            "aggregate functions": ("SELECT", "HAVING", "ORDER BY", "DISTINCT ON"),
            "window functions": ("SELECT", "ORDER BY", "DISTINCT ON"),
            "set-returning functions": ("SELECT", "ORDER BY", "GROUP BY", "DISTINCT ON", "functions in FROM"),
            "grouping operations": ("SELECT", "HAVING", "ORDER BY", "DISTINCT ON"),
        }[what]
        if self.inside == "filter":
            msg = f"{what} are not allowed in FILTER"
            raise SqlError(msg, "42803", pos)
        if self.clause not in allowed:
            code = NOT_SUPPORTED if what.startswith("set") else "42803" if what.startswith("agg") else "42P20"
            msg = f"{what} are not allowed in {self.clause}"
            raise SqlError(msg, code, pos)
