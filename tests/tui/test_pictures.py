"""Some screens as pictures: colours, weights and places, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.cockpit import LARGE, SMALL, Cockpit, press, started, still

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

PICTURES = {
    "overview-80x24": (SMALL, ()),
    "overview-120x40": (LARGE, ()),
    "question-80x24": (SMALL, ("a", "enter", "enter")),
    "diagnose-80x24": (SMALL, ("d", "right", "right", "down", "right")),
    "act-120x40": (LARGE, ("a",)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture(name: str, snap_compare: Callable[..., bool]) -> None:
    size, keys = PICTURES[name]
    app: Cockpit = still()

    async def before(pilot: Pilot[None]) -> None:
        await started(pilot, app)
        for key in keys:
            await press(pilot, key)
        await pilot.pause()

    assert snap_compare(app, run_before=before, terminal_size=size)
