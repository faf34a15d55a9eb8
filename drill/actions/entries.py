"""Timed lines: what was done, looked at, pinned, diagnosed, told or written down, and when.

One notation serves the timeline and the reference solutions of a scenario, actions files and recordings, so that any of
them can be played back through the same door. A line is a mapping such as
`{"at": "2m30s", "do": "scale", "deployment": "api", "replicas": 6}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from drill.actions.catalogue import CATALOGUE, Action
from drill.actions.fields import listed, nearest, read_fields, write_fields
from drill.errors import ActionError
from drill.units import Quantity, Whole, format_duration, say

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEWS = (
    "overview",
    "metrics",
    "pods",
    "nodes",
    "events",
    "logs",
    "log_counts",
    "deployments",
    "pools",
    "gateway",
    "pg_stat_activity",
    "pg_locks",
    "pgbouncer",
    "network",
    "traces",
)
"""Views a responder can look at."""
MAX_SUSPECTS = 40
CHIPS = 100
"""Chips a diagnosis spreads over the suspects."""

_AT = Quantity("duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody opened a view; changes nothing in the simulation."""

    look: Literal[VIEWS]  # type: ignore[valid-type]  # one list serves code and type
    target: str = ""
    """What part of the view: a pod, an application name, a metric; empty for all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Somebody kept a reading as evidence."""

    pin: str
    """What the reading is called."""
    view: Literal["", *VIEWS] = ""  # type: ignore[valid-type]  # one list serves code and type
    """View it was read in; empty where that was not noted."""
    row: str = ""
    """What its row begins with in that view, such as the name of a pod."""
    value: str = ""
    """What was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpin:
    """Somebody dropped a reading that was pinned."""

    unpin: str
    """What the reading is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Somebody opened a rung of the scenario's help."""

    hint: Annotated[int, Whole(1, 100)]
    """Number of the rung; the first is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Somebody wrote something down, for themselves and for the debrief."""

    note: str


class _Chips:
    """Reads and writes the chips of a diagnosis: suspect id to a whole number, 100 in all."""

    what = f"a mapping of suspect to chips, {CHIPS} in all"

    def read(self, raw: object) -> tuple[tuple[str, int], ...]:
        if not isinstance(raw, dict) or not 0 < len(raw) <= MAX_SUSPECTS:
            msg = f"{say(raw)} is not {self.what}"
            raise ValueError(msg)
        for suspect, chips in raw.items():
            if not isinstance(suspect, str) or isinstance(chips, bool) or not isinstance(chips, int) or chips < 0:
                msg = f"{say(suspect)}: {say(chips)} is not a whole number of chips from 0 to {CHIPS}"
                raise ValueError(msg)
        if sum(raw.values()) != CHIPS:
            msg = f"the chips add up to {sum(raw.values())}; they must add up to {CHIPS}"
            raise ValueError(msg)
        return tuple(sorted(raw.items()))

    def write(self, value: tuple[tuple[str, int], ...]) -> dict[str, int]:
        return dict(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Somebody committed to an explanation by spreading 100 chips over the suspects."""

    diagnose: Annotated[tuple[tuple[str, int], ...], _Chips()]
    """Pairs of suspect id and chips, ordered by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Somebody told others how things stand."""

    update: Literal["status", "acknowledge", "severity", "escalate", "resolved"]
    impact: Literal["", "none", "some", "many", "most"] = ""
    """Stated share of users failing; empty when not stated."""
    severity: Literal["", "sev1", "sev2", "sev3", "sev4"] = ""
    """How bad it is said to be, 1 the worst; empty when not stated."""
    team: str = ""
    """Who is asked for help."""
    scope: str = ""
    """Which part of the system or which users."""
    doing: str = ""
    next_in: Annotated[int, Quantity("duration")] = 0
    """When the next update is promised, in microseconds from now; 0 when not promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """Somebody had stopped simulated time, and lets it go on."""

    stood_still: Annotated[int, Quantity("duration")]
    """Wall clock for which it stood still, in microseconds."""


Deed = Action | Look | Pin | Unpin | Diagnosis | Update | Hint | Remark | Standstill


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One timed line."""

    at_us: int
    """Simulated time since the start, in microseconds."""
    deed: Deed
    by: str = ""
    """Who or what did it (`cockpit`, `console`, a colleague); empty for the trainee."""


_KINDS: dict[str, type[Look | Pin | Unpin | Diagnosis | Update | Hint | Remark | Standstill]] = {
    "look": Look,
    "pin": Pin,
    "unpin": Unpin,
    "diagnose": Diagnosis,
    "update": Update,
    "hint": Hint,
    "note": Remark,
    "stood_still": Standstill,
}


def read_deed(raw: Mapping[str, object]) -> Deed:
    """Return what a mapping without `at` describes; raise ActionError."""
    kinds = [kind for kind in ("do", *_KINDS) if kind in raw]
    if len(kinds) != 1:
        found = f"has {' and '.join(kinds)}" if kinds else f"has only {listed(map(str, raw))}"
        msg = f"a line needs exactly one of do, {', '.join(_KINDS)}; this one {found}"
        raise ActionError(msg)
    if kinds[0] != "do":
        return read_fields(_KINDS[kinds[0]], raw, f"a {kinds[0]} line")
    name = raw["do"]
    if not isinstance(name, str) or name not in CATALOGUE:
        msg = f"unknown action {say(name)}; the actions are: {listed(CATALOGUE)}{nearest(str(name), CATALOGUE)}"
        raise ActionError(msg)
    return read_fields(CATALOGUE[name], {key: value for key, value in raw.items() if key != "do"}, name)


def write_deed(deed: Deed) -> dict[str, object]:
    """Return the mapping that `read_deed` reads back."""
    return ({"do": deed.do} if isinstance(deed, Action) else {}) | write_fields(deed)


def read_entry(raw: object) -> Entry:
    """Return one timed line; raise ActionError naming every problem in it."""
    if not isinstance(raw, dict):
        msg = f"{say(raw)} is not a mapping such as {{at: 2m30s, do: scale, …}}"
        raise ActionError(msg)
    rest = cast("dict[str, Any]", dict(raw))
    wrong = []
    at_us, deed, by = 0, None, rest.pop("by", "")
    if not isinstance(by, str) or len(by) > 100:  # noqa: PLR2004 - a name
        wrong.append(f"by: {say(by)} is not a name of at most 100 characters")
    try:
        at_us = cast("int", _AT.read(rest.pop("at", None)))
    except ValueError as error:
        wrong.append(f"at: {error}")
    try:
        deed = read_deed(rest)
    except ActionError as error:
        wrong.append(str(error))
    if wrong or deed is None:
        raise ActionError("; ".join(wrong))
    return Entry(at_us=at_us, deed=deed, by=by)


def write_entry(entry: Entry) -> dict[str, object]:
    """Return the mapping that `read_entry` reads back."""
    return {"at": format_duration(entry.at_us)} | ({"by": entry.by} if entry.by else {}) | write_deed(entry.deed)
