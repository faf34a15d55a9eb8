"""One look at the system: a table that follows the run, and the marked row in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.errors import ActionError
from drill.tui.commands import bindings, footer
from drill.tui.kept import KEPT, kept, pinned
from drill.tui.pinning import pin, pinned_rows, row_pin, unpin
from drill.tui.screens.live import RunScreen
from drill.tui.sorting import Order
from drill.tui.text import fit, printable
from drill.tui.views import FOLLOWING, PINS, VIEWS, arranged, counted, filtering, matching, standing, tables
from drill.tui.widgets.filter import FilterLine
from drill.tui.widgets.marks import KeyLine, Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable, TableModel, said

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets import Input

    from drill.driver.driver import Frame
    from drill.telemetry.snapshot import Reading
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun
    from drill.tui.widgets.table import Cell


_DROPPING = " (1, then p)"
_AROUND_REMARK = 18
"""Cells of a rule that are not its remark, with the heading of the marked row."""


class ViewScreen(RunScreen[None]):
    """A view with its tables, one at a time."""

    SCOPES: ClassVar[tuple[str, ...]] = ("view", "live", "table")
    CSS_PATH = "view.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view"), *bindings("live")]

    def __init__(self, run: LiveRun, pen: Pen, view: str) -> None:
        """Show a view of a run."""
        super().__init__(run, pen)
        self._view = view
        self._tables = tables(view, run.scenario.spec)
        self._pane = 0
        self._reading = self.read(opened=True)
        self._rows = self._reading.rows

    def compose(self) -> ComposeResult:
        """Lay out table and detail."""
        yield self.top_bar()
        yield Rule(self.pen, id="panes")
        yield FilterLine()
        yield LineTable(self.pen, id="table")
        yield Rule(self.pen, id="marked")
        yield Prose(self.pen, id="detail")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the table."""
        self.set_focus(self.query_one(LineTable))

    def show(self, frame: Frame) -> None:
        """Show the table as it is now."""
        del frame
        if self._own_table or self._reading.at_us != self.run.frame.snapshot.at_us:
            self._reading = self.read(opened=False)
        self._fill()

    def read(self, *, opened: bool) -> Reading:
        """Return the table that is shown, as it is now; `opened` says whether that counts as a new look."""
        if self._own_table:
            return kept(self.run, self._table_name)
        reading = self.run.look(self._table_name) if opened else self.run.glance(self._table_name)
        return arranged(reading, self.run.frame.snapshot)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that work now: while a filter is typed, only those of its line."""
        if self.is_mounted and self.query_one(FilterLine).has_focus:
            return footer("filter")
        return super().keys()

    def marked_row(self) -> tuple[Cell, ...] | None:
        """Return the marked row; None without rows."""
        row = self.query_one(LineTable).row
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def copied(self) -> tuple[str, str]:
        """Return the marked row, its cells separated by tabs."""
        row = self.marked_row()
        return ("" if row is None else "\t".join(said(cell) for cell in row)), "the marked row"

    def action_pin(self) -> None:
        """Keep the marked row as evidence, or drop it."""
        row = self.marked_row()
        if row is None:
            self.warn("Nothing is marked, so nothing was pinned.")
            return
        try:
            if self._table_name == PINS:
                words = unpin(self.run, pinned(self.run)[row])
            else:
                words = pin(self.run, row_pin(self._reading, row), _DROPPING)
        except ActionError as error:
            self.warn(f"{error}.")
        else:
            self.say(words)
            self.paint()

    def action_pane(self, step: int) -> None:
        """Show the next table of this view, or the one before."""
        panes = self._tables
        if len(panes) > 1:
            self._pane = (self._pane + step) % len(panes)
            self._opened()

    def action_filter(self) -> None:
        """Open the line to type a filter into."""
        self.query_one(FilterLine).open(self._wanted)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.run.orders[self.shown_as] = self._order.next(self._reading.columns)
        self._fill()

    def action_order(self) -> None:
        """Sort the other way round."""
        self.run.orders[self.shown_as] = self._order.turned()
        self._fill()

    def action_back(self) -> None:
        """Take the filter away, or go back to the overview."""
        if self._wanted:
            self._filter("")
        else:
            self.want("overview")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while somebody types."""
        self._filter(event.value)

    def on_filter_line_left(self) -> None:
        """Go from the filter to the table."""
        self.set_focus(self.query_one(LineTable))
        self.query_one(FilterLine).display = False

    def on_descendant_focus(self) -> None:
        """Show the keys that work now."""
        self.query_one(KeyLine).model = self.keys()

    def on_line_table_marked(self) -> None:
        """Show the marked row in full."""
        self.detail()

    def detail(self) -> None:
        """Show the marked row in full, from the reading that the table shows."""
        row = self.marked_row()
        if row is None:
            self.query_one("#detail", Prose).model = ()
            return
        texts = [(printable(name), said(cell) or "-") for name, cell in zip(self._reading.columns, row, strict=True)]
        long = max(texts, key=lambda pair: len(pair[1]))
        self.query_one("#detail", Prose).model = (
            Paragraph(" | ".join(f"{name} {text}" for name, text in texts if name != long[0]), "muted"),
            Paragraph(f"{long[0]} {long[1]}"),
        )

    @property
    def shown_as(self) -> str:
        """The name under which the filter of this table is kept."""
        return self._table_name

    @property
    def _wanted(self) -> str:
        return self.run.filters.get(self.shown_as, "")

    @property
    def _own_table(self) -> bool:
        return self._table_name in KEPT

    @property
    def _order(self) -> Order:
        return self.run.orders.get(self.shown_as, Order())

    @property
    def _follows(self) -> bool:
        return self._table_name in FOLLOWING and not self._order.column

    @property
    def _table_name(self) -> str:
        return self._tables[self._pane]

    def _filter(self, wanted: str) -> None:
        """Filter by something else, and mark the first row that is left."""
        self.run.filters[self.shown_as] = wanted
        if not self._follows:
            self.query_one(LineTable).restart()
        self._fill()

    def _opened(self) -> None:
        self._reading = self.read(opened=True)
        table = self.query_one(LineTable)
        table.restart()
        line = self.query_one(FilterLine)
        if line.has_focus:
            self.on_filter_line_left()
        self.paint()

    def _fill(self) -> None:
        columns = self._reading.columns
        self._rows = self._order.arranged(columns, matching(self._reading, self._wanted))
        title, panes = VIEWS[self._view][0], self._tables
        names = "  ".join(f"[{name}]" if name == self._table_name else name for name in panes)
        heading = f"{title}  {names}" if len(panes) > 1 else title
        self.query_one("#panes", Rule).model = (heading, counted(len(self._rows), len(self._reading.rows)))
        facts = [filtering(self._wanted), self._fact()]
        remark = fit([printable(fact) for fact in facts if fact], self.size.width - _AROUND_REMARK, "; ")
        self.query_one("#marked", Rule).model = ("Marked row", remark, "key" if self._wanted else "muted")
        self.query_one(LineTable).model = TableModel(
            columns=self._order.headed(columns, self.glyphs),
            rows=self._rows,
            pinned=pinned_rows(self.run, self._reading, self._rows),
            follow=self._follows,
            empty="nothing is pinned" if self._table_name == PINS else "nothing to show",
        )
        self.detail()

    def _fact(self) -> str:
        """Return what one needs to know to judge what the table shows."""
        return standing(self.run.frame.snapshot.database) if self._view == "database" else ""
