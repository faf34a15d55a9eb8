"""From a recording and its lanes to a debrief.

Separate from the model, which other programs read, and from the words. It knows no format and no screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.actions.entries import Diagnosis, Remark, Standstill, Update
from drill.debrief.deeds import reading
from drill.debrief.events import timeline
from drill.debrief.figures import figures
from drill.debrief.happenings import users
from drill.debrief.model import (
    STEP_S,
    Commitment,
    Debrief,
    LaneCurve,
    Lesson,
    OwnFigures,
    Part,
    SuspectView,
)
from drill.debrief.telling import OVER_S, told
from drill.debrief.turning import slight, turning_points
from drill.debrief.waiting import waits
from drill.scenario.wording import filled
from drill.scoring.diagnosis import judge, skill
from drill.scoring.impact import avoided_share, impact_points
from drill.session.rules import pinned
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drill.actions.entries import Entry
    from drill.lanes.comparison import Comparison
    from drill.scenario.loader import ScenarioFile
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.story import StorySpec
    from drill.telemetry.lanes import LaneResult

UNSCORED = {"durability": 15, "evidence": 10, "proportion": 10, "communication": 10, "prevention": 5}
"""Parts of the score that nothing computes yet, and what they will be worth."""
QUESTIONS = (
    "Which dashboard or which assumption made the wrong path look reasonable?",
    "What would have shown the cause sooner, and to whom?",
    "What would you change in the system, in the alert, in the runbook?",
)


def build(
    file: ScenarioFile, player: str, entries: Sequence[Entry], lanes: Comparison, left_us: int | None = None
) -> Debrief:
    """Return the debrief of a run whose timed lines are `entries`.

    `left_us` is where a recording stops before the end of the scenario; the lanes go on from there without anybody.
    """
    spec, story = file.spec, file.spec.story
    you, idle, expert = lanes.you, lanes.idle, lanes.expert
    points = impact_points(you.bad, idle.bad, expert.bad)
    verdict = judge(entries, story.answer, len(story.suspects))
    over_us, said = _ending(entries)
    turns = turning_points(spec, entries, lanes)
    values = figures(story.figures, lanes, left_us)
    return Debrief(
        **_given(file),
        **_said(story, values),
        seed=you.seed,
        player=player,
        left_us=left_us,
        stood_still_us=tuple(entry.deed.stood_still for entry in entries if isinstance(entry.deed, Standstill)),
        resolved_us=over_us,
        said=said,
        lanes=_curves(story, lanes),
        avoided=avoided_share(you.bad, idle.bad, expert.bad),
        impact=points,
        parts=_parts(points, verdict.points),
        diagnosis=verdict,
        commitments=_commitments(entries, story),
        suspects=_suspects(entries, story),
        timeline=timeline(spec, entries, you, left_us),
        turning_points=turns,
        slight=slight(idle.bad),
        told=told(spec, entries, you, spec.length if left_us is None else left_us),
        waits=waits(spec, turns, you),
        own=_own(spec, you),
        lessons=_lessons(story, lanes, values),
        questions=QUESTIONS,
    )


def _given(file: ScenarioFile) -> dict[str, Any]:
    """Return the fields that do not depend on the run."""
    spec, story = file.spec, file.spec.story
    return {
        "title": spec.card.title,
        "source": story.debrief.source,
        "sealed": file.sealed,
        "scenario": file.id,
        "length_s": spec.length // US_PER_S,
        "paged_us": spec.paged_at,
        "promised": spec.slo.success,
        "in_time_us": spec.slo.latency,
        "step_s": STEP_S,
        "sampling_us": spec.sampling,
        "told_over_us": OVER_S * US_PER_S,
        "truth": story.suspects[story.answer].title,
    }


def _said(story: StorySpec, values: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the texts of the story with the figures of the run."""
    return {key: filled(getattr(story.debrief, key), values) for key in ("summary", "tell", "look_alike")}


def _ending(entries: Sequence[Entry]) -> tuple[int | None, str]:
    """Return when somebody said last that it was over, and the remark they made at that moment."""
    over = [entry for entry in entries if isinstance(entry.deed, Update) and entry.deed.update == "resolved"]
    if not over:
        return None, ""
    at_us = over[-1].at_us
    remarks = [entry.deed.note for entry in entries if isinstance(entry.deed, Remark) and entry.at_us == at_us]
    return at_us, remarks[-1] if remarks else ""


def _parts(impact: float, diagnosis: float) -> tuple[Part, ...]:
    return (
        Part(name="impact avoided", points=impact, most=30),
        Part(name="diagnosis", points=diagnosis, most=20),
        *(Part(name=name, points=None, most=most) for name, most in UNSCORED.items()),
    )


def _curves(story: StorySpec, lanes: Comparison) -> tuple[LaneCurve, ...]:
    return (
        _curve("you", lanes.you, lanes),
        _curve("nothing done", lanes.idle, lanes),
        _curve("expert", lanes.expert, lanes, story.solutions[lanes.expert.name].title),
    )


def _curve(name: str, lane: LaneResult, lanes: Comparison, solution: str = "") -> LaneCurve:
    seconds = int(lane.summary["simulated_s"])
    shares = (lane.success(at, at + STEP_S) for at in range(0, seconds, STEP_S))
    requests, impact = lane.summary["requests"], lane.summary["impact"]
    idle, expert = lanes.idle.bad, lanes.expert.bad
    return LaneCurve(
        name=name,
        solution=solution,
        bad=lane.bad,
        failed=requests["failed"],
        late=requests["late"],
        in_flight=requests["in_flight"],
        spared=idle - lane.bad,
        avoided=avoided_share(lane.bad, idle, expert) if idle > expert else None,
        failing=tuple(None if share is None else 1.0 - share for share in shares),
        missed=impact["first_s"] is not None,
        recovered_s=impact["recovered_s"],
    )


def _made(entries: Sequence[Entry]) -> list[tuple[int, Diagnosis]]:
    """Return where the first and the last diagnosis stand: none, one, or two."""
    made = [(at, entry.deed) for at, entry in enumerate(entries) if isinstance(entry.deed, Diagnosis)]
    return made if len(made) <= 1 else [made[0], made[-1]]


def _commitments(entries: Sequence[Entry], story: StorySpec) -> tuple[Commitment, ...]:
    return tuple(
        Commitment(
            at_us=entries[at].at_us,
            skill=skill(deed.diagnose, story.answer, len(story.suspects)),
            most=max(chips for _, chips in deed.diagnose),
            on_truth=dict(deed.diagnose).get(story.answer, 0),
            pins=tuple(reading(pin) for pin in pinned(entries[:at])),
        )
        for at, deed in _made(entries)
    )


def _suspects(entries: Sequence[Entry], story: StorySpec) -> tuple[SuspectView, ...]:
    made = [dict(deed.diagnose) for _, deed in _made(entries)]
    return tuple(
        SuspectView(
            name=name,
            title=suspect.title,
            tell=suspect.tell,
            first=made[0].get(name, 0) if made else None,
            last=made[-1].get(name, 0) if made else None,
            true=name == story.answer,
        )
        for name, suspect in story.suspects.items()
    )


def _own(spec: ScenarioSpec, you: LaneResult) -> OwnFigures:
    rows = you.figures
    seconds = int(you.summary["simulated_s"])
    good = [share for at in range(0, seconds, STEP_S) if (share := you.success(at, at + STEP_S)) is not None]
    felt = [at_us for at_us, _ in users(spec, you)]
    return OwnFigures(
        pods=(rows[0].pods, max(row.pods for row in rows), rows[-1].pods) if rows else (0, 0, 0),
        sessions_share=max((row.connections_share for row in rows), default=0.0),
        pod_cpu=max((row.pod_cpu for row in rows), default=0.0),
        database_cpu=max((row.database_cpu for row in rows), default=0.0),
        worst=1.0 - min(good) if good else None,
        began_us=felt[0] if felt else None,
        lasted_us=felt[1] - felt[0] if len(felt) > 1 else None,
    )


def _lessons(story: StorySpec, lanes: Comparison, values: Mapping[str, str | None]) -> tuple[Lesson, ...]:
    bad = {lane.name: lane.bad for lane in lanes.solutions}
    return tuple(
        Lesson(title=each.title, teaches=filled(each.teaches, values), trap=trap, bad=None if trap else bad.get(name))
        for trap, plans in ((False, story.solutions), (True, story.traps))
        for name, each in plans.items()
    )
