"""Every metric can be found, drawn and taken apart, and what is shown is what was sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.entries import Look
from drill.tui.numbers import valued
from drill.tui.widgets.chart import Chart
from drill.tui.widgets.table import LineTable
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, live, press, started, text
from tests.tui.shop import shop

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from drill.tui.widgets.chart import ChartModel
    from drill.tui.widgets.table import TableModel


async def opened(pilot: Pilot[None], app: Cockpit) -> None:
    """Go to the metrics of a run that has gone on for a while."""
    await started(pilot, app)
    await live(pilot, app, 4)
    await press(pilot, "2", then="MetricsScreen")


def chart(app: Cockpit) -> ChartModel:
    """Return what the chart shows."""
    model = app.screen.query_one(Chart).model
    assert model is not None
    return model


def table(app: Cockpit) -> TableModel:
    """Return what the table shows."""
    model = app.screen.query_one(LineTable).model
    assert model is not None
    return model


async def to(pilot: Pilot[None], app: Cockpit, name: str) -> None:
    """Mark a metric."""
    names = [row[0] for row in table(app).rows]
    await press(pilot, "g", *["j"] * names.index(name))


async def test_the_marked_metric_is_drawn_over_its_whole_history() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await to(pilot, app, "hikaricp_connections")
        history = app.now.history("hikaricp_connections")
        assert chart(app).series[0].points == history.combined("sum")
        assert chart(app).axis[0] == "00:00"
        newest = valued(history.combined("sum")[-1] or 0.0, "count")
        assert f"hikaricp_connections, sum of {len(history.series)}" in text(app)
        assert "Open connections of a pod's pool." in text(app)
        assert next(row for row in table(app).rows if row[0] == "hikaricp_connections")[1] == newest


async def test_series_can_be_combined_in_other_ways() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await to(pilot, app, "hikaricp_connections")
        history = app.now.history("hikaricp_connections")
        for how in ("mean", "max", "sum"):
            await press(pilot, "m")
            assert chart(app).series[0].points == history.combined(how)
            assert f", {how} of " in chart(app).title


async def test_enter_shows_the_series_of_a_metric_one_by_one_and_escape_goes_back() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app)
        metrics = table(app).rows
        await to(pilot, app, "hikaricp_connections")
        await press(pilot, "enter")
        history = app.now.history("hikaricp_connections")
        assert len(table(app).rows) == len(history.series)
        await press(pilot, "j")
        assert chart(app).series[0].points == history.lines()[1]
        assert dict(history.series[1].labels)["pod"] in chart(app).title
        await press(pilot, "escape")
        assert len(table(app).rows) == len(metrics)
        assert chart(app).title.startswith("hikaricp_connections, sum of ")
        await press(pilot, "escape", then="IncidentScreen")


async def test_the_other_tables_of_the_view_have_no_chart() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await press(pilot, "tab")
        assert not app.screen.query_one(Chart).display
        assert "outstanding" in text(app)
        await press(pilot, "shift+tab")
        assert app.screen.query_one(Chart).display


async def test_looking_at_the_series_of_a_metric_is_recorded_as_a_look() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await to(pilot, app, "hikaricp_connections")
        await press(pilot, "enter")
        app.now.resolve()
        app.now.conclude()
        while app.now.frame.hurrying:
            app.tick()
        app.now.look_back()
        assert app.now.ended is not None
        looks = [
            (entry.deed.look, entry.deed.target) for entry in app.now.ended.entries if isinstance(entry.deed, Look)
        ]
    assert looks[-2:] == [("metrics", ""), ("metrics", "hikaricp_connections")]
