"""As much of JSON Schema as the schema of scenarios uses, so that tests need no package for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "default", "type", "properties", "required", "items"),
    *("additionalProperties", "minProperties", "oneOf", "anyOf", "enum", "const", "pattern", "minimum", "maximum"),
    *("exclusiveMinimum", "maxLength", "if", "then", "else"),
}


def breaches(schema: dict[str, Any], value: Any, root: dict[str, Any], at: str = "") -> Iterator[str]:  # noqa: ANN401 - plain data
    """Yield where a value breaks a schema."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        yield from breaches(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, root, at)
    for word, enough in (("oneOf", lambda n: n == 1), ("anyOf", bool)):
        if word in schema and not enough(sum(not any(breaches(each, value, root, at)) for each in schema[word])):
            yield f"{at}: {word}"
    if "if" in schema:
        branch = "else" if any(breaches(schema["if"], value, root)) else "then"
        yield from breaches(schema[branch], value, root, at)
    if "type" in schema and not _is(schema["type"], value):
        yield f"{at}: not {schema['type']}"
        return
    yield from (f"{at}: {word}" for word in _simple(schema, value))
    if isinstance(value, dict):
        yield from _keys(schema, value, root, at)
    if isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            yield from breaches(schema["items"], inner, root, f"{at}[{index}]")


def _keys(schema: dict[str, Any], value: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}: lacks {key}" for key in schema.get("required", ()) if key not in value)
    for key, inner in value.items():
        rule = schema.get("properties", {}).get(key, schema.get("additionalProperties", True))
        if rule is False:
            yield f"{at}: has {key}"
        elif isinstance(rule, dict):
            yield from breaches(rule, inner, root, f"{at}.{key}")


def _is(names: str | list[str], value: object) -> bool:
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in ([names] if isinstance(names, str) else names))


def _simple(schema: dict[str, Any], value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data
    number = isinstance(value, int | float)
    broken = {
        "enum": "enum" in schema and value not in schema["enum"],
        "const": "const" in schema and value != schema["const"],
        "pattern": isinstance(value, str) and not re.search(schema.get("pattern", ""), value),
        "maxLength": isinstance(value, str) and len(value) > schema.get("maxLength", len(value)),
        "minProperties": isinstance(value, dict) and len(value) < schema.get("minProperties", 0),
        "minimum": number and value < schema.get("minimum", value),
        "maximum": number and value > schema.get("maximum", value),
        "exclusiveMinimum": number and "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"],
    }
    yield from (word for word, is_broken in broken.items() if is_broken)
