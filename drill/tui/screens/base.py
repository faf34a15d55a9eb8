"""What all screens have in common: their keys at the bottom.

Separate so that footer, help and bindings of a screen come from the same scopes of the command table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.message import Message
from textual.screen import Screen

from drill.tui.commands import footer
from drill.tui.widgets.lined import Lined
from drill.tui.widgets.marks import KeyLine

if TYPE_CHECKING:
    from textual.timer import Timer

    from drill.tui.pen import Pen

ResultT = TypeVar("ResultT")

PAINT_S = 0.25
"""Wall clock between two chances to repaint."""
NOTICE_S = 2.5
"""How long a notice stands in the place of the keys."""


class DrillScreen(Screen[ResultT]):
    """A screen with its keys at the bottom."""

    class Saved(Message):
        """Somebody wants a text in a file of their own."""

        def __init__(self, text: str, suffix: str = ".txt") -> None:
            """Say what, and how the file's name ends."""
            super().__init__()
            self.text = text
            self.suffix = suffix

    SCOPES: ClassVar[tuple[str, ...]] = ()
    """Scopes of the command table that work here, besides `app`; the footer and the help show them."""
    TYPING: ClassVar[bool] = False
    """Whether letters are text here, so that the keys of `app` do not work."""

    def __init__(self, pen: Pen) -> None:
        """Draw with a pen."""
        super().__init__()
        self.pen = pen
        self.glyphs = pen.glyphs
        self._notice_timer: Timer | None = None

    def whole(self) -> str:
        """Return what the screen shows as text, widget by widget."""
        return "\n".join(widget.text for widget in self.query(Lined) if widget.display)

    def key_line(self) -> KeyLine:
        """Return the footer."""
        return KeyLine(self.pen, model=self.keys(), id="keys")

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return what the footer shows."""
        return footer(*(self.SCOPES if self.TYPING else (*self.SCOPES, "app")))

    def turn(self, box: str, step: int) -> None:
        """Scroll what a selector names by what fits into it but a line; at once, or two keys in a frame are one."""
        shown = self.query_one(box)
        shown.scroll_relative(y=step * max(1, shown.size.height - 1), animate=False, immediate=True)

    def say(self, words: str, role: str = "title") -> None:
        """Say something in the place of the keys for a moment, where it hides nothing one works on."""
        line = self.query_one(KeyLine)
        line.notice = (words, role)
        if self._notice_timer is not None:
            self._notice_timer.stop()
        self._notice_timer = self.set_timer(NOTICE_S, self.unsay)

    def warn(self, words: str) -> None:
        """Say what can't be done, and why."""
        self.say(f"{self.glyphs.warn} {words}", "warn")

    def unsay(self) -> None:
        """Show the keys again."""
        self.query_one(KeyLine).notice = None
