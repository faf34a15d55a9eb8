"""Field types that only scenario files use: how a time is drawn, timed lines, changes to other parts of the file.

Separate because each carries a reader of its own. pydantic is imported inside the hooks, so that the simulation can use
the spec classes without loading it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from drill.actions.entries import Entry, read_entry
from drill.actions.fields import read_fields
from drill.errors import ActionError
from drill.units import Micros, parse_duration, say

if TYPE_CHECKING:
    from collections.abc import Callable

FORBID = {"extra": "forbid", "use_attribute_docstrings": True}
"""pydantic's configuration for every spec class: unknown keys are errors, docstrings reach the JSON Schema."""


class Plain:
    """A field read by one function that raises ValueError or ActionError."""

    def __init__(self, read: Callable[[Any], Any], schema: dict[str, Any]) -> None:
        """Keep the reader and the JSON Schema that editors get."""
        self._read = read
        self._schema = schema

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSpec:
    """How one time is drawn."""

    mean: Micros
    """Mean in microseconds."""
    shape: Literal["constant", "exponential", "lognormal"] = "constant"
    """Family of the distribution."""
    sigma: Annotated[float, Plain(lambda raw: _sigma(raw), {"type": "number"})] = 0.5  # noqa: PLW0108 - defined below
    """Standard deviation of the logarithm, for lognormal only; 0.5 is typical of warm queries."""


def _sigma(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= 3:  # noqa: PLR2004 - a sane spread
        return float(raw)
    msg = f"{say(raw)} is not a number above 0 and at most 3"
    raise ValueError(msg)


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
Draw = Annotated[DrawSpec, Plain(read_draw, _DRAW_SCHEMA)]
"""A drawn time: `15ms`, or a mapping with mean, shape and sigma."""

TimedEntry = Annotated[Entry, Plain(read_entry, {"type": "object", "required": ["at"]})]
"""A timed line such as `{at: 3m, do: scale, deployment: api, replicas: 30}`."""


def _number(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= 1024:  # noqa: PLR2004 - cores of a machine
        return float(raw)
    msg = f"{say(raw)} is not a number of cores above 0 and at most 1024"
    raise ValueError(msg)


Cores = Annotated[float, Plain(_number, {"type": "number", "exclusiveMinimum": 0, "maximum": 1024})]
"""A number of CPU cores; may be a fraction."""


def _bound(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 10**12:  # noqa: PLR2004 - JSON-safe
        return float(raw)
    if isinstance(raw, str) and raw.endswith("%"):
        try:
            return float(raw[:-1]) / 100
        except ValueError:
            pass
    msg = f"{say(raw)} is not a number or a percentage"
    raise ValueError(msg)


Bound = Annotated[float, Plain(_bound, {"type": ["number", "string"]})]
"""A number, or a percentage read as a fraction of 1."""


def _changes(raw: object) -> dict[str, Any]:
    if isinstance(raw, dict) and raw:
        return raw
    msg = f"{say(raw)} is not a mapping of keys to change, such as {{database: {{max_connections: 200}}}}"
    raise ValueError(msg)


Changes = Annotated[dict[str, Any], Plain(_changes, {"type": "object", "minProperties": 1})]
"""Keys to change in another part of the file, merged level by level; a value of null removes the key."""
