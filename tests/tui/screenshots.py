"""Draws the README's screenshots from a run of the shipped scenario: `make screenshots`.

Separate from the tests, which hold pictures of a run that never moves; these show the real one, so they are drawn anew
when the engine changes.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drill.scenario.library import find, folder
from drill.scenario.loader import load
from drill.tui.chips import shuffled
from tests.tui.cockpit import Cockpit, cockpit, fill, live, on, press, started, wait_until

if TYPE_CHECKING:
    from textual.pilot import Pilot

ASSETS = Path(__file__).parents[2] / "assets"
SIZE = (100, 30)
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Textual's pictures name fonts of a web server; a picture of ours asks nobody for anything."""


def keep(app: Cockpit, name: str) -> None:
    """Write what is on the screen to a picture."""
    picture = _FONTS.sub("", app.export_screenshot(title="drill"))
    lines = [line.rstrip() for line in picture.splitlines() if line.strip()]
    ASSETS.mkdir(exist_ok=True)
    (ASSETS / f"{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def draw() -> None:
    """Play a while, scale back, and look at the debrief."""
    app = cockpit(library=folder(), scenario=load(find("checkout-down", folder())), speed=10.0)
    async with app.run_test(size=SIZE) as pilot:
        await started(pilot, app)
        await live(pilot, app, 4)
        keep(app, "cockpit")
        await scale_back(pilot, app)
        keep(app, "debrief")


async def scale_back(pilot: Pilot[None], app: Cockpit) -> None:
    """Look, pin, diagnose, act and resolve."""
    await press(pilot, "4", then="ViewScreen")
    await press(pilot, "p")
    await press(pilot, "d", then="DiagnoseScreen")
    story, order = app.now.scenario.spec.story, app.now.order
    suspects = shuffled(story.suspects, order.seed, app.now.scenario.id)
    at = suspects.index(story.answer)
    await press(pilot, *["down"] * at, *["right"] * 17, "up" if at else "down", "r", "enter", then="ViewScreen")
    await press(pilot, "escape", then="IncidentScreen")
    await live(pilot, app, 4)
    await press(pilot, "a", then="ActScreen")
    await fill(pilot, "scale")
    await press(pilot, "enter", then="FormScreen")
    await press(pilot, *"15")
    await press(pilot, "enter", then="AskScreen")
    await press(pilot, "enter", then="IncidentScreen")
    await live(pilot, app, 10)
    await press(pilot, "r", then="ResolveScreen")
    await press(pilot, "enter", then="DebriefScreen")
    while app.now.frame.hurrying:
        app.tick()

    def complete() -> bool:
        progress = app.now.look_back()
        return progress is not None and progress.complete

    await wait_until(pilot, complete, "all lanes are there")
    await on(pilot, "DebriefScreen")
    app.screen.query_one("#keys").focus()
    await live(pilot, app, 0)


if __name__ == "__main__":
    asyncio.run(draw())
    sys.exit(0)
