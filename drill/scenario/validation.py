"""Plain values in, the model or everything that is wrong with them out; the only place that runs pydantic.

Separate from reading YAML and from the rules that compare one part of a scenario with another. pydantic reads JSON
strictly, so `1` is never true and `"5"` is never a number; its messages are replaced by our own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from drill.actions.fields import listed
from drill.scenario.findings import MAX_PROBLEMS, Finding, suggest
from drill.scenario.notation import WRITTEN
from drill.scenario.shape import bare, choices, is_step, keys, walk, wanted
from drill.scenario.topology import STEPS
from drill.units import say

_REPORTED = 20 * MAX_PROBLEMS


T = TypeVar("T")


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def adapter(root: type[T]) -> TypeAdapter[T]:
    """Return the validator of a class of the model, built once."""
    if root not in _ADAPTERS:
        _ADAPTERS[root] = TypeAdapter(root)
    return _ADAPTERS[root]


def validate(content: Mapping[str, Any], root: type[T]) -> tuple[T | None, list[Finding]]:
    """Return the model of a class, or None and every finding; places are those of the model."""
    try:
        text = json.dumps(content, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return None, [Finding((), f"holds a value that files can't hold: {error}")]
    try:
        return adapter(root).validate_json(text, strict=True), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        return None, [_finding(each["type"], each, root) for each in errors[:_REPORTED]]


def _finding(kind: str, error: Mapping[str, Any], root: type) -> Finding:
    place, annotation = walk(error["loc"], root)
    if kind == "unexpected_keyword_argument":
        known = keys(walk(error["loc"][:-1], root)[1])
        return Finding(place, f"unknown key; the keys here are: {listed(known)}{suggest(str(place[-1]), known)}")
    if kind in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return Finding(place, f"this key is needed: {wanted(annotation)}")
    if kind == "value_error":
        return Finding(place, str(error["ctx"]["error"]))
    if kind == "step" or is_step(bare(annotation)):
        return Finding(place, _step(error["input"]))
    if known_values := choices(annotation):
        near = suggest(error["input"], known_values) if isinstance(error["input"], str) else ""
        return Finding(place, f"{say(error['input'])} is not allowed; it is one of {listed(known_values)}{near}")
    quotes = "; put it in quotes" if kind == "string_type" and isinstance(error["input"], int | float) else ""
    return Finding(place, f"{say(error['input'])} is not {wanted(annotation)}{quotes}")


def _step(raw: object) -> str:
    names = [WRITTEN.get(name, name) for name in STEPS]
    if not isinstance(raw, dict):
        return f"{say(raw)} is not a step; a step is a mapping with one of the keys {listed(names)}"
    found = [WRITTEN.get(str(key), str(key)) for key in raw if key in STEPS]
    if found:
        return f"a step has exactly one of the keys {listed(names)}; this one has {' and '.join(found)}"
    near = next(filter(None, (suggest(key, names) for key in list(raw)[: len(names)])), "")
    return f"a step has exactly one of the keys {listed(names)}; this one has {_some(raw)}{near}"


def _some(raw: Mapping[str, Any]) -> str:
    return say(", ".join(raw)) if raw else "no key"
