"""What others were told beside how things stood at that moment, and whether the next update came when promised.

Separate because it needs the responder's lane second by second. It gives no points and calls nobody wrong.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from drill.actions.entries import Update
from drill.debrief.deeds import UPDATES
from drill.debrief.model import Told
from drill.scoring.communication import band, promised_us
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Entry
    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.lanes import LaneResult

OVER_S = 30
"""Seconds before an update over which users failing are counted: what somebody who looks then has before them."""


def told(spec: ScenarioSpec, entries: Sequence[Entry], you: LaneResult, end_us: int) -> tuple[Told, ...]:
    """Return every update; `end_us` is when the run, or the responder's part in it, ended."""
    updates = [(entry, entry.deed) for entry in entries if isinstance(entry.deed, Update)]
    found = []
    for (entry, update), following in zip_longest(updates, updates[1:]):
        at_s = entry.at_us // US_PER_S
        good = you.success(max(0, at_s - OVER_S), at_s)
        failing = None if good is None else 1.0 - good
        due_us = promised_us([entry])
        next_us = None if following is None else following[0].at_us
        found.append(
            Told(
                at_us=entry.at_us,
                what=UPDATES[update.update],
                stated=update.impact,
                band=band(failing, spec.slo.success),
                failing=failing,
                due_us=due_us,
                next_us=next_us,
                kept=_kept(due_us, next_us, end_us),
            )
        )
    return tuple(found)


def _kept(due_us: int | None, next_us: int | None, end_us: int) -> bool | None:
    if due_us is None:
        return None
    if next_us is None:
        return None if due_us > end_us else False
    return next_us <= due_us
