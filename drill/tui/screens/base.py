"""What all screens have in common: their keys at the bottom.

Separate so that footer, help and bindings of a screen come from the same scopes of the command table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import Screen

from drill.tui.commands import footer
from drill.tui.widgets.marks import KeyLine

if TYPE_CHECKING:
    from drill.tui.pen import Pen

ResultT = TypeVar("ResultT")

PAINT_S = 0.25
"""Wall clock between two chances to repaint."""


class DrillScreen(Screen[ResultT]):
    """A screen with its keys at the bottom."""

    SCOPES: ClassVar[tuple[str, ...]] = ()
    """Scopes of the command table that work here, besides `app`; the footer and the help show them."""
    TYPING: ClassVar[bool] = False
    """Whether letters are text here, so that the keys of `app` do not work."""

    def __init__(self, pen: Pen) -> None:
        """Draw with a pen."""
        super().__init__()
        self.pen = pen
        self.glyphs = pen.glyphs

    def key_line(self) -> KeyLine:
        """Return the footer."""
        scopes = self.SCOPES if self.TYPING else (*self.SCOPES, "app")
        return KeyLine(self.pen, model=footer(*scopes), id="keys")
