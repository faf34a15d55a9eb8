"""Parameters that the seed draws: where they stand, within what range, and what is drawn.

Separate from variants, because a plain scenario may have them as well. A value is drawn in the notation of the file and
in round steps, so that the same seed means the same system everywhere and no text shows a number nobody would write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from drill.scenario.fields import FORBID, Plain
from drill.scenario.findings import Place, look_up
from drill.seeding import generator
from drill.units import say

MAX_DEEP = 20
"""Most keys and positions that lead to a parameter."""
STEPS = 40
"""A range is divided into at least so many round steps, and fewer than 100."""

_ROUND = (50, 20, 10)
"""Round steps of one decade, coarsest first, in tenths."""

_WRITTEN = re.compile(r"(?P<number>\d{1,12}(?:\.\d{1,6})?)(?P<unit> ?[A-Za-zµ%/]{0,8})")


def _place(raw: object) -> Place:
    if isinstance(raw, list) and 0 < len(raw) <= MAX_DEEP and all(map(_is_key, raw)):
        return tuple(raw)
    msg = f"{say(raw)} is not a list of keys and positions, such as [traffic, points, 0, rate]"
    raise ValueError(msg)


def _is_key(raw: object) -> bool:
    return isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0)


def _end(raw: object) -> str | int | float:
    if (number := isinstance(raw, int | float) and not isinstance(raw, bool)) or isinstance(raw, str):
        text = str(raw)
        if _WRITTEN.fullmatch(text) and (number or not text.replace(".", "", 1).isdigit()):
            return raw
    msg = f"{say(raw)} is not a number from 0, or one with a unit, such as 55/s, 150s or 2.5%"
    raise ValueError(msg)


_KEYS = {"type": "array", "items": {"type": ["string", "integer"]}}
_END = {"type": ["string", "number"]}
End = Annotated[str | int | float, Plain(_end, _END, "a number, or one with a unit, such as 55/s, 150s or 2.5%")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawSpec:
    """A value of this file that the seed draws evenly from a range, in round steps."""

    __pydantic_config__: ClassVar = FORBID

    at: Annotated[Place, Plain(_place, _KEYS, "a list of keys and positions, such as [traffic, points, 0, rate]")]
    """Where the value stands: keys and positions (from 0) from the top of the file."""
    low: End
    """Smallest value, as it would be written there; in the unit of `high`."""
    high: End
    """Largest value."""

    def drawn(self, seed: int, name: str) -> str | int | float:
        """Return the value that a seed gives to the parameter of this name."""
        (low, unit), (high, _) = read(self.low), read(self.high)
        step = _step(self.low, self.high)
        count = int((high - low) / step) if high > low else 0
        return _written(low + step * int(generator(seed, f"redraw/{name}").random() * (count + 1)), unit, self.low)


def read(end: str | float) -> tuple[Fraction, str]:
    """Return the number and the unit of a value as it is written."""
    found = _WRITTEN.fullmatch(str(end))
    return (Fraction(found["number"]), found["unit"]) if found else (Fraction(0), "")


def wrong(spec: RedrawSpec) -> tuple[str, str]:
    """Return the key of a parameter whose range can't be used and why; two empty texts when it can."""
    (low, unit), (high, other) = read(spec.low), read(spec.high)
    if unit != other or isinstance(spec.low, str) != isinstance(spec.high, str):
        return "high", f"{say(spec.high)} is not in the unit of low, {say(spec.low)}; write both in the same"
    if low >= high:
        return "high", f"{say(spec.high)} is not above low, {say(spec.low)}; a range needs two different ends"
    return "", ""


def put(content: Mapping[str, Any], place: Place, value: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data of a file
    """Return content with another value at a place that exists; the content itself is not altered."""
    changed: dict[str, Any] = dict(content)
    inside: Any = changed
    for key in place[:-1]:
        inner = inside[key]
        inside[key] = list(inner) if isinstance(inner, list) else dict(inner)
        inside = inside[key]
    inside[place[-1]] = value
    return changed


def stands(content: Mapping[str, Any], place: Place) -> bool:
    """Return whether a single value is written at a place."""
    found = look_up(content, place)
    return found is not None and not isinstance(found, dict | list)


def _step(low: str | float, high: str | float) -> Fraction:
    """Return the coarsest round step of which enough fit in; 1 at least between whole numbers without a unit."""
    span = read(high)[0] - read(low)[0]
    step = Fraction(10**12)
    while True:
        for tenths in _ROUND:
            if span / (step * tenths / 10) >= STEPS:
                whole = isinstance(low, int) and isinstance(high, int)
                return max(step * tenths / 10, Fraction(1)) if whole else step * tenths / 10
        step /= 10


def _written(value: Fraction, unit: str, low: str | float) -> str | int | float:
    """Return a drawn number in the notation of its range."""
    if isinstance(low, int) and value.denominator == 1:
        return int(value)
    if not isinstance(low, str):
        return float(value)
    text = f"{float(value):.9f}".rstrip("0").rstrip(".")
    return text + unit
