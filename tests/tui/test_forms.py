"""Forms keep what was filled in, say what is wrong as long as it is, and record nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from drill.actions.entries import Diagnosis, Update
from drill.tui.widgets.chips import ChipList
from drill.tui.widgets.choice import Choice
from tests.tui.cockpit import SMALL, Cockpit, cockpit, fill, on, press, started, still, text
from tests.tui.shop import StillDriver

if TYPE_CHECKING:
    from textual.pilot import Pilot


async def opened(pilot: Pilot[None], app: Cockpit, action: str) -> None:
    """Go to the form of an action."""
    await started(pilot, app)
    await press(pilot, "a", then="ActScreen")
    await fill(pilot, action)
    await press(pilot, "enter", then="FormScreen")


async def test_escape_in_the_question_returns_to_the_form_with_its_values() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "scale")
        await fill(pilot, "9")
        await press(pilot, "enter", then="AskScreen")
        await press(pilot, "escape", then="FormScreen")
        assert app.screen.query_one(Input).value == "9"


async def test_two_quick_enters_ask_once() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "scale")
        line = app.screen.query_one(Input)
        for _ in range(2):
            line.post_message(Input.Submitted(line, line.value))
        await on(pilot, "AskScreen")
        await press(pilot, "escape", then="FormScreen")


async def test_what_is_wrong_is_said_until_the_field_is_edited() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "scale")
        await fill(pilot, "9999")
        await press(pilot, "enter")
        assert "out of range" in text(app)
        await press(pilot, "end", "backspace")
        assert "out of range" not in text(app)


async def test_a_value_that_nobody_typed_follows_the_choice_it_belongs_to() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "scale")
        assert app.screen.query_one(Input).value == "6"
        await press(pilot, "up", "right")
        assert app.screen.query_one(Input).value == "1"
        await press(pilot, "down", "9", "up", "left")
        assert app.screen.query_one(Input).value == "9"


async def test_a_choice_ends_at_its_first_and_last_value() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, "scale")
        choice = app.screen.query_one(Choice)
        await press(pilot, "up", "left")
        assert choice.value == "till"
        await press(pilot, "right", "right", "right")
        assert choice.value == "stock"


async def test_the_chips_open_on_the_suspect_with_most_and_the_same_is_not_recorded_twice() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "right", "down", "down", "r")
        await press(pilot, "enter", then="IncidentScreen")
        await press(pilot, "d", then="DiagnoseScreen")
        model = app.screen.query_one(ChipList).model
        assert model is not None
        assert model.marked == 2
        await press(pilot, "enter")
        assert "nothing new to commit" in text(app)
        await press(pilot, "escape", then="IncidentScreen")
    assert len([asked for asked in driver.asked if isinstance(asked, Diagnosis)]) == 1


async def test_a_key_that_can_move_no_chip_says_why() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "left")
        assert "No chip lies on this suspect." in text(app)
        await press(pilot, "r", "down", "right")
        assert "No chip is left" in text(app)
        await press(pilot, "up", "left")
        assert "No chip" not in text(app)


async def test_what_is_being_done_stands_there_at_the_next_update() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        app.now.do(Update(update="status", impact="many", doing="draining the pool"))
        await press(pilot, "u", then="UpdateScreen")
        assert app.screen.query_one("#field-doing", Input).value == "draining the pool"


async def test_the_menu_chooses_a_seed() -> None:
    app = cockpit(seed=7)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "MenuScreen")
        assert "seed 7 " in text(app)
        await press(pilot, "plus", "plus", "minus")
        assert "seed 8 " in text(app)
        await press(pilot, "enter", then="PageScreen")
        assert "seed 8 " in text(app)
        assert app.now.order.seed == 8
        await press(pilot, "escape", then="MenuScreen")
        await press(pilot, *["minus"] * 10)
        assert "no seed chosen" in text(app)
        await press(pilot, "minus", "plus")
        assert "seed 0 " in text(app)


async def test_the_menu_chooses_no_seed_by_itself() -> None:
    app = cockpit(draw=lambda: 77)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "MenuScreen")
        assert "no seed chosen" in text(app)
        await press(pilot, "enter", then="PageScreen")
        assert app.now.order.seed == 1
