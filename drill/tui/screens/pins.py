"""What is pinned as evidence, and the readings of the overview that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.debrief.deeds import reading
from drill.errors import ActionError
from drill.session.rules import MAX_PINS
from drill.tui.commands import bindings
from drill.tui.pinning import overview_pins, pin, unpin
from drill.tui.screens.live import LiveScreen
from drill.tui.text import shorten
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable, TableModel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.actions.entries import Pin
    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


_OTHER_CELLS = 14
"""Cells of a row that are neither name nor value."""
_VALUE_CELLS = 24
"""Room for a value where there is little."""
_NAME_CELLS = 42
"""Room that a name wants before values get more."""


class PinsScreen(LiveScreen[None]):
    """The pins first, then the overview's readings."""

    SCOPES: ClassVar[tuple[str, ...]] = ("pins", "table")
    CSS_PATH = "pins.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pins")]

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show the pins of a run."""
        super().__init__(run, pen)
        self._pinned: tuple[Pin, ...] = ()
        self._offered: tuple[Pin, ...] = ()
        self._said = Paragraph("Rows of the views 2 to 6 are pinned there, with p.", "muted")

    def compose(self) -> ComposeResult:
        """Lay out list and marked reading."""
        yield self.top_bar()
        yield Rule(self.pen, id="heading")
        yield LineTable(self.pen, id="pins")
        yield Rule(self.pen, id="marked")
        yield Prose(self.pen, id="detail")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the list."""
        self.set_focus(self.query_one(LineTable))

    def show(self, frame: Frame) -> None:
        """Show what is pinned with the values it had, and what can be pinned with its values now."""
        self._pinned, self._offered = self.run.pins, overview_pins(frame.snapshot)
        self.query_one("#heading", Rule).model = ("Pins", f"{len(self._pinned)} of {MAX_PINS} pinned")
        names = {each.pin for each in self._pinned}
        full, free = self.glyphs.full, self.glyphs.empty
        rows = [self._row(f"{full} pinned", each) for each in self._pinned]
        rows += [self._row(full if each.pin in names else free, each) for each in self._offered]
        roles = ("good",) * len(self._pinned) + ("text",) * len(self._offered)
        table = TableModel(columns=("", "READING", "VALUE"), rows=tuple(rows), roles=roles)
        self.query_one(LineTable).model = table
        self._detail()

    def on_line_table_marked(self) -> None:
        """Show the marked reading in full."""
        self._detail()

    def on_line_table_chosen(self) -> None:
        """Pin or drop what was clicked."""
        self.action_choose()

    def action_choose(self) -> None:
        """Pin the marked reading, or drop it."""
        table = self.query_one(LineTable)
        marked = table.row
        if marked < 0:
            return
        before = len(self.run.pins)
        try:
            if marked < len(self._pinned):
                said = unpin(self.run, self._pinned[marked].pin)
            else:
                said = pin(self.run, self._offered[marked - len(self._pinned)])
        except ActionError as error:
            self._said = Paragraph(f"{self.glyphs.warn} {error}.", "warn")
            self._detail()
            return
        self._said = Paragraph(f"{self.glyphs.ok} {said}", "good")
        self.paint()
        if marked >= before:  # what is marked stays marked, although the list above it grew or shrank
            table.action_cursor(len(self.run.pins) - before)

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss()

    def _row(self, mark: str, pinned: Pin) -> tuple[str, str, str]:
        """Return a row that fits; a long reading stands in full below."""
        more, room = self.glyphs.more, self.size.width - _OTHER_CELLS
        values = max(_VALUE_CELLS, room - _NAME_CELLS)
        return mark, shorten(pinned.pin, room - values, more), shorten(pinned.value, values, more)

    def _detail(self) -> None:
        marked = self.query_one(LineTable).row
        if marked < 0:
            return
        is_pin = marked < len(self._pinned)
        marked_pin = (*self._pinned, *self._offered)[marked]
        what = "Pinned: Enter drops it" if is_pin else "Enter pins it with its value of this moment"
        self.query_one("#marked", Rule).model = (what, "")
        self.query_one("#detail", Prose).model = (Paragraph(reading(marked_pin)), self._said)
