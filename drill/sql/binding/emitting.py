"""The end of a query: columns, DISTINCT, ORDER BY, LIMIT.

Separate because set operations and VALUES end the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from drill.sql.binding import expressions
from drill.sql.binding.level import Level
from drill.sql.binding.plans import collect
from drill.sql.binding.scope import Scope
from drill.sql.casting import convert
from drill.sql.comparing import compare, order
from drill.sql.faults import SqlError
from drill.sql.types import INT8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from drill.sql.binding.plans import Sorting
    from drill.sql.binding.scope import Frame
    from drill.sql.bound import Expr, Row
    from drill.sql.nodes import Node
    from drill.sql.running import Running
    from drill.sql.statements import Tail
    from drill.sql.types import Value


@dataclass(slots=True)
class Limit:
    """LIMIT and OFFSET, to be evaluated when the query runs."""

    count: Callable[[Row], Value] | None
    offset: Callable[[Row], Value] | None
    ties: bool

    def numbers(self) -> tuple[int, int | None]:
        """Return how many rows are left out and how many are wanted, None for all; raise SqlError."""
        offset = 0 if self.offset is None else self.offset(()) or 0
        count = None if self.count is None else self.count(())
        if count is not None and count < 0:
            raise SqlError("LIMIT must not be negative", "2201W")
        if offset < 0:
            raise SqlError("OFFSET must not be negative", "2201X")
        return offset, count


def limit_of(level: Level, tail: Tail) -> Limit:
    """Bind LIMIT and OFFSET; raise SqlError if they look at columns."""
    return Limit(_number(level, tail.limit, "LIMIT"), _number(level, tail.offset, "OFFSET"), tail.ties)


def _number(level: Level, node: Node | None, clause: str) -> Callable[[Row], Value] | None:
    if node is None:
        return None
    inner = Level(Scope(level.scope.parent), level.running, level.query, level.ctes, clause)
    inner.scope.hidden = list(level.scope.space.sources)
    if any(_mentions(level, each) for each in (node,)):
        msg = f"argument of {clause} must not contain variables"
        raise SqlError(msg, "42P10", getattr(node, "pos", None))
    return convert(expressions.bind(inner, node), INT8, level.running, "a").compile()


def _mentions(level: Level, node: Node) -> bool:
    parts = getattr(node, "parts", None)
    return parts is not None and level.scope.find(parts, 0) is not None


class Output:
    """What happens to rows after everything else."""

    def __init__(  # noqa: PLR0913 - the clauses at the end of a query
        self,
        running: Running,
        targets: Sequence[Expr],
        sorting: Sequence[Sorting],
        *,
        distinct: bool,
        on: Sequence[Expr],
        limit: Limit,
    ) -> None:
        """Compile the columns and what rows are sorted by."""
        self.frame: Frame | None = None
        self._running = running
        self._columns = [each.compile() for each in targets]
        self._keys = [each.expr.compile() for each in sorting]
        self._directions = [(each.descending, each.nulls_first) for each in sorting]
        self._distinct = distinct
        self._on = [each.compile() for each in on]
        self._limit = limit

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows of the result."""
        offset, count = self._limit.numbers()
        if count == 0:
            return iter(())
        if self._on:
            return _cut(self._first_of_each(rows), offset, count)
        if not self._keys:
            made = (tuple(column(row) for column in self._columns) for row in rows)
            return _cut(self._unique(made) if self._distinct else made, offset, count)
        pairs = self._sorted(rows) if self._distinct else self._sorted_first(rows)
        if self._limit.ties and count is not None:
            found = iter(_with_ties(pairs, offset, count))
        else:
            found = _cut((row for _, row in pairs), offset, count)
        return found if self._distinct else (tuple(column(row) for column in self._columns) for row in found)

    def _sorted_first(self, rows: Iterable[Row]) -> list[tuple[Row, Row]]:
        """Sort before columns are computed: what LIMIT leaves out is not done, such as ending a session."""
        pairs: list[tuple[Row, Row]] = []
        keep = self._running.keep
        for row in rows:
            keep(row)
            pairs.append((tuple(key(row) for key in self._keys), row))
        order(pairs, self._directions)
        return pairs

    def _sorted(self, rows: Iterable[Row]) -> list[tuple[Row, Row]]:
        pairs: list[tuple[Row, Row]] = []
        seen: set[Row] = set()
        keep = self._running.keep
        for row in rows:
            made = tuple(column(row) for column in self._columns)
            if self._distinct:
                if made in seen:
                    continue
                seen.add(made)
            keep(made)
            pairs.append((tuple(key(row) for key in self._keys), made))
        order(pairs, self._directions)
        return pairs

    def _unique(self, rows: Iterable[Row]) -> Iterator[Row]:
        seen: set[Row] = set()
        for row in rows:
            if row not in seen:
                seen.add(row)
                self._running.keep(row)
                yield row

    def _first_of_each(self, rows: Iterable[Row]) -> Iterator[Row]:
        kept = collect(self._running, rows)
        pairs = [(tuple(key(row) for key in self._keys), row) for row in kept]
        order(pairs, self._directions)
        seen: set[Row] = set()
        found = []
        for _, row in pairs:
            key = tuple(each(row) for each in self._on)
            if key not in seen:
                seen.add(key)
                found.append((key, row))
        if not self._keys:
            order(found, [(False, False)] * len(self._on))
        return (tuple(column(row) for column in self._columns) for _, row in found)


def _cut(rows: Iterable[Row], offset: int, count: int | None) -> Iterator[Row]:
    if not offset and count is None:
        return iter(rows)
    return islice(rows, min(offset, 2**62), None if count is None else min(offset + count, 2**62))


def _with_ties(pairs: list[tuple[Row, Row]], offset: int, count: int) -> list[Row]:
    end = min(offset + count, len(pairs))
    while 0 < end < len(pairs) and _equal(pairs[end][0], pairs[end - 1][0]):
        end += 1
    return [row for _, row in pairs[offset:end]]


def _equal(one: Row, other: Row) -> bool:
    return all(compare(mine, theirs) == 0 for mine, theirs in zip(one, other, strict=True))
