"""Lines drawn with dots inside characters: the core of every chart.

Separate from the widget because it is arithmetic on numbers and characters, drawn the same in a test as on a screen.
Nothing here knows units, titles or Textual.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drill.tui.glyphs import Glyphs

Run = tuple[str, str]
"""Text and the name of its role."""
Line = tuple[Run, ...]

MARK, THRESHOLD, SHADE = "mark", "threshold", "shade"
"""Roles of a moment, of a bound and of shaded ground; those of lines are named by whoever draws them."""
_GROUND = (MARK, THRESHOLD, SHADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One line across a plot."""

    heights: tuple[float | None, ...]
    """One height a column of dots, from 0 (bottom) to 1 (top); None for no dot."""
    role: str
    on: int = 1
    """Columns drawn, then `off` columns left out; a solid line leaves none out."""
    off: int = 0
    filled: bool = False
    """Whether the ground below it is shaded, where the set of characters can."""


def resample(points: Sequence[float | None], columns: int) -> tuple[float | None, ...]:
    """Return the means of as many stretches of equal length as there are columns; None where there is no point."""
    means: list[float | None] = []
    for column in range(columns):
        start = column * len(points) // columns
        end = max(start + 1, (column + 1) * len(points) // columns)
        known = [point for point in points[start:end] if point is not None]
        means.append(sum(known) / len(known) if known else None)
    return tuple(means)


def newest(points: Sequence[float | None], columns: int) -> tuple[float | None, ...]:
    """Return the last points, one a column and aligned right."""
    last = tuple(points[-columns:])
    return (None,) * (columns - len(last)) + last


def plot(
    strokes: Sequence[Stroke],
    size: tuple[int, int],
    glyphs: Glyphs,
    *,
    threshold: float | None = None,
    marks: Sequence[int] = (),
) -> list[Line]:
    """Return the lines of a plot of `size` (characters across, lines down); the first stroke lies on top.

    `threshold` is a height from 0 to 1, `marks` are columns of dots. Where the set has signs for lines, several of them
    are drawn with one each, and those that lie upon each other take turns.
    """
    several = len(strokes) > 1 and bool(glyphs.signs)
    signs = dict(zip((stroke.role for stroke in strokes), glyphs.signs, strict=False)) if several else {}
    canvas = _Canvas(size, glyphs, signs)
    for stroke in strokes:
        if stroke.filled and glyphs.shades:
            canvas.shade(stroke)
    for column in marks:
        canvas.upright(column)
    if threshold is not None:
        canvas.level(threshold)
    for stroke in reversed(strokes):
        canvas.draw(stroke)
    return canvas.lines()


class _Canvas:
    """Dots by character, and whose they are; characters are counted from the lowest line, each from the left."""

    def __init__(self, size: tuple[int, int], glyphs: Glyphs, signs: Mapping[str, str]) -> None:
        self.width, self.height = size
        self.signs = signs
        self.shared: dict[int, list[str]] = {}
        self.glyphs = glyphs
        self.top = self.height * glyphs.rows - 1
        self.dots = [0] * (self.width * self.height)
        self.roles = [""] * (self.width * self.height)

    def set(self, column: int, low: int, high: int, role: str) -> None:
        """Set the dots of a column from one row to another, both included; row 0 is the lowest.

        A character takes the role of whoever drew in it last. Whole characters are set at once: a shaded chart has
        thousands of dots and is drawn four times a second.
        """
        rows = self.glyphs.rows
        x, side = divmod(column, self.glyphs.columns)
        if not 0 <= x < self.width:
            return
        low, high = (max(0, low)), (min(self.top, high))
        lowest, highest = low // rows, high // rows
        for y in range(lowest, highest + 1):
            first = low - y * rows if y == lowest else 0
            last = high - y * rows if y == highest else rows - 1
            at = y * self.width + x
            known = self.roles[at]
            if known != role:
                self.roles[at] = role
                if self.glyphs.dots or known in _GROUND or not known:
                    self.dots[at] = 0
            self.dots[at] |= (2 << last) - (1 << first) << rows * side
            if role in self.signs and role not in self.shared.setdefault(at, []):
                self.shared[at].append(role)

    def row(self, height: float) -> int:
        return round(min(1.0, max(0.0, height)) * self.top)

    def upright(self, column: int) -> None:
        for row in range(0, self.top + 1, self.glyphs.rows):
            self.set(column, row, row, MARK)

    def shade(self, stroke: Stroke) -> None:
        for column, height in enumerate(stroke.heights):
            if height is not None:
                self.set(column, 0, self.row(height) - 1, SHADE)

    def level(self, height: float) -> None:
        row = self.row(height)
        for column in range(0, self.width * self.glyphs.columns, 3):
            self.set(column, row, row, THRESHOLD)

    def draw(self, stroke: Stroke) -> None:
        """Draw a line; where it jumps, the dots between are filled so that it hangs together."""
        before: int | None = None
        for column, height in enumerate(stroke.heights):
            if height is None:
                before = None
                continue
            row = self.row(height)
            if self.signs or column % (stroke.on + stroke.off) < stroke.on:
                self.set(column, row, row, stroke.role)
            if before is not None and (self.signs or not stroke.off or abs(row - before) > self.glyphs.rows):
                start = before + (row > before) - (row < before)
                self.set(column, min(start, row), max(start, row), stroke.role)
            before = row

    def lines(self) -> list[Line]:
        for at, roles in self.shared.items():
            self.roles[at] = roles[sum(divmod(at, self.width)) % len(roles)]
        return [self._line(y) for y in range(self.height - 1, -1, -1)]

    def _line(self, y: int) -> Line:
        runs: list[Run] = []
        start = y * self.width
        for role, group in groupby(range(start, start + self.width), self.roles.__getitem__):
            runs.append(("".join(self._character(at, role) for at in group), role))
        return tuple(runs)

    def _character(self, at: int, role: str) -> str:
        if role == MARK:
            return self.glyphs.moment
        if role in self.signs:
            return self.signs[role]
        return self.glyphs.chart(self.dots[at]) if role else " "
