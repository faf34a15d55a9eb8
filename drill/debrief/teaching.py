"""The page of the story: what it was, how to tell it from its look-alike, and what the plans teach.

Separate because nearly all of it comes from the scenario; only figures of the run stand beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.debrief.blocks import Beside, Block, Heading, Row, Say, Table
from drill.units import format_clock, format_count, format_percent

if TYPE_CHECKING:
    from drill.debrief.model import Debrief, Lesson, OwnFigures


def story(debrief: Debrief) -> tuple[Block, ...]:
    """Return the page of the story."""
    own = (Heading("This run"), Say(own_figures(debrief.own)))
    source: tuple[Block, ...] = (*own,)
    if debrief.source:
        source = (Beside((Heading("The incident behind it"), Say(debrief.source)), own),)
    return (
        Say(f"{debrief.truth}.", "title"),
        Say(debrief.summary),
        *_said(debrief),
        Beside((Heading("The tell"), Say(debrief.tell)), (Heading("Its look-alike"), Say(debrief.look_alike))),
        *source,
        Heading("What each plan teaches"),
        Table(head=("", ""), rows=tuple(map(_lesson, debrief.lessons))),
        Heading("To think about"),
        *map(Say, debrief.questions),
        Heading("Once more"),
        Say(again(debrief)),
    )


def again(debrief: Debrief) -> str:
    """Return how to meet the same evening once more, and how to meet another one."""
    same = f"{debrief.scenario} with --seed {debrief.seed} is this evening again, with the same chances."
    other = "Without a seed, one of several systems is chosen anew, and it may be this one."
    return f"{same} {other}" if debrief.sealed else same


def own_figures(own: OwnFigures) -> str:
    """Return the run's own figures."""
    start, most, end = own.pods
    felt = "users were served all the time"
    if own.began_us is not None:
        again = f"for {format_clock(own.lasted_us)}" if own.lasted_us is not None else "to the end"
        felt = f"users failed from {format_clock(own.began_us)} on, {again}"
    worst = "" if not own.worst else f", at worst {format_percent(own.worst)} of them"
    sessions, pod_cpu, database_cpu = map(format_percent, (own.sessions_share, own.pod_cpu, own.database_cpu))
    return (
        f"{format_count(start)} pods, at most {format_count(most)}, {format_count(end)} at the end. Database sessions "
        f"took at most {sessions} of the slots; pod CPU was at most {pod_cpu}, database CPU at most {database_cpu}. "
        f"And {felt}{worst}."
    )


def _said(debrief: Debrief) -> tuple[Block, ...]:
    if not debrief.said or debrief.resolved_us is None:
        return ()
    return (Say(f"In your own words, at {format_clock(debrief.resolved_us)}: {debrief.said}", "you"),)


def _lesson(lesson: Lesson) -> Row:
    bad = "" if lesson.bad is None else f" Followed here: {format_count(lesson.bad)} failed or late."
    return Row(("trap" if lesson.trap else "plan", f"{lesson.title}. {lesson.teaches}{bad}"))
