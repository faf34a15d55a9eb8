"""The picture above the menu: a dashboard that stays level while the pool below it runs dry.

Separate because it is only a picture; it says nothing that is not said in words elsewhere.
"""

from __future__ import annotations

from math import sin
from typing import TYPE_CHECKING

from drill.tui.plot import Stroke, plot
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from drill.tui.plot import Line

_DRY_FROM, _DRY_AT = 0.45, 0.8


class Banner(Lined[str]):
    """Two lines of a chart, and a name."""

    def lines(self, model: str, cells: int, height: int) -> list[Line]:
        """Return the picture with the name before it."""
        indent = len(model) + 4
        columns = (cells - indent - 1) * self.glyphs.columns
        wall = tuple(0.86 + 0.05 * sin(at / 5) * sin(at / 17) for at in range(columns))
        pool = tuple(_level(at / columns) + 0.04 * sin(at / 3) * sin(at / 11) for at in range(columns))
        drawn = plot(
            [Stroke(heights=wall, role="good"), Stroke(heights=pool, role="bad")],
            (cells - indent - 1, height),
            self.glyphs,
        )
        middle = height // 2
        return [((f"  {model}  " if row == middle else " " * indent, "title"), *line) for row, line in enumerate(drawn)]


def _level(share: float) -> float:
    """Return how full the pool is at a share of the width."""
    if share < _DRY_FROM:
        return 0.55
    return max(0.0, 0.55 * (1 - (share - _DRY_FROM) / (_DRY_AT - _DRY_FROM)) ** 0.7) if share < _DRY_AT else 0.0
