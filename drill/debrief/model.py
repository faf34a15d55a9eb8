"""What a debrief says, before it is written in any format.

Separate from the formats so that all of them say the same. Every number comes from the recording and the lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.actions.entries import Diagnosis, Entry, Look, Pin, Update, write_deed
from drill.debrief.happenings import happenings
from drill.scoring.diagnosis import Verdict, judge
from drill.scoring.impact import avoided_share, impact_points
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.lanes.comparison import Comparison
    from drill.scenario.loader import ScenarioFile
    from drill.telemetry.lanes import LaneResult

BIN_S = 15
"""Length of one step of a lane's curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCurve:
    """One lane of the chart."""

    name: str
    """`you`, `nothing done`, or `expert` with the solution's name."""
    bad: int
    """Failed and late requests."""
    failing: tuple[float | None, ...]
    """Share of bad requests in each 15 s; None where nothing was decided."""
    recovered_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline."""

    at_us: int
    kind: str
    """`look`, `pin`, `action`, `diagnosis`, `update`, or `system` for what was really going on."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint:
    """What one action changed."""

    at_us: int
    text: str
    spared: int
    """Requests that would have been bad without it; negative for harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """One run, looked back at."""

    title: str
    scenario: str
    seed: int
    player: str
    length_s: int
    lanes: tuple[LaneCurve, ...]
    """You, nothing done, the expert."""
    avoided: float
    """Share of the avoidable pain that was avoided."""
    impact: float
    """Points out of 30."""
    diagnosis: Verdict
    truth: str
    """Title of the true suspect."""
    timeline: tuple[Moment, ...]
    turning_points: tuple[TurningPoint, ...]
    summary: str
    tell: str
    look_alike: str
    source: str


def build(file: ScenarioFile, player: str, entries: Sequence[Entry], lanes: Comparison) -> Debrief:
    """Return the debrief of a run whose timed lines are `entries`."""
    spec, story = file.spec, file.spec.story
    you, idle, expert = lanes.you, lanes.idle, lanes.expert
    moments = [Moment(at_us=entry.at_us, kind=_kind(entry), text=describe(entry, file)) for entry in entries]
    really = [Moment(at_us=at_us, kind="system", text=text) for at_us, text in happenings(spec, you)]
    return Debrief(
        title=spec.card.title,
        scenario=file.id,
        seed=you.seed,
        player=player,
        length_s=spec.length // US_PER_S,
        lanes=(
            _curve("you", you),
            _curve("nothing done", idle),
            _curve(f"expert, {expert.name}", expert),
        ),
        avoided=avoided_share(you.bad, idle.bad, expert.bad),
        impact=impact_points(you.bad, idle.bad, expert.bad),
        diagnosis=judge(entries, story.answer, len(story.suspects)),
        truth=story.suspects[story.answer].title,
        timeline=tuple(sorted([*really, *moments], key=lambda moment: (moment.at_us, moment.kind == "system"))),
        turning_points=tuple(
            TurningPoint(at_us=turn.entry.at_us, text=describe(turn.entry, file), spared=turn.spared(you))
            for turn in lanes.turns
        ),
        summary=story.debrief.summary,
        tell=story.debrief.tell,
        look_alike=story.debrief.look_alike,
        source=story.debrief.source,
    )


def describe(entry: Entry, file: ScenarioFile) -> str:
    """Return a timed line in words."""
    deed = entry.deed
    if isinstance(deed, Look):
        return f"looked at {deed.look}" + (f" for {deed.target}" if deed.target else "")
    if isinstance(deed, Pin):
        return f"pinned: {deed.pin}"
    if isinstance(deed, Diagnosis):
        suspects = file.spec.story.suspects
        ranked = sorted(deed.diagnose, key=lambda pair: -pair[1])
        return ", ".join(f"{chips} on: {suspects[name].title}" for name, chips in ranked if chips)
    if isinstance(deed, Update):
        stated = [deed.update, f"impact {deed.impact}" if deed.impact else "", deed.scope, deed.doing]
        return ", ".join(part for part in stated if part)
    fields = [f"{key} {value}" for key, value in write_deed(deed).items() if key != "do"]
    return ", ".join([deed.title, *fields])


def _kind(entry: Entry) -> str:
    kinds = {Look: "look", Pin: "pin", Diagnosis: "diagnosis", Update: "update"}
    return "action" if isinstance(entry.deed, Action) else kinds[type(entry.deed)]


def _curve(name: str, lane: LaneResult) -> LaneCurve:
    seconds = int(lane.summary["simulated_s"])
    shares = (lane.success(at, at + BIN_S) for at in range(0, seconds, BIN_S))
    return LaneCurve(
        name=name,
        bad=lane.bad,
        failing=tuple(None if share is None else 1.0 - share for share in shares),
        recovered_s=lane.summary["impact"]["recovered_s"],
    )
