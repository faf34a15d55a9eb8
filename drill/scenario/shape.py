"""The shape of the model: which class, list or mapping stands at a place.

Separate because messages must name the keys that exist there, the places pydantic reports must lose what only pydantic
sees, and the JSON Schema walks the same classes. It reads annotations and no file.
"""

from __future__ import annotations

import dataclasses
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from drill.actions.fields import expected, hints
from drill.scenario.fields import Tagged
from drill.scenario.findings import Place
from drill.scenario.notation import WRITTEN
from drill.scenario.topology import STEPS


def walk(reported: Place, root: type) -> tuple[Place, Any]:
    """Return the place without the tags of steps, and the annotation there below a class, None where there is none."""
    place: Place = ()
    annotation: Any = root
    for key in reported:
        annotation = bare(annotation)
        if is_step(annotation):
            annotation = STEPS.get(str(key))
            continue
        place = (*place, key)
        annotation = _inside(annotation, key)
    return place, annotation


def bare(annotation: Any) -> Any:  # noqa: ANN401 - a type
    """Return an annotation without `| None`."""
    if get_origin(annotation) in {Union, UnionType}:
        return next(each for each in get_args(annotation) if each is not type(None))
    return annotation


def is_step(annotation: Any) -> bool:  # noqa: ANN401 - a type
    """Return whether an annotation is that of a program's step."""
    return any(isinstance(extra, Tagged) for extra in getattr(annotation, "__metadata__", ()))


def _inside(annotation: Any, key: str | int) -> Any:  # noqa: ANN401 - a type
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return hints(annotation).get(str(key))
    if get_origin(annotation) in {dict, list}:
        return get_args(annotation)[-1]
    return None


def keys(annotation: Any) -> list[str]:  # noqa: ANN401 - a type
    """Return the keys a mapping may have there, as the file writes them; empty when any name will do."""
    annotation = bare(annotation)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return [WRITTEN.get(name, name) for name in hints(annotation)]
    return []


def wanted(annotation: Any) -> str:  # noqa: ANN401 - a type
    """Return what is expected, in a few words."""
    annotation = bare(annotation)
    if is_step(annotation):
        return "a step such as {borrow: db}"
    if known := keys(annotation):
        return f"a mapping with keys such as {', '.join(known[:4])}"
    if get_origin(annotation) is dict:
        return "a mapping of names"
    if get_origin(annotation) is list:
        return "a list"
    return expected(annotation)


def choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type
    """Return the values a field may have, empty when they are not listed."""
    annotation = bare(annotation)
    return get_args(annotation) if get_origin(annotation) is Literal else ()
