"""What each screen looks like, at the smallest size and at a large one, from a frame that never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from drill.tui.glyphs import ASCII
from drill.tui.pen import pen
from drill.tui.text import width
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, on, press, started, still, text
from tests.tui.shop import shop

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion
    from textual.pilot import Pilot

KEYS = {
    "overview": (),
    "metrics": ("2",),
    "pods": ("3",),
    "database": ("4",),
    "logs": ("5",),
    "timeline": ("6", "tab"),
    "act": ("a",),
    "form": ("a", "=pool", "enter"),
    "question": ("a", "=scale", "enter", "enter"),
    "diagnose": ("d", "right", "right", "down", "right"),
    "update": ("u",),
    "hint": ("h",),
    "pins": ("p",),
    "note": ("n",),
    "resolve": ("r",),
    "leave": ("q",),
    "help": ("?",),
}
"""Keys that lead from the overview to each screen; what stands after `=` is put into the line that has the cursor."""


async def reached(pilot: Pilot[None], app: Cockpit, name: str) -> str:
    """Go to a screen of a live run and return what is on it."""
    await started(pilot, app)
    for key in KEYS[name]:
        if key.startswith("="):
            app.screen.query_one(Input).value = key[1:]
            await pilot.pause()
        else:
            await press(pilot, key)
    return text(app)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_menu(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = cockpit()
    async with app.run_test(size=size) as pilot:
        await on(pilot, "MenuScreen")
        assert text(app) == snapshot


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_page(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = still()
    async with app.run_test(size=size) as pilot:
        await on(pilot, "PageScreen")
        assert text(app) == snapshot


@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", KEYS)
async def test_a_screen_of_a_live_run(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = still()
    async with app.run_test(size=size) as pilot:
        shown = await reached(pilot, app, name)
    assert [width(line) <= size[0] for line in shown.splitlines()] == [True] * size[1]
    assert shown == snapshot


async def test_plain_characters_everywhere() -> None:
    """On a terminal that takes ASCII only, nothing else is sent."""
    app = still(pen=pen(ASCII, colour=False), colour=False)
    async with app.run_test(size=SMALL) as pilot:
        shown = [await reached(pilot, app, "overview")]
        for key in ("2", "5", "question_mark", "escape", "escape", "a", "enter", "enter"):
            await press(pilot, key)
            shown.append(text(app))
    assert {character for character in "".join(shown) if not character.isascii()} == set()
    assert "do it" in shown[-1]


async def test_text_of_a_scenario_is_no_markup() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "PageScreen")
        assert "severity: [high]" in text(app)
        await press(pilot, "enter", then="IncidentScreen")
        await press(pilot, "5", then="ViewScreen")
        assert "[bold]and on[/bold]" in text(app)
    assert "[high]" in shop().spec.story.page
