"""What the file writes and what the model holds: `return`, and revisions and fixes written as changes.

Separate so that the model needs no reader of its own for these and the rest of the room sees one form. It knows the
notation, not whether a value is right; what it finds has the file's places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drill.scenario.findings import Finding, Place, dotted, look_up, suggest

WRITTEN = {"returns": "return", "becomes": "changes"}
"""Names of the model that are written differently in the file."""
MAX_WRITTEN_OUT = 200_000
"""Most keys and values a file may come to once its revisions and fixes are written out."""

_DEPLOYMENTS: Place = ("topology", "deployments")
_PREVIOUS_KEYS = ("revision", "changes")
_PROPOSED: tuple[tuple[str, ...], ...] = (
    ("story", "guards", "*", "changes"),
    ("expects", "*", "changes"),
    ("expects", "*", "without", "*"),
    ("topology", "deployments", "*", "previous", "changes"),
    ("topology", "deployments", "*", "fixes", "*", "changes"),
    ("variants", "*", "changes"),
)
"""Where a file holds changes to itself; `*` is any name."""


def merged(base: Any, changes: Any) -> Any:  # noqa: ANN401 - plain data of a file
    """Return `base` with `changes` merged level by level; a null removes a key. Neither is altered."""
    if not isinstance(changes, Mapping):
        return changes
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def composed(first: Any, second: Any) -> Any:  # noqa: ANN401 - plain data of a file
    """Return the changes that do what two do one after the other: merged level by level, every null kept."""
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return second
    both = {key: composed(value, second[key]) if key in second else value for key, value in first.items()}
    return {**both, **{key: value for key, value in second.items() if key not in first}}


def overlaid(content: Any, changes: Any, place: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - plain data of a file
    """Return a whole file with `changes` merged as `merged` does, but what it proposes to change stays as written.

    A null in a guard's or an expectation's changes means that a key is to be removed later.
    """
    if not isinstance(changes, Mapping):
        return changes
    if any(len(place) == len(each) and all(map(_fits, each, place)) for each in _PROPOSED):
        return composed(content, changes) if isinstance(content, Mapping) else changes
    result = dict(content) if isinstance(content, Mapping) else {}
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = overlaid(result.get(key), value, (*place, key))
    return result


def _fits(wanted: str, key: str) -> bool:
    return wanted in ("*", key)


def size(content: Any) -> int:  # noqa: ANN401 - plain data of a file
    """Return how many keys and values plain data has."""
    count, open_values = 0, [content]
    while open_values:
        value = open_values.pop()
        count += 1
        if isinstance(value, Mapping):
            open_values.extend(value.values())
        elif isinstance(value, list):
            open_values.extend(value)
    return count


def expand(content: dict[str, Any]) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return content in the model's form, None where that would be too large, and what is wrong with the notation."""
    deployments = look_up(content, _DEPLOYMENTS)
    if not isinstance(deployments, dict):
        return content, []
    if (written_out := sum(_written_out(each) for each in deployments.values())) > MAX_WRITTEN_OUT:
        msg = f"with revisions and fixes written out there are {written_out} values; allowed are {MAX_WRITTEN_OUT}"
        return None, [Finding(_DEPLOYMENTS, msg)]
    found: list[Finding] = []
    expanded = {name: _deployment(each, (*_DEPLOYMENTS, name), found) for name, each in deployments.items()}
    return {**content, "topology": {**content["topology"], "deployments": expanded}}, found


def _written_out(deployment: Any) -> int:  # noqa: ANN401 - plain data of a file
    fixes = look_up(deployment, ("fixes",))
    return size(deployment) * (2 + (len(fixes) if isinstance(fixes, dict) else 0))


def _deployment(raw: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data of a file
    if not isinstance(raw, dict):
        return raw
    bare = {key: value for key, value in raw.items() if key not in {"previous", "fixes"}}
    result = _with_programs(bare, place, found)
    if raw.get("previous") is not None:
        result["previous"] = _previous(bare, raw["previous"], (*place, "previous"), found)
    if "fixes" in raw:
        result["fixes"] = raw["fixes"]
        if isinstance(raw["fixes"], dict):
            fixes = raw["fixes"].items()
            result["fixes"] = {name: _fix(bare, fix, (*place, "fixes", name), found) for name, fix in fixes}
    return result


def _previous(bare: dict[str, Any], raw: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data
    if not isinstance(raw, dict):
        return raw
    for key in raw:
        if key not in _PREVIOUS_KEYS:
            keys = ", ".join(_PREVIOUS_KEYS)
            found.append(
                Finding((*place, key), f"unknown key; the keys here are: {keys}{suggest(key, _PREVIOUS_KEYS)}")
            )
    for key in _PREVIOUS_KEYS:
        if key not in raw:
            what = "a version label" if key == "revision" else "what was different, in the form of this deployment"
            found.append(Finding((*place, key), f"this key is needed: {what}"))
    changed = _changed(bare, raw.get("changes", {}), (*place, "changes"), found)
    if isinstance(changed, dict) and "revision" in raw:
        return {**changed, "revision": raw["revision"]}
    return changed


def _fix(bare: dict[str, Any], raw: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data
    if not isinstance(raw, dict):
        return raw
    result = {key: value for key, value in raw.items() if key not in {"changes", "becomes"}}
    if "becomes" in raw:
        found.append(Finding((*place, "becomes"), "unknown key; write what the fix changes under `changes`"))
    if "changes" in raw:
        result["becomes"] = _changed(bare, raw["changes"], (*place, "changes"), found)
    return result


def _changed(bare: dict[str, Any], changes: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data
    if not isinstance(changes, dict):
        return changes
    apart = [key for key in ("previous", "fixes") if key in changes]
    found.extend(Finding((*place, key), "revisions and fixes have none of their own; remove this key") for key in apart)
    usable = {key: value for key, value in changes.items() if key not in apart}
    found_here: list[Finding] = []
    result = _with_programs(merged(bare, usable), (), found_here)
    found.extend(Finding((*place, *f.place), f.message) for f in found_here if reaches(changes, f.place))
    return result


def _with_programs(raw: dict[str, Any], place: Place, found: list[Finding]) -> dict[str, Any]:
    """Return a deployment whose steps have the model's names."""
    endpoints = raw.get("endpoints")
    if not isinstance(endpoints, dict):
        return dict(raw)
    renamed = {}
    for name, endpoint in endpoints.items():
        renamed[name] = endpoint
        if isinstance(endpoint, dict) and "program" in endpoint:
            steps = _steps(endpoint["program"], (*place, "endpoints", name, "program"), found)
            renamed[name] = {**endpoint, "program": steps}
    return {**raw, "endpoints": renamed}


def _steps(raw: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data of a file
    if not isinstance(raw, list):
        return raw
    return [_step(step, (*place, index), found) for index, step in enumerate(raw)]


def _step(raw: Any, place: Place, found: list[Finding]) -> Any:  # noqa: ANN401 - plain data of a file
    if not isinstance(raw, dict):
        return raw
    if "returns" in raw:
        found.append(Finding((*place, "returns"), "unknown key; did you mean return?"))
    step = {"returns" if key == "return" else key: value for key, value in raw.items()}
    if "transaction" in step:
        step["transaction"] = _steps(step["transaction"], (*place, "transaction"), found)
    if isinstance(step.get("parallel"), list):
        parts = enumerate(step["parallel"])
        step["parallel"] = [_steps(part, (*place, "parallel", position), found) for position, part in parts]
    return step


def reaches(content: Any, place: Place) -> bool:  # noqa: ANN401 - plain data of a file
    """Return whether somebody wrote what is at a place: it exists there, or lies in a list that does."""
    for key in place:
        if isinstance(content, list):
            return True
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True


def as_written(findings: list[Finding], content: dict[str, Any]) -> Iterator[Finding]:
    """Return findings with places of the model as findings with places of the file.

    What is wrong in a revision or a fix is shown at its `changes`, and left out when the deployment itself has it.
    """
    said = {(found.place, found.message) for found in findings}
    for found in findings:
        own, rest = _split(found.place)
        if rest is None or (own[-1] == "previous" and rest == ("revision",)):
            yield found._replace(place=_named(found.place))
            continue
        changes = look_up(content, (*own, "changes"))
        inherited = ((*own[:3], *rest), found.message) in said
        if inherited and not reaches(changes, _named(rest)):
            continue
        yield under(Finding(_named(rest), found.message), (*own, "changes"), changes)


def under(found: Finding, place: Place, changes: Any) -> Finding:  # noqa: ANN401 - plain data of a file
    """Return what is wrong after changes as a finding at the changes, which stand at `place`."""
    if not found.place:
        return Finding(place, found.message)
    if reaches(changes, found.place[: max(1, len(found.place) - 1)]):
        return Finding((*place, *found.place), found.message)
    return Finding(place, f"with these changes {dotted(found.place)}: {found.message}")


def _split(place: Place) -> tuple[Place, Place | None]:
    """Return the place of a revision or fix and the rest of the place inside its deployment, or None."""
    if place[:2] == _DEPLOYMENTS:
        if place[3:4] == ("previous",):
            return place[:4], place[4:]
        if place[3:4] == ("fixes",) and place[5:6] == ("becomes",):
            return place[:5], place[6:]
    return place, None


def _named(place: Place) -> Place:
    """Return a place with the file's names for a step's pool and for what a fix changes."""
    if place[3:4] == ("fixes",) and place[5:6] == ("becomes",):
        place = (*place[:5], "changes", *place[6:])
    pairs = zip(("", *place), place, strict=False)
    return tuple("return" if key == "returns" and isinstance(before, int) else key for before, key in pairs)
