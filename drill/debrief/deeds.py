"""What somebody did, in words.

Separate from the debrief, because a live screen says it in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.actions.entries import Diagnosis, Hint, Look, Pin, Remark, Standstill, Unpin, Update, write_deed
from drill.units import format_duration

if TYPE_CHECKING:
    from drill.actions.entries import Deed
    from drill.scenario.spec import ScenarioSpec

KINDS = {
    Look: "look",
    Pin: "pin",
    Unpin: "pin",
    Diagnosis: "diagnosis",
    Update: "update",
    Hint: "hint",
    Remark: "note",
    Standstill: "pause",
}


def kind_of(deed: Deed) -> str:
    """Return what sort of moment something is, such as `action`, `look` or `pin`."""
    return "action" if isinstance(deed, Action) else KINDS[type(deed)]


def played(player: str) -> str:
    """Return how a run was played, from the name of its player."""
    return {"cockpit": "played in the cockpit", "actions": "played from a file of actions"}.get(
        player, f"played by {player}"
    )


def describe(deed: Deed, spec: ScenarioSpec | None) -> str:
    """Return something that was done in words; where the scenario is not known, suspects are called by their ids."""
    if isinstance(deed, Action):
        fields = [stated(key, value) for key, value in write_deed(deed).items() if key != "do"]
        return ", ".join([deed.title, *fields])
    if isinstance(deed, Look):
        return looked(deed)
    if isinstance(deed, Pin):
        return f"pinned: {reading(deed)}"
    if isinstance(deed, Diagnosis):
        titles = {} if spec is None else {name: suspect.title for name, suspect in spec.story.suspects.items()}
        ranked = sorted(deed.diagnose, key=lambda pair: -pair[1])
        return "; ".join(f"{chips} on: {titles.get(name, name)}" for name, chips in ranked if chips)
    return _said(deed)


def stated(key: str, value: object) -> str:
    """Return one field of an action; what can be on or off is said so."""
    name = key.replace("_", " ")
    if not isinstance(value, bool):
        return f"{name} {value}"
    said = "on" if value else "off"
    return said if key == "on" else f"{name} {said}"


def looked(*looks: Look) -> str:
    """Return several looks in one go in words, each place once."""
    places = dict.fromkeys(look.look + (f" for {look.target}" if look.target else "") for look in looks)
    return f"looked at {', '.join(places)}"


def reading(pin: Pin) -> str:
    """Return a reading that was pinned, with its value where that was kept."""
    return pin.pin + (f" = {pin.value}" if pin.value else "")


def _said(deed: Unpin | Hint | Remark | Standstill | Update) -> str:
    if isinstance(deed, Unpin):
        return f"unpinned: {deed.unpin}"
    if isinstance(deed, Hint):
        return f"took hint {deed.hint}"
    if isinstance(deed, Remark):
        return deed.note
    if isinstance(deed, Standstill):
        return f"simulated time had stood still for {format_duration(deed.stood_still)}"
    told = (("impact", deed.impact), ("", deed.severity), ("", deed.team), ("", deed.scope), ("", deed.doing))
    parts = [f"{name} {value}".lstrip() for name, value in told if value]
    promised = [f"next in {format_duration(deed.next_in)}"] if deed.next_in else []
    return ", ".join([UPDATES[deed.update], *parts, *promised])


UPDATES = {
    "acknowledge": "page acknowledged",
    "status": "status",
    "severity": "severity",
    "escalate": "asked for help",
    "resolved": "said to be over",
}
"""What kinds of updates are called."""
