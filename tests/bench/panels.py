"""One process of the bench: a dashboard that shows recorded frames four times a second until it is ended.

`ours` is the cockpit as it is; `stock` shows the same panels with the widgets that Textual brings, used as its guide
says: cells are updated by key, rows are never filled in anew. Separate because each needs a process and a terminal.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.containers import Grid, Vertical
from textual.widgets import DataTable, Label, RichLog, Sparkline, Static

from drill.scenario.library import find
from drill.scenario.loader import load
from drill.tui import present
from drill.tui.app import DrillApp
from drill.tui.glyphs import UNICODE
from drill.tui.options import Options
from drill.tui.screens.base import PAINT_S
from drill.tui.views import arranged
from drill.tui.widgets.table import said
from tests.tui.shop import StillDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from drill.driver.driver import Frame
    from drill.driver.others import Known
    from drill.lanes.lane import LaneTask
    from drill.telemetry.snapshot import Reading
    from drill.tui.widgets.chart import ChartModel

SCENARIO = "checkout-down"
POINTS = 80
"""Points of a stock chart; ours shows about as many."""
Moments = list[tuple["Frame", "Reading"]]


class Replaying(StillDriver):
    """A driver that shows the next frame at every tick."""

    def __init__(self, moments: Moments) -> None:
        """Begin with the first one."""
        super().__init__(moments[0][0])
        self._moments = moments
        self._at = 0

    def tick(self) -> Frame:
        """Return the next frame."""
        self._at = (self._at + 1) % len(self._moments)
        self.shown = self._moments[self._at][0]
        return self.shown

    def glance(self, view: str, target: str = "") -> Reading:
        """Return the pods of that moment."""
        return self._moments[self._at][1] if view == "pods" else super().glance(view, target)


class NoLanes:
    """Lanes that are never computed."""

    def ask(self, tasks: Mapping[str, LaneTask]) -> None:
        """Forget them."""

    def poll(self) -> Known:
        """Return none."""
        return {}

    def hasten(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Stock(App[None]):
    """What both stock dashboards have in common."""

    CSS: ClassVar[str] = """
    #top { height: 2; background: $panel; }
    Grid { grid-size-columns: 5; grid-gutter: 0 2; grid-rows: 8; height: 16; margin: 0 1; }
    Grid Label { height: 1; width: 1fr; }
    Grid Sparkline { height: 1fr; width: 1fr; }
    #alerts { height: 8; }
    #done { height: 1fr; }
    #pods { height: 1fr; }
    #detail { height: 12; }
    """

    def __init__(self, moments: Moments) -> None:
        """Show the first moment."""
        super().__init__()
        self._moments = moments
        self._at = 0
        self._spec = load(find(SCENARIO)).spec

    def on_mount(self) -> None:
        """Show another moment four times a second."""
        self.set_interval(PAINT_S, self._next)
        self._next()

    def show(self, frame: Frame, reading: Reading) -> None:
        """Show a moment."""

    def _next(self) -> None:
        self._at = (self._at + 1) % len(self._moments)
        frame, reading = self._moments[self._at]
        with self.batch_update():
            top = present.bar(frame, self._spec, UNICODE)
            self.query_one("#top", Static).update(
                f" [b]{top.title}[/b]  {top.pace}  {top.clock} of {top.length}\n"
                f" USERS  {top.state.value}  {top.failing} failing  budget {top.budget}  {top.rate}/s"
            )
            self.show(frame, reading)


class StockOverview(Stock):
    """The overview."""

    def compose(self) -> ComposeResult:
        """Lay out charts, alerts and notes."""
        yield Static(id="top")
        yield Static("Users, and the team's dashboard")
        with Grid():
            for number in range(len(self._charts(self._moments[0][0]))):
                with Vertical():
                    yield Label(id=f"head-{number}", markup=False)
                    yield Sparkline(id=f"plot-{number}")
                    yield Label(id=f"told-{number}", markup=False)
        yield Static("Alerts")
        yield DataTable(id="alerts", show_header=False)
        yield Static("Done")
        yield RichLog(id="done")

    def on_mount(self) -> None:
        """Make the rows of the alerts."""
        table = self.query_one("#alerts", DataTable)
        for column in ("state", "since", "text"):
            table.add_column(column, key=column)
        for alert in self._moments[0][0].snapshot.alerts:
            table.add_row("", "", alert.text, key=alert.name)

    def show(self, frame: Frame, reading: Reading) -> None:
        """Show charts and alerts."""
        del reading
        for number, chart in enumerate(self._charts(frame)):
            points = [point or 0.0 for point in chart.series[0].points[-POINTS:]]
            now = points[-1] if points else 0.0
            self.query_one(f"#head-{number}", Label).update(f"{chart.title}  {now:.4g} {chart.unit}")
            self.query_one(f"#plot-{number}", Sparkline).data = points
            told = f"min {min(points):.4g}, now {now:.4g}, max {max(points):.4g}" if points else "no value yet"
            self.query_one(f"#told-{number}", Label).update(told)
        table = self.query_one("#alerts", DataTable)
        for alert in frame.snapshot.alerts:
            since_s = alert.since_s
            lasting = "" if since_s is None else f"{frame.snapshot.at_us / 1e6 - since_s:.0f} s"
            for column, text in (("state", "QUIET" if since_s is None else "FIRING"), ("since", lasting)):
                if table.get_cell(alert.name, column) != text:
                    table.update_cell(alert.name, column, text)

    def _charts(self, frame: Frame) -> tuple[ChartModel, ...]:
        return (*present.users_charts(frame, self._spec, ()), *present.panels(frame.snapshot, ()))


class StockPods(Stock):
    """The table of pods."""

    def compose(self) -> ComposeResult:
        """Lay out table and detail."""
        yield Static(id="top")
        yield Static("Pods")
        yield DataTable(id="pods")
        yield Static("Marked")
        yield Static(id="detail", markup=False)

    def on_mount(self) -> None:
        """Make the columns."""
        frame, reading = self._moments[0]
        table = self.query_one("#pods", DataTable)
        for column in arranged(reading, frame.snapshot).columns:
            table.add_column(column, key=column)

    def show(self, frame: Frame, reading: Reading) -> None:
        """Show the pods that there are, and the first one in full."""
        reading = arranged(reading, frame.snapshot)
        table = self.query_one("#pods", DataTable)
        known = {key.value or "" for key in table.rows}
        wanted = {said(row[0]): [said(cell) for cell in row] for row in reading.rows}
        for name in known - wanted.keys():
            table.remove_row(name)
        for name, cells in wanted.items():
            if name not in known:
                table.add_row(*cells, key=name)
                continue
            for column, cell in zip(reading.columns, cells, strict=True):
                if table.get_cell(name, column) != cell:
                    table.update_cell(name, column, cell)
        first = next(iter(wanted.values()), [])
        detail = "\n".join(f"{column} {cell}" for column, cell in zip(reading.columns, first, strict=False))
        self.query_one("#detail", Static).update(detail)


def main(kind: str, path: str) -> None:
    """Show the moments in a file."""
    moments: Moments = pickle.loads(Path(path).read_bytes())  # noqa: S301 - the bench has just written it
    if kind == "ours":
        driver = Replaying(moments)
        DrillApp(
            Options(
                library=find(SCENARIO).parent,
                scenario=load(find(SCENARIO)),
                drive=lambda *_: driver,
                lanes=NoLanes,
                tick_s=PAINT_S,
            )
        ).run()
    else:
        (StockPods if kind == "stock-pods" else StockOverview)(moments).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
