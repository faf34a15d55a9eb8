"""A page made of blocks, scrolled line by line: headings, paragraphs, tables, two parts beside each other, one chart.

Separate from `Prose`, which has paragraphs only, and from `LineTable`, which has a cursor. Nothing is ever cut: long
text is wrapped, and numbers hold together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from drill.debrief.blocks import Beside, Block, Curves, Heading, Say, Table, glued, unglued
from drill.tui.text import longest, pad, printable, width, wrap
from drill.tui.widgets.chart import ChartModel, chart_lines
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.tui.glyphs import Glyphs
    from drill.tui.plot import Line

_WIDE = 100
"""From this width on, parts stand beside each other."""
_GAP = 2
_NARROWEST = 20
"""Least width of a table's last column."""
_CHART = (8, 16)
"""Least and most height of the chart."""
_ROLES = {
    "action": "you",
    "diagnosis": "key",
    **dict.fromkeys(("look", "pause"), "muted"),
    "system": "line",
    **dict.fromkeys(("pin", "update", "hint", "note"), "text"),
}
"""Roles of the tones that are not roles themselves."""
_WHOLE = ("title", "muted")
"""Tones that the last column of a table takes, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetModel:
    """What a sheet shows."""

    blocks: tuple[Block, ...]
    chart: ChartModel | None = None
    """Stands where the blocks say `Curves`."""


class Sheet(Lined[SheetModel]):
    """A page that is scrolled."""

    class Scrolled(Message):
        """Other lines are shown."""

        def __init__(self, first: int, last: int, total: int) -> None:
            """Say which, from 1, of how many."""
            super().__init__()
            self.first = first
            self.last = last
            self.total = total

        def can_replace(self, message: Message) -> bool:
            """Let only the newest one through."""
            return isinstance(message, Sheet.Scrolled)

    _top = 0
    _told = (0, 0, 0)

    def restart(self) -> None:
        """Begin at the first line: what comes next is another page."""
        self._top = 0

    def scroll_lines(self, step: int) -> None:
        """Move by lines; beyond an end is at the end."""
        self._top += step
        self.redraw()

    def scroll_leaves(self, step: int) -> None:
        """Move by what fits on the screen."""
        self.scroll_lines(step * max(1, self.content_size.height - 1))

    def lines(self, model: SheetModel, cells: int, height: int) -> list[Line]:
        """Return the lines from where it was scrolled to."""
        every = laid_out(model, cells, height, self.glyphs)
        self._top = min(max(0, self._top), max(0, len(every) - height))
        shown = every[self._top : self._top + height]
        told = (self._top + 1, self._top + len(shown), len(every))
        if told != self._told:
            self._told = told
            self.post_message(self.Scrolled(*told))
        return shown


def laid_out(model: SheetModel, cells: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Return every line of a sheet; the chart takes what the rest leaves of `height`, within bounds."""
    parts = [_block(block, cells, glyphs) for block in model.blocks]
    rest = sum(map(len, parts))
    if model.chart is not None and Curves() in model.blocks:
        room = min(max(_CHART[0], height - rest), _CHART[1])
        drawn = chart_lines(model.chart, cells - 2, room, glyphs)
        parts[model.blocks.index(Curves())] = [((" ", ""), *line) for line in drawn]
    lines = [line for part in parts for line in part]
    return lines[1:] if lines and not lines[0] else lines


def _block(block: Block, cells: int, glyphs: Glyphs) -> list[Line]:
    if isinstance(block, Curves):
        return []
    if isinstance(block, Heading):
        return [(), ((f" {printable(block.text)}", "title"),)]
    if isinstance(block, Say):
        role = _ROLES.get(block.tone, block.tone)
        return [((f" {line}", role),) for line in _wrapped(block.text, cells - 2)]
    if isinstance(block, Beside):
        return _beside(block, cells, glyphs)
    return _table(block, cells, glyphs)


def _beside(block: Beside, cells: int, glyphs: Glyphs) -> list[Line]:
    if cells < _WIDE:
        return [line for part in (*block.left, *block.right) for line in _block(part, cells, glyphs)]
    half = cells // 2
    left, right = ([line for part in side for line in _block(part, half, glyphs)] for side in (block.left, block.right))
    lines: list[Line] = []
    for at in range(max(len(left), len(right))):
        here = left[at] if at < len(left) else ()
        there = right[at] if at < len(right) else ()
        used = sum(width(text) for text, _ in here)
        lines.append((*here, (" " * (half - used), ""), *there) if here or there else ())
    return lines


def _table(table: Table, cells: int, glyphs: Glyphs) -> list[Line]:
    rows = [tuple(map(printable, row.cells)) for row in table.rows]
    sizes = [longest((name, *(row[at] for row in rows))) for at, name in enumerate(table.head)][:-1]
    signs = [_sign(row.tone, glyphs) if table.signed else "" for row in table.rows]
    gutter = longest(signs) + 1 if table.signed else 0
    before = 1 + gutter + sum(size + _GAP for size in sizes)
    room = max(_NARROWEST, cells - 1 - before)
    lines: list[Line] = []
    if any(table.head):
        lines.append(((" " * (1 + gutter) + _spaced(table.head, sizes, table.right) + table.head[-1], "muted"),))
    for row, texts, sign in zip(table.rows, rows, signs, strict=True):
        role = _ROLES.get(row.tone, row.tone)
        last = role if row.tone in _WHOLE else "text"
        first, *more = _wrapped(texts[-1], room)
        lines.append(((f" {pad(sign, gutter)}{_spaced(texts, sizes, table.right)}", role), (first, last)))
        lines += [((" " * before, ""), (line, last)) for line in more]
    return lines


def _spaced(cells: Sequence[str], sizes: Sequence[int], right: Sequence[int]) -> str:
    """Return all cells but the last one, aligned."""
    filled = [pad(cells[at], size, right=at in right) for at, size in enumerate(sizes)]
    return "".join(cell + " " * _GAP for cell in filled)


def _wrapped(text: str, cells: int) -> list[str]:
    return [unglued(line) for line in wrap(glued(printable(text)), max(_NARROWEST, cells))]


def _sign(tone: str, glyphs: Glyphs) -> str:
    """Return the glyph of a tone; the words beside it say the same."""
    return {
        "you": glyphs.strokes[0],
        "expert": glyphs.strokes[1],
        "nothing": glyphs.strokes[2],
        "good": glyphs.ok,
        "bad": glyphs.crit,
        "action": glyphs.after,
        "diagnosis": glyphs.after,
        "system": glyphs.moment,
    }.get(tone, "")
