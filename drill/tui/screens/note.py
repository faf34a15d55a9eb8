"""A note to oneself, kept with its time."""

from __future__ import annotations

from typing import ClassVar

from drill.actions.entries import Remark
from drill.tui.screens.line import LineScreen
from drill.tui.widgets.prose import Paragraph


class NoteScreen(LineScreen):
    """A line to write down."""

    TITLE: ClassVar[str] = "Write it down"
    WORDS: ClassVar[tuple[Paragraph, ...]] = (Paragraph("It is kept with the time, and stands in the debrief."),)
    ENTER: ClassVar[str] = "keep it"

    def take(self, line: str) -> None:
        """Keep the line, if there is one."""
        if line:
            self.run.do(Remark(note=line))
