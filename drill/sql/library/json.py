"""json and jsonb: taking apart and putting together.

Separate because both are kept as text. Only what people use to look at rows is here; paths and updates are not.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drill.sql import spelling
from drill.sql.faults import INVALID_PARAMETER, SqlError
from drill.sql.running import checked_length
from drill.sql.types import Record, RowType, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value

_BARE = {"int2", "int4", "int8", "float4", "float8", "numeric", "bool"}


def render(kind: Type, value: Value) -> str:
    """Return a value as json text, as to_json does."""
    found = _render(kind, value)
    checked_length(len(found))
    return found


def _render(kind: Type, value: Value) -> str:
    if value is None:
        return "null"
    if kind.name == "bool":
        return "true" if value else "false"
    if kind.name in {"json", "jsonb"}:
        return str(value)
    if isinstance(kind, RowType) and isinstance(value, Record):
        pairs = zip(kind.fields, value, strict=True)
        return (
            "{"
            + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_render(of, each)}" for (name, of), each in pairs)
            + "}"
        )
    if kind.element is not None:
        element = kind.element
        return "[" + ",".join(_render(kind if type(each) is tuple else element, each) for each in value) + "]"
    text = spelling.write(kind, value)
    if kind.name in _BARE:
        return text
    if kind.name in {"timestamp", "timestamptz"}:
        text = text.replace(" ", "T", 1) + (":00" if kind.name == "timestamptz" else "")
    return json.dumps(text, ensure_ascii=False)


def _b(text: str) -> str:
    return spelling.canonical(json.loads(text, parse_float=Decimal))


def _get(text: str, key: str | int) -> Any:  # noqa: ANN401 - any json value
    value = json.loads(text, parse_float=Decimal)
    try:
        if isinstance(key, str) and isinstance(value, dict):
            return value[key]
        if isinstance(key, int) and isinstance(value, list):
            return value[key]
    except (KeyError, IndexError):
        return _MISSING
    return _MISSING


_MISSING = object()


def _field(compact: Callable[[Any], str]) -> Callable[[str, str | int], str | None]:
    def found(text: str, key: str | int) -> str | None:
        value = _get(text, key)
        return None if value is _MISSING else compact(value)

    return found


def _as_text(value: Any) -> str | None:  # noqa: ANN401 - any json value
    return None if value is None else value if isinstance(value, str) else spelling.canonical(value)


def _field_text(text: str, key: str | int) -> str | None:
    value = _get(text, key)
    return None if value is _MISSING else _as_text(value)


def _path(text: str, path: tuple[str | None, ...], *, as_text: bool) -> str | None:
    value = json.loads(text, parse_float=Decimal)
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif (
            isinstance(value, list)
            and step is not None
            and step.lstrip("-").isdecimal()
            and abs(int(step)) < len(value)
        ):
            value = value[int(step)]
        else:
            return None
    return _as_text(value) if as_text else spelling.canonical(value)


def _build_object(*pairs: tuple[Type, Value]) -> str:
    if len(pairs) % 2:
        hint = "The arguments of json_build_object() must consist of alternating keys and values."
        raise SqlError("argument list must have even number of elements", INVALID_PARAMETER, hint=hint)
    parts = []
    for index in range(0, len(pairs), 2):
        (kind, key), (of, value) = pairs[index], pairs[index + 1]
        if key is None:
            msg = f"argument {index + 1} cannot be null"
            raise SqlError(msg, INVALID_PARAMETER, hint="Object keys should be text.")
        parts.append(f"{json.dumps(spelling.write(kind, key), ensure_ascii=False)} : {_render(of, value)}")
    found = "{" + ", ".join(parts) + "}"
    checked_length(len(found))
    return found


def _build_array(*pairs: tuple[Type, Value]) -> str:
    found = "[" + ", ".join(_render(kind, value) for kind, value in pairs) + "]"
    checked_length(len(found))
    return found


def _kind(text: str) -> str:
    return {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}.get(
        text.strip()[0], "number"
    )


def _length(text: str) -> int:
    value = json.loads(text)
    if not isinstance(value, list):
        what = "a non-array" if isinstance(value, dict) else "a scalar"
        msg = f"cannot get array length of {what}"
        raise SqlError(msg, INVALID_PARAMETER)
    return len(value)


def _keys(text: str) -> list[tuple[str]]:
    value = json.loads(text)
    if not isinstance(value, dict):
        what = "an array" if isinstance(value, list) else "a scalar"
        msg = f"cannot call json_object_keys on {what}"
        raise SqlError(msg, INVALID_PARAMETER)
    return [(key,) for key in value]


def _elements(*, as_text: bool) -> Callable[[str], list[tuple[str | None]]]:
    def found(text: str) -> list[tuple[str | None]]:
        value = json.loads(text, parse_float=Decimal)
        if not isinstance(value, list):
            msg = (
                "cannot extract elements from a scalar"
                if not isinstance(value, dict)
                else ("cannot extract elements from an object")
            )
            raise SqlError(msg, INVALID_PARAMETER)
        return [(_as_text(each) if as_text else spelling.canonical(each),) for each in value]

    return found


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "nt to_json(any)json": lambda pair: None if pair[1] is None else render(*pair),
    "nt to_jsonb(any)jsonb": lambda pair: None if pair[1] is None else _b(render(*pair)),
    "nt row_to_json(record)json": lambda pair: None if pair[1] is None else render(*pair),
    "nt json_build_object(...any)json": _build_object,
    "nt jsonb_build_object(...any)jsonb": lambda *pairs: _b(_build_object(*pairs)),
    "nt json_build_array(...any)json": _build_array,
    "nt jsonb_build_array(...any)jsonb": lambda *pairs: _b(_build_array(*pairs)),
    "json_typeof(json)text": _kind,
    "jsonb_typeof(jsonb)text": _kind,
    "json_array_length(json)int4": _length,
    "jsonb_array_length(jsonb)int4": _length,
    "s json_object_keys(json)text": _keys,
    "s jsonb_object_keys(jsonb)text": _keys,
    "s jsonb_array_elements(jsonb)jsonb": _elements(as_text=False),
    "s jsonb_array_elements_text(jsonb)text": _elements(as_text=True),
    "s json_array_elements_text(json)text": _elements(as_text=True),
    "->(jsonb,text)jsonb": _field(spelling.canonical),
    "->(jsonb,int4)jsonb": _field(spelling.canonical),
    "->(json,text)json": _field(lambda value: json.dumps(value, ensure_ascii=False, default=str)),
    "->(json,int4)json": _field(lambda value: json.dumps(value, ensure_ascii=False, default=str)),
    "->>(jsonb,text)text": _field_text,
    "->>(jsonb,int4)text": _field_text,
    "->>(json,text)text": _field_text,
    "->>(json,int4)text": _field_text,
    "#>>(json,text[])text": lambda text, path: _path(text, path, as_text=True),
    "#>>(jsonb,text[])text": lambda text, path: _path(text, path, as_text=True),
    "#>(jsonb,text[])jsonb": lambda text, path: _path(text, path, as_text=False),
    "?(jsonb,text)bool": lambda text, key: key in json.loads(text) if text[0] in "{[" else text == json.dumps(key),
}
