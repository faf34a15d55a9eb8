"""Field types that only scenario files use: how a time is drawn, timed lines, changes to other parts of the file.

Separate because each carries a reader of its own. pydantic is imported inside the hooks, so that the simulation can use
the spec classes without loading it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from drill.actions.entries import Entry, read_entry
from drill.actions.fields import read_fields
from drill.errors import ActionError
from drill.units import Micros, parse_duration, say

if TYPE_CHECKING:
    from collections.abc import Callable

FORBID = {"extra": "forbid"}
"""pydantic's configuration for every spec class: unknown keys are errors."""


class Plain:
    """A field read by one function that raises ValueError or ActionError."""

    def __init__(self, read: Callable[[Any], Any], schema: dict[str, Any], what: str) -> None:
        """Keep the reader, the JSON Schema that editors get, and what is expected in a few words."""
        self._read = read
        self._schema = schema
        self.what = what

    def read(self, raw: object) -> object:
        """Return the value; raise ValueError."""
        try:
            return self._read(raw)
        except ActionError as error:
            raise ValueError(str(error)) from None

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:  # noqa: ANN401 - pydantic's protocol
        """Let pydantic use the reader."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only the scenario room loads pydantic

        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        """Describe the notation for editors."""
        return dict(self._schema)


class Tagged:
    """A list item whose one identifying key says which class it is, such as `{borrow: db}`."""

    def __init__(self, choices: Callable[[], dict[str, type]]) -> None:
        """Keep a function that returns the classes by key; late, because steps contain steps."""
        self._choices = choices

    def classes(self) -> list[type]:
        """Return the classes to choose from."""
        return list(self._choices().values())

    def __get_pydantic_core_schema__(self, source: object, handler: Any) -> Any:  # noqa: ANN401 - pydantic's protocol
        """Return a union that reports only the problems of the class that was meant."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only the scenario room loads pydantic

        choices = self._choices()

        def tag(raw: object) -> str | None:
            found = [key for key in choices if isinstance(raw, dict) and key in raw]
            return found[0] if len(found) == 1 else None

        return core_schema.tagged_union_schema(
            {key: handler.generate_schema(cls) for key, cls in choices.items()},
            tag,
            custom_error_type="step",
            custom_error_message="needs exactly one of the keys " + ", ".join(choices),
        )


def _sigma(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= 3:  # noqa: PLR2004 - a sane spread
        return float(raw)
    msg = f"{say(raw)} is not a number above 0 and at most 3"
    raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSpec:
    """How one time is drawn."""

    mean: Micros
    """Mean in microseconds."""
    shape: Literal["constant", "exponential", "lognormal"] = "constant"
    """Family of the distribution."""
    sigma: Annotated[float, Plain(_sigma, {"type": "number", "exclusiveMinimum": 0, "maximum": 3}, "a number")] = 0.5
    """Standard deviation of the logarithm, for lognormal only; 0.5 is typical of warm queries."""


def read_draw(raw: object) -> DrawSpec:
    """Return a draw from `15ms` (constant) or `{mean: 15ms, shape: lognormal, sigma: 0.8}`; raise ValueError."""
    if isinstance(raw, dict):
        return read_fields(DrawSpec, raw, "a drawn time")
    return DrawSpec(mean=parse_duration(raw))


_DRAW_SCHEMA = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "required": ["mean"],
            "additionalProperties": False,
            "properties": {
                "mean": {"type": "string"},
                "shape": {"enum": ["constant", "exponential", "lognormal"]},
                "sigma": {"type": "number", "exclusiveMinimum": 0, "maximum": 3},
            },
        },
    ]
}
Draw = Annotated[
    DrawSpec, Plain(read_draw, _DRAW_SCHEMA, "a time such as 15ms, or a mapping with mean, shape and sigma")
]
"""A drawn time: `15ms`, or a mapping with mean, shape and sigma."""

TimedEntry = Annotated[
    Entry, Plain(read_entry, {"type": "object", "required": ["at"]}, "a timed line such as {at: 2m30s, do: scale, …}")
]
"""A timed line such as `{at: 3m, do: scale, deployment: api, replicas: 30}`."""


def _number(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= 1024:  # noqa: PLR2004 - cores of a machine
        return float(raw)
    msg = f"{say(raw)} is not a number of cores above 0 and at most 1024"
    raise ValueError(msg)


Cores = Annotated[
    float, Plain(_number, {"type": "number", "exclusiveMinimum": 0, "maximum": 1024}, "a number of cores, above 0")
]
"""A number of CPU cores; may be a fraction."""


_PERCENTAGE = re.compile(r"(-?\d{1,12}(?:\.\d{1,9})?) ?%")


def _bound(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 10**12:
        return float(raw)
    if isinstance(raw, str) and (match := _PERCENTAGE.fullmatch(raw)):
        return float(Fraction(match[1]) / 100)
    msg = f"{say(raw)} is not a number or a percentage"
    raise ValueError(msg)


_BOUND_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_PERCENTAGE.pattern}$"}]}
Bound = Annotated[float, Plain(_bound, _BOUND_SCHEMA, "a number or a percentage")]
"""A number, or a percentage read as a fraction of 1."""


MAX_PODS = 500
"""Most pods a count may say."""


def _pod_count(raw: object) -> float:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MAX_PODS:
        return raw
    if isinstance(raw, str) and (match := _PERCENTAGE.fullmatch(raw)) and 0 <= (share := Fraction(match[1]) / 100) <= 1:
        return float(share)
    msg = f"{say(raw)} is neither a number of pods from 0 to {MAX_PODS} nor a percentage from 0% to 100%"
    raise ValueError(msg)


_POD_COUNT_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": MAX_PODS},
        {"type": "string", "pattern": f"^{_PERCENTAGE.pattern}$"},
    ]
}


class _PodCount(Plain):
    """A field that is written back as it was read."""

    @staticmethod
    def write(value: float) -> int | str:
        """Return a count, or a percentage with its sign."""
        return value if isinstance(value, int) else f"{value * 100:g}%"


PodCount = Annotated[float, _PodCount(_pod_count, _POD_COUNT_SCHEMA, "a number of pods or a percentage")]
"""A whole number of pods, kept as an int, or a percentage of them, kept as a float from 0 to 1."""


_STATE = re.compile(
    r"(?:(?:prepared|temp|cursor|lock|listen|set) [a-z_][a-z0-9_]{0,39}|set statement_timeout=\d{1,9}(?:ms|s|m))"
)


def _state(raw: object) -> str:
    if raw == "" or (isinstance(raw, str) and _STATE.fullmatch(raw)):
        return str(raw)
    msg = (
        f"{say(raw)} is not something a session keeps; write a kind (prepared, temp, cursor, lock, listen or set) and "
        "a name, such as prepared find_cart or set statement_timeout=5s"
    )
    raise ValueError(msg)


_STATE_SCHEMA = {"type": "string", "pattern": f"^(?:{_STATE.pattern})?$"}
SessionState = Annotated[str, Plain(_state, _STATE_SCHEMA, "something a session keeps, such as prepared find_cart")]
"""Something that lives in a database session beyond a transaction: a kind and a name."""


def _changes(raw: object) -> dict[str, Any]:
    if isinstance(raw, dict) and raw:
        return raw
    what = "an empty mapping" if raw == {} else say(raw)
    msg = (
        f"{what} changes nothing; write a mapping of keys, such as {{topology: {{database: {{max_connections: 200}}}}}}"
    )
    raise ValueError(msg)


Changes = Annotated[
    dict[str, Any], Plain(_changes, {"type": "object", "minProperties": 1}, "a mapping of keys to change")
]
"""Keys to change in another part of the file, merged level by level; a value of null removes the key."""
