"""One look at the system: a table that follows the run, and the marked row in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from drill.telemetry.snapshot import Reading
from drill.tui.commands import bindings
from drill.tui.screens.live import RunScreen
from drill.tui.text import printable
from drill.tui.views import DONE, FOLLOWING, VIEWS, arranged, matching
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable, TableModel, said
from drill.units import format_clock

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


class ViewScreen(RunScreen[None]):
    """A view with its tables, one at a time."""

    SCOPES: ClassVar[tuple[str, ...]] = ("view", "live", "table")
    CSS_PATH = "view.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view"), *bindings("live")]

    def __init__(self, run: LiveRun, pen: Pen, view: str) -> None:
        """Show a view of a run."""
        super().__init__(run, pen)
        self._view = view
        self._pane = 0
        self._wanted = ""
        self._reading = self._look()
        self._rows = self._reading.rows

    def compose(self) -> ComposeResult:
        """Lay out table and detail."""
        yield self.top_bar()
        yield Rule(self.pen, id="panes")
        yield Input(placeholder="text or pattern; ! at the beginning inverts", id="filter", compact=True)
        yield LineTable(self.pen, id="table")
        yield Rule(self.pen, model=("Marked row", ""))
        yield Prose(self.pen, id="detail")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the table."""
        self.query_one("#filter").display = False
        self.set_focus(self.query_one(LineTable))

    def open(self, view: str) -> None:
        """Show another view."""
        self._view, self._pane = view, 0
        self._opened()

    def show(self, frame: Frame) -> None:
        """Show the table as it is now."""
        del frame
        if self._reading.at_us != self.run.frame.snapshot.at_us:
            name = self._table_name
            self._reading = self._own() if name == DONE else arranged(self.run.glance(name))
        self._fill()

    def action_pane(self, step: int) -> None:
        """Show the next table of this view, or the one before."""
        panes = VIEWS[self._view][1]
        if len(panes) > 1:
            self._pane = (self._pane + step) % len(panes)
            self._opened()

    def action_filter(self) -> None:
        """Open the line to type a filter into."""
        line = self.query_one("#filter", Input)
        line.display = True
        self.set_focus(line)

    def action_back(self) -> None:
        """Take the filter away, or go back to the overview."""
        line = self.query_one("#filter", Input)
        if line.display:
            line.value = ""
            line.display = False
            self.set_focus(self.query_one(LineTable))
        else:
            self.post_message(self.Wanted("overview"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while somebody types."""
        self._wanted = event.value
        self._fill()

    def on_input_submitted(self) -> None:
        """Go from the filter to the table."""
        self.set_focus(self.query_one(LineTable))

    def on_line_table_marked(self, event: LineTable.Marked) -> None:
        """Show the marked row in full."""
        detail = self.query_one("#detail", Prose)
        if not 0 <= event.row < len(self._rows):
            detail.model = ()
            return
        pairs = zip(self._reading.columns, self._rows[event.row], strict=True)
        texts = [(printable(name), said(cell) or "-") for name, cell in pairs]
        long = max(texts, key=lambda pair: len(pair[1]))
        detail.model = (
            Paragraph(" | ".join(f"{name} {text}" for name, text in texts if name != long[0]), "muted"),
            Paragraph(f"{long[0]} {long[1]}"),
        )

    @property
    def _table_name(self) -> str:
        return VIEWS[self._view][1][self._pane]

    def _look(self) -> Reading:
        return self._own() if self._table_name == DONE else arranged(self.run.look(self._table_name))

    def _own(self) -> Reading:
        rows = tuple((format_clock(note.at_us), note.text) for note in self.run.notes)
        return Reading(at_us=self.run.frame.snapshot.at_us, view=DONE, target="", columns=("AT", "WHAT"), rows=rows)

    def _opened(self) -> None:
        self._reading = self._look()
        self.query_one(LineTable).restart()
        self.paint()

    def _fill(self) -> None:
        self._rows = matching(self._reading, self._wanted)
        title, panes = VIEWS[self._view]
        names = "  ".join(f"[{name}]" if name == self._table_name else name for name in panes)
        left_out = len(self._reading.rows) - len(self._rows)
        remark = f"{len(self._rows)} rows" + (f", {left_out} filtered out" if left_out else "")
        self.query_one("#panes", Rule).model = (f"{title}  {names}" if len(panes) > 1 else title, remark)
        self.query_one(LineTable).model = TableModel(
            columns=self._reading.columns, rows=self._rows, follow=self._table_name in FOLLOWING
        )
