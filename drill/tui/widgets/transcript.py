"""Lines as they were said, the newest at the bottom, with a way back to older ones.

Separate from prose, which has one beginning and whole words: here a line is shown as it is, cut where the screen ends
and continued below, as terminals do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import chop_cells

from drill.tui.text import printable, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.tui.plot import Line


@dataclass(frozen=True, slots=True)
class TranscriptModel:
    """What was said, and how far back one looks."""

    said: tuple[tuple[str, str], ...]
    """Texts and their roles, oldest first."""
    back: int = 0
    """Rows below the last one that is shown."""


class Transcript(Lined[TranscriptModel]):
    """The end of what was said, or what came before."""

    def lines(self, model: TranscriptModel, cells: int, height: int) -> list[Line]:
        """Return the rows that fit."""
        found: list[Line] = []
        for text, role in reversed(model.said):
            found += [((row, role),) for row in reversed(rows(text, cells))]
            if len(found) >= height + model.back:
                break
        first = max(0, min(model.back, len(found) - height))
        return found[first : first + height][::-1]


def rows(text: str, cells: int) -> list[str]:
    """Return a line as rows of at most `cells`."""
    text = printable(text.expandtabs(8))
    return [text] if width(text) <= cells else chop_cells(text, cells)


def count(said: Sequence[tuple[str, str]], cells: int) -> int:
    """Return how many rows lines take."""
    return sum(len(rows(text, cells)) for text, _ in said)
