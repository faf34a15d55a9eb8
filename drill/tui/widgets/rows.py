"""Ready-made lines: alerts, what was done, the legend of a chart.

Separate from tables, which have columns and a cursor. When there are more lines than room, the first ones win or the
last ones do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.tui.text import shorten, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from drill.tui.plot import Line, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsModel:
    """Lines made of runs of text; only the last run of a line may be shortened."""

    rows: tuple[Line, ...]
    newest: bool = False
    """Whether the last lines are shown when there is no room for all."""


class Rows(Lined[RowsModel]):
    """Lines one below the other."""

    def lines(self, model: RowsModel, cells: int, height: int) -> list[Line]:
        """Return as many lines as there is room for."""
        rows = model.rows[-height:] if model.newest else model.rows[:height]
        return [self._fitted(row, cells) for row in rows]

    def _fitted(self, row: Line, cells: int) -> Line:
        *first, (text, role) = row
        runs: list[Run] = list(first)
        room = cells - sum(width(part) for part, _ in first)
        return (*runs, (shorten(text, room, self.glyphs.more), role))
