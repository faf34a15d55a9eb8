"""The keys of a live run reach its driver, and the screen answers at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import Scale
from drill.actions.entries import Update
from drill.errors import ActionError
from drill.tui.glyphs import ASCII
from drill.tui.pen import pen
from drill.tui.widgets.chart import Chart
from drill.tui.widgets.choice import Choice
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, fill, live, on, press, started, still, text
from tests.tui.shop import StillDriver, frame, users


class Refusing(StillDriver):
    """Refuses whatever is to be done."""

    def perform(self, action: object, by: str = "") -> str:
        """Refuse."""
        del by
        msg = f"this can't be done: {type(action).__name__}"
        raise ActionError(msg)


async def test_the_page_is_acknowledged_before_time_runs() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
    assert driver.asked == [Update(update="acknowledge"), "resume", "overview", "leave"]


async def test_space_and_speed() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        driver.asked.clear()
        await press(pilot, "space", "plus", "equals_sign", "minus")
        driver.shown = replace(driver.shown, paused=True, speed=60.0)
        app.tick()
        await press(pilot, "space", "plus", "minus")
    assert driver.asked == ["pause", 2.0, 2.0, 0.5, "resume", 30.0, "leave"]


async def test_a_pause_shows_at_once() -> None:
    app = cockpit(speed=20.0)
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await started(pilot, app)
        await press(pilot, "space")
        assert "paused at 20×" in text(app)
        await press(pilot, "space", "plus")
        assert "▶ 30×" in text(app)


async def test_every_view_is_a_look_once() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        driver.asked.clear()
        await press(pilot, "3", then="ViewScreen")
        driver.shown = replace(driver.shown, snapshot=replace(driver.shown.snapshot, at_us=46_000_000))
        app.tick()
        app.now.frame = driver.shown
        app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
        await press(pilot, "tab", "tab", "tab", "shift+tab")
        await press(pilot, "4", "escape", then="IncidentScreen")
    assert driver.asked == [
        "pods",
        "pools",
        "deployments",
        "pods",
        "deployments",
        "pg_stat_activity",
        "overview",
        "leave",
    ]


async def test_a_filter_keeps_rows_that_match() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "3", then="ViewScreen")
        await press(pilot, "slash")
        await fill(pilot, "pods-3[0-4]")
        assert "5 rows, 35 filtered out" in text(app)
        await fill(pilot, "!pods-3[0-4]")
        assert "35 rows, 5 filtered out" in text(app)
        await press(pilot, "escape")
        assert "40 rows" in text(app)
        assert "filtered" not in text(app)
        await press(pilot, "escape", then="IncidentScreen")


async def test_an_action_that_is_refused_says_why_and_changes_nothing() -> None:
    driver = Refusing()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        await press(pilot, "enter", then="AskScreen")
        await press(pilot, "enter", then="ActScreen")
        assert "Not done: this can't be done: Scale" in text(app)
        await press(pilot, "escape", then="IncidentScreen")
        assert [note.kind for note in app.now.notes] == ["update"]


async def test_a_value_out_of_bounds_is_refused_in_the_form() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        await fill(pilot, "9999")
        await press(pilot, "tab", "enter")
        assert "9999 is out of range; allowed is 0 to 500" in text(app)
        await press(pilot, "escape", then="ActScreen")


async def test_no_is_always_an_answer() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        await press(pilot, "enter", then="AskScreen")
        await press(pilot, "escape", then="FormScreen")
        await press(pilot, "escape", then="ActScreen")
        await press(pilot, "escape", then="IncidentScreen")
        await press(pilot, "r", then="ResolveScreen")
        await press(pilot, "escape", then="IncidentScreen")
    assert not any(isinstance(asked, Scale) or asked == Update(update="resolved") for asked in driver.asked)


async def test_choosing_another_deployment_offers_its_pools() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await fill(pilot, "pool size")
        await press(pilot, "enter", then="FormScreen")
        assert " db " in text(app)
        await press(pilot, "up", "up", "right")
        assert " shelf " in text(app)
        assert " cellar " in text(app)


async def test_keys_go_first_to_what_has_to_be_typed() -> None:
    """With two deployments to choose from, what is typed is the number of replicas, and that shows."""
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        marked = [line for line in text(app).splitlines() if line.startswith("▌")]
        assert [line.split()[1] for line in marked] == ["replicas"]
        await press(pilot, "3", "enter", then="AskScreen")
        await press(pilot, "enter", then="IncidentScreen")
    assert Scale(deployment="till", replicas=3) in driver.asked


async def test_only_the_value_that_keys_would_change_looks_active() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await fill(pilot, "pool size")
        await press(pilot, "enter", then="FormScreen")
        for _ in range(5):
            for choice in app.screen.query(Choice):
                roles = {role for line in choice._lines for _, role in line}  # noqa: SLF001 - what is drawn
                assert ("cursor" in roles, "inactive-cursor" in roles) == (choice.has_focus, not choice.has_focus)
            await press(pilot, "tab")


async def test_the_field_that_takes_keys_is_marked_without_colour() -> None:
    app = still(pen=pen(ASCII, colour=False), colour=False)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        assert "| replicas" in text(app)
        await press(pilot, "up")
        assert "| deployment" in text(app)
        assert "| replicas" not in text(app)


async def test_a_larger_terminal_shows_more_charts() -> None:
    titles = {}
    for size in (SMALL, LARGE):
        app = still()
        async with app.run_test(size=size) as pilot:
            await started(pilot, app)
            charts = [chart for chart in app.screen.query(Chart) if chart.display]
            titles[size] = [chart.model.title for chart in charts if chart.model]
            assert all(chart.size.height <= 8 for chart in charts)
    assert titles[SMALL][-3:] == ["Till CPU", "Till memory", "Requests"]
    assert set(titles[SMALL]) <= set(titles[LARGE])
    assert titles[LARGE][0] == "Users failing"


@pytest.mark.parametrize("shown", [frame(users(failing=None)), frame(behind=True, effective=7.0, speed=60.0)])
async def test_unusual_moments_are_said(shown: object) -> None:
    app: Cockpit = still(StillDriver(shown))  # type: ignore[arg-type]  # pytest hands a frame on
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        assert "?? " in text(app) or "running behind, 7× of 60×" in text(app)


async def test_the_screen_follows_the_run() -> None:
    app = cockpit()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await started(pilot, app)
        for second in (35, 40, 45):
            await live(pilot, app, 5)
            assert f"00:{second} of 01:30" in text(app)
        await on(pilot, "IncidentScreen")
