"""The page of the diagnosis: chips, what skill means, what was pinned, how well confidence fitted, what others heard.

Separate because it words probability, which needs care: it never calls somebody wrong, it says where the chips lay and
how things stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.entries import CHIPS
from drill.debrief.blocks import Block, Heading, Row, Say, Table, decimals
from drill.units import US_PER_S, format_clock, format_percent

if TYPE_CHECKING:
    from drill.debrief.model import Commitment, Debrief, SuspectView, Told

SURE = 80
"""Chips on one explanation from which on it is called confident."""
_SKILL = (
    "Skill says how well the chips lay: 1 is all of them on what it was, 0 is the same number everywhere, and below 0 "
    "is confidence in something else."
)


def diagnosis(debrief: Debrief) -> tuple[Block, ...]:
    """Return the page of the diagnosis."""
    part = next(part for part in debrief.parts if part.name == "diagnosis")
    points = f"{decimals(debrief.diagnosis.points, 1)} of {part.most} points"
    made = debrief.commitments
    if not made:
        head: tuple[Block, ...] = (Say(f"No diagnosis was committed: {points}.", "title"),)
    else:
        head = (Say(f"Diagnosis: {points}. {_counts(debrief)}", "title"),)
    return (
        *head,
        _chips(debrief),
        *(Say(_committed(each, debrief)) for each in made),
        *((Say(_SKILL, "muted"),) if made else ()),
        Heading("What you told others"),
        *_updates(debrief),
        Heading("How to tell them apart"),
        *(Say(f"{each.title}: {each.tell}", _tone(each)) for each in debrief.suspects),
    )


def calibration(made: Commitment) -> str:
    """Return how confidence and truth fitted, in words."""
    if made.on_truth == made.most:
        return "confident, and right" if made.most >= SURE else "leaning the right way, with room for doubt"
    if made.on_truth:
        return "confident elsewhere" if made.most >= SURE else "leaning elsewhere, with what it was still in view"
    return "confident elsewhere, with nothing on what it was" if made.most >= SURE else "looking elsewhere"


def _counts(debrief: Debrief) -> str:
    verdict = debrief.diagnosis
    return "The first counts." if verdict.first_counts else f"The first does not count: {verdict.why_not}."


def _chips(debrief: Debrief) -> Table:
    made = debrief.commitments
    clocks = [f"at {format_clock(each.at_us)}" for each in made]
    rows = []
    for each in debrief.suspects:
        chips = [each.first, each.last][: len(made)]
        cells = (*(str(count) for count in chips), "it was this" if each.true else "", each.title)
        rows.append(Row(cells, _tone(each)))
    last = "explanation" if not made else f"explanation ({CHIPS} chips in all)"
    return Table(head=(*clocks, "", last), rows=tuple(rows), right=tuple(range(len(made))))


def _tone(suspect: SuspectView) -> str:
    if suspect.true:
        return "title"
    return "text" if suspect.first or suspect.last else "muted"


def _committed(made: Commitment, debrief: Debrief) -> str:
    pins = "; ".join(made.pins)
    had = f"you had these readings pinned: {pins}" if pins else "no reading was pinned"
    which = "" if len(debrief.commitments) == 1 else "first, " if made is debrief.commitments[0] else "last, "
    return (
        f"At {format_clock(made.at_us)} ({which}skill {decimals(made.skill, 2)}) {had}. The chips: {calibration(made)}."
    )


def _updates(debrief: Debrief) -> tuple[Block, ...]:
    if not debrief.told:
        return (Say("No update was given.", "muted"),)
    over = f"Beside it stands how many users failed in the {debrief.told_over_us // US_PER_S} seconds before."
    head = ("at", "stated", "it was", "failing", "update")
    return (Say(over, "muted"), Table(head=head, rows=tuple(map(_update, debrief.told)), right=(3,)))


def _update(told: Told) -> Row:
    failing = "not known" if told.failing is None else format_percent(told.failing)
    cells = (format_clock(told.at_us), told.stated or "-", told.band or "not known", failing)
    return Row((*cells, f"{told.what}{_promise(told)}"))


def _promise(told: Told) -> str:
    """Return what was promised and what came of it."""
    if told.due_us is None:
        return ""
    promised = f"; the next was promised for {format_clock(told.due_us)}"
    if told.next_us is not None:
        return f"{promised} and came {'in time' if told.kept else 'late'}, at {format_clock(told.next_us)}"
    return promised + (" and did not come" if told.kept is False else ", after the end")
