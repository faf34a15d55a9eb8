"""What can be said in an update, how the filled-in becomes one, and whether the next one is overdue.

Separate from the form, because what is offered is a matter of the scenario and of what was said before. Nothing here
knows whether what is said is true. No Textual.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from drill.actions.entries import Update
from drill.actions.fields import read_fields
from drill.errors import ActionError
from drill.scenario.topology import CallStep, ParallelStep, TransactionStep
from drill.scoring.communication import BANDS, NONE, allowed, promised_us
from drill.tui.fields import FieldModel
from drill.tui.widgets.prose import Paragraph
from drill.units import US_PER_S, format_clock, format_duration, format_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drill.actions.entries import Entry
    from drill.driver.driver import Frame
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import Step
    from drill.tui.glyphs import Glyphs

NOT_STATED, EVERYTHING, OTHER, NO_PROMISE = "not stated", "everything", "other", "no promise"
"""Values for people; they are not recorded, except for `everything`."""
IMPACTS = (NONE, *(each.name for each in BANDS))
SEVERITIES = ("sev1", "sev2", "sev3", "sev4")
PROMISES = ("5m", "10m", "15m", "30m")
_USUAL_SEVERITY, _USUAL_PROMISE = "sev2", "10m"
_DOING = {
    "status": "what is being done about it, in a line",
    "severity": "why, in a line",
    "escalate": "what you need from them, in a line",
}
_TEAMS = ("database", "platform")
"""Teams that every company of this kind has."""


def form(spec: ScenarioSpec, given: Sequence[Entry], filled: Mapping[str, str]) -> tuple[FieldModel, ...]:
    """Return the fields of an update; what was said before stands there at first."""
    said = [entry.deed for entry in given if isinstance(entry.deed, Update)]
    kinds: tuple[str, ...] = ("status", "severity", "escalate")
    if not any(each.update == "acknowledge" for each in said):
        kinds = (*kinds, "acknowledge")
    kind = filled.get("kind", kinds[0])
    impact = _latest(each.impact for each in said) or NOT_STATED
    severity = _latest(each.severity for each in said) or _USUAL_SEVERITY
    scopes = (NOT_STATED, EVERYTHING, *spec.topology.deployments, OTHER)
    scope = filled.get("scope", _among(_latest(each.scope for each in said), scopes))
    asked = teams(spec)
    team = filled.get("team", asked[0])
    doing = _latest(each.doing for each in said if each.update == kind)
    status, escalate, says = kind == "status", kind == "escalate", kind != "acknowledge"
    in_words = (status and scope == OTHER) or (escalate and team == OTHER)

    def choice(name: str, values: tuple[str, ...], value: str, *, shown: bool, decided: bool = False) -> FieldModel:
        return FieldModel(name=name, values=values, value=filled.get(name, value), decided=decided, shown=shown)

    def typed(name: str, empty: str, *, shown: bool, value: str = "") -> FieldModel:
        value = filled.get(name, value)
        return FieldModel(name=name, values=None, value=value, empty=f"({empty})", decided=False, shown=shown)

    return (
        choice("kind", kinds, kind, shown=True, decided=True),
        choice("impact", (NOT_STATED, *IMPACTS), impact, shown=status),
        choice("severity", SEVERITIES, severity, shown=kind == "severity"),
        choice("team", asked, team, shown=escalate),
        choice("scope", scopes, scope, shown=status),
        typed("in_words", "which team" if escalate else "which part of the system, or which users", shown=in_words),
        typed("doing", _DOING.get(kind, ""), shown=says, value=doing),
        choice("next_update_in", (*PROMISES, NO_PROMISE), _USUAL_PROMISE, shown=says, decided=True),
    )


def build(filled: Mapping[str, str]) -> Update:
    """Return the update; raise ActionError where it would say nothing."""
    kind = filled["kind"]
    said = {"update": kind}
    if kind != "acknowledge":
        promised = filled["next_update_in"]
        said |= {"doing": filled["doing"].strip(), "next_in": "0s" if promised == NO_PROMISE else promised}
    if kind == "severity":
        said["severity"] = filled["severity"]
    elif kind == "escalate":
        said["team"] = _worded(filled, "team", "say in words which team is asked for help")
    elif kind == "status":
        said["impact"] = "" if filled["impact"] == NOT_STATED else filled["impact"]
        said["scope"] = _worded(filled, "scope", "say in words which part of the system, or which users")
        if not (said["impact"] or said["scope"] or said["doing"]):
            msg = "this update would say nothing; state an impact, a scope or what is being done"
            raise ActionError(msg)
    return read_fields(Update, said, "an update")


def teams(spec: ScenarioSpec) -> tuple[str, ...]:
    """Return who can be asked: teams every company has, those whose services are called, and others in words."""
    deployments = spec.topology.deployments
    called = [
        name
        for deployment in deployments.values()
        for endpoint in deployment.endpoints.values()
        for name in _called(endpoint.program)
    ]
    others = deployments if len(deployments) > 1 else ()
    return tuple(dict.fromkeys((*_TEAMS, *others, *called, OTHER)))


def meaning(kind: str, objective: float) -> tuple[Paragraph, ...]:
    """Return what the words of a kind of update mean; `objective` is the share of good answers promised."""
    if kind == "status":
        bounds = [f"at most {_percent(allowed(objective))} of users failing: the objective is kept"]
        bounds += [f"more than that, below {_percent(BANDS[0].below)}"]
        bounds += [
            f"{_percent(low.below)} and more, below {_percent(each.below)}" for low, each in pairwise(BANDS[:-1])
        ]
        bounds.append(f"{_percent(BANDS[-2].below)} and more")
        pairs = zip(IMPACTS, bounds, strict=True)
        return tuple(Paragraph(bound, "muted", f"{name}  ") for name, bound in pairs)
    texts = {
        "severity": "How bad it is for the company, sev1 the worst. It can be changed as often as it has to be.",
        "escalate": "Asking for help is good practice and never held against anybody. Say below what you need.",
        "acknowledge": "Says that somebody is on it.",
    }
    return (Paragraph(texts[kind], "muted"),)


@dataclass(frozen=True, slots=True)
class Promise:
    """When the next update is due."""

    due_us: int
    late_us: int
    """How long ago that was; 0 or less while there is time."""

    @property
    def overdue(self) -> bool:
        """Whether it should have come."""
        return self.late_us >= US_PER_S

    def words(self) -> str:
        """Return it in a few words."""
        seconds = abs(self.late_us) // US_PER_S * US_PER_S
        if self.overdue:
            return f"update overdue by {format_duration(seconds)}"
        return f"next update at {format_clock(self.due_us)}"


def promise(given: Iterable[Entry], now_us: int) -> Promise | None:
    """Return what was promised last; None for nothing."""
    due_us = promised_us(given)
    return None if due_us is None else Promise(due_us, now_us - due_us)


def _percent(share: float) -> str:
    return f"{format_number(share * 100)} %"


def remark(given: Iterable[Entry], frame: Frame, glyphs: Glyphs) -> tuple[str, str]:
    """Return when the next update is due, with the role of the text; empty when none was promised."""
    due = promise(given, frame.snapshot.at_us)
    if due is None:
        return "", "muted"
    return (f"{glyphs.warn} {due.words()}", "warn") if due.overdue else (due.words(), "muted")


def _called(steps: Iterable[Step]) -> Iterable[str]:
    for step in steps:
        if isinstance(step, CallStep):
            yield step.call
        elif isinstance(step, TransactionStep):
            yield from _called(step.transaction)
        elif isinstance(step, ParallelStep):
            for part in step.parallel:
                yield from _called(part)


def _latest(words: Iterable[str]) -> str:
    return next((word for word in reversed(list(words)) if word), "")


def _among(value: str, values: tuple[str, ...]) -> str:
    return value if value in values else values[0]


def _worded(filled: Mapping[str, str], name: str, lacking: str) -> str:
    """Return a choice, or what was typed in its place."""
    value = filled[name]
    if value == NOT_STATED:
        return ""
    if value != OTHER:
        return value
    words = filled["in_words"].strip()
    if not words:
        raise ActionError(lacking)
    return words
