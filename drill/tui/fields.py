"""What can be filled in for an action in this system, and how the filled-in becomes an action.

Separate from the form, because which values are valid is a matter of the scenario and the catalogue, not of a screen.
Nothing here says whether an action helps. No Textual.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from drill.actions.fields import expected, hints, read_fields, write_value
from drill.scenario.calls import calls_of
from drill.tui.inforce import in_force, off
from drill.units import Whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drill.actions.catalogue import Action
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import DeploymentSpec
    from drill.telemetry.snapshot import Snapshot

_SWITCH = ("on", "off")
_DIGITS = 18
"""More than any number that is allowed; longer ones are refused as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldModel:
    """One field of a form."""

    name: str
    values: tuple[str, ...] | None
    """Valid values; None for a field to type into."""
    value: str
    """What stands there at first."""
    hint: str = ""
    """What is expected, in a few words; empty where the values say it."""
    now: str = ""
    """The value in force; empty where there is none."""
    empty: str = ""
    """What is said in a field to type into while nothing stands there."""
    decided: bool = True
    """Whether what stands there at first is a sensible default, so that one may pass it by."""
    shown: bool = True
    """Whether it is asked for; it depends on what is chosen elsewhere."""

    @property
    def label(self) -> str:
        """The name for people."""
        return self.name.replace("_", " ")


def form(
    kind: type[Action], spec: ScenarioSpec, now: Snapshot, filled: Mapping[str, str], done: Sequence[Action] = ()
) -> tuple[FieldModel, ...]:
    """Return the fields of an action; those that depend on another one follow what is filled in there.

    `done` is what was done in this run, oldest first.
    """
    models: list[FieldModel] = []
    chosen = dict(filled)
    for field in fields(kind):
        annotation = hints(kind)[field.name]
        values = _values(field.name, annotation, spec, chosen)
        present = in_force(field.name, kind, (spec, now), chosen, done)
        default = "" if field.default is MISSING else _written(annotation, field.default)
        value = chosen.get(field.name, default or present)
        if values is not None and value not in values:
            value = values[0] if values else ""
        chosen[field.name] = value
        hint = "" if values is not None else expected(annotation)
        typed = values is None
        models.append(
            FieldModel(
                name=field.name,
                values=values,
                value=value,
                hint=hint,
                now=f"{present} (off)" if off(kind, present) else present,
                decided=not typed,
            )
        )
    return tuple(models)


def missing(kind: type[Action], spec: ScenarioSpec) -> str:
    """Return why an action can't be chosen in this system; empty when it can."""
    chosen: dict[str, str] = {}
    for field in fields(kind):
        values = _values(field.name, hints(kind)[field.name], spec, chosen)
        if values == ():
            return f"this system has no {field.name}"
        chosen[field.name] = values[0] if values else ""
    if kind.do.endswith("-autoscaler") and all(each.autoscaler is None for each in spec.topology.deployments.values()):
        return "this system has no autoscaler"
    if kind.do == "set-dns" and (spec.topology.network is None or spec.topology.network.dns is None):
        return "this system has no name server"
    if "pooler" in kind.do and spec.topology.pooler is None:
        return (
            "this system has no pooler that could be added" if kind.do == "add-pooler" else "this system has no pooler"
        )
    return ""


def build(kind: type[Action], filled: Mapping[str, str]) -> Action:
    """Return the action; raise ActionError naming everything that is wrong."""
    return read_fields(kind, {name: _raw(hints(kind)[name], text) for name, text in filled.items()}, kind.do)


def _values(name: str, annotation: Any, spec: ScenarioSpec, chosen: Mapping[str, str]) -> tuple[str, ...] | None:  # noqa: ANN401 - a type
    topology = spec.topology
    deployment = topology.deployments.get(chosen.get("deployment", ""))
    if name == "deployment":
        return tuple(topology.deployments)
    if name in {"pool", "call", "fix"}:
        return _of_deployment(name, deployment) if deployment else ()
    if name == "flag":
        return tuple(topology.flags)
    if name == "link":
        return () if topology.network is None else tuple(topology.network.links)
    if get_origin(annotation) is Literal:
        return tuple(get_args(annotation))
    return _SWITCH if annotation is bool else None


def _of_deployment(name: str, deployment: DeploymentSpec) -> tuple[str, ...]:
    return tuple({"pool": deployment.pools, "call": calls_of(deployment), "fix": deployment.fixes}[name])


def _written(annotation: Any, value: object) -> str:  # noqa: ANN401 - a type
    if isinstance(value, bool):
        return _SWITCH[not value]
    return str(write_value(annotation, value))


def _raw(annotation: Any, text: str) -> object:  # noqa: ANN401 - a type
    """Return a filled-in text as a file would have it."""
    text = text.strip()
    if annotation is bool:
        return text == _SWITCH[0]
    if any(isinstance(extra, Whole) for extra in getattr(annotation, "__metadata__", ())):
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else text
    return text
