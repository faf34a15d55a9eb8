"""The debrief as plain text, for a terminal without a cockpit.

Separate from the pages, whose blocks it lays out. It uses no colour; its curves fall back to ASCII where the terminal
can't show blocks.
"""

from __future__ import annotations

from textwrap import fill, wrap
from typing import TYPE_CHECKING

from drill.debrief.blocks import Beside, Block, Curves, Heading, Say, Table, flat, glued, unglued
from drill.debrief.deeds import played
from drill.debrief.pages import PAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.debrief.model import Debrief

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#@"
WIDTH = 100
_COLUMNS = 60
"""Most characters of a curve."""
_GAP = "  "


def as_text(debrief: Debrief, *, ascii_only: bool = False) -> str:
    """Return the debrief for a terminal."""
    parts = [flat(f"{debrief.title} ({debrief.scenario}), seed {debrief.seed}, {played(debrief.player)}")]
    for title, page in PAGES.values():
        lines = [line for block in page(debrief) for line in _laid_out(block, debrief, ascii_only=ascii_only)]
        parts.append("\n".join([title.upper(), *lines]))
    return "\n\n".join(parts)


def curves(debrief: Debrief, *, ascii_only: bool = False) -> list[str]:
    """Return the lanes as lines of characters, with a heading."""
    glyphs = ASCII if ascii_only else BLOCKS
    width = max(len(lane.name) for lane in debrief.lanes)
    return [
        f"Share of users failing, {debrief.length_s // 60} minutes",
        *(f"{lane.name:<{width}}{_GAP}{_curve(lane.failing, glyphs)}|" for lane in debrief.lanes),
    ]


def _laid_out(block: Block, debrief: Debrief, *, ascii_only: bool) -> list[str]:
    if isinstance(block, Curves):
        return [f"  {line}" for line in curves(debrief, ascii_only=ascii_only)]
    if isinstance(block, Heading):
        return ["", f"  {flat(block.text)}"]
    if isinstance(block, Say):
        return [unglued(fill(glued(flat(block.text)), WIDTH, initial_indent="  ", subsequent_indent="  "))]
    if isinstance(block, Beside):
        parts = (*block.left, *block.right)
        return [line for part in parts for line in _laid_out(part, debrief, ascii_only=ascii_only)]
    return _table(block)


def _table(table: Table) -> list[str]:
    rows = [tuple(map(flat, row.cells)) for row in table.rows]
    shown = [table.head, *rows] if any(table.head) else rows
    widths = [max((len(row[at]) for row in shown), default=0) for at in range(len(table.head) - 1)]
    lines: list[str] = []
    for row in shown:
        cells = [
            f"{cell:>{width}}" if at in table.right else f"{cell:<{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        before = "  " + "".join(cell + _GAP for cell in cells)
        first, *rest = map(unglued, wrap(glued(row[-1]), max(20, WIDTH - len(before))) or [""])
        lines += [(before + first).rstrip(), *(" " * len(before) + line for line in rest)]
    return lines


def _curve(failing: Sequence[float | None], glyphs: str) -> str:
    size = max(1, -(-len(failing) // _COLUMNS))
    return "".join(_glyph(failing[at : at + size], glyphs) for at in range(0, len(failing), size))


def _glyph(shares: Sequence[float | None], glyphs: str) -> str:
    """Return a glyph for the highest of a few shares; any failing at all shows."""
    known = [share for share in shares if share is not None]
    if not known:
        return "?"
    highest = max(known)
    return glyphs[0] if highest <= 0 else glyphs[max(1, min(len(glyphs) - 1, round(highest * (len(glyphs) - 1))))]
