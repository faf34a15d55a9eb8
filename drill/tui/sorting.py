"""Rows in the order of one of their columns, numbers with units by what they mean.

Separate from the screen, because it is a matter of cells alone. No Textual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drill.tui.glyphs import Glyphs

    Cell = str | int | float | None
    Row = tuple[Cell, ...]

_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\s?([A-Za-z]*)")
_UNITS = {"m": 1e-3, "ms": 1e-3, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}


@dataclass(frozen=True, slots=True)
class Order:
    """By which column rows are sorted."""

    column: str = ""
    """Its heading; empty for the order in which the rows came."""
    down: bool = False
    """Whether the greatest come first."""

    def next(self, columns: tuple[str, ...]) -> Order:
        """Return the order by the next column, after the last one the order in which rows come."""
        steps = ("", *columns)
        at = steps.index(self.column) if self.column in steps else 0
        return Order(steps[(at + 1) % len(steps)], self.down)

    def turned(self) -> Order:
        """Return the other direction."""
        return Order(self.column, not self.down)

    def headed(self, columns: tuple[str, ...], glyphs: Glyphs) -> tuple[str, ...]:
        """Return headings with a glyph at the column that counts."""
        sign = glyphs.down if self.down else glyphs.up
        return tuple(f"{name} {sign}" if name and name == self.column else name for name in columns)

    def arranged(self, columns: tuple[str, ...], rows: Iterable[Row]) -> tuple[Row, ...]:
        """Return the rows in this order; empty cells come last in either direction."""
        if self.column not in columns or not self.column:
            return tuple(rows)
        at = columns.index(self.column)
        filled = [row for row in rows if row[at] not in {None, ""}]
        empty = [row for row in rows if row[at] in {None, ""}]
        return (*sorted(filled, key=lambda row: _weight(row[at]), reverse=self.down), *empty)


def _weight(cell: Cell) -> tuple[int, float, str]:
    if isinstance(cell, int | float):
        return 0, float(cell), ""
    found = _NUMBER.match(cell or "")
    if found and found[0] == (cell or "").partition(" of ")[0]:
        return 0, float(found[1]) * _UNITS.get(found[2], 1.0), ""
    return 1, 0.0, (cell or "").lower()
