"""The screen of the debrief: five pages, every number of them the debrief's, filled in while lanes arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from textual.widgets import Input

from drill.driver.driver import Ended
from drill.driver.lookback import Progress
from drill.driver.order import Order
from drill.driver.others import ImmediateLanes
from drill.tui.glyphs import ASCII, UNICODE
from drill.tui.pen import pen
from drill.tui.run import LiveRun, Note
from drill.tui.screens.debrief import DebriefScreen
from drill.tui.text import width
from drill.tui.widgets.sheet import Sheet
from drill.units import US_PER_S
from tests.debrief.made import WORDED, made, numbers, sayable, turn
from tests.tui.cockpit import LARGE, SMALL, Cockpit, on, press, still, text, wait_until
from tests.tui.shop import SHOP, StillDriver, frame, shop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion
    from textual.pilot import Pilot

    from drill.telemetry.results import RunResult
    from drill.tui.glyphs import Glyphs

PAGES = "12345"
MIDDLE = {"07:30"}
"""The clock in the middle of the chart's axis: half the length of the run."""
WHOLE = Progress(debrief=made(), known=6, asked=6, problems=())
WAITING = Progress(debrief=None, known=2, asked=6, problems=())
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")


class LookedBack(LiveRun):
    """A run whose debrief a test decides."""

    def __init__(self, progress: Progress, *, over: bool = True, record: Path | None = None) -> None:
        """Begin with a progress."""
        order = Order(scenario=SHOP, seed=77, record=record)
        super().__init__(shop(), order, StillDriver(frame(hurrying=not over)), ImmediateLanes)
        self.progress = progress
        self.polls = 0
        self.notes = (Note(31 * US_PER_S, "page acknowledged", "update"), Note(44 * US_PER_S, "scaled to 2", "action"))
        if over:
            self.ended = Ended(result=cast("RunResult", None), entries=())

    def look_back(self) -> Progress:
        """Return the progress."""
        self.polls += 1
        return self.progress


async def opened(
    pilot: Pilot[None], app: Cockpit, progress: Progress = WHOLE, glyphs: Glyphs = UNICODE, **changes: object
) -> tuple[LookedBack, DebriefScreen]:
    """Show the debrief of a run."""
    run = LookedBack(progress, **changes)  # type: ignore[arg-type]  # a test names what it changes
    screen = DebriefScreen(run, pen(glyphs))
    await on(pilot, "PageScreen")
    app.push_screen(screen)
    await on(pilot, "DebriefScreen")
    return run, screen


async def every_line(pilot: Pilot[None], screen: DebriefScreen, page: str) -> list[str]:
    """Return all lines of a page, scrolled from beginning to end."""
    await press(pilot, page, "g")
    sheet = screen.query_one(Sheet)
    found = sheet.text.split("\n")
    while True:
        before = sheet.text.split("\n")
        await press(pilot, "j")
        if sheet.text.split("\n") == before:
            return found
        found += sheet.text.split("\n")[-1:]


@SIZES
@pytest.mark.parametrize("page", PAGES)
async def test_every_number_of_a_page_is_the_debriefs(size: tuple[int, int], page: str) -> None:
    app = still()
    async with app.run_test(size=size) as pilot:
        _, screen = await opened(pilot, app)
        shown = numbers("\n".join(await every_line(pilot, screen, page)))
    assert shown - sayable(made()) - WORDED - MIDDLE == set()
    assert shown - WORDED


@SIZES
@pytest.mark.parametrize("page", PAGES)
async def test_a_page(size: tuple[int, int], page: str, snapshot: SnapshotAssertion) -> None:
    app = still()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await press(pilot, page)
        assert text(app) == snapshot


async def test_the_impact_fits_a_small_screen_whole() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        shown = text(app)
        for wanted in ("Impact avoided 15.2 of 30", "Not scored yet", "07:30", "10:33", "nothing done 17, expert 61."):
            assert wanted in shown
        assert "lines" not in shown


async def test_tab_goes_through_the_pages_and_round() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        seen = []
        for _ in range(6):
            seen.append(text(app).split("[")[1].split("]")[0])
            await press(pilot, "tab")
        await press(pilot, "shift+tab")
        assert "[1 Impact]" in text(app)
    assert seen == ["1 Impact", "2 Timeline", "3 Turning points", "4 Diagnosis", "5 The story", "1 Impact"]


async def test_a_long_page_says_which_lines_are_shown() -> None:
    many = made(turning_points=tuple(turn(at, at) for at in range(1, 41)), waits=())
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app, replace(WHOLE, debrief=many))
        await press(pilot, "3")
        assert "lines 1-20 of" in text(app)
        await press(pilot, "j", "j", "k")
        assert "lines 2-21 of" in text(app)
        await press(pilot, "pagedown")
        assert "lines 21-40 of" in text(app)
        await press(pilot, "g")
        assert "lines 1-20 of" in text(app)
        await press(pilot, "G")
        assert "Not known before it is known which action first helped." in text(app)
        await press(pilot, "1")
        assert "lines" not in text(app)


async def test_the_timeline_is_filtered_while_somebody_types() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        _, screen = await opened(pilot, app)
        await press(pilot, "slash", *"action")
        assert "[2 Timeline]" in text(app)
        assert "Scale to 45" in text(app)
        assert "looked at pods" not in text(app)
        await press(pilot, "enter", "escape")
        assert not screen.query_one(Input).display
        assert "looked at pods" in text(app)
        await press(pilot, "slash", *"zzz", "enter", "3", "2")
        assert "looked at pods" in text(app)
        await press(pilot, "escape", then="MenuScreen")


async def test_until_there_is_a_debrief_it_says_how_far_the_run_is() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        run, screen = await opened(pilot, app, WAITING, over=False)
        shown = text(app)
        assert "The run goes on silently to its end: 00:45 of 01:30." in shown
        assert "2 of 6 lanes simulated" in shown
        assert "scaled to 2" in shown
        run.ended = Ended(result=cast("RunResult", None), entries=())
        run.progress = replace(WAITING, known=3)
        screen.paint()
        await pilot.pause()
        assert "The run is over; 3 of 6 lanes are simulated." in text(app)


async def test_turning_points_fill_in_on_the_page_that_is_open() -> None:
    half = made(turning_points=(turn(391, -5_228), turn(452, None)), waits=())
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        run, screen = await opened(pilot, app, Progress(debrief=half, known=5, asked=6, problems=()))
        await press(pilot, "3")
        assert "1 of 2 lanes of your actions simulated" in text(app)
        assert "not re-simulated" in text(app)
        run.progress = WHOLE
        screen.paint()
        await pilot.pause()
        assert "4 of 4 lanes of your actions simulated" in text(app)
        assert "[3 Turning points]" in text(app)
        assert "36 877 more" in text(app)


async def test_lanes_that_are_missing_for_good_are_told() -> None:
    app = still()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        lost = Progress(debrief=None, known=6, asked=6, problems=("idle: the process ended early",))
        await opened(pilot, app, lost)
        assert "There is no debrief" in text(app)
        assert "Not known: idle: the process ended early" in text(app)
        await press(pilot, "Y")
        await wait_until(pilot, lambda: "There is nothing to write yet." in text(app), "it says so")


async def test_it_is_saved_as_markdown_where_it_says(tmp_path: Path) -> None:
    app = still(exports=tmp_path / "out")
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await opened(pilot, app)
        await press(pilot, "Y")
        await wait_until(pilot, lambda: "Written to" in text(app), "it says where")
    (path,) = (tmp_path / "out").iterdir()
    assert path.suffix == ".md"
    assert path.read_text().startswith("# Debrief: The corner shop")
    assert "40 112" in path.read_text()


async def test_where_it_is_recorded_is_shown(tmp_path: Path) -> None:
    app = still()
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app, record=tmp_path / "run.jsonl")
        await press(pilot, "5")
        assert "Recorded in" in text(app)
        assert "run.jsonl" in text(app)


def _texts(hostile: str) -> dict[str, object]:
    return {"title": hostile, "truth": hostile, "said": hostile, "summary": hostile, "source": hostile}


@SIZES
async def test_whatever_is_written_stays_text_within_its_lines(size: tuple[int, int]) -> None:
    hostile = "[bold red]\x1b[2Jno[/] \u202e" + "endless" * 40
    app = still()
    async with app.run_test(size=size) as pilot:
        debrief = made(turning_points=(turn(391, 5, text=hostile),), **_texts(hostile))
        _, screen = await opened(pilot, app, replace(WHOLE, debrief=debrief), ASCII)
        for page in PAGES:
            lines = await every_line(pilot, screen, page)
            assert max(map(width, lines)) <= size[0]
            assert _steering(lines) == set()
        assert "[bold red]" in "".join(lines)


def _steering(lines: Iterable[str]) -> set[str]:
    return {each for line in lines for each in line} & {"\x1b", "\u202e"}
