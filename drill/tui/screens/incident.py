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
from drill.tui.updates import remark
from drill.tui.widgets.chart import Chart, dots
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.rows import Rows
from drill.tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize

    from drill.driver.driver import Frame
    from drill.telemetry.snapshot import Snapshot
    from drill.tui.widgets.chart import ChartModel

CHART_CELLS = 40
"""Width a chart wants, with its gap."""
CHART_LINES = (5, 8)
"""Least and most lines of a chart: a bigger terminal shows more charts before it shows bigger ones."""
_OTHER_LINES = 9
"""Lines of everything but charts, where there is little room."""
_FRAME_LINES = 6
"""Lines that are neither charts, alerts nor notes."""
_ALERT_LINES = (2, 4)
"""Least lines of alerts, in a low and in a high terminal; they get more while nothing else needs them."""
_TALL = 32
_MARGINS, _GUTTER = 2, 2
"""Cells around the charts and between two of them, as in the style sheet."""


class IncidentScreen(RunScreen[None]):
    """The overview."""

    SCOPES: ClassVar[tuple[str, ...]] = ("live",)
    LISTS: ClassVar[bool] = True
    CSS_PATH = "incident.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("live")]

    _wall_lines = 0
    """Lines that the charts take."""

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
        yield Rule(self.pen, id="done-rule")
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

    def copied(self) -> tuple[str, str]:
        """Return the top of the screen and every alert."""
        snapshot = self.run.frame.snapshot
        rows = present.alerts(snapshot, self.glyphs, len(snapshot.alerts)).rows
        lines = [line.strip() for line in self.query_one(TopBar).text.split("\n")]
        lines += ["".join(text for text, _ in row).strip() for row in rows]
        return "\n".join(lines), f"the overview, {len(lines)} lines"

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
        self._wall_lines = high * min(lines, rows)

    def show(self, frame: Frame) -> None:
        """Fill charts, alerts and notes."""
        charts = self._charts()
        with self.app.batch_update():
            for number, chart in enumerate(self.query(Chart)):
                chart.display = number < len(charts)
                if number < len(charts):
                    chart.model = charts[number]
            self._show_alerts(frame.snapshot)
            self.query_one("#done", Rows).model = present.notes(self.run.notes)
            promised = remark(self.run.updates, frame, self.glyphs)
            self.query_one("#done-rule", Rule).model = ("Done", *promised)
            title = "Users, and the team's dashboard" if len(charts) > len(frame.snapshot.panels) else "Team dashboard"
            self.query_one("#wall-rule", Rule).model = (title, self._remark(len(charts)))

    def _show_alerts(self, snapshot: Snapshot) -> None:
        """Show the alerts on as many lines as the notes leave."""
        rows = self.query_one("#alerts", Rows)
        least = _ALERT_LINES[self.size.height >= _TALL]
        room = self.size.height - self._wall_lines - _FRAME_LINES - max(1, len(self.run.notes))
        most = max(least, min(room, len(snapshot.alerts)))
        rows.styles.height = most
        rows.model = present.alerts(snapshot, self.glyphs, most)

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
        columns, _ = self._room()
        return present.span(
            snapshot, dots((self.size.width - _MARGINS - _GUTTER * (columns - 1)) // columns, self.glyphs)
        )
