"""Saying that an incident is over, and how it was."""

from __future__ import annotations

from typing import ClassVar

from textual.message import Message

from drill.tui.screens.line import LineScreen
from drill.tui.widgets.prose import Paragraph


class ResolveScreen(LineScreen):
    """The end of what somebody does in a run."""

    TITLE: ClassVar[str] = "Resolved?"
    WORDS: ClassVar[tuple[Paragraph, ...]] = (
        Paragraph("The run then goes on silently to its end, so that what you left behind shows its effect."),
        Paragraph(""),
        Paragraph("How was it? What was it, in your own words? A line for the debrief, if you like:"),
    )
    ENTER: ClassVar[str] = "resolved"

    class Resolved(Message):
        """The run was said to be over."""

    def take(self, line: str) -> None:
        """Say so, with the line."""
        self.run.resolve(line)
        self.app.post_message(self.Resolved())
