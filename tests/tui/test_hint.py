"""Hints are taken one by one, never by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

from drill.actions.entries import Hint
from drill.scenario.story import HintSpec
from drill.tui.glyphs import ASCII
from drill.tui.pen import pen
from tests.tui.cockpit import SMALL, cockpit, press, started, text, wait_until
from tests.tui.shop import StillDriver
from tests.tui.stories import told

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.cockpit import Cockpit

HINTS = [
    HintSpec(text="Look at what waits.", cost=3),
    HintSpec(text="Count them.", cost=1),
    HintSpec(text="Free.", cost=0),
]
LONG = [HintSpec(text=f"Rung {at}: " + "what could it be " * 30, cost=5) for at in range(6)]


def hints(driver: StillDriver) -> list[Hint]:
    """Return the hints that were taken."""
    return [asked for asked in driver.asked if isinstance(asked, Hint)]


async def taken(pilot: Pilot[None], app: Cockpit) -> None:
    """Go where all hints were taken one after the other."""
    await started(pilot, app)
    await press(pilot, "h", then="HintScreen")
    await press(pilot, *["enter"] * 6)


async def test_nothing_is_taken_by_opening_the_screen() -> None:
    driver = StillDriver()
    app = cockpit(scenario=told(hints=HINTS), drive=lambda *_: driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "h", then="HintScreen")
        assert "Nothing is taken by looking here." in text(app)
        assert "Enter takes hint 1 of 3: costs 3 points in an exam, nothing in practice." in text(app)
        assert "Look at what waits." not in text(app)
        await press(pilot, "h", then="IncidentScreen")
    assert hints(driver) == []


async def test_each_enter_takes_the_next_one_until_none_is_left() -> None:
    driver = StillDriver()
    app = cockpit(scenario=told(hints=HINTS), drive=lambda *_: driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "h", then="HintScreen")
        await press(pilot, "enter")
        assert "Look at what waits." in text(app)
        assert "Count them." not in text(app)
        assert "1 of 3 taken" in text(app)
        assert "hint 2 of 3: costs 1 point in an exam" in text(app)
        await press(pilot, "enter", "enter")
        assert "There is no hint left." in text(app)
        await wait_until(pilot, lambda: "Hint 3, costs nothing" in text(app), "the newest hint is scrolled to")
        await press(pilot, "enter")
        await press(pilot, "escape", then="IncidentScreen")
        assert "took hint 3" in text(app)
        await press(pilot, "h", then="HintScreen")
        assert all(hint.text in text(app) for hint in HINTS)
    assert hints(driver) == [Hint(hint=1), Hint(hint=2), Hint(hint=3)]


async def test_a_scenario_without_hints_says_so() -> None:
    driver = StillDriver()
    app = cockpit(scenario=told(hints=[]), drive=lambda *_: driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "h", then="HintScreen")
        assert "This scenario has no hints." in text(app)
        await press(pilot, "enter")
    assert hints(driver) == []


async def test_long_hints_are_scrolled_and_the_newest_one_is_seen() -> None:
    app = cockpit(scenario=told(hints=LONG), drive=lambda *_: StillDriver())
    async with app.run_test(size=SMALL) as pilot:
        await taken(pilot, app)
        await pilot.pause()
        assert "Rung 5:" in text(app)
        assert "Rung 0:" not in text(app)
        await press(pilot, *["up"] * 6)
        assert "Rung 0:" in text(app)
        await press(pilot, *["pagedown"] * 6)
        assert "Rung 5:" in text(app)


async def test_keys_that_come_faster_than_frames_scroll_a_page_each() -> None:
    app = cockpit(scenario=told(hints=LONG), drive=lambda *_: StillDriver())
    async with app.run_test(size=SMALL) as pilot:
        await taken(pilot, app)
        assert "Rung 0:" not in text(app)
        for _ in range(6):
            app.post_message(Key("up", None))
        await pilot.pause()
        assert "Rung 0:" in text(app)


async def test_it_is_plain_where_the_terminal_is() -> None:
    app = cockpit(
        scenario=told(hints=HINTS), drive=lambda *_: StillDriver(), pen=pen(ASCII, colour=False), colour=False
    )
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "h", then="HintScreen")
        await press(pilot, "enter")
        assert text(app).isascii()
