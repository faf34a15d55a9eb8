"""A view shows one moment: table, marked row, filter and facts agree, and a filter stays where it was put."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from drill.actions.entries import Remark
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import NetworkSpec, NodeSpec
from drill.telemetry.snapshot import Reading
from drill.tui.sorting import Order
from drill.tui.views import arranged, filtering, standing, tables
from drill.tui.widgets.chart import Chart
from drill.tui.widgets.marks import KeyLine, Rule
from drill.tui.widgets.prose import Prose
from drill.tui.widgets.table import LineTable, TableModel
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, fill, on, press, started, still, text
from tests.tui.shop import StillDriver, shop, snapshot, users

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

PODS = Reading(
    at_us=1,
    view="pods",
    target="",
    columns=("NAME", "READY", "STATUS", "RESTARTS", "AGE_S", "CPU", "MEMORY"),
    rows=(("till-x7-0", "1/1", "Running", 0, 30, "76m", "100.5 MiB"), ("gone", "0/1", "Failed", 0, 9, "0m", "0 MB")),
)


def table(app: Cockpit) -> TableModel:
    """Return what the table shows."""
    model = app.screen.query_one(LineTable).model
    assert model is not None
    return model


def keys(app: Cockpit) -> list[str]:
    """Return what the footer offers."""
    return [label for _, label in app.screen.query_one(KeyLine).model or ()]


def rule(app: Cockpit) -> str:
    """Return the remark above the marked row."""
    model = app.screen.query_one("#marked", Rule).model
    assert model is not None
    return model[1]


def test_tables_of_parts_are_there_only_where_the_parts_are() -> None:
    spec = shop().spec
    whole = replace(
        spec,
        topology=replace(spec.topology, nodes={"pool": NodeSpec(cores=4.0, memory=2**33)}, network=NetworkSpec()),
        telemetry=TelemetrySpec(traces=0.1),
    )
    assert tables("pods", spec) == ("pods", "pools", "deployments")
    assert tables("metrics", spec) == ("metrics", "gateway", "overview")
    assert tables("pods", whole) == ("pods", "pools", "deployments", "nodes")
    assert tables("metrics", whole) == ("metrics", "gateway", "traces", "network", "overview")


async def opened(pilot: Pilot[None], app: Cockpit, key: str, *further: str) -> None:
    """Go to a view."""
    await started(pilot, app)
    await press(pilot, key)
    await press(pilot, *further)


async def test_the_marked_row_is_of_the_same_moment_as_the_table() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app, "3")
        for _ in range(4):
            app.clock.now_s += 1
            app.tick()
            app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
            age = str(table(app).rows[0][table(app).columns.index("AGE_S")])
            assert f"AGE_S {age}" in app.screen.query_one("#detail", Prose).text


async def test_other_panes_of_the_metrics_show_their_own_marked_row_and_keys() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "2")
        assert "series" in keys(app)
        await press(pilot, "tab")
        assert "timeout_s" in app.screen.query_one("#detail", Prose).text
        assert not {"series", "sum/mean/max"} & set(keys(app))
        await press(pilot, "shift+tab")
        assert "series" in keys(app)


async def test_where_a_filter_leaves_nothing_the_chart_is_empty_and_says_so() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "2", "slash")
        await fill(pilot, "nothing has this")
        await press(pilot, "enter")
        assert "nothing marked" in app.screen.query_one(Chart).text
        assert app.screen.query_one("#detail", Prose).text == ""
        assert "series" not in keys(app)


async def test_series_that_have_ended_are_not_counted() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "2")
        assert "hikaricp_connections, sum of 1 " in text(app)


async def test_a_filter_shows_its_keys_while_it_is_typed_and_itself_afterwards() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "j", "j", "slash")
        assert keys(app) == ["keep", "clear"]
        await fill(pilot, "!pods-[0-2]")
        assert app.screen.query_one(LineTable).row == 0
        await press(pilot, "enter")
        assert rule(app) == "filter: !pods-[0-2]"
        assert "filter" in keys(app)
        await press(pilot, "escape")
        assert (rule(app), len(table(app).rows)) == ("", 40)


async def test_a_filter_survives_other_panes_and_views_and_a_new_look() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "slash")
        await fill(pilot, "pods-1")
        await press(pilot, "tab")
        assert (rule(app), len(table(app).rows)) == ("", 40)
        await press(pilot, "4", "3")
        assert (rule(app), len(table(app).rows)) == ("filter: pods-1", 11)
        await press(pilot, "slash", "escape")
        assert rule(app) == ""


async def test_a_broken_pattern_is_searched_as_text_and_that_is_said() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "slash")
        await fill(pilot, "[bold")
        assert rule(app) == "filter: [bold (not a pattern; searched as text)"
        assert len(table(app).rows) == 40
    assert filtering("!") == ""


async def test_what_was_done_is_shown_while_time_stands_still() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "space")
        await press(pilot, "6")
        await press(pilot, "tab", "n")
        await fill(pilot, "the till is stuck")
        await press(pilot, "enter", then="ViewScreen")
        assert table(app).rows[-1][2] == "the till is stuck"


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
async def test_a_view_says_what_was_done_on_a_screen_above_it(size: tuple[int, int]) -> None:
    """The overview lists it; here nothing else would show that anything came of it."""
    app = cockpit(scenario=shop())
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, "3", "n")
        await fill(pilot, "the till is stuck")
        await press(pilot, "enter", then="ViewScreen")
        assert app.screen.query_one(KeyLine).text == " Note: the till is stuck"
        await press(pilot, "n")
        await press(pilot, "escape", then="ViewScreen")
        app.screen.query_one(KeyLine).notice = None
        await press(pilot, "a")
        await press(pilot, "escape", then="ViewScreen")
        assert app.screen.query_one(KeyLine).notice is None
        await press(pilot, "5")
        assert app.screen.query_one(KeyLine).notice is None
        await press(pilot, "1", "n")
        await fill(pilot, "and again")
        await press(pilot, "enter", then="IncidentScreen")
        assert app.screen.query_one(KeyLine).notice is None


async def test_where_nothing_is_marked_nothing_is_pinned_and_that_is_said() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "slash")
        await fill(pilot, "nothing has this")
        await press(pilot, "enter")
        await press(pilot, "p")
        assert "Nothing is marked, so nothing was pinned." in text(app)


def test_pods_show_what_they_may_use() -> None:
    shown = arranged(PODS, snapshot(users()))
    assert shown.columns[:5] == ("NAME", "READY", "STATUS", "CPU", "MEMORY")
    assert shown.rows[0][3:5] == ("76m of 1000m", "100.5 MiB of 256 MiB")
    assert shown.rows[1][3:5] == ("0m", "0 MB")


def test_a_database_says_what_it_has() -> None:
    database = snapshot(users()).database
    assert standing(database) == "2 cores, 10 % busy; 9 of 10 slots (1 reserved)"
    assert standing(replace(database, up=False)) == "the server is down"


async def test_the_database_view_says_what_the_server_has() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "4")
        assert standing(app.now.frame.snapshot.database) in text(app)


async def test_the_overview_is_copied_in_words() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "y")
        lines = app.clipboard.splitlines()
        assert [lines[0].split("  ")[0], lines[2], lines[3]] == [
            "The corner shop",
            "■ FIRING  00:15  Failed purchases above 2/s",
            "● QUIET   CPU of a pod above 90 %",
        ]
        assert "Copied: the overview, 4 lines, if your terminal allows it." in text(app)


async def test_where_nothing_is_marked_nothing_is_copied() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "slash")
        await fill(pilot, "nothing has this")
        await press(pilot, "enter", "y")
        assert "Nothing is marked" in text(app)
        assert app.clipboard == ""


async def test_confirmations_cover_no_row_and_long_paths_are_whole(tmp_path: Path) -> None:
    app = still(exports=tmp_path / ("long-name-" * 6))
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "Y")
        await pilot.pause()
        said = app.screen.query_one(KeyLine)
        assert said.notice is not None
        assert "".join(said.notice[0].split()) in "".join(text(app).split())
        app.screen.unsay()  # type: ignore[attr-defined]  # what the timer does
        await pilot.pause()
        assert "views" in text(app).splitlines()[-1]


@pytest.mark.parametrize("size", [SMALL, LARGE, (100, 30), (161, 45)])
async def test_the_first_frame_says_how_much_time_charts_cover(size: tuple[int, int]) -> None:
    """What is said before the first layout is what the charts then have room for."""
    driver = StillDriver()
    later = replace(driver.shown.snapshot, at_us=3_600_000_000)
    driver.shown = replace(driver.shown, snapshot=later)
    app = still(driver)
    async with app.run_test(size=size) as pilot:
        await started(pilot, app)
        cells = app.screen.query(Chart).first().content_size.width
        assert f"last {(cells - 6) * 2 // 60:02}:{(cells - 6) * 2 % 60:02}" in text(app)


async def test_charts_never_cover_more_time_than_has_passed() -> None:
    app = still()
    async with app.run_test(size=LARGE) as pilot:
        await started(pilot, app)
        assert "last 00:45" in text(app)


async def test_only_one_screen_opens_over_another() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        below = app.screen
        await press(pilot, "n", then="NoteScreen")
        below.action_open("act")  # type: ignore[attr-defined]  # as a key does that was pressed before
        await pilot.pause()
        await pilot.pause()
        assert type(app.screen).__name__ == "NoteScreen"
        await press(pilot, "escape", then="IncidentScreen")


async def test_escape_and_a_letter_that_come_together_are_both_taken() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "alt+h", then="HintScreen")


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order(), ["b", "a", "d", "c"]),
        (Order("NAME"), ["a", "b", "c", "d"]),
        (Order("CPU"), ["a", "b", "d", "c"]),
        (Order("CPU", down=True), ["d", "b", "a", "c"]),
        (Order("elsewhere"), ["b", "a", "d", "c"]),
    ],
)
def test_rows_are_sorted_by_what_their_cells_mean(order: Order, names: list[str]) -> None:
    rows = (("b", "76m of 1000m"), ("a", "9m"), ("d", "1 GiB"), ("c", None))
    assert [row[0] for row in order.arranged(("NAME", "CPU"), rows)] == names


async def test_s_sorts_by_the_next_column_and_the_other_way_round() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3", "s", "s", "S")
        assert table(app).columns[1] == "COUNT ↓"
        assert [row[1] for row in table(app).rows[:2]] == [39, 38]
        await press(pilot, "p")
        assert app.now.pins[0].pin == "pods: pods-39"
        await press(pilot, "s", "s", "s", "s")
        assert table(app).rows[0][1] == 0


async def test_alerts_get_the_lines_that_notes_do_not_need() -> None:
    driver = StillDriver()
    driver.shown = replace(driver.shown, snapshot=snapshot(users(), (30.0, 40.0, None, None)))
    driver.shown = replace(
        driver.shown, snapshot=replace(driver.shown.snapshot, panels=driver.shown.snapshot.panels[:1])
    )
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        assert all(alert.text in text(app) for alert in driver.shown.snapshot.alerts)
        for number in range(8):
            app.now.do(Remark(note=f"note {number}"))
        app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
        await pilot.pause()
        assert "1 more" in text(app)


async def test_a_table_stays_sorted_when_one_comes_back_to_it() -> None:
    app = still()
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app, "3", "s")
        first = table(app)
        assert first is not None
        await press(pilot, "tab")
        assert table(app).columns != first.columns
        await press(pilot, "shift+tab")
        assert (table(app).columns, table(app).rows) == (first.columns, first.rows)
        await press(pilot, "1")
        await press(pilot, "3")
        assert (table(app).columns, table(app).rows) == (first.columns, first.rows)


async def test_what_is_typed_ahead_of_a_form_does_nothing_to_the_view_below() -> None:
    """Whoever types `apool` wants to find an action: nothing is pinned, sorted or paused on the way."""
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "3")
        for letter in "aps":
            app.post_message(Key(letter, letter))
        await on(pilot, "ActScreen")
        assert app.now.pins == ()
        assert app.now.orders == {}
        await press(pilot, "escape", then="ViewScreen")
        await press(pilot, "p", "s")
        assert len(app.now.pins) == 1
        assert len(app.now.orders) == 1
        await press(pilot, "1", then="IncidentScreen")
        await press(pilot, "1")
        await press(pilot, "n", then="NoteScreen")
