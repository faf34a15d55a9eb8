"""Telling others how things stand: who is hurt, what is done about it, and when they hear more."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.tui.commands import bindings
from drill.tui.screens.fields import FieldsScreen
from drill.tui.screens.live import HEIGHTS
from drill.tui.updates import build, form, meaning, remark
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.units import US_PER_S, format_duration

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.driver.driver import Frame
    from drill.tui.fields import FieldModel


class UpdateScreen(FieldsScreen[None]):
    """The form of an update."""

    SCOPES: ClassVar[tuple[str, ...]] = ("update", "fields", "choice")
    CSS_PATH = "update.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("update")]
    VERTICAL_BREAKPOINTS = HEIGHTS

    def compose(self) -> ComposeResult:
        """Lay out what was said last, the fields, and what the words mean."""
        yield self.top_bar()
        yield Rule(self.pen, id="heading")
        yield Prose(self.pen, id="last")
        yield from self.field_lines()
        yield Rule(self.pen, model=("What the words mean", ""))
        yield Prose(self.pen, id="detail")
        yield self.key_line()

    def show(self, frame: Frame) -> None:
        """Show what was said last, and how long that was good for."""
        self.query_one("#heading", Rule).model = ("Tell others", *remark(self.run.updates, frame, self.glyphs))
        last = next((note for note in reversed(self.run.notes) if note.kind == "update"), None)
        text = "Nothing was told yet." if last is None else f"Last, {_ago(frame, last.at_us)}: {last.text}"
        self.query_one("#last", Prose).model = (Paragraph(text, "muted"),)
        self._explain()

    def models(self, filled: dict[str, str]) -> tuple[FieldModel, ...]:
        """Return the fields of the chosen kind."""
        return form(self.run.scenario.spec, self.run.updates, filled)

    def take(self, filled: dict[str, str]) -> None:
        """Send it."""
        self.run.do(build(filled))
        self.dismiss()

    def on_choice_changed(self) -> None:
        """Say what the words of the chosen kind mean."""
        self._explain()

    def action_back(self) -> None:
        """Tell nobody."""
        self.dismiss()

    def _explain(self) -> None:
        kind, objective = self.filled()["kind"], self.run.scenario.spec.slo.success
        self.query_one("#detail", Prose).model = meaning(kind, objective)


def _ago(frame: Frame, at_us: int) -> str:
    seconds = (frame.snapshot.at_us - at_us) // US_PER_S
    return f"{format_duration(seconds * US_PER_S)} ago" if seconds else "just now"
