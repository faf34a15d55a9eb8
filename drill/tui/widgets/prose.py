"""Paragraphs, wrapped at words.

Separate from Textual's own text widgets because what is written here comes from scenarios, logs and people: it is never
read as markup, and steers no terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.tui.text import fit, width, wrap_all
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from textual.geometry import Size

    from drill.tui.plot import Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; its own line breaks are kept."""

    text: str
    role: str = "text"
    indent: str = ""
    """Before its first line; later lines are indented alike."""


class Prose(Lined[tuple[Paragraph, ...]]):
    """Paragraphs one below the other."""

    def lines(self, model: tuple[Paragraph, ...], cells: int, height: int) -> list[Line]:
        """Return all lines, or as many as there is room for with a mark that there are more."""
        found = written(model, cells)
        return found if len(found) <= height else [*found[: height - 1], self._cut(found[height - 1], cells)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are, for a height of `auto`."""
        del container, viewport
        return len(written(self.model or (), width))

    def _cut(self, line: Line, cells: int) -> Line:
        (text, role), more = line[0], self.glyphs.more
        return ((f"{fit(text.split(' '), cells - width(more) - 1, ' ')} {more}", role),)


def written(paragraphs: tuple[Paragraph, ...], cells: int) -> list[Line]:
    """Return paragraphs as lines of at most `cells`."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        wrapped = wrap_all(paragraph.text, cells - len(paragraph.indent))
        for at, text in enumerate(wrapped):
            before = " " * len(paragraph.indent) if at else paragraph.indent
            lines.append(((before + text, paragraph.role),))
    return lines
