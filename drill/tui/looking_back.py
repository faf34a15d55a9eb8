"""From the progress of a debrief to what its screen shows.

Separate from the screen, so that what is said can be tested without one. Every number comes from the debrief, or says
how far it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.debrief.acting import effects
from drill.debrief.blocks import Block, Heading, Row, Say, Table
from drill.debrief.pages import LANE_TONES, PAGES
from drill.tui.present import near_home
from drill.tui.views import finder
from drill.tui.widgets.chart import ChartModel, Series
from drill.tui.widgets.sheet import SheetModel
from drill.units import US_PER_S, format_clock

if TYPE_CHECKING:
    from drill.debrief.model import Debrief
    from drill.driver.lookback import Progress
    from drill.tui.run import LiveRun

_TALL = 28
"""Height of a sheet from which on the turning points stand below the impact."""
_DASHES = {"you": 0, "expert": 1, "nothing done": 2}
"""Solid, dashed and dotted, by name of the lane; the table's strokes are the same."""


def sheet(run: LiveRun, progress: Progress, page: str, height: int, wanted: str = "") -> SheetModel:
    """Return a page as far as it is known; of the timeline only the lines that match what is wanted."""
    debrief = progress.debrief
    if debrief is None:
        return SheetModel(blocks=(*_waiting(run, progress), *_recorded(run)))
    blocks: tuple[Block, ...] = PAGES[page][1](debrief)
    if page == "impact":
        blocks += tuple(Say(f"Not known: {problem}", "bad") for problem in progress.problems)
        if height >= _TALL:
            blocks += (Heading(PAGES["turns"][0]), *effects(debrief))
        return SheetModel(blocks=blocks, chart=chart(debrief))
    if page == "timeline" and wanted:
        blocks = tuple(_matching(block, wanted) for block in blocks)
    return SheetModel(blocks=(*blocks, *(_recorded(run) if page == "story" else ())))


def state(progress: Progress) -> str:
    """Return how far it is, first with the lanes it compares with, then with the turning points."""
    if progress.debrief is None:
        return f"{progress.known} of {progress.asked} lanes simulated"
    if progress.problems and progress.complete:
        return f"not simulated: {len(progress.problems)} of {progress.asked} lanes"
    turns = progress.debrief.turning_points
    asked = sum(turn.asked + turn.asked_alone for turn in turns)
    known = sum((turn.spared is not None) + (turn.alone is not None) for turn in turns)
    return f"{known} of {asked} lanes of your actions simulated" if asked else "no action to leave out"


def chart(debrief: Debrief) -> ChartModel:
    """Return users' pain in every lane over the whole run, marked where something was done."""
    length_us = debrief.length_s * US_PER_S
    return ChartModel(
        title="Users failing, % of requests by time of arrival",
        unit="%",
        series=tuple(
            Series(points=lane.failing, role=LANE_TONES[lane.name], dash=_DASHES[lane.name]) for lane in debrief.lanes
        ),
        whole=True,
        top=1.0,
        marks=tuple(turn.at_us // (debrief.step_s * US_PER_S) for turn in debrief.turning_points),
        axis=tuple(format_clock(at_us) for at_us in (0, length_us // 2, length_us)),
        told=False,
    )


def _matching(block: Block, wanted: str) -> Block:
    if not isinstance(block, Table):
        return block
    found = finder(wanted)
    rows = tuple(row for row in block.rows if found(row.cells))
    return replace(block, rows=rows) if rows else Say("No line matches.", "muted")


def _waiting(run: LiveRun, progress: Progress) -> tuple[Block, ...]:
    """Return what is known before there is a debrief."""
    clocks = f"{format_clock(run.frame.snapshot.at_us)} of {format_clock(run.scenario.spec.length)}"
    lanes = f"{progress.known} of {progress.asked} lanes"
    said: tuple[Block, ...] = (Say(f"The run is over; {lanes} are simulated.", "title"),)
    if run.ended is None:
        said = (
            Say(f"The run goes on silently to its end: {clocks}.", "title"),
            Say("Nothing done and every reference solution are simulated beside it, on the same seed.", "muted"),
        )
    elif progress.complete:
        said = (Say("There is no debrief, because lanes it compares with are missing.", "bad"),)
        said += tuple(Say(f"Not known: {problem}") for problem in progress.problems)
    rows = tuple(Row((format_clock(note.at_us), note.kind, note.text), note.kind) for note in run.notes)
    return (*said, Heading("What was done"), Table(head=("at", "kind", "what"), rows=rows, signed=True))


def _recorded(run: LiveRun) -> tuple[Block, ...]:
    record = run.order.record
    return () if record is None else (Heading("Recorded in"), Say(near_home(record), "muted"))
