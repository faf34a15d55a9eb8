"""Leaving, shrinking and failing: nothing is lost, and the terminal is never left behind in disorder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.errors import DrillError
from drill.tui.widgets.prose import Prose
from tests.tui.cockpit import SMALL, cockpit, fill, live, on, press, started, still, text, wait_until
from tests.tui.shop import SHOP, StillDriver, shop

if TYPE_CHECKING:
    from pathlib import Path

    from drill.driver.driver import Frame


def recordings(folder: Path) -> int:
    """Return the number of recordings in a folder."""
    return len(list(folder.iterdir()))


async def test_a_live_run_is_left_only_after_a_question() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "q", then="AskScreen")
        await press(pilot, "escape", then="IncidentScreen")
        await press(pilot, "3", then="ViewScreen")
        await press(pilot, "q", then="AskScreen")
        await pilot.press("enter")
    assert driver.asked[-1] == "leave"
    assert (app.return_code, app.failure) == (0, None)


async def test_without_a_live_run_q_leaves_at_once() -> None:
    app = cockpit()
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "MenuScreen")
        await pilot.press("q")
    assert app.return_code == 0


async def test_escape_never_quits() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "escape", "escape", "escape")
        await on(pilot, "IncidentScreen")
    app = cockpit()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await press(pilot, "escape", then="MenuScreen")
        await press(pilot, "escape", "escape")
        await on(pilot, "MenuScreen")


@pytest.mark.parametrize(("pause_s", "leaves"), [(1.9, True), (2.1, False)])
async def test_ctrl_c_leaves_at_the_second_time_within_two_seconds(pause_s: float, *, leaves: bool) -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "ctrl+c")
        assert app.return_code is None
        app.clock.now_s += pause_s
        await pilot.press("ctrl+c")
        assert (app.return_code == 130) is leaves
    assert driver.asked[-1] == "leave"


async def test_a_page_that_is_not_taken_leaves_no_recording(tmp_path: Path) -> None:
    app = cockpit(recordings=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        assert recordings(tmp_path) == 1
        await press(pilot, "escape", then="MenuScreen")
        assert recordings(tmp_path) == 0


async def test_a_run_that_is_left_keeps_its_recording(tmp_path: Path) -> None:
    app = cockpit(record=tmp_path / "mine.jsonl")
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await started(pilot, app)
        await live(pilot, app, 3)
        await press(pilot, "q", then="AskScreen")
        assert app.screen.query_one("#text", Prose).text.replace("\n", "").endswith("mine.jsonl")
        app.end(143)
    assert '"at": "33s", "end": "left"' in (tmp_path / "mine.jsonl").read_text()
    assert app.return_code == 143


async def test_a_recording_that_can_not_be_written_ends_it_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = cockpit(scenario=shop(), record=tmp_path / "file" / "run.jsonl")
    async with app.run_test(size=SMALL):
        pass
    assert isinstance(app.failure, DrillError)
    assert "can't write the recording" in str(app.failure)


async def test_without_a_folder_for_recordings_a_run_goes_on_unrecorded_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = cockpit(recordings=tmp_path / "file")
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        assert "This run is not recorded." in text(app)
        await started(pilot, app)


async def test_a_scenario_that_is_not_valid_is_said_and_the_menu_stays(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(SHOP.read_text().replace("length: 90s", "length: ninety"))
    app = cockpit(library=tmp_path)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await press(pilot, "enter")
        await wait_until(pilot, lambda: "can't be played" in text(app), "the reason is shown")
        await on(pilot, "MenuScreen")


async def test_a_card_that_can_not_be_read_is_said_in_the_menu(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("card: 7\n")
    app = cockpit(library=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "MenuScreen")
        assert "no scenario here" in text(app)
        assert "7 is not a mapping" in text(app)


async def test_below_the_least_size_one_message_stands_and_the_run_waits() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        driver.asked.clear()
        await pilot.resize_terminal(79, 23)
        await on(pilot, "SmallScreen")
        shown = [line.strip() for line in text(app).splitlines() if line.strip()]
        assert shown == ["This terminal is 79 x 23.", "drill needs 80 x 24.", "The simulation waits."]
        driver.shown = replace(driver.shown, paused=True)
        await pilot.resize_terminal(60, 10)
        await wait_until(pilot, lambda: "60 x 10" in text(app), "the new size is said")
        await pilot.resize_terminal(120, 40)
        await on(pilot, "IncidentScreen")
    assert driver.asked == ["pause", "resume", "leave"]


async def test_a_run_that_was_paused_stays_paused_when_the_terminal_grows_again() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        driver.shown = replace(driver.shown, paused=True)
        app.tick()
        driver.asked.clear()
        await pilot.resize_terminal(40, 12)
        await on(pilot, "SmallScreen")
        await pilot.resize_terminal(80, 24)
        await on(pilot, "IncidentScreen")
    assert "resume" not in driver.asked


async def test_a_terminal_that_is_too_small_at_the_start_says_so() -> None:
    app = cockpit()
    async with app.run_test(size=(30, 8)) as pilot:
        await on(pilot, "SmallScreen")
        await pilot.resize_terminal(80, 24)
        await on(pilot, "MenuScreen")


async def test_what_makes_it_fail_is_kept_and_closes_the_recording() -> None:
    class Failing(StillDriver):
        def set_speed(self, speed: float) -> None:
            msg = f"no {speed}"
            raise LookupError(msg)

    driver = Failing()
    app = still(driver)

    async def speed_up() -> None:
        async with app.run_test(size=SMALL) as pilot:
            await started(pilot, app)
            await pilot.press("plus")

    with pytest.raises(LookupError, match=r"no 2\.0"):
        await speed_up()
    assert isinstance(app.failure, LookupError)
    assert app.return_code == 1
    assert driver.asked[-1] == "leave"


async def test_help_lists_the_keys_of_the_screen_below_and_finds_them() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "question_mark", then="HelpScreen")
        assert "Stop simulated time" in text(app)
        await fill(pilot, "database")
        shown = text(app)
        assert "Database: sessions and the pooler." in shown
        assert "Stop simulated time" not in shown
        await press(pilot, "escape", then="IncidentScreen")


class Owing(StillDriver):
    """A driver that counts its ticks and always has more to simulate than they have time for."""

    lagging = True

    def __init__(self) -> None:
        """Count from 0."""
        super().__init__()
        self.ticks = 0

    def tick(self) -> Frame:
        """Count."""
        self.ticks += 1
        return super().tick()


@pytest.mark.parametrize("lags", [True, False])
async def test_a_run_that_lags_behind_is_ticked_again_at_once(*, lags: bool) -> None:
    """The next tick would only come in an hour."""
    driver = Owing()
    driver.lagging = lags
    app = still(driver, tick_s=3600.0)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        before = driver.ticks
        app.tick()
        if lags:
            await wait_until(pilot, lambda: driver.ticks > before + 5, "it was ticked again")
        else:
            await pilot.pause(0.05)
            assert driver.ticks == before + 1
