"""A scenario that was asked for by name: its card at once, its page as soon as it is checked, its errors as ever."""

from __future__ import annotations

import sys
from threading import Event
from typing import TYPE_CHECKING

import pytest

from drill.cli.exits import ExitCode
from drill.errors import ScenarioError
from drill.scenario import loader
from drill.scenario.library import Listed, read_card
from tests.tui.cockpit import SMALL, Cockpit, cockpit, on, press, started, text, wait_until
from tests.tui.shop import SHOP
from tests.tui.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def opening(path: Path) -> Cockpit:
    """Return a cockpit that opens a file."""
    return cockpit(scenario=Listed(path.stem, path, read_card(path)))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Give a gate; files are loaded once it is open."""
    gate, load = Event(), loader.load

    def late(path: Path) -> loader.ScenarioFile:
        gate.wait()
        return load(path)

    monkeypatch.setattr(loader, "load", late)
    yield gate
    gate.set()


async def test_the_card_is_shown_until_the_page_is_ready(gate: Event) -> None:
    app = opening(SHOP)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "OpeningScreen")
        shown, card = text(app), read_card(SHOP)
        assert card.title in shown
        assert card.summary.split(".")[0] in shown
        assert f"{card.difficulty} of 5" in shown
        gate.set()
        await started(pilot, app)


async def test_keys_are_answered_while_a_scenario_is_loaded(gate: Event) -> None:
    app = opening(SHOP)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "OpeningScreen")
        await press(pilot, "question_mark", then="HelpScreen")
        gate.set()
        await pilot.press("escape")
        await on(pilot, "PageScreen")


async def test_what_lies_above_the_card_stays_when_the_page_is_ready(gate: Event) -> None:
    app = opening(SHOP)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "OpeningScreen")
        card = app.screen
        await press(pilot, "question_mark", then="HelpScreen")
        gate.set()
        await wait_until(pilot, lambda: getattr(card, "_told", None) is not None, "the scenario is loaded")
        await on(pilot, "HelpScreen")
        await pilot.press("escape")
        await on(pilot, "PageScreen")


async def test_one_can_leave_before_the_page(gate: Event) -> None:
    app = opening(SHOP)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "OpeningScreen")
        await pilot.press("q")
    gate.set()
    assert (app.return_code, app.failure) == (0, None)


async def test_a_scenario_that_is_not_valid_ends_it_with_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(SHOP.read_text().replace("length: 90s", "length: ninety"))
    app = opening(broken)
    async with app.run_test(size=SMALL) as pilot:
        await wait_until(pilot, lambda: app.failure is not None, "it fails")
    assert isinstance(app.failure, ScenarioError)
    assert "ninety" in str(app.failure)


@pytest.mark.parametrize("broken", [("length: 90s", "length: ninety"), ("difficulty: 2", "difficulty: hard")])
def test_an_error_stands_in_the_terminal_after_the_cockpit_is_gone(tmp_path: Path, broken: tuple[str, str]) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(SHOP.read_text().replace(*broken))
    assert path.read_text() != SHOP.read_text()
    terminal = Terminal((sys.executable, "-m", "drill", "play", str(path)), tmp_path)
    try:
        assert terminal.ended() == ExitCode.SCENARIO
    finally:
        terminal.close()
    said = terminal.output[max(0, terminal.output.rfind(b"\x1b[?1049l")) :].decode()
    assert broken[1].split()[1] in said
    assert "broken.yaml" in said
    assert "Traceback" not in terminal.output.decode()
