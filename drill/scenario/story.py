"""What is told about the system: the page, the suspects, reference solutions, traps, hints, texts and expectations.

Separate from the topology because none of it reaches the simulation: effects are never written here, they come out of
the engine. Only `expects` talks about effects, and it is checked against the engine, with and without the cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID, Bound, Changes, Draw, DrawSpec, TimedEntry
from drill.units import Micros, PerSecond, PositiveMicros, Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    __pydantic_config__: ClassVar = FORBID


@dataclass(frozen=True, slots=True, kw_only=True)
class SloSpec(_Spec):
    """What users were promised."""

    success: Share
    """Share of requests answered correctly and in time."""
    latency: PositiveMicros
    """A correct answer after this long counts as late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint(_Spec):
    """A change of the arrival rate."""

    at: Micros
    """When the change starts."""
    rate: PerSecond
    """The rate it leads to."""
    over: Micros = 0
    """How long the rate takes to get there, linearly; 0 for a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdPoint(_Spec):
    """A change of the number of users in a closed loop."""

    at: Micros
    """When the change starts."""
    users: Annotated[int, Whole(0, 100_000)]
    """The number it leads to; who is too many leaves after the next answer."""
    over: Micros = 0
    """How long it takes to get there, evenly; 0 for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSpec(_Spec):
    """When users arrive: a Poisson process with a rate over time, a recorded trace, or a closed loop."""

    rate: PerSecond = 0.0
    """Rate at the start."""
    points: list[RatePoint] = field(default_factory=list)
    """Later changes, in order of time."""
    factor: Bound = 1.0
    """Multiplies every rate."""
    trace: str = ""
    """CSV file (optionally .gz) beside the scenario with arrivals, in place of rates."""
    users: Annotated[int, Whole(0, 100_000)] = 0
    """Users who ask, wait for the answer, think and ask again (a closed loop), in place of rates; times `factor`."""
    crowd: list[CrowdPoint] = field(default_factory=list)
    """Later changes of their number, in order of time."""
    think: Draw = DrawSpec(mean=1_000_000, shape="exponential")
    """How long such a user thinks before each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSpec(_Spec):
    """One chart of the team's dashboard."""

    title: str
    metric: str
    """Name of a sampled metric."""
    where: dict[str, str] = field(default_factory=dict)
    """Labels a series must have; a value that ends in `*` matches its beginning. Empty for every series."""
    unit: Literal["%", "cores", "bytes", "bytes/s", "/s", "count", "s"] = "count"
    combine: Literal["sum", "mean", "max"] = "sum"
    """How series of several pods become one line."""
    per_second: bool = False
    """Whether the metric is a counter whose rate is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSpec(_Spec):
    """An alert as the team has it."""

    metric: str
    where: dict[str, str] = field(default_factory=dict)
    """As for a chart."""
    above: Bound
    lasting: Micros = 0
    """How long the value must stay above, without a break (Prometheus' `for`)."""
    keep_firing: Micros = 0
    """How long it goes on firing after the value was last above (Prometheus' `keep_firing_for`)."""
    combine: Literal["sum", "mean", "max"] = "sum"
    per_second: bool = False
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectSpec(_Spec):
    """One possible explanation a trainee can put chips on."""

    title: str
    mechanism: str
    place: str
    trigger: str
    tell: str
    """The reading that separates it from its look-alikes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionSpec(_Spec):
    """A reference solution, or a trap: timed lines and what they teach."""

    title: str
    teaches: str = ""
    entries: list[TimedEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSpec(_Spec):
    """One rung of help."""

    text: str
    cost: Annotated[int, Whole(0, 100)] = 5
    """Points it costs in an exam."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSpec(_Spec):
    """Something that would have prevented or softened the incident."""

    title: str
    changes: Changes
    """What it changes in this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSpec(_Spec):
    """A titled piece of text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebriefSpec(_Spec):
    """What the debrief says; numbers come from the run, by the names of figures in braces."""

    summary: str
    tell: str
    look_alike: str
    source: str = ""
    """The figures of the incident this is modelled on; the only text of a debrief in which they are typed."""


FIGURES = (
    "success_rate",
    "bad_share",
    "bad_per_s",
    "latency_p95_s",
    "pod_cpu",
    "database_cpu",
    "pods",
    "pods_ready",
    "pods_without_connections",
    "restarts",
    "connections",
    "connections_share",
    "active_queries",
    "idle_sessions",
    "refused_connects_per_s",
    "lock_waits",
    "deadlocks",
)
"""Figures that `expects` can bound. Shares and CPU are fractions of 1; CPU is of the limit or of all cores.

Deadlocks are counted since the start, so that their `max` is the number up to the end of the window.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectSpec(_Spec):
    """A figure over a window that must come out within bounds, and must not without its cause."""

    figure: Literal[FIGURES]  # type: ignore[valid-type]  # one list serves code and type
    stat: Literal["total", "mean", "min", "max"] = "total"
    """`total` over the whole window; the others over its 5 s steps."""
    start: Micros
    end: PositiveMicros
    at_least: Bound | None = None
    at_most: Bound | None = None
    player: str = "idle"
    """Who plays: `idle`, or the name of a reference solution or trap."""
    changes: Changes | None = None
    """What is changed in the file for this expectation, besides the removed cause."""
    without: dict[str, Changes] = field(default_factory=dict)
    """Causes to remove, one at a time, by name; without any one of them the bounds must not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpec(_Spec):
    """A figure of the run that texts of the debrief name in braces: one that `expects` knows, or a sampled metric."""

    figure: Literal[("", *FIGURES)] = ""  # type: ignore[valid-type]  # as above
    """One of the figures of `expects`; empty for a metric."""
    metric: str = ""
    """Name of a sampled metric, counters as rates; empty for a figure of `expects`."""
    where: dict[str, str] = field(default_factory=dict)
    """Of a metric: labels a series must have; a value that ends in `*` matches its beginning."""
    combine: Literal["sum", "mean", "max"] = "sum"
    """Of a metric: how its series become one line."""
    stat: Literal["total", "mean", "min", "max"] = "total"
    """As in `expects`; the `total` of a metric is its mean."""
    start: Micros
    end: PositiveMicros
    lane: str = "idle"
    """Whose run: `idle`, in which nothing is done, `you`, or the name of a reference solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySpec(_Spec):
    """Everything a trainee, a facilitator and the debrief read."""

    page: str
    """The text that wakes the responder."""
    prerequisites: list[str] = field(default_factory=list)
    objectives: list[str] = field(default_factory=list)
    dashboard: dict[str, PanelSpec]
    """Charts the team really has."""
    alerts: dict[str, AlertSpec] = field(default_factory=dict)
    suspects: dict[str, SuspectSpec]
    answer: str
    """Id of the true suspect."""
    solutions: dict[str, SolutionSpec]
    """Reference solutions by name."""
    traps: dict[str, SolutionSpec] = field(default_factory=dict)
    """Tempting plans that do not help, by name."""
    hints: list[HintSpec] = field(default_factory=list)
    guards: dict[str, GuardSpec] = field(default_factory=dict)
    runbook: list[SectionSpec] = field(default_factory=list)
    figures: dict[str, FigureSpec] = field(default_factory=dict)
    """Figures of the run by the name that debrief texts and `teaches` give in braces; known only after the end."""
    debrief: DebriefSpec
