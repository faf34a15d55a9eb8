"""A reading is pinned where it is read, with what was shown, and dropped as easily."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.entries import Pin, Unpin, read_deed, write_deed
from drill.errors import ActionError
from drill.telemetry.snapshot import Reading
from drill.tui.glyphs import ASCII
from drill.tui.pen import pen
from drill.tui.pinning import MAX_VALUE, overview_pins, row_pin
from drill.tui.widgets.chart import Chart
from drill.tui.widgets.marks import KeyLine
from drill.tui.widgets.table import LineTable, TableModel
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, fill, live, press, started, still, text
from tests.tui.shop import AT_S, StillDriver, shop, snapshot, users

if TYPE_CHECKING:
    from textual.pilot import Pilot

POOLS = Reading(
    at_us=AT_S * 1_000_000,
    view="pools",
    target="",
    columns=("POD", "POOL", "SIZE", "OPEN", "WAITING"),
    rows=(("till-x7-1", "db", 4, 2, None), ("till-x7-1", "shelf", 4, 0, 3)),
)
LOGS = Reading(
    at_us=AT_S * 1_000_000,
    view="logs",
    target="",
    columns=("AGO_S", "SOURCE", "LEVEL", "TEXT"),
    rows=((1.5, "till-x7-1", "ERROR", "no till is open " * 30),),
)


def done(driver: StillDriver) -> list[Pin | Unpin]:
    """Return what was pinned and dropped."""
    return [asked for asked in driver.asked if isinstance(asked, Pin | Unpin)]


def table(app: Cockpit) -> TableModel:
    """Return what the table shows."""
    model = app.screen.query_one(LineTable).model
    assert model is not None
    return model


def notice(app: Cockpit) -> str:
    """Return what is said in the place of the keys."""
    said = app.screen.query_one(KeyLine).notice
    assert said is not None
    return said[0]


async def opened(pilot: Pilot[None], app: Cockpit, *keys: str, then: str) -> None:
    """Start the run and go to a screen."""
    await started(pilot, app)
    await press(pilot, *keys, then=then)


def test_a_row_is_called_by_what_tells_it_apart() -> None:
    first, second = (row_pin(POOLS, row) for row in POOLS.rows)
    assert first == Pin(pin="pools: till-x7-1, db", view="pools", row="till-x7-1, db", value="SIZE 4, OPEN 2")
    assert (second.pin, second.value) == ("pools: till-x7-1, shelf", "SIZE 4, OPEN 0, WAITING 3")


def test_a_moment_is_called_by_its_source_and_not_by_its_age() -> None:
    (row,) = LOGS.rows
    reading = row_pin(LOGS, row)
    assert reading == row_pin(LOGS, (99.0, *row[1:]))
    assert reading.pin == "logs: till-x7-1, ERROR, no till is open no till is open no ..."
    assert reading.row == "till-x7-1, ERROR"
    assert len(reading.value) <= MAX_VALUE
    assert reading.value.startswith("no till is open no till")
    assert reading.value.endswith(" ...")


def test_every_pin_can_be_recorded_and_read_again() -> None:
    for reading in (*overview_pins(snapshot(users())), row_pin(POOLS, POOLS.rows[0]), row_pin(LOGS, LOGS.rows[0])):
        assert read_deed(write_deed(reading)) == reading


def test_what_was_done_is_no_reading() -> None:
    own = replace(POOLS, view="done")
    with pytest.raises(ActionError, match="only readings of the system can be pinned"):
        row_pin(own, own.rows[0])


def test_readings_of_the_overview_have_names_of_their_own() -> None:
    names = [each.pin for each in overview_pins(snapshot(users()))]
    assert len(names) == len(set(names))


async def test_the_readings_of_the_overview_are_offered_as_it_shows_them() -> None:
    app = still()
    async with app.run_test(size=LARGE) as pilot:
        await started(pilot, app)
        overview = text(app)
        charts = {chart.model.title: chart.text for chart in app.screen.query(Chart) if chart.model and chart.display}
        await press(pilot, "p", then="PinsScreen")
        offered = {str(row[1]): str(row[2]) for row in table(app).rows}
        assert "0 of 5 pinned" in text(app)
    for panel in shop().spec.story.dashboard.values():
        assert charts[panel.title].splitlines()[0].endswith(f" {offered[panel.title]}")
    assert f"{offered['Users failing']} failing" in overview
    assert f"error budget {offered['Error budget used']} used" in overview
    assert offered["Requests arriving"] in overview
    assert offered["Alert: Failed purchases above 2/s"] == "firing since 00:30"
    assert offered["Alert: CPU of a pod above 90 %"] == "quiet"


async def test_enter_pins_with_what_is_shown_and_drops_again() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "p", then="PinsScreen")
        name, value = table(app).rows[3][1:3]
        await press(pilot, "j", "j", "j", "enter")
        assert "Pinned, 1 of 5: Till CPU" in text(app)
        assert "Till CPU = 0.2 cores" in text(app)
        assert "1 of 5 pinned" in text(app)
        assert table(app).rows[0][1:] == ("Till CPU", "0.2 cores")
        assert app.screen.query_one(LineTable).row == 4
        await press(pilot, "g", "enter")
        assert "Dropped, 0 of 5 left: Till CPU" in text(app)
        await press(pilot, "escape", then="IncidentScreen")
    assert done(driver) == [
        Pin(pin=str(name), view="overview", row=str(name), value=str(value)),
        Unpin(unpin=str(name)),
    ]


async def test_a_sixth_reading_says_what_to_do() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await opened(pilot, app, "p", then="PinsScreen")
        for _ in range(5):
            await press(pilot, "enter", "j")
        assert "5 of 5 pinned" in text(app)
        await press(pilot, "enter")
        assert "5 readings are pinned, which is the most: drop one first." in text(app)
        await press(pilot, "escape", then="IncidentScreen")
        await press(pilot, "3", then="ViewScreen")
        await press(pilot, "p")
        assert notice(app) == "▲ 5 readings are pinned, which is the most: drop one first (1, then p)."
    assert len(done(driver)) == 5


async def test_p_pins_the_marked_row_of_a_view_and_drops_it_again() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await opened(pilot, app, "3", then="ViewScreen")
        await press(pilot, "tab", "j", "p")
        assert notice(app) == "Pinned, 1 of 5: pools: pools-1"
        assert [line[:8] for line in text(app).splitlines() if line.startswith("●")] == ["●pools-1"]
        await press(pilot, "p")
        assert notice(app) == "Dropped, 0 of 5 left: pools: pools-1"
        assert not table(app).pinned
    first, second = done(driver)
    assert isinstance(first, Pin)
    assert (first.pin, first.view, first.row) == ("pools: pools-1", "pools", "pools-1")
    assert first.value.startswith("COUNT 1, SHARE 0.25, a sentence")
    assert second == Unpin(unpin="pools: pools-1")


async def test_the_marked_row_is_pinned_under_a_filter_too() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", then="ViewScreen")
        await press(pilot, "slash")
        await fill(pilot, "pods-3[45]")
        await press(pilot, "enter", "j", "p")
        assert table(app).pinned == {1}
    assert [each.pin for each in done(driver) if isinstance(each, Pin)] == ["pods: pods-35"]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_long_reading_hides_no_value_of_another(size: tuple[int, int]) -> None:
    app = still()
    async with app.run_test(size=size) as pilot:
        await started(pilot, app)
        app.now.do(Pin(pin="pools: checkout-b4qgfgsw2-48nqm, " + "db " * 40, view="pools", value="OPEN 2, " * 20))
        await press(pilot, "p", then="PinsScreen")
        lines = text(app).splitlines()
    assert any("Users failing " in line and line.rstrip().endswith("43.2 %") for line in lines)
    assert any("Failed purchases above 2/s" in line and "firing since 00:30" in line for line in lines)


async def test_where_no_row_is_nothing_is_pinned() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", then="ViewScreen")
        await press(pilot, "slash")
        await fill(pilot, "nothing has this")
        await press(pilot, "enter", "p")
    assert done(driver) == []


async def test_the_timeline_has_a_pane_of_what_is_pinned() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await opened(pilot, app, "6", then="ViewScreen")
        await press(pilot, "tab", "p")
        assert notice(app) == "▲ only readings of the system can be pinned."
        await press(pilot, "tab")
        assert "nothing is pinned" in text(app)
        app.now.do(Pin(pin="Users failing", view="overview", row="x", value="43.2 %"))
        app.now.do(Pin(pin="pools: a, db", view="pools", row="a, db", value="OPEN 2"))
        app.screen._reading = app.screen.read(opened=False)  # type: ignore[attr-defined]  # noqa: SLF001 - time stands still here
        app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
        assert table(app).rows == (("overview", "Users failing = 43.2 %"), ("pools", "pools: a, db = OPEN 2"))
        await press(pilot, "j", "p")
        assert table(app).rows == (("overview", "Users failing = 43.2 %"),)
    assert done(driver)[-1] == Unpin(unpin="pools: a, db")


async def test_in_a_real_run_only_what_was_opened_is_pinned_and_it_is_recorded() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await opened(pilot, app, "3", then="ViewScreen")
        await press(pilot, "tab", "p")
        (reading,) = app.now.pins
        row = next(row for row in app.now.glance("pools").rows if f"{row[0]}, {row[1]}" == reading.row)
        assert reading.pin == f"pools: {row[0]}, {row[1]}"
        assert f"SIZE {row[2]}, OPEN {row[3]}" in reading.value
        with pytest.raises(ActionError, match="not opened before"):
            app.now.do(Pin(pin="x", view="gateway"))
        await live(pilot, app, 3)
        assert table(app).pinned == {0}
        await press(pilot, "2", then="MetricsScreen")
        await press(pilot, "p")
        assert len(app.now.pins) == 2
        assert app.now.pins[1].pin == f"metrics: {table(app).rows[0][0]}"


async def test_y_copies_the_marked_row_with_tabs() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", then="ViewScreen")
        await press(pilot, "j", "y")
        cells = app.clipboard.split("\t")
    assert cells[:4] == ["pods-1", "1", "0.25", ""]
    assert cells[4].endswith("and goes on [bold]and on[/bold]")


async def test_it_is_plain_where_the_terminal_is() -> None:
    app = still(pen=pen(ASCII, colour=False), colour=False)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "p", then="PinsScreen")
        await press(pilot, "enter")
        assert text(app).isascii()
        assert "* pinned" in text(app)
