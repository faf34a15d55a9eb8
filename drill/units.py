"""Seconds, bytes, rates and shares: how files say them, and how people read them.

Separate because scenario files, action files, recordings and screens must all agree. Time inside drill is whole
microseconds, so that sums are exact and equal on every platform. Nothing here knows what a value is used for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import floor, log10
from typing import Annotated, Any, Protocol

US_PER_MS = 1_000
US_PER_S = 1_000_000

_TIME_UNITS = {
    "us": 1,
    "µs": 1,
    "ms": US_PER_MS,
    "s": US_PER_S,
    "m": 60 * US_PER_S,
    "h": 3_600 * US_PER_S,
    "d": 86_400 * US_PER_S,
}
_SIZE_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_RATE_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3_600}
_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?)"
_TIME_PART = re.compile(_NUMBER + r"(us|µs|ms|s|m|h|d)")
_TIME = re.compile(rf"(?:{_NUMBER}(?:us|µs|ms|s|m|h|d))+")
_SIZE = re.compile(_NUMBER + r" ?(B|kB|MB|GB|KiB|MiB|GiB)")
_RATE = re.compile(_NUMBER + r" ?/ ?(s|min|m|h)")
_SHARE = re.compile(_NUMBER + r" ?%")


def parse_duration(raw: object) -> int:
    """Return whole microseconds for text such as `2m30s`, `15ms` or `0s`; raise ValueError saying what is expected."""
    if isinstance(raw, str) and _TIME.fullmatch(raw):
        total = sum((Fraction(number) * _TIME_UNITS[unit] for number, unit in _TIME_PART.findall(raw)), Fraction(0))
        if total.denominator != 1:
            msg = f"{raw!r} is finer than a microsecond, the smallest unit of simulated time"
            raise ValueError(msg)
        return int(total)
    msg = f"{say(raw)} is not a duration; write a number with a unit, such as 15ms, 2s or 2m30s"
    raise ValueError(msg)


def parse_size(raw: object) -> int:
    """Return whole bytes for text such as `512MiB`; raise ValueError saying what is expected."""
    if isinstance(raw, str) and (match := _SIZE.fullmatch(raw)):
        return int(Fraction(match[1]) * _SIZE_UNITS[match[2]])
    msg = f"{say(raw)} is not a size; write a number with a unit, such as 12kB or 512MiB"
    raise ValueError(msg)


def parse_rate(raw: object) -> float:
    """Return events per second, to nine decimals, for text such as `120/s` or `30/min`; raise ValueError."""
    if isinstance(raw, str) and (match := _RATE.fullmatch(raw)):
        return round(float(Fraction(match[1]) / _RATE_UNITS[match[2]]), 9)
    msg = f"{say(raw)} is not a rate; write a number per unit, such as 120/s or 30/min"
    raise ValueError(msg)


def parse_share(raw: object) -> float:
    """Return a fraction of 1 for text such as `2.5%`; raise ValueError saying what is expected."""
    if isinstance(raw, str) and (match := _SHARE.fullmatch(raw)):
        return round(float(Fraction(match[1]) / 100), 11)
    msg = f"{say(raw)} is not a share; write a percentage, such as 2.5%"
    raise ValueError(msg)


def say(raw: object, limit: int = 60) -> str:
    """Return a short printable form of a value from a file, for an error message."""
    if raw is None or isinstance(raw, bool):
        return {None: "null", True: "true", False: "false"}[raw]
    text = repr(raw) if isinstance(raw, str | int | float) else f"a {_kind(raw)}"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _kind(raw: object) -> str:
    return {"dict": "mapping", "list": "list"}.get(type(raw).__name__, type(raw).__name__)


def format_duration(value_us: int) -> str:
    """Return the shortest exact form that `parse_duration` reads back, such as `2m30s` or `150.25s`."""
    if value_us % US_PER_S:
        whole, rest = divmod(value_us, US_PER_S)
        if whole == 0 and value_us % US_PER_MS == 0:
            return f"{value_us // US_PER_MS}ms"
        return f"{whole}." + f"{rest:06d}".rstrip("0") + "s"
    seconds = value_us // US_PER_S
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if n]
    return "".join(parts) or "0s"


def format_clock(value_us: int) -> str:
    """Return simulated time since the start as `MM:SS`, or `H:MM:SS` from an hour on."""
    minutes, seconds = divmod(value_us // US_PER_S, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def format_count(value: int) -> str:
    """Return a whole number in groups of three digits."""
    return f"{value:,}".replace(",", " ")


def format_percent(share: float) -> str:
    """Return a fraction of 1 as a percentage with at most one decimal."""
    value = share * 100
    if 0 < value < 0.1:  # noqa: PLR2004 - the smallest value that one decimal can say
        return "<0.1 %"
    return f"{value:.0f} %" if value >= 99.95 or value == 0 else f"{value:.1f} %"  # noqa: PLR2004 - rounds to 100


def format_number(value: float) -> str:
    """Return a value with about three significant digits and no needless zeros."""
    if value == round(value) and abs(value) < 1e6:  # noqa: PLR2004 - up to here whole numbers are short
        return str(round(value))
    places = max(0, 2 - floor(log10(abs(value))))
    text = f"{value:.{min(places, 4)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_size(value: float) -> str:
    """Return a size in bytes with a binary unit and at most one decimal, such as `184.2 MiB`."""
    for unit in ("B", "KiB", "MiB"):
        if abs(value) < 1024:  # noqa: PLR2004 - the step between binary units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


class Field(Protocol):
    """How one kind of value is read from a file."""

    @property
    def what(self) -> str:
        """What is expected, in a few words."""

    def read(self, raw: object) -> Any:  # noqa: ANN401 - each field has its own type
        """Return the value, or raise ValueError stating value, bound and what to do."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit and bounds; attached to a type by `Annotated` and read by `read`."""

    kind: str
    """One of `duration`, `size`, `rate`, `share`."""
    low: str = ""
    """Smallest allowed value in the file's notation; empty for 0."""
    high: str = ""
    """Largest allowed value in the file's notation; empty for the kind's own limit."""

    @property
    def what(self) -> str:
        """What is expected, in a few words."""
        return f"a {self.kind} from {self.low or _LOW[self.kind]} to {self.high or _HIGH[self.kind]}"

    def read(self, raw: object) -> int | float:
        """Return the value in whole microseconds, whole bytes, per second or as a fraction; raise ValueError."""
        value = _PARSERS[self.kind](raw)
        low, high = self.low or _LOW[self.kind], self.high or _HIGH[self.kind]
        if not _bound(self.kind, low) <= value <= _bound(self.kind, high):
            msg = f"{raw} is out of range; allowed is {low} to {high}"
            raise ValueError(msg)
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:  # noqa: ANN401 - pydantic's protocol
        """Let pydantic read this quantity; imported late so that only the scenario room loads pydantic."""
        from pydantic_core import core_schema  # noqa: PLC0415 - see the docstring

        return core_schema.no_info_plain_validator_function(self.read, metadata={"quantity": self.kind})

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        """Describe the notation for editors."""
        return {"type": "string", "pattern": f"^{_PATTERNS[self.kind].pattern}$", "description": self.what}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number with bounds; attached to a type by `Annotated` and read by `read`."""

    low: int = 0
    """Smallest allowed value."""
    high: int = 1_000_000
    """Largest allowed value."""

    @property
    def what(self) -> str:
        """What is expected, in a few words."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, raw: object) -> int:
        """Return the number, or raise ValueError stating value and bounds."""
        if isinstance(raw, bool) or not isinstance(raw, int):
            msg = f"{say(raw)} is not a whole number; allowed is {self.low} to {self.high}"
            raise ValueError(msg)  # noqa: TRY004 - the protocol of a field is ValueError
        if not self.low <= raw <= self.high:
            msg = f"{raw if abs(raw) < 10**18 else 'that number'} is out of range; allowed is {self.low} to {self.high}"
            raise ValueError(msg)
        return raw

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:  # noqa: ANN401 - pydantic's protocol
        """Let pydantic read this number; imported late so that only the scenario room loads pydantic."""
        from pydantic_core import core_schema  # noqa: PLC0415 - see the docstring

        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        """Describe the bounds for editors."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


_PARSERS = {"duration": parse_duration, "size": parse_size, "rate": parse_rate, "share": parse_share}
_PATTERNS = {"duration": _TIME, "size": _SIZE, "rate": _RATE, "share": _SHARE}
_LOW = {"duration": "0s", "size": "0B", "rate": "0/s", "share": "0%"}
_HIGH = {"duration": "7d", "size": "1024GiB", "rate": "100000/s", "share": "100%"}


@cache
def _bound(kind: str, text: str) -> float:
    """Return a bound as a number; the same few are asked for with every value of every file."""
    bound: float = _PARSERS[kind](text)
    return bound


Micros = Annotated[int, Quantity("duration")]
"""A duration in whole microseconds; written `2m30s`."""
PositiveMicros = Annotated[int, Quantity("duration", low="1us")]
"""A duration above 0 in whole microseconds."""
Bytes = Annotated[int, Quantity("size")]
"""A size in whole bytes; written `512MiB`."""
PerSecond = Annotated[float, Quantity("rate")]
"""A rate per second; written `120/s`."""
Share = Annotated[float, Quantity("share")]
"""A fraction of 1; written `2.5%`."""
Count = Annotated[int, Whole()]
"""A whole number from 0."""
PositiveCount = Annotated[int, Whole(low=1)]
"""A whole number from 1."""
