"""What a debrief says, before it is put into words.

Separate from the words and the formats, so that screen, text, Markdown and JSON say the same. Every number comes from
the recording and the lanes; nothing is computed from here on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.scoring.diagnosis import Verdict

STEP_S = 5
"""Length of one step of a lane's curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the score."""

    name: str
    points: float | None
    """None as long as this part is not scored."""
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCurve:
    """One lane of the chart."""

    name: str
    """`you`, `nothing done` or `expert`."""
    solution: str
    """Title of the reference solution; empty for the others."""
    bad: int
    """Failed and late requests."""
    failed: int
    late: int
    in_flight: int
    """Requests that had no answer yet at the end; they count as neither."""
    spared: int
    """Bad requests fewer than if nothing had been done; negative for more."""
    avoided: float | None
    """Share of what the expert spared, from 0 to 1; None where there was nothing to avoid."""
    failing: tuple[float | None, ...]
    """Share of bad requests by steps of time of arrival; None where nothing was decided."""
    missed: bool
    """Whether the objective was ever missed."""
    recovered_s: int | None
    """From when on the objective held to the end; None if it did not, or was never missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline."""

    at_us: int
    kind: str
    """`look`, `pin`, `action`, `diagnosis`, `update`, `hint` or `note`; `system` for what was really going on, `impact`
    for when users began to fail and were served again."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint:
    """What one action changed."""

    at_us: int
    text: str
    risky: bool
    """Whether it interrupts users or can't be undone within 60 s."""
    asked: bool
    """Whether the run is simulated without it; only the first actions are."""
    spared: int | None
    """Requests that would have been bad without it; negative for harm; None while, or because, it is not known."""
    asked_alone: bool
    """Whether the run is also simulated with nothing but it; that takes more than one action."""
    alone: int | None
    """Bad requests fewer with nothing but it than with nothing done; negative for harm; None for not known."""
    effect: str
    """One of `drill.debrief.turning.EFFECTS`; empty as long as it is not known."""
    trap: str
    """Title of the scenario's trap that it is like; empty for none, or where it helped by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One update that others were given, beside how things stood."""

    at_us: int
    what: str
    """What kind of update it was, in words."""
    stated: str
    """Band of impact that was stated; empty for none."""
    band: str
    """Band it was in the time before; empty where nothing was decided then."""
    failing: float | None
    """Share of users failing in the time before, from 0 to 1; None where nothing was decided then."""
    due_us: int | None
    """When the next update was promised for; None for no promise."""
    next_us: int | None
    """When the next update came; None for never."""
    kept: bool | None
    """Whether it came in time; None without a promise, or where the run ended before that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the run, and how many requests that arrived in it failed or came late."""

    name: str
    start_us: int
    end_us: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One diagnosis that was committed."""

    at_us: int
    skill: float
    """Brier skill: 1 for all chips on the truth, 0 for chips spread evenly, negative for confidence in an error."""
    most: int
    """Chips on the suspect that got most."""
    on_truth: int
    """Chips on what it was."""
    pins: tuple[str, ...]
    """Readings that were pinned then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectView:
    """One explanation, with the chips it got."""

    name: str
    title: str
    tell: str
    """The reading that separates it from its look-alikes."""
    first: int | None
    """Chips in the first commitment; None when there was none."""
    last: int | None
    true: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a reference solution or a trap teaches."""

    title: str
    teaches: str
    trap: bool
    bad: int | None
    """Failed and late requests of its lane; None where it was not simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFigures:
    """The run's own figures, beside those of the incident it is modelled on."""

    pods: tuple[int, int, int]
    """At the first sample, the most there were, and at the last sample."""
    sessions_share: float
    """Most database sessions at a time, as a share of the slots for ordinary roles."""
    pod_cpu: float
    """Highest mean over the pods, as a share of their limit."""
    database_cpu: float
    """Highest, as a share of all cores."""
    worst: float | None
    """Highest share of users failing over one step of the curve."""
    began_us: int | None
    """When users began to fail; None for never."""
    lasted_us: int | None
    """From then until the objective held again; None if it did not, or was never missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """One run, looked back at."""

    title: str
    scenario: str
    seed: int
    player: str
    length_s: int
    paged_us: int
    left_us: int | None
    """From when on the run was simulated without anybody, because its recording stops there; None for the whole run."""
    stood_still_us: tuple[int, ...]
    """Each stretch of wall clock for which simulated time was stopped, in microseconds."""
    resolved_us: int | None
    """When somebody said last that it was over; None for never."""
    said: str
    """What they had to say then; empty for nothing."""
    promised: float
    """Share of requests answered correctly and in time that users were promised."""
    in_time_us: int
    """A correct answer after this long counts as late."""
    step_s: int
    """Length of one step of a curve."""
    lanes: tuple[LaneCurve, ...]
    """You, nothing done, the best of the reference solutions."""
    avoided: float
    """Share of the avoidable pain that was avoided."""
    impact: float
    """Points out of 30."""
    parts: tuple[Part, ...]
    """The whole score, in the order of the rubric."""
    diagnosis: Verdict
    commitments: tuple[Commitment, ...]
    """None, the only one, or the first and the last."""
    suspects: tuple[SuspectView, ...]
    """As the scenario lists them."""
    truth: str
    """Title of the true suspect."""
    timeline: tuple[Moment, ...]
    sampling_us: int
    """Time between two samples: a state of the system may have begun that much before it is first seen."""
    turning_points: tuple[TurningPoint, ...]
    """Every action in order of time."""
    slight: int
    """What changes fewer requests than this makes little difference."""
    told: tuple[Told, ...]
    """Every update in order of time."""
    told_over_us: int
    """Length of the time before an update over which users failing are counted."""
    waits: tuple[Stretch, ...]
    """The run cut where the page came and where an action first helped; empty where that is not known."""
    own: OwnFigures
    summary: str
    tell: str
    look_alike: str
    source: str
    sealed: bool
    """Whether several systems may be behind the page, of which the seed chose one."""
    lessons: tuple[Lesson, ...]
    questions: tuple[str, ...]
    """To think about, or to talk about with others."""
