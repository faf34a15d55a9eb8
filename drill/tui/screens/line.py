"""One line to type, with a few words above it: the base of a note and of what somebody has to say at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from drill.actions.fields import MAX_TEXT
from drill.tui.commands import bindings
from drill.tui.widgets.marks import KeyLine, Rule
from drill.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.await_complete import AwaitComplete
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun
    from drill.tui.widgets.prose import Paragraph


class LineScreen(ModalScreen[None]):
    """A line about a run."""

    SCOPES: ClassVar[tuple[str, ...]] = ("line",)
    CSS_PATH = Path(__file__).with_name("line.tcss")  # absolute, for the screens built on it
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("line")]

    TITLE: ClassVar[str] = ""
    WORDS: ClassVar[tuple[Paragraph, ...]] = ()
    ENTER: ClassVar[str] = ""
    """What Enter does, in a word or two."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Ask for a line about a run."""
        super().__init__()
        self.run = run
        self.pen = pen
        self.glyphs = pen.glyphs
        self._holds = False

    def compose(self) -> ComposeResult:
        """Lay out words and line."""
        with Vertical(id="box", classes="" if self.pen.glyphs.name == "unicode" else "plain"):
            yield Rule(self.pen, model=(self.TITLE, "time stands still while you type"))
            yield Prose(self.pen, model=self.WORDS, id="text")
            yield Input(id="line", compact=True, max_length=MAX_TEXT)
            yield KeyLine(self.pen, model=(("Enter", self.ENTER), ("Esc", "back")), id="keys")

    def on_mount(self) -> None:
        """Let simulated time stand still."""
        self._holds = True
        self.run.hold()

    def on_unmount(self) -> None:
        """Let time go on, if it did before."""
        self._let_go()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, and let time go on, if it did before."""
        self._let_go()
        return super().dismiss(result)

    def on_input_submitted(self) -> None:
        """Take the line."""
        self.action_submit()

    def action_submit(self) -> None:
        """Take the line."""
        if not self.is_active:
            return
        if self.run.live:
            self.take(self.query_one(Input).value.strip())
        self.dismiss()

    def action_back(self) -> None:
        """Take nothing."""
        self.dismiss()

    def take(self, line: str) -> None:
        """Do what is to be done with a line, which may be empty."""
        raise NotImplementedError

    def _let_go(self) -> None:
        if self._holds:
            self._holds = False
            self.run.release()
