"""The overview of a live incident: the team's dashboard, its alerts, and what was done.

Plain on purpose: it shows what the team has on its wall, and the truth about users in the header. Evidence is one key
away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Grid

from drill.tui import present
from drill.tui.commands import bindings
from drill.tui.screens.live import RunScreen
from drill.tui.widgets.chart import Chart, dots
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize

    from drill.driver.driver import Frame
    from drill.tui.widgets.chart import ChartModel

CHART_CELLS = 40
"""Width a chart wants, with its gap."""
CHART_LINES = (5, 8)
"""Least and most lines of a chart: a bigger terminal shows more charts before it shows bigger ones."""
_OTHER_LINES = 9
"""Lines of everything but charts, where there is little room."""
_ALERT_LINES = (2, 4)
_TALL = 32


class IncidentScreen(RunScreen[None]):
    """The overview."""

    SCOPES: ClassVar[tuple[str, ...]] = ("live",)
    CSS_PATH = "incident.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("live")]

    def compose(self) -> ComposeResult:
        """Lay out charts, alerts and notes."""
        count = len(self.run.frame.snapshot.panels) + len(self._own_charts())
        yield self.top_bar()
        yield Rule(self.pen, model=("Team dashboard", ""), id="wall-rule")
        with Grid(id="wall"):
            for number in range(count):
                yield Chart(self.pen, id=f"chart-{number}")
        yield Rule(self.pen, model=("Alerts", ""))
        yield Rows(self.pen, id="alerts")
        yield Rule(self.pen, model=("Done", ""))
        yield Rows(self.pen, id="done")
        yield self.key_line()

    def on_mount(self) -> None:
        """Record that the dashboard is open."""
        self.run.look("overview")

    def on_resize(self, event: Resize) -> None:
        """Show as many charts as there is room for."""
        del event
        if self.is_mounted:
            self._divide()
            self.paint()

    def _divide(self) -> None:
        """Divide the screen between charts, alerts and notes."""
        columns, rows = self._room()
        wall = self.query_one("#wall", Grid)
        shown = len(self._charts())
        lines = max(1, -(-shown // columns))
        high = min(CHART_LINES[1], max(CHART_LINES[0], (self.size.height - _OTHER_LINES) // lines))
        if self.size.height < _TALL:
            high = CHART_LINES[0]
        wall.styles.grid_size_columns = columns
        wall.styles.grid_rows = str(high)
        wall.styles.height = high * min(lines, rows)
        self.query_one("#alerts").styles.height = _ALERT_LINES[self.size.height >= _TALL]

    def show(self, frame: Frame) -> None:
        """Fill charts, alerts and notes."""
        charts = self._charts()
        with self.app.batch_update():
            for number, chart in enumerate(self.query(Chart)):
                chart.display = number < len(charts)
                if number < len(charts):
                    chart.model = charts[number]
            most = _ALERT_LINES[self.size.height >= _TALL]
            self.query_one("#alerts", Rows).model = present.alerts(frame.snapshot, self.glyphs, most)
            self.query_one("#done", Rows).model = present.notes(self.run.notes)
            title = "Users, and the team's dashboard" if len(charts) > len(frame.snapshot.panels) else "Team dashboard"
            self.query_one("#wall-rule", Rule).model = (title, self._remark(len(charts)))

    def _charts(self) -> tuple[ChartModel, ...]:
        """Return the team's charts that there is room for; those of the users too if all of them fit."""
        columns, rows = self._room()
        panels = present.panels(self.run.frame.snapshot, self.run.notes)
        own = self._own_charts()
        return (*own, *panels) if len(panels) + len(own) <= columns * rows else panels[: columns * rows]

    def _own_charts(self) -> tuple[ChartModel, ...]:
        return present.users_charts(self.run.frame, self.run.scenario.spec, self.run.notes)

    def _room(self) -> tuple[int, int]:
        """Return columns and rows of charts."""
        width, height = self.size
        return max(1, width // CHART_CELLS), max(1, (height - _OTHER_LINES) // CHART_LINES[0])

    def _remark(self, shown: int) -> str:
        snapshot = self.run.frame.snapshot
        hidden = len(snapshot.panels) - shown
        if hidden > 0:
            return f"{hidden} charts more in a bigger terminal"
        return present.span(snapshot, dots(self.query(Chart).first().content_size.width, self.glyphs))
