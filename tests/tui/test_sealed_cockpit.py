"""The cockpit says the same in every system of the sealed family, up to a closer look and the last hint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from drill.lanes.proof import seeds_of
from drill.scenario.library import find, folder
from drill.scenario.loader import load
from tests.lanes.test_one_page_five_causes import CAUSE_WORDS, secrets
from tests.tui.cockpit import cockpit, live, on, press, started, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from tests.tui.cockpit import Cockpit

FAMILY = load(find("checkout-timeouts"))
FIRST, *OTHERS = seeds_of(FAMILY, 1)
SIZE = (110, 60)
WORD = re.compile(r"[A-Za-z][A-Za-z-]+")
READINGS = {"steady", "rising", "falling", "MiB", "KiB", "CRIT", "WARN", "OK", "FIRING", "PENDING", "QUIET"}
"""Words that say how high a figure is, not which figures there are."""
SECRETS = {each for each in secrets(FAMILY) if " " in each and len(each) > 30}
"""Sentences that are for after the end; single names of plans are words of the tools, and the same for all."""
_shown: dict[int, dict[str, str]] = {}


async def shown(seed: int) -> dict[str, str]:
    """Return the text of every screen up to the hint before the last, each run played once."""
    if seed not in _shown:
        app = cockpit(library=folder(), scenario=FAMILY, seed=seed)
        async with app.run_test(size=SIZE) as pilot:
            _shown[seed] = {name: shot async for name, shot in _screens(pilot, app)}
    return _shown[seed]


async def _screens(pilot: Pilot[None], app: Cockpit) -> AsyncIterator[tuple[str, str]]:
    await on(pilot, "PageScreen")
    yield "page", text(app)
    await started(pilot, app)
    await live(pilot, app, 1)
    yield "overview", text(app)
    for keys, name in ((("?",), "help"), (("d",), "diagnose"), (("u",), "update"), (("a",), "act")):
        await press(pilot, *keys)
        yield name, text(app)
        await press(pilot, "escape", then="IncidentScreen")
    for flag in ("flag", "fix", "call"):
        await press(pilot, "a", then="ActScreen")
        app.screen.query_one(Input).value = flag
        await press(pilot, "enter", then="FormScreen")
        yield f"form of {flag}", text(app)
        await press(pilot, "escape", "escape")
        await on(pilot, "IncidentScreen")
    await press(pilot, "h", *["enter"] * (len(FAMILY.spec.story.hints) - 1))
    yield "hints", text(app)


def words(shot: str) -> set[str]:
    """Return the words of a screen that depend neither on how high a figure is nor on which suspect stands first."""
    return set(WORD.findall(shot.partition("Marked:")[0])) - READINGS


@pytest.mark.parametrize("seed", [OTHERS[0], *(pytest.param(seed, marks=pytest.mark.slow) for seed in OTHERS[1:])])
async def test_every_screen_has_the_same_words_whichever_system_it_is(seed: int) -> None:
    first, other = await shown(FIRST), await shown(seed)
    differ = {name: words(shot) ^ words(first[name]) for name, shot in other.items()}
    assert {name: found for name, found in differ.items() if found} == {}
    assert len(first) == len(other) == 10
    assert "Enter takes hint 5 of 5" in first["hints"]


async def test_no_screen_has_a_word_of_a_cause() -> None:
    """The suspects name every mechanism, and are the same for all; the last hint is not taken."""
    screens = {name: shot for name, shot in (await shown(FIRST)).items() if name != "diagnose"}
    assert {(name, word) for name, shot in screens.items() for word in SECRETS if word in shot} == set()
    found = {(name, each.group()) for name, shot in screens.items() for each in CAUSE_WORDS.finditer(shot)}
    assert found == set()


async def test_the_menu_names_no_system() -> None:
    app = cockpit(library=folder())
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, "MenuScreen")
        for _ in range(8):
            menu = text(app)
            assert [each.group() for each in CAUSE_WORDS.finditer(menu)] == []
            assert FAMILY.family is not None
            assert [name for name in FAMILY.family.variants if name in menu] == []
            await press(pilot, "down")
