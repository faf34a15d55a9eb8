"""The pages of a debrief: users' pain in lanes, and everything with its time.

Separate from the formats, which lay the same blocks out. What each action changed, what was thought and what is to be
learnt have modules of their own; the list of all pages stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.debrief.acting import turns
from drill.debrief.blocks import Block, Curves, Row, Say, Table, decimals
from drill.debrief.happenings import BEGIN
from drill.debrief.teaching import story
from drill.debrief.thinking import diagnosis
from drill.units import US_PER_S, format_clock, format_count, format_duration, format_percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.debrief.model import Debrief, LaneCurve

LANE_TONES = {"you": "you", "nothing done": "nothing", "expert": "expert"}
"""By name of the lane."""


def headline(debrief: Debrief) -> str:
    """Return the points so far in one sentence."""
    return ", ".join(
        f"{part.name} {decimals(part.points, 1)} of {part.most}" for part in debrief.parts if part.points is not None
    )


def outcome(debrief: Debrief) -> Say:
    """Return what it came to for users in one sentence."""
    you, _, expert = debrief.lanes
    if you.avoided is None:
        said = "In this run there was nothing to avoid: the expert does no better than doing nothing."
        more = f" {format_count(-you.spared)} more requests failed or came late than if nothing had been done."
        return Say(said + more, "bad") if you.spared < 0 else Say(said)
    if you.spared < 0:
        more = format_count(-you.spared)
        return Say(f"{more} more requests failed or came late than if nothing had been done.", "bad")
    if not you.spared:
        return Say("As many requests failed or came late as if nothing had been done.")
    fewer = f"{format_count(you.spared)} fewer requests failed or came late than if nothing had been done"
    if you.bad <= expert.bad:
        return Say(f"{fewer}: at least as many as the expert spared.", "good")
    return Say(f"{fewer}: {format_percent(you.avoided)} of what the expert spared.")


def impact(debrief: Debrief) -> tuple[Block, ...]:
    """Return the page of users' pain."""
    expert = debrief.lanes[-1]
    unscored = ", ".join(part.name for part in debrief.parts if part.points is None)
    head = ("", "failed", "late", "fewer", "avoided", "objective held again")
    return (
        *_left(debrief),
        Say(_capital(headline(debrief)) + ".", "title"),
        Say(f"Not scored yet: {unscored}.", "muted"),
        outcome(debrief),
        _ending(debrief),
        *_stopped(debrief),
        Curves(),
        Table(head=head, rows=tuple(map(_lane, debrief.lanes)), right=(1, 2, 3, 4), signed=True),
        Say(f"Expert: {expert.solution}. {_terms(debrief)}", "muted"),
    )


def timeline(debrief: Debrief) -> tuple[Block, ...]:
    """Return the page of everything that has a time."""
    rows = [
        Row(
            (format_clock(moment.at_us), moment.kind, moment.text),
            moment.kind if moment.kind != "impact" else "bad" if moment.text == BEGIN else "good",
        )
        for moment in debrief.timeline
    ]
    said = (
        "System and impact say what was really going on, whether or not anybody saw it. States of the system are read "
        f"every {format_duration(debrief.sampling_us)} and may be up to that much older."
    )
    return Say(said, "muted"), Table(head=("at", "kind", "what"), rows=tuple(rows), signed=True)


PAGES: dict[str, tuple[str, Callable[[Debrief], tuple[Block, ...]]]] = {
    "impact": ("Impact", impact),
    "timeline": ("Timeline", timeline),
    "turns": ("Turning points", turns),
    "diagnosis": ("Diagnosis", diagnosis),
    "story": ("The story", story),
}
"""Title and content of each page, in their order."""


def _left(debrief: Debrief) -> tuple[Block, ...]:
    if debrief.left_us is None:
        return ()
    at = format_clock(debrief.left_us)
    return (Say(f"Left at {at}; from there on the run was simulated without anybody.", "title"),)


def _stopped(debrief: Debrief) -> tuple[Block, ...]:
    stops = debrief.stood_still_us
    if not stops:
        return ()
    times = "once" if len(stops) == 1 else f"{len(stops)} times"
    text = f"Simulated time was stopped {times}, for {format_duration(sum(stops))} in all; the expert's never is."
    return (Say(text, "muted"),)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ending(debrief: Debrief) -> Say:
    you = debrief.lanes[0]
    held = "the objective was never missed"
    if you.recovered_s is not None:
        held = f"from {format_clock(you.recovered_s * US_PER_S)} on the objective held to the end"
    elif you.missed:
        held = "the objective did not hold again"
    if debrief.resolved_us is None:
        return Say(f"Nobody said that it was over; {held}.")
    too_soon = you.missed and (you.recovered_s is None or you.recovered_s * US_PER_S > debrief.resolved_us)
    return Say(f"Said to be over at {format_clock(debrief.resolved_us)}; {held}.", "bad" if too_soon else "text")


def _lane(lane: LaneCurve) -> Row:
    again = "never missed"
    if lane.recovered_s is not None:
        again = f"from {format_clock(lane.recovered_s * US_PER_S)}"
    elif lane.missed:
        again = "not in this run"
    idle = lane.name == "nothing done"
    fewer = "" if idle else format_count(lane.spared)
    avoided = "" if idle else "-" if lane.avoided is None else format_percent(lane.avoided)
    cells = (lane.name, format_count(lane.failed), format_count(lane.late), fewer, avoided, again)
    return Row(cells, LANE_TONES[lane.name])


def _terms(debrief: Debrief) -> str:
    still = [f"{lane.name} {format_count(lane.in_flight)}" for lane in debrief.lanes if lane.in_flight]
    open_at_end = f" Unanswered at the end, counted as neither: {', '.join(still)}." if still else ""
    objective = f"{debrief.promised * 100:.10g} % answered within {format_duration(debrief.in_time_us)}"
    return f"Objective: {objective}.{open_at_end}"
