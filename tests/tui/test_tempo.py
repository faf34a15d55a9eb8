"""Nobody loses minutes of an incident to typing: time stands still for a line, and passes as usual for a form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.tui.tempo import Tempo
from tests.tui.cockpit import SMALL, cockpit, live, on, press, started, still, text
from tests.tui.shop import StillDriver, frame, shop

if TYPE_CHECKING:
    from drill.driver.driver import Frame


class Following(StillDriver):
    """A driver whose frame shows how it is driven."""

    def pause(self) -> None:
        """Show it."""
        self.shown = replace(self.shown, paused=True)

    def resume(self) -> None:
        """Show it."""
        self.shown = replace(self.shown, paused=False)

    def set_speed(self, speed: float) -> None:
        """Show it."""
        self.shown = replace(self.shown, speed=speed)


def driven(speed: float = 10.0, *, paused: bool = False) -> tuple[Tempo, Following]:
    """Return a tempo and its driver."""
    driver = Following(frame(speed=speed, paused=paused))
    return Tempo(driver), driver


def shown(driver: Following) -> Frame:
    """Return how it is driven."""
    return driver.shown


def test_holds_nest_and_the_last_one_lets_time_go_on() -> None:
    tempo, driver = driven()
    tempo.hold(shown(driver))
    tempo.hold(shown(driver))
    tempo.release(live=True)
    assert shown(driver).paused
    tempo.release(live=True)
    assert not shown(driver).paused


def test_what_was_paused_before_stays_paused() -> None:
    tempo, driver = driven(paused=True)
    tempo.hold(shown(driver))
    tempo.release(live=True)
    assert shown(driver).paused


def test_a_run_that_is_over_is_not_let_go_on() -> None:
    tempo, driver = driven()
    tempo.hold(shown(driver))
    tempo.slow(shown(driver))
    tempo.release(live=False)
    tempo.unslow(shown(driver), live=False)
    assert (shown(driver).paused, shown(driver).speed) == (True, 1.0)


@pytest.mark.parametrize(("speed", "slowed"), [(10.0, 1.0), (1.0, 1.0), (0.5, 0.5)])
def test_forms_never_run_faster_than_time_does_and_restore_what_was(speed: float, slowed: float) -> None:
    tempo, driver = driven(speed)
    tempo.slow(shown(driver))
    tempo.slow(shown(driver))
    assert (shown(driver).speed, tempo.after) == (slowed, speed)
    tempo.unslow(shown(driver), live=True)
    assert shown(driver).speed == slowed
    tempo.unslow(shown(driver), live=True)
    assert (shown(driver).speed, tempo.after) == (speed, None)


def test_a_change_of_speed_while_a_form_is_open_counts_afterwards() -> None:
    tempo, driver = driven()
    tempo.slow(shown(driver))
    tempo.change(shown(driver), 1)
    assert (shown(driver).speed, tempo.after) == (1.0, 20.0)
    tempo.unslow(shown(driver), live=True)
    assert shown(driver).speed == 20.0


@pytest.mark.parametrize("key", ["n", "r"])
async def test_time_stands_still_while_a_line_is_typed(key: str) -> None:
    app = cockpit(scenario=shop(), speed=10.0)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        before = app.now.frame.snapshot.at_us
        await press(pilot, key)
        assert "time stands still while you type" in text(app)
        await live(pilot, app, 3)
        assert app.now.frame.snapshot.at_us == before
        await press(pilot, "escape", then="IncidentScreen")
        await live(pilot, app, 1)
        assert app.now.frame.snapshot.at_us > before


async def test_a_note_does_not_undo_a_pause() -> None:
    app = cockpit(scenario=shop(), speed=10.0)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "space", "n", then="NoteScreen")
        await press(pilot, "x", "enter", then="IncidentScreen")
        await live(pilot, app, 1)
        assert "paused at 10×" in text(app)


@pytest.mark.parametrize("key", ["a", "d", "u", "h", "p"])
async def test_forms_let_time_pass_as_usual_and_say_so(key: str) -> None:
    app = cockpit(scenario=shop(), speed=10.0)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        before = app.now.frame.snapshot.at_us
        await press(pilot, key)
        assert "▶ 1× here, 10× after" in text(app)
        await live(pilot, app, 2)
        assert app.now.frame.snapshot.at_us - before == pytest.approx(2e6, abs=3e5)
        await press(pilot, "escape", then="IncidentScreen")
        assert "▶ 10× " in text(app)


async def test_a_form_above_a_form_slows_once_and_the_last_one_gives_the_speed_back() -> None:
    driver = Following(frame(speed=20.0))
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        await press(pilot, "enter", then="AskScreen")
        assert shown(driver).speed == 1.0
        await press(pilot, "escape", then="FormScreen")
        await press(pilot, "escape", then="ActScreen")
        assert shown(driver).speed == 1.0
        await press(pilot, "escape", then="IncidentScreen")
        assert shown(driver).speed == 20.0


async def test_a_small_terminal_above_a_note_does_not_let_time_go_on() -> None:
    driver = Following()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "n", then="NoteScreen")
        await pilot.resize_terminal(60, 20)
        await on(pilot, "SmallScreen")
        await pilot.resize_terminal(80, 24)
        await on(pilot, "NoteScreen")
        assert shown(driver).paused
        await press(pilot, "escape", then="IncidentScreen")
        assert not shown(driver).paused
