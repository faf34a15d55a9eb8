"""A search finds first what is called so, and only then what mentions it."""

from __future__ import annotations

import pytest

from drill.tui.commands import of
from drill.tui.finding import found
from drill.tui.screens.act import ActScreen
from drill.tui.screens.help import HelpScreen
from drill.tui.widgets.table import LineTable
from tests.tui.cockpit import SMALL, Cockpit, fill, press, started, still

TEXTS = {
    "mentions": ("Change a limit", "set-limit", "takes a restart"),
    "has": ("Undo the restart", "undo", ""),
    "id": ("Begin anew", "restart-all", ""),
    "begins": ("Restart the pods", "x", ""),
    "scattered": ("The pods", "x", "can restart"),
}


def first(app: Cockpit) -> tuple[int, tuple[object, ...]]:
    """Return where the cursor stands, and the first row."""
    table = app.screen.query_one(LineTable)
    assert table.model is not None
    return table.row, table.model.rows[0]


def test_names_come_before_ids_and_ids_before_descriptions() -> None:
    names = [name for _, name in found(TEXTS, "restart", lambda name: TEXTS[name])]
    assert names == ["begins", "has", "id", "mentions", "scattered"]
    assert [name for _, name in found(TEXTS, "restart PODS", lambda name: TEXTS[name])] == ["begins", "scattered"]


def test_without_words_everything_stays_in_its_order() -> None:
    assert [name for _, name in found(TEXTS, " ", lambda name: TEXTS[name])] == list(TEXTS)


@pytest.mark.parametrize(
    ("words", "title"), [("restart", "Restart the database"), ("pool size", "Change the pool size")]
)
async def test_the_first_hit_among_the_actions_is_called_so(words: str, title: str) -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "down", "down", "down")
        await fill(pilot, words)
        assert isinstance(app.screen, ActScreen)
        row, cells = first(app)
        assert row == 0
        assert str(cells[0]).startswith(title)


@pytest.mark.parametrize(
    ("words", "key"), [("filter", "/"), ("/", "/"), ("pause", "Space"), ("p", "p"), ("speed", "+")]
)
async def test_the_help_finds_a_command_by_its_label_and_its_key_first(words: str, key: str) -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "3", then="ViewScreen")
        await press(pilot, "question_mark", then="HelpScreen")
        await press(pilot, "down", "down", "down")
        await fill(pilot, words)
        assert isinstance(app.screen, HelpScreen)
        row, cells = first(app)
        assert (row, cells[1]) == (0, key)


async def test_the_help_can_be_paged_and_says_that_there_is_more() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "question_mark", then="HelpScreen")
        table = app.screen.query_one(LineTable)
        more = len(list(of("live", "app"))) - (table.size.height - 1)
        assert f"↓ {more} more" in table.text.splitlines()[-1]
        await press(pilot, "pagedown", "pagedown", "pagedown")
        assert table.row == more + table.size.height - 2
        assert " more" not in table.text.splitlines()[-1]
        await press(pilot, "pageup")
        assert table.row < more + table.size.height - 2
