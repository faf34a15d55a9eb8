"""A cockpit for tests: no timers, a clock that a test moves, and the screen as text."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.widgets import Input

from drill.driver.others import ImmediateLanes
from drill.tui.app import DrillApp
from drill.tui.options import Options
from tests.driver.clock import Clock
from tests.tui.shop import SHOP, StillDriver, shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from drill.tui.run import LiveRun

SMALL, LARGE = (80, 24), (120, 40)
PATIENCE_S = 20.0
_ROUND_S = 0.002


class Cockpit(DrillApp):
    """The app with its clock."""

    def __init__(self, clock: Clock, options: Options) -> None:
        """Keep the clock."""
        super().__init__(options)
        self.clock = clock

    @property
    def now(self) -> LiveRun:
        """The run that is shown."""
        assert self.run_now is not None
        return self.run_now


def cockpit(**changes: object) -> Cockpit:
    """Return a cockpit with a library of one small scenario."""
    clock = Clock()
    values: dict[str, object] = {
        "library": SHOP.parent,
        "clock": clock,
        "tick_s": None,
        "lanes": ImmediateLanes,
    }
    return Cockpit(clock, Options(**{**values, **changes}))  # type: ignore[arg-type]  # a test names the options it changes


def still(driver: StillDriver | None = None, **changes: object) -> Cockpit:
    """Return a cockpit at the page of a run that never moves."""
    return cockpit(scenario=shop(), drive=lambda *_: driver or StillDriver(), **changes)


async def wait_until(pilot: Pilot[None], condition: Callable[[], bool], what: str) -> None:
    """Let messages be handled until a condition holds."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if condition():
            return
        await pilot.pause()
        await asyncio.sleep(_ROUND_S)  # timers and threads need time, too
    msg = f"waited in vain until {what}"
    raise AssertionError(msg)


async def on(pilot: Pilot[None], screen: str) -> None:
    """Wait until a screen is shown."""

    def shown() -> bool:
        return type(pilot.app.screen).__name__ == screen and pilot.app.screen.is_mounted

    await wait_until(pilot, shown, f"{screen} is shown")
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str, then: str = "") -> None:
    """Press keys and wait until a screen is shown."""
    await pilot.press(*keys)
    if then:
        await on(pilot, then)
    await pilot.pause()


async def fill(pilot: Pilot[None], value: str) -> None:
    """Put a text into the only line of a screen that can be typed into, faster than key by key."""
    pilot.app.screen.query_one(Input).value = value
    await pilot.pause()


async def started(pilot: Pilot[None], app: Cockpit) -> None:
    """Go from the page into the live run."""
    await on(pilot, "PageScreen")
    while app.now.frame.hurrying:
        app.tick()
    await press(pilot, "enter", then="IncidentScreen")


async def live(pilot: Pilot[None], app: Cockpit, seconds: float) -> None:
    """Let time pass, and show where it leads."""
    for _ in range(round(seconds * 10)):
        app.clock.now_s += 0.1
        app.tick()
    paint = getattr(app.screen, "paint", None)
    if paint is not None and app.screen.is_mounted:
        paint()
    await pilot.pause()


def text(app: DrillApp) -> str:
    """Return what is on the screen, without spaces at the ends of lines."""
    update = app.screen._compositor.render_strips()  # noqa: SLF001 - what the terminal gets, as text
    return "\n".join(strip.text.rstrip() for strip in update)
