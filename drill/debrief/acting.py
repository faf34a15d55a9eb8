"""The page of what each action changed, and of what waiting cost.

Separate because it words what would have happened, which needs care: it names both runs an effect follows from, and
leaves nobody to guess which of two numbers is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.debrief.blocks import Block, Heading, Row, Say, Table
from drill.debrief.turning import HARMED, HARMED_ALONE, HELPFUL
from drill.lanes.comparison import MAX_TURNS
from drill.units import format_clock, format_count

if TYPE_CHECKING:
    from drill.debrief.model import Debrief, TurningPoint

_LEFT_OUT = "Each action left out once; seed, moments and everything else stay the same."
_BOTH = (
    "Each action left out once, and each done once with nothing else; seed and moments stay the same. Actions work "
    "together: one may help only because of others, so both numbers count."
)


def turns(debrief: Debrief) -> tuple[Block, ...]:
    """Return the page of what each action changed, and of what waiting cost."""
    acted: tuple[Block, ...] = (Say("No action was taken."),)
    if debrief.turning_points:
        acted = (*_explained(debrief), _table(debrief), *_traps(debrief))
    return (*acted, Heading("What waiting cost"), *_waits(debrief))


def effects(debrief: Debrief) -> tuple[Block, ...]:
    """Return what each action changed and no more, to stand on another page."""
    if not debrief.turning_points:
        return (Say("No action was taken."),)
    said = "Requests failed or late with each action left out"
    return (Say(f"{said}{', and with nothing but it' if _both(debrief) else ''}.", "muted"), _table(debrief))


def _explained(debrief: Debrief) -> tuple[Block, ...]:
    little = f"Fewer than {format_count(debrief.slight)} make little difference."
    said = f"{_BOTH if _both(debrief) else _LEFT_OUT} Numbers are requests failed or late. {little}"
    return (Say(said, "muted"),)


def _both(debrief: Debrief) -> bool:
    return any(turn.asked_alone for turn in debrief.turning_points)


def _table(debrief: Debrief) -> Table:
    both = _both(debrief)
    head = ("at", "effect", "without it", *(("on its own",) if both else ()), "action")
    rows = tuple(_turn(turn, both=both) for turn in debrief.turning_points)
    return Table(head=head, rows=rows, right=(2, 3) if both else (2,), signed=True)


def _turn(turn: TurningPoint, *, both: bool) -> Row:
    tone = "good" if turn.effect in HELPFUL else "bad" if turn.effect in (HARMED, HARMED_ALONE) else "muted"
    without = _change(turn.spared)
    alone = _change(None if turn.alone is None else -turn.alone)
    open_ = (
        ""
        if turn.effect
        else ": not re-simulated"
        if turn.asked
        else f": only the first {MAX_TURNS} actions are left out"
    )
    trap = f"; a trap: {turn.trap}" if turn.trap else ""
    what = f"{turn.text}{', risky' if turn.risky else ''}{open_}{trap}"
    return Row((format_clock(turn.at_us), turn.effect or "is open", without, *((alone,) if both else ()), what), tone)


def _change(more: int | None) -> str:
    """Return how many more requests are bad; negative for fewer, None for not known."""
    if more is None:
        return "-"
    if not more:
        return "as many"
    return f"{format_count(abs(more))} {'more' if more > 0 else 'fewer'}"


def _traps(debrief: Debrief) -> tuple[Block, ...]:
    """Return what the traps among the actions teach, each once."""
    teaches = {lesson.title: lesson.teaches for lesson in debrief.lessons if lesson.trap}
    found = dict.fromkeys(turn.trap for turn in debrief.turning_points if turn.trap)
    rows = tuple(Row(("trap", f"{title}. {teaches.get(title, '')}".rstrip())) for title in found)
    if not rows:
        return ()
    return (Heading("Traps: tempting, and no help by themselves"), Table(head=("", ""), rows=rows))


def _waits(debrief: Debrief) -> tuple[Block, ...]:
    if not debrief.waits:
        return (Say("Not known before it is known which action first helped.", "muted"),)
    rows = tuple(
        Row((format_clock(each.start_us), format_clock(each.end_us), format_count(each.bad), each.name))
        for each in debrief.waits
    )
    return (Table(head=("from", "to", "failed or late", "by time of arrival"), rows=rows, right=(2,)),)
