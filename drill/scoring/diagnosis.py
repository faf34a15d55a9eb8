"""Diagnosis with confidence, out of 20 points: 12 for the first commitment, 8 for the last.

Separate because it knows chips and suspects and nothing of the run. The measure is the Brier skill: 1 for all chips on
the truth, 0 for chips spread evenly, negative for confidence in something wrong (Brier, "Verification of forecasts
expressed in terms of probability", 1950).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.actions.entries import CHIPS, Diagnosis, Pin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Entry

FIRST_POINTS, LAST_POINTS = 12.0, 8.0
LOWEST_SKILL = -0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the diagnoses of a run are worth."""

    first: float | None
    """Skill of the first commitment; None when there was none."""
    last: float | None
    """Skill of the last commitment."""
    first_counts: bool
    """Whether the first was made on evidence and before the first risky change."""
    why_not: str
    """Why the first does not count; empty when it does."""
    points: float
    """Out of 20; negative for confident error."""


def skill(chips: Sequence[tuple[str, int]], truth: str, suspects: int) -> float:
    """Return the Brier skill of chips spread over a number of suspects, at least -0.5."""
    shares = {name: count / CHIPS for name, count in chips}
    squares = [(share - (name == truth)) ** 2 for name, share in shares.items()]
    missed = 0.0 if truth in shares else 1.0
    brier = (_total(squares) + missed) / 2
    uniform = (1.0 - 1.0 / suspects) / 2
    return max(LOWEST_SKILL, 1.0 - brier / uniform)


def judge(entries: Sequence[Entry], truth: str, suspects: int) -> Verdict:
    """Return what the diagnoses among the entries are worth."""
    made = [(i, entry.deed) for i, entry in enumerate(entries) if isinstance(entry.deed, Diagnosis)]
    if not made:
        return Verdict(first=None, last=None, first_counts=False, why_not="no diagnosis was committed", points=0.0)
    first, last = (skill(deed.diagnose, truth, suspects) for deed in (made[0][1], made[-1][1]))
    before = entries[: made[0][0]]
    why_not = ""
    if not any(isinstance(entry.deed, Pin) for entry in before):
        why_not = "it came before any reading was pinned"
    elif any(isinstance(entry.deed, Action) and entry.deed.risky for entry in before):
        why_not = "it came after the first risky change"
    points = (0.0 if why_not else FIRST_POINTS * first) + LAST_POINTS * last
    return Verdict(first=first, last=last, first_counts=not why_not, why_not=why_not, points=points)


def _total(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total
