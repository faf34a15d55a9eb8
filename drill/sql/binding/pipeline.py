"""The rows of a SELECT on their way: filtered, grouped, given window values, multiplied by sets.

Separate from how its clauses are bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drill.sql.binding import expressions, grouping
from drill.sql.binding.framing import with_windows
from drill.sql.binding.joins import Filtered, Joined, Part, conjuncts, equal_keys, slots
from drill.sql.binding.plans import Sorting, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from drill.sql.binding.grouping import Groups
    from drill.sql.binding.level import Level, SetCall
    from drill.sql.bound import Expr, Row
    from drill.sql.nodes import Node
    from drill.sql.types import Value


@dataclass(slots=True)
class Bindings:
    """The clauses of a SELECT, bound."""

    part: Part
    where: Expr | None
    targets: list[tuple[str, Expr, Node]]
    groups: Groups | None = None
    having: Expr | None = None
    order: list[Sorting] = field(default_factory=list)
    distinct_on: list[Expr] = field(default_factory=list)
    early: list[SetCall] = field(default_factory=list)
    """Functions that return sets and are grouped by."""


class Pipeline:
    """The rows of a SELECT before its columns are computed."""

    def __init__(self, level: Level, bound: Bindings) -> None:
        """Compile conditions and put them where they cost least."""
        self._level = level
        self._bound = bound
        self._part, self._test = _pushed(level, bound.part, bound.where)
        self._having = None if bound.having is None else bound.having.compile()

    def rows(self) -> Iterator[Row]:
        """Yield rows."""
        level, bound = self._level, self._bound
        rows: Iterable[Row] = self._part.rows(())
        if self._test is not None:
            test = self._test
            rows = (row for row in rows if test(row) is True)
        if bound.early:
            rows = _with_sets(level, rows, bound.early)
        if bound.groups is not None:
            rows = grouping.grouped(level.running, rows, bound.groups, level.aggregates)
            if self._having is not None:
                having = self._having
                rows = (row for row in rows if having(row) is True)
        if level.windows:
            rows = with_windows(level.running, collect(level.running, rows), level.windows)
        if level.sets:
            rows = _with_sets(level, rows, level.sets)
        return iter(rows)


def _with_sets(level: Level, rows: Iterable[Row], calls: list[SetCall]) -> Iterator[Row]:
    """Yield a row for each of what functions return, side by side; where one has fewer, NULL stands in."""
    compiled = [each.expr.compile() for each in calls]
    tick = level.running.tick
    for row in rows:
        iterators = [iter(run(row) or ()) for run in compiled]
        while True:
            parts = [next(each, None) for each in iterators]
            if all(part is None for part in parts):
                break
            tick()
            yield (*row, *(None if part is None else part[0] for part in parts))


def _pushed(level: Level, part: Part, where: Expr | None) -> tuple[Part, Callable[[Row], Value] | None]:
    """Put the conditions of WHERE as far down as the tables they are about; return what is left of them."""
    if where is None:
        return part, None
    conditions = conjuncts(where)
    volatile = any(each.kind == "call" and "pg_" in str(each.payload) for part_ in conditions for each in part_.walk())
    chain = _chain(part)
    if chain is None or volatile:
        return part, where.compile()
    rest = [each for each in conditions if slots(each) is None]
    known = [(each, places) for each in conditions if (places := slots(each)) is not None]
    built = chain[0]
    for index, joined in enumerate(chain):
        end = joined.start + joined.width
        mine = [each for each, places in known if max(places, default=-1) < end]
        known = [(each, places) for each, places in known if max(places, default=-1) >= end]
        if index:
            keys = equal_keys(mine, joined.start)
            test = expressions.conjunction(mine).compile() if mine else None
            lateral = built.lateral or joined.lateral
            built = Joined(level.running, "inner", built, joined, test, keys, 0, end, lateral)
        elif mine:
            test = expressions.conjunction(mine).compile()
            built = Filtered(joined, test, joined.start, joined.width, joined.lateral)
    return built, expressions.conjunction(rest).compile() if rest else None


def _chain(part: Part) -> list[Part] | None:
    """Return the tables of a list with commas; None for no list."""
    if not isinstance(part, Joined):
        return [part]
    if part.kind != "inner" or part.test is not None or part.keys:
        return None
    left = _chain(part.left)
    return None if left is None else [*left, part.right]
