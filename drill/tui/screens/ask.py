"""A question with yes and no, above whatever goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen

from drill.tui.commands import bindings
from drill.tui.widgets.marks import KeyLine, Rule
from drill.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.widgets.prose import Paragraph


class AskScreen(ModalScreen[bool]):
    """One question."""

    SCOPES: ClassVar[tuple[str, ...]] = ("ask",)
    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("ask", "app")]

    def __init__(self, pen: Pen, title: str, text: tuple[Paragraph, ...], answers: tuple[str, str]) -> None:
        """Ask; the answers say in a word or two what Enter does, and what Esc."""
        super().__init__()
        self.pen = pen
        self.glyphs = pen.glyphs
        self._title = title
        self._text = text
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="box", classes="" if self.pen.glyphs.name == "unicode" else "plain"):
            yield Rule(self.pen, model=(self._title, ""))
            yield Prose(self.pen, model=self._text, id="text")
            yield KeyLine(self.pen, model=tuple(zip(("Enter", "Esc"), self._answers, strict=True)), id="keys")

    def action_yes(self) -> None:
        """Answer yes."""
        self.dismiss(result=True)

    def action_no(self) -> None:
        """Answer no."""
        self.dismiss(result=False)
