"""Reading a frozen dataclass from a mapping, with every problem named.

Separate because actions, looks, pins, diagnoses and updates are all written as one-line mappings, and because these
lines also arrive from recordings made by strangers: types, bounds and unknown keys are checked here and only here.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from drill.errors import ActionError
from drill.units import Quantity, format_duration, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

_HINTS: dict[type, dict[str, Any]] = {}
MAX_TEXT = 2_000
"""Longest text a field may hold, in characters."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)` for the closest known word, or an empty string."""
    found = difflib.get_close_matches(word[:80], list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def hints(cls: type) -> dict[str, Any]:
    """Return the annotated types of a dataclass's fields, in the order of declaration."""
    if cls not in _HINTS:
        _HINTS[cls] = _find_hints(cls)
    return _HINTS[cls]


def _find_hints(cls: type) -> dict[str, Any]:
    found = get_type_hints(cls, include_extras=True)
    return {field.name: found[field.name] for field in dataclasses.fields(cls)}


def read_fields(cls: type[T], raw: Mapping[str, object], what: str) -> T:
    """Return `cls` filled from a mapping; raise ActionError naming every unknown, missing and wrong key."""
    types = hints(cls)
    values: dict[str, object] = {}
    wrong = [
        f"{what} has no key {say(key)}; its keys are: {listed(types)}{nearest(str(key), types)}"
        for key in raw
        if key not in types
    ]
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # T is always a dataclass here
        if field.name in raw:
            try:
                values[field.name] = read_value(types[field.name], raw[field.name])
            except ValueError as error:
                wrong.append(f"{field.name}: {error}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            wrong.append(f"{what} needs the key {field.name} ({expected(types[field.name])})")
    if wrong:
        raise ActionError("; ".join(wrong))
    return cls(**values)


def listed(words: Iterable[str]) -> str:
    """Return words for a message, or `none`."""
    return ", ".join(words) or "none"


def expected(annotation: Any) -> str:  # noqa: ANN401 - a type
    """Return what a field expects, in a few words."""
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(get_args(annotation))
    for extra in getattr(annotation, "__metadata__", ()):
        if hasattr(extra, "what"):
            return str(extra.what)
    return {str: "text", bool: "true or false"}.get(annotation, "a value")


def read_value(annotation: Any, raw: object) -> object:  # noqa: ANN401 - a type
    """Return one value of an annotated type, or raise ValueError."""
    for extra in getattr(annotation, "__metadata__", ()):
        if hasattr(extra, "read"):
            return extra.read(raw)
    if get_origin(annotation) is Literal:
        if raw in get_args(annotation):
            return raw
        msg = f"{say(raw)} is not allowed; it is {expected(annotation)}"
        raise ValueError(msg)
    if annotation is bool and isinstance(raw, bool):
        return raw
    if annotation is str and isinstance(raw, str) and len(raw) <= MAX_TEXT:
        return raw
    msg = f"{say(raw)} is not {expected(annotation)}" + (
        f" of at most {MAX_TEXT} characters" if annotation is str else ""
    )
    raise ValueError(msg)


def write_fields(value: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    """Return the mapping that `read_fields` turns back into an equal value; defaults are written too."""
    cls: type = type(value)
    return {name: write_value(annotation, getattr(value, name)) for name, annotation in hints(cls).items()}


def write_value(annotation: Any, value: Any) -> object:  # noqa: ANN401 - a type and its value
    """Return one value in the notation of files."""
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, Quantity):
            return _WRITERS[extra.kind](value)
        if hasattr(extra, "write"):
            written: object = extra.write(value)
            return written
    return value


_WRITERS: dict[str, Callable[[Any], str]] = {
    "duration": format_duration,
    "size": lambda value: f"{value}B",
    "rate": lambda value: f"{round(value, 9):.9f}".rstrip("0").rstrip(".") + "/s",
    "share": lambda value: f"{round(value * 100, 9):.9f}".rstrip("0").rstrip(".") + "%",
}
