"""The debrief as Markdown, for a wiki or a pull request.

Separate from the pages, whose blocks it lays out. Nothing that somebody typed can become markup, a link or HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drill.debrief.blocks import Beside, Block, Curves, Heading, Say, Table, flat
from drill.debrief.deeds import played
from drill.debrief.pages import PAGES
from drill.debrief.text import curves

if TYPE_CHECKING:
    from drill.debrief.model import Debrief

_MARKUP = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>|#~"})
_LIST = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])")


def as_markdown(debrief: Debrief) -> str:
    """Return the debrief as Markdown."""
    lines = [
        f"# Debrief: {escaped(debrief.title)}",
        "",
        f"Scenario {escaped(debrief.scenario)}, seed {debrief.seed}, {escaped(played(debrief.player))}.",
    ]
    for title, page in PAGES.values():
        lines += ["", f"## {title}"]
        for block in page(debrief):
            lines += ["", *_laid_out(block, debrief)]
    return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    """Return text that can't break out of a line or table cell, nor become a list, a link or HTML."""
    return _LIST.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", flat(text).translate(_MARKUP)
    )


def _laid_out(block: Block, debrief: Debrief) -> list[str]:
    if isinstance(block, Curves):
        return ["```text", *curves(debrief), "```"]
    if isinstance(block, Heading):
        return [f"### {escaped(block.text)}"]
    if isinstance(block, Say):
        return [escaped(block.text)]
    if isinstance(block, Beside):
        return [line for part in (*block.left, *block.right) for line in ("", *_laid_out(part, debrief))][1:]
    return _table(block)


def _table(table: Table) -> list[str]:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(map(escaped, cells))} |"

    rules = tuple("---:" if at in table.right else "---" for at in range(len(table.head)))
    return [line(table.head), f"|{'|'.join(rules)}|", *(line(row.cells) for row in table.rows)]
