"""The responder's console: what one types at night, and what the system answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal
from textual.widgets import Input

from drill.tui.commands import bindings
from drill.tui.screens.live import LiveScreen
from drill.tui.talk import Talk
from drill.tui.text import width
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.transcript import Transcript, TranscriptModel, count

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

_LONGEST = 70_000
"""Most characters that can be typed or pasted; the console itself refuses what is too long, in its own words."""


class ConsoleLine(Input):
    """The line to type on; its keys go to the screen."""

    DEFAULT_CSS = "ConsoleLine { background: $background; width: 1fr; padding: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("console")]


class ConsoleScreen(LiveScreen[None]):
    """Lines in, replies out."""

    SCOPES: ClassVar[tuple[str, ...]] = ("console",)
    TYPING: ClassVar[bool] = True
    CSS_PATH = "console.tcss"

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Go on where the console of this run was left."""
        super().__init__(run, pen)
        if run.talk is None:
            run.talk = Talk(run)
        self._talk = run.talk
        self._back = 0

    def compose(self) -> ComposeResult:
        """Lay out what was said above the line to type on."""
        yield self.top_bar()
        yield Rule(self.pen, id="heading")
        yield Transcript(self.pen, id="said")
        with Horizontal(id="typing"):
            yield Prose(self.pen, id="prompt")
            yield ConsoleLine(compact=True, max_length=_LONGEST, select_on_focus=False)
        yield self.key_line()

    def show(self, frame: Frame) -> None:
        """Show what was said, and what a watch has to say."""
        del frame
        self._talk.go_on()
        self._tell()

    def on_input_submitted(self) -> None:
        """Take the line that was typed."""
        self.action_enter()

    def action_enter(self) -> None:
        """Take the line that was typed."""
        line = self.query_one(ConsoleLine)
        before = len(self._talk.lines)
        typed, line.value = line.value, ""
        reply = self._talk.type(typed)
        if reply.leave:
            self.dismiss()
            return
        # A long answer is read from its beginning.
        said = self.query_one(Transcript).content_size
        answer = count(self._talk.lines[before:], said.width) if said.width else 0
        self._back = max(0, answer - said.height)
        self.paint()

    def action_complete(self) -> None:
        """Complete the word before the cursor."""
        line = self.query_one(ConsoleLine)
        line.value, line.cursor_position = self._talk.complete(line.value, line.cursor_position)
        self._tell()

    def action_earlier(self) -> None:
        """Show the line typed before."""
        self._put(self._talk.earlier(self.query_one(ConsoleLine).value))

    def action_later(self) -> None:
        """Show the line typed after."""
        self._put(self._talk.later(self.query_one(ConsoleLine).value))

    def action_cancel(self) -> None:
        """Stop a watch, and forget what is half typed."""
        line = self.query_one(ConsoleLine)
        self._talk.cancel(line.value)
        line.value, self._back = "", 0
        self._tell()

    def action_clear(self) -> None:
        """Take everything off the screen."""
        self._talk.clear()
        self._back = 0
        self._tell()

    def action_end(self) -> None:
        """Leave if nothing is typed, as Ctrl+D does; otherwise delete to the right."""
        line = self.query_one(ConsoleLine)
        if line.value:
            line.action_delete_right()
        else:
            self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Go back to older lines (-1), or forward again."""
        said = self.query_one(Transcript).content_size
        page = max(1, said.height - 1)
        most = max(0, count(self._talk.lines, said.width) - said.height)
        self._back = max(0, min(most, self._back - step * page))
        self._tell()

    def action_back(self) -> None:
        """Go back to the incident; what was said stays."""
        self.dismiss()

    def _put(self, text: str) -> None:
        line = self.query_one(ConsoleLine)
        line.value = text
        line.cursor_position = len(text)

    def _tell(self) -> None:
        talk = self._talk
        remark = f"{self._back} rows further down" if self._back else "watching" if talk.watching else ""
        self.query_one("#heading", Rule).model = ("Console", remark, "key" if remark else "muted")
        self.query_one(Transcript).model = TranscriptModel(talk.lines, self._back)
        prompt = self.query_one("#prompt", Prose)
        if prompt.model is None or prompt.model[0].text != talk.prompt:
            prompt.model = (Paragraph(talk.prompt, "key"),)
            prompt.styles.width = width(talk.prompt)
