"""Tables of the cockpit's own: what was done, and what is pinned.

Separate from the views of the system, because these are read off the run's notes, whatever simulated time does, and
nothing in them can be pinned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.debrief.deeds import reading
from drill.telemetry.snapshot import Reading
from drill.tui.views import DONE, PINS
from drill.units import format_clock

if TYPE_CHECKING:
    from drill.tui.run import LiveRun
    from drill.tui.widgets.table import Cell

KEPT = (DONE, PINS)
"""Their names."""


def kept(run: LiveRun, name: str) -> Reading:
    """Return one of these tables as it is now."""
    at_us = run.frame.snapshot.at_us
    if name == PINS:
        return Reading(at_us=at_us, view=PINS, target="", columns=("READ IN", "READING"), rows=tuple(pinned(run)))
    rows = tuple((format_clock(note.at_us), note.kind, note.text) for note in run.notes)
    return Reading(at_us=at_us, view=DONE, target="", columns=("AT", "KIND", "WHAT"), rows=rows)


def pinned(run: LiveRun) -> dict[tuple[Cell, ...], str]:
    """Return the names of what is pinned, by the rows that show it."""
    return {(each.view, reading(each)): each.pin for each in run.pins}
