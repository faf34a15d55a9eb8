"""Plans: columns and a way to get their rows, as often as wanted.

Separate from how they are made. Rows come one at a time, so that a query that is cut short costs little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from drill.sql.bound import Expr, Row
    from drill.sql.running import Running
    from drill.sql.types import Type


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result."""

    name: str
    type: Type
    mod: tuple[int, ...] = ()


@dataclass(slots=True)
class Plan:
    """A query that can be run."""

    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]
    unknown: tuple[int | None, ...] = ()
    """Where literals stand whose type nobody has said, None for columns that have one; empty for none."""

    def untyped(self, index: int) -> bool:
        """Return whether a column is such a literal."""
        return bool(self.unknown) and self.unknown[index] is not None

    def cached(self, running: Running) -> Plan:
        """Return the same plan, run at most once."""
        kept: list[list[Row]] = []
        source = self.rows

        def rows() -> Iterator[Row]:
            if not kept:
                kept.append(collect(running, source()))
            return iter(kept[0])

        return Plan(self.columns, rows, self.unknown)


def collect(running: Running, rows: Iterable[Row]) -> list[Row]:
    """Return rows as a list, within the limits of memory and patience."""
    found: list[Row] = []
    keep = running.keep
    for row in rows:
        keep(row)
        found.append(row)
    return found


@dataclass(frozen=True, slots=True)
class Sorting:
    """What rows are sorted by."""

    expr: Expr
    descending: bool = False
    nulls_first: bool = False
