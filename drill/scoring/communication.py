"""What is told to others: the bands in which impact is stated, and when the next update is promised.

Separate so that what a trainee is offered to say and what is judged later follow from the same numbers. It knows
updates and shares, and nothing of screens or of points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from drill.actions.entries import Update

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drill.actions.entries import Entry

NONE = "none"
"""The band of users who are served as promised."""
_PLACES = 12
"""Decimals kept of the share that may fail: `1 - 0.9` is a little less than a tenth in binary."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band of impact above the objective."""

    name: str
    below: float
    """Shares of users failing from the band before up to this one, which is not part of it."""


BANDS = (Band("some", 0.1), Band("many", 0.5), Band("most", inf))
"""From the mildest to the worst. The bounds are those that people mean: next to nobody, up to half, half and more."""


def band(failing: float | None, objective: float) -> str:
    """Return the band of a share of users failing, from 0 to 1; empty where it is not known.

    `objective` is the share of good answers promised. Whatever keeps it is `none`, even where the bands begin higher.
    """
    if failing is None:
        return ""
    if failing <= allowed(objective):
        return NONE
    return next(each.name for each in BANDS if failing < each.below)


def allowed(objective: float) -> float:
    """Return the share of users that may fail."""
    return round(1.0 - objective, _PLACES)


def last_update(done: Iterable[Entry]) -> Entry | None:
    """Return the newest update among what was done, oldest first."""
    return next((entry for entry in reversed(list(done)) if isinstance(entry.deed, Update)), None)


def promised_us(done: Iterable[Entry]) -> int | None:
    """Return when the next update is due, in simulated microseconds; None where the last one promised none."""
    last = last_update(done)
    if last is None or not isinstance(last.deed, Update) or not last.deed.next_in:
        return None
    return last.at_us + last.deed.next_in
