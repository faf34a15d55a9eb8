"""The console in the cockpit: what is typed is run against the run that goes on, and nothing said is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.widgets import Input

from drill.tui.widgets.marks import Rule
from drill.tui.widgets.transcript import Transcript, TranscriptModel, rows
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, fill, live, on, press, started, text
from tests.tui.shop import shop

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


async def opened(pilot: Pilot[None], app: Cockpit) -> None:
    """Go from the page to the console."""
    await started(pilot, app)
    await press(pilot, "colon", then="ConsoleScreen")


async def say(pilot: Pilot[None], line: str) -> None:
    """Type a line."""
    await fill(pilot, line)
    await press(pilot, "enter")


def recorded(folder: Path) -> list[dict[str, object]]:
    """Return the lines of the only recording in a folder."""
    (recording,) = folder.iterdir()
    return [json.loads(line) for line in recording.read_text().splitlines()]


def typed(app: Cockpit) -> str:
    """Return what stands on the line."""
    return app.screen.query_one(Input).value


async def test_an_answer_comes_from_the_run_at_this_moment() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT count(*) AS busy FROM pg_stat_activity WHERE application_name LIKE 'till%';")
        sessions = dict(app.now.frame.snapshot.database.sessions)
        assert f"    {sum(sessions.values())}\n" in text(app)
        assert "(1 row)" in text(app)
        assert "shop=#" in text(app).splitlines()[-2]


async def test_looks_and_actions_are_recorded_with_their_origin(tmp_path: Path) -> None:
    app = cockpit(scenario=shop(), recordings=tmp_path)
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' LIMIT 1;")
        await press(pilot, "escape", then="IncidentScreen")
        assert [note.kind for note in app.now.notes if note.kind == "action"] == ["action"]
    lines = [line for line in recorded(tmp_path) if line.get("by") == "console"]
    assert [line["do"] for line in lines if "do" in line] == ["terminate-backends"]
    assert [line["look"] for line in lines if "look" in line] == ["pg_stat_activity"]


async def test_an_error_stands_out_and_the_caret_is_below_its_word() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await say(pilot, "selec 1;")
        shown = app.now.talk
        assert shown is not None
        assert shown.lines[-3].role == "bad"
        assert 'ERROR:  syntax error at or near "selec"\n LINE 1: selec 1;\n         ^' in text(app)


async def test_arrows_walk_through_what_was_typed_and_back_to_the_draft() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        for line in ("SELECT 1;", "SELECT 2;", "SELECT 2;"):
            await say(pilot, line)
        await fill(pilot, "draft")
        for key, expected in zip(
            ("up", "up", "up", "down", "down", "down"),
            ("SELECT 2;", "SELECT 1;", "SELECT 1;", "SELECT 2;", "draft", "draft"),
            strict=True,
        ):
            await press(pilot, key)
            assert typed(app) == expected


async def test_tab_completes_what_is_certain_and_lists_the_rest() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app)
        await fill(pilot, "SELECT * FROM pg_stat_ac")
        app.screen.query_one(Input).cursor_position = 100
        await press(pilot, "tab")
        assert typed(app) == "SELECT * FROM pg_stat_activity "
        await fill(pilot, "SELECT * FROM pg_stat_")
        app.screen.query_one(Input).cursor_position = 100
        await press(pilot, "tab")
        assert typed(app) == "SELECT * FROM pg_stat_"
        assert "pg_stat_activity" in text(app)
        assert "pg_stat_database" in text(app)


async def test_ctrl_c_drops_what_is_half_typed_and_does_not_count_towards_leaving() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT 1")
        assert "shop-#" in text(app).splitlines()[-2]
        await fill(pilot, "more")
        await press(pilot, "ctrl+c", "ctrl+c")
        assert typed(app) == ""
        assert "shop=#" in text(app).splitlines()[-2]
        assert app.is_running
        await on(pilot, "ConsoleScreen")


async def test_what_was_said_is_there_again_and_backslash_q_leaves() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT 4711;")
        await say(pilot, "\\q")
        await on(pilot, "IncidentScreen")
        await press(pilot, "colon", then="ConsoleScreen")
        assert "4711" in text(app)
        await press(pilot, "ctrl+l")
        assert "4711" not in text(app)
        await press(pilot, "ctrl+d", then="IncidentScreen")


async def test_a_watch_goes_on_with_simulated_time_until_it_is_stopped() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT 1 AS round \\watch 2")
        assert text(app).count("round") == 2  # the line typed, and its first answer
        await live(pilot, app, 2.2)
        assert text(app).count("round") == 3
        assert "watching" in text(app)
        await press(pilot, "ctrl+c")
        await live(pilot, app, 6)
        assert text(app).count("round") == 3


async def test_a_long_answer_is_shown_from_its_beginning_and_can_be_paged() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await say(pilot, "SELECT generate_series(1, 60) AS number;")
        assert "shop=# SELECT generate_series" in text(app)
        assert "rows further down" in text(app)
        await press(pilot, *["pagedown"] * 5)
        assert "(60 rows)" in text(app)
        model = app.screen.query_one("#heading", Rule).model
        assert model is not None
        assert model[1] == ""
        await press(pilot, *["pageup"] * 9)
        assert "psql on the database" in text(app)


async def test_whatever_is_typed_is_only_text() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        for line in ("[bold]SELECT '[red]x[/red]';", "SELECT E'\\x1b[31mred';", "SELECT '\u202ereversed';", "'" * 3):
            await say(pilot, line)
            await press(pilot, "ctrl+c")
        assert "[red]x" in text(app)
        assert "\x1b" not in text(app)
        assert "\u202e" not in text(app)


def test_a_line_longer_than_the_screen_goes_on_below() -> None:
    assert rows("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert rows("a\tb", 10) == ["a       b"]


def test_looking_back_never_goes_beyond_the_beginning() -> None:
    said = tuple((str(number), "text") for number in range(10))
    lines = Transcript.lines
    shown = [row[0][0] for row in lines(None, TranscriptModel(said, 99), 10, 4)]  # type: ignore[arg-type]  # it needs no widget
    assert shown == ["0", "1", "2", "3"]
    shown = [row[0][0] for row in lines(None, TranscriptModel(said), 10, 4)]  # type: ignore[arg-type]  # as above
    assert shown == ["6", "7", "8", "9"]
