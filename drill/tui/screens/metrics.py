"""Every metric the exporters give, with its whole history: the team's dashboard shows six of them, this shows the rest.

Separate from the other views because here the marked row is drawn: a metric as sum, mean or maximum of its series, or
one series after Enter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.telemetry.metrics import COMBINE, METRICS
from drill.telemetry.snapshot import Reading
from drill.tui.commands import bindings, footer
from drill.tui.numbers import valued
from drill.tui.present import action_marks
from drill.tui.screens.view import ViewScreen
from drill.tui.series import Joined, alive, titles
from drill.tui.text import printable
from drill.tui.widgets.chart import Chart, ChartModel, Series
from drill.tui.widgets.filter import FilterLine
from drill.tui.widgets.marks import KeyLine
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable
from drill.units import format_clock

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.telemetry.metrics import MetricHistory, Points
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

_TABLE = "metrics"
_TEXT_LINES, _ROW_LINES = 1, 4
"""Lines for what a metric is, and for a marked row."""
_NOTHING = "nothing marked"


class MetricsScreen(ViewScreen):
    """The metrics and the chart of the marked one."""

    SCOPES: ClassVar[tuple[str, ...]] = ("metrics", *ViewScreen.SCOPES)
    CSS_PATH = "metrics.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("metrics")]

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show the metrics of a run."""
        self._metric = ""
        self._how = next(iter(COMBINE))
        self._joined = Joined()
        super().__init__(run, pen, _TABLE)

    def compose(self) -> ComposeResult:
        """Lay out the chart above the table."""
        for widget in super().compose():
            yield widget
            if widget.id == "panes":
                yield Chart(self.pen, id="history")

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that work now: those of a metric only where one is marked."""
        if not self.is_mounted or self.query_one(FilterLine).has_focus or self._marked_metric:
            return super().keys()
        return footer(*ViewScreen.SCOPES, "app")

    def detail(self) -> None:
        """Draw what is marked, and say what it is in the place of its cells, which stand above."""
        chart = self.query_one("#history", Chart)
        chart.display = self._table_name == _TABLE
        self.query_one("#detail").styles.height = _TEXT_LINES if chart.display else _ROW_LINES
        if chart.display:
            self._draw(chart)
        else:
            super().detail()
        self.query_one(KeyLine).model = self.keys()

    def on_line_table_chosen(self) -> None:
        """Show the series of the metric that was clicked."""
        self.action_series()

    def action_how(self) -> None:
        """Combine the series of a metric in the next way."""
        if not self._marked_metric:
            return
        ways = list(COMBINE)
        self._how = ways[(ways.index(self._how) + 1) % len(ways)]
        self.detail()

    def action_series(self) -> None:
        """Show the series of the marked metric."""
        name = self._marked_metric
        if name:
            self.run.look(_TABLE, name)
            self._metric = name
            self._opened()

    def action_back(self) -> None:
        """Take the filter away, go from the series back to the metrics, and from there to the overview."""
        if self._metric and not self._wanted:
            left, self._metric = self._metric, ""
            self._opened()
            names = [row[0] for row in self._rows]
            self.query_one(LineTable).mark(names.index(left) if left in names else 0)
        else:
            super().action_back()

    def action_pane(self, step: int) -> None:
        """Show another table."""
        self._metric = ""
        super().action_pane(step)

    def read(self, *, opened: bool) -> Reading:
        """Return the table that is shown; of a metric whose series are shown, those that still go on."""
        if not self._metric:
            return super().read(opened=opened)
        history = self.run.history(self._metric)
        unit = METRICS[self._metric].unit
        rows = []
        for title, line in zip(titles(history), history.lines(), strict=True):
            known = [value for value in line if value is not None] or [0.0]
            now = "ended" if line[-1] is None else valued(line[-1], unit)
            rows.append((title, now, valued(min(known), unit), valued(max(known), unit)))
        at_us = self.run.frame.snapshot.at_us
        columns = ("SERIES", "NOW", "LEAST", "MOST")
        return Reading(at_us=at_us, view=_TABLE, target=self._metric, columns=columns, rows=tuple(rows))

    @property
    def shown_as(self) -> str:
        """The name under which the filter of this table is kept: each metric's series have their own."""
        return f"{self._table_name} {self._metric}".rstrip()

    @property
    def _marked_metric(self) -> str:
        """The metric that is marked in the list of all; empty elsewhere."""
        return self._named() if self._table_name == _TABLE and not self._metric else ""

    def _named(self) -> str:
        """Return what the marked row begins with."""
        row = self.marked_row()
        return "" if row is None else str(row[0])

    def _draw(self, chart: Chart) -> None:
        now_us = self.run.frame.snapshot.at_us
        axis = tuple(format_clock(at_us) for at_us in (0, now_us // 2, now_us))
        marked, detail = self._named(), self.query_one("#detail", Prose)
        name = self._metric or marked
        if not marked or name not in METRICS:
            chart.model = ChartModel(title="", unit="count", series=(Series(points=()),), empty=_NOTHING, axis=axis)
            detail.model = ()
            return
        history = self.run.history(name)
        if self._metric:
            title, line = self._one(history)
        else:
            title, line = f"{name}, {self._how} of {alive(history)}", self._joined.line(history, self._how)
        chart.model = ChartModel(
            title=printable(title),
            unit=METRICS[name].unit,
            series=(Series(points=line),),
            whole=True,
            marks=action_marks(self.run.frame.snapshot, self.run.notes),
            axis=axis,
        )
        detail.model = (Paragraph(METRICS[name].text, "muted"),)

    def _one(self, history: MetricHistory) -> tuple[str, Points]:
        """Return the marked series of a metric with its title."""
        found = dict(zip(titles(history), history.lines(), strict=True))
        name = self._named()
        return name, found.get(name, ())
