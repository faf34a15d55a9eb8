"""From the menu to the debrief, as somebody plays it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from drill.scenario.library import folder
from tests.tui.cockpit import SMALL, Cockpit, cockpit, fill, live, on, press, started, text, wait_until

if TYPE_CHECKING:
    from pathlib import Path


def recorded(folder: Path) -> list[dict[str, object]]:
    """Return the lines of the only recording in a folder."""
    (recording,) = folder.iterdir()
    return [json.loads(line) for line in recording.read_text().splitlines()]


def filled(app: Cockpit) -> bool:
    """Let the run go on, and say whether its debrief is complete."""
    app.tick()
    app.screen.paint()  # type: ignore[attr-defined]  # the debrief, which looks for news
    progress = app.now.look_back()
    return progress is not None and progress.complete and app.now.ended is not None


async def test_a_run_from_the_menu_to_its_debrief(tmp_path: Path) -> None:
    app = cockpit(recordings=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await on(pilot, "MenuScreen")
        assert "The corner shop" in text(app)
        await press(pilot, "enter", then="PageScreen")
        assert "severity: [high]" in text(app)
        await started(pilot, app)
        await live(pilot, app, 5)
        assert "CRIT" in text(app)
        await press(pilot, "a", then="ActScreen")
        await fill(pilot, "scale")
        await press(pilot, "enter", then="FormScreen")
        await press(pilot, "2")
        await press(pilot, "enter", then="AskScreen")
        assert "deployment till, replicas 2" in text(app)
        await press(pilot, "enter", then="IncidentScreen")
        assert "deployment till scaled from 6 to 2 replicas" in text(app)
        await live(pilot, app, 40)
        assert "OK  0 % failing" in text(app)
        await press(pilot, "r", then="ResolveScreen")
        await fill(pilot, "Too many tills")
        await press(pilot, "enter", then="DebriefScreen")
        await wait_until(pilot, lambda: filled(app), "every lane is there")
        shown = text(app)
        assert "1 of 1 lanes of your actions simulated" in shown
        await press(pilot, "5")
        assert "Too many tills" in text(app)
        await press(pilot, "escape", then="MenuScreen")
    for lane in ("you", "expert", "nothing done"):
        assert f" {lane} " in shown
    lines = recorded(tmp_path)
    assert [line for line in lines if "do" in line] == [
        {"at": "35s", "do": "scale", "deployment": "till", "replicas": 2}
    ]
    assert [line["update"] for line in lines if "update" in line] == ["acknowledge", "resolved"]
    assert [line["note"] for line in lines if "note" in line] == ["Too many tills"]
    assert (lines[-1]["at"], lines[-1]["end"]) == ("1m30s", "finished")


async def test_a_run_that_is_never_resolved_ends_by_itself() -> None:
    app = cockpit(speed=10.0)
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await started(pilot, app)
        await live(pilot, app, 5.5)
        await press(pilot, "a", then="ActScreen")
        await live(pilot, app, 7)
        await on(pilot, "DebriefScreen")
        await wait_until(pilot, lambda: filled(app), "every lane is there")
        assert "Nobody said that it was over" in text(app)


@pytest.mark.slow
async def test_scaling_back_ends_the_shipped_outage() -> None:
    app = cockpit(library=folder(), speed=10.0)
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", then="PageScreen")
        await started(pilot, app)
        await live(pilot, app, 1)
        await press(pilot, "a", then="ActScreen")
        await press(pilot, "enter", then="FormScreen")
        await press(pilot, *"15")
        await press(pilot, "enter", then="AskScreen")
        await press(pilot, "enter", then="IncidentScreen")
        await live(pilot, app, 9)
        assert "OK  0 % failing" in text(app)
        await press(pilot, "r", then="ResolveScreen")
        await press(pilot, "enter", then="DebriefScreen")
        await wait_until(pilot, lambda: filled(app), "every lane is there")
        assert "fewer requests failed or came late than if nothing had been done" in text(app)
        await press(pilot, "3")
        assert "helped" in text(app)
