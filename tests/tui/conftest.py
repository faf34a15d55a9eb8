"""What makes tests of screens quick: style sheets parsed once for all apps, and waiting only for what is to be done.

An app parses the sheets of Textual and of ours when it starts, a good part of what a small test costs. Rules depend on
nothing but a sheet and the variables of the theme, and Textual keeps them itself, app by app. And a pilot sleeps for
20 ms or more at every key, until the process is found to use little CPU: neither quick nor certain on a busy machine.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator


_LONGEST_S = 1.0
"""Longest wait for an app that always has something to do, as in Textual's own way of waiting."""
_FRAME_S = 0.02
"""A little longer than a frame of Textual (1/60 s): what is due within that belongs to what was done."""
_LATE_FRAME_S = 0.001
"""How often a frame is looked for that is still to be drawn: on a busy machine Textual skips one, or more."""
_SHEETS = 512
"""Style sheets that are kept; more than there are."""


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Let all style sheets with the same variables keep what they parsed in one place."""
    kept: dict[tuple[tuple[str, str], ...], Any] = {}
    begin, change = Stylesheet.__init__, Stylesheet.set_variables

    def share(sheet: Stylesheet) -> None:
        key = tuple(sorted(sheet._variables.items()))  # noqa: SLF001 - there is no other way in
        sheet._parse_cache = kept.setdefault(key, LRUCache(_SHEETS))  # noqa: SLF001 - as above

    def begun(self: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        begin(self, variables=variables)
        share(self)

    def changed(self: Stylesheet, variables: dict[str, str]) -> None:
        self._parse_cache = LRUCache(_SHEETS)  # what is shared is not cleared
        change(self, variables)
        share(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "__init__", begun)
        patch.setattr(Stylesheet, "set_variables", changed)
        yield


def _is_to_be_drawn() -> bool:
    """Tell if the screen that is shown waits for its next frame."""
    app = active_app.get(None)
    return app is not None and bool(app.screen_stack) and app.screen._update_timer._active.is_set()  # noqa: SLF001 - as below


@pytest.fixture(scope="session", autouse=True)
def _quick_pilots() -> Iterator[None]:
    """Let pilots wait until the event loop has nothing left to do, now or before the next frame is drawn."""

    async def settled(min_sleep: float = 0.0, max_sleep: float = _LONGEST_S) -> None:
        del min_sleep
        loop: Any = asyncio.get_running_loop()
        until_s = time.monotonic() + max_sleep
        while time.monotonic() < until_s:
            await asyncio.sleep(0)
            soon = loop.time() + _FRAME_S
            due = [each.when() for each in loop._scheduled if not each.cancelled() and each.when() <= soon]  # noqa: SLF001 - there is no other way to ask
            if loop._ready:  # noqa: SLF001 - as above
                continue
            if due:
                await asyncio.sleep(max(0.0, min(due) - loop.time()))
            elif _is_to_be_drawn():
                await asyncio.sleep(_LATE_FRAME_S)
            else:
                return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textual.app, "wait_for_idle", settled)
        patch.setattr(textual.pilot, "wait_for_idle", settled)
        yield
