"""Values as text and text as values: the input and output function of every type.

Separate from casts, which go from one type to another. Messages are those of PostgreSQL's input functions.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from drill.sql import addresses, intervals, lengths, moments, rounding
from drill.sql.faults import INVALID_TEXT, OUT_OF_RANGE, SqlError, unsupported
from drill.sql.types import Record, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_INTEGER = re.compile(r"\s*[+-]?\d+\s*$", re.ASCII)
_NUMERIC = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$", re.ASCII)
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def write(kind: Type, value: Value) -> str:
    """Return the text of a value that is not NULL."""
    writer = _WRITERS.get(kind.name)
    if writer is not None:
        return writer(value)
    if kind.element is not None:
        return write_array(kind.element, value)
    if isinstance(value, Record):
        return _write_row(kind, value)
    return str(value)


def write_array(element: Type, value: tuple[Value, ...]) -> str:
    """Return the text of an array."""
    parts = []
    for each in value:
        if each is None:
            parts.append("NULL")
        elif isinstance(each, tuple) and not isinstance(each, (Record, addresses.Inet)):
            parts.append(write_array(element, each))
        else:
            parts.append(_quoted(write(element, each)))
    return "{" + ",".join(parts) + "}"


_PLAIN = re.compile(r'[^{}",\\\s]+$')


def _quoted(text: str) -> str:
    if _PLAIN.match(text) and text.lower() != "null":
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_row(kind: Type, value: Record) -> str:
    fields = getattr(kind, "fields", ())
    parts = []
    for index, each in enumerate(value):
        text = "" if each is None else write(fields[index][1], each)
        if each is not None and (not text or re.search(r'[(),"\\\s]', text)):
            text = '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'
        parts.append(text)
    return "(" + ",".join(parts) + ")"


def _write_numeric(value: Decimal) -> str:
    return f"{value:f}" if value else f"{abs(value):f}"


_WRITERS: dict[str, Callable[[Value], str]] = {
    "bool": lambda value: "t" if value else "f",
    "float8": rounding.write_float,
    "float4": lambda value: rounding.write_float(value, single=True),
    "numeric": _write_numeric,
    "date": moments.write_date,
    "time": intervals.clock,
    "timestamp": lambda value: moments.write(value, zoned=False),
    "timestamptz": lambda value: moments.write(value, zoned=True),
    "interval": intervals.write,
    "inet": addresses.write,
    "cidr": addresses.write_network,
    "void": lambda _: "",
}


def read(kind: Type, text: str, now_us: int = 0) -> Value:
    """Return the value a text stands for; raise SqlError."""
    reader = _READERS.get(kind.name)
    if reader is not None:
        return reader(text)
    if kind.name in {"date", "timestamp", "timestamptz"}:
        return moments.read(text, kind.name, now_us)
    if kind.element is not None:
        return read_array(kind, text, now_us)
    if kind.category == "S" or kind.name == "unknown":
        return text
    raise unsupported(f"a value of type {kind.title}")


def _bad(title: str, text: str) -> SqlError:
    return SqlError(f'invalid input syntax for type {title}: "{text}"', INVALID_TEXT)


def _integer(name: str, title: str) -> Callable[[str], int]:
    limit = {"int2": 2**15, "int4": 2**31, "int8": 2**63}[name]

    def reader(text: str) -> int:
        if not _INTEGER.match(text):
            raise _bad(title, text)
        value = int(text) if len(text) < 40 else limit  # noqa: PLR2004 - far beyond any of them
        if not -limit <= value < limit:
            msg = f'value "{text}" is out of range for type {title}'
            raise SqlError(msg, OUT_OF_RANGE)
        return value

    return reader


def _oid(title: str) -> Callable[[str], int]:
    def reader(text: str) -> int:
        if not _INTEGER.match(text):
            raise _bad(title, text)
        value = int(text) if len(text) < 40 else 2**32  # noqa: PLR2004 - far beyond any of them
        if not -(2**31) <= value < 2**32:
            msg = f'value "{text}" is out of range for type {title}'
            raise SqlError(msg, OUT_OF_RANGE)
        return value % 2**32

    return reader


def read_numeric(text: str) -> Decimal:
    """Return a numeric; raise SqlError."""
    if text.strip().lower() in {"nan", "inf", "infinity", "-inf", "-infinity", "+inf", "+infinity"}:
        raise unsupported("NaN or infinity as numeric")
    if not _NUMERIC.match(text):
        raise _bad("numeric", text)
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise rounding.numeric_overflow() from None
    if rounding.scale_of(value) > 1000:  # noqa: PLR2004 - beyond it only division goes, and nobody else should
        raise unsupported("a numeric with more than 1000 decimals")
    return rounding.plain(value)


def _float(text: str) -> float:
    body = text.strip().lower()
    if body == "nan":
        raise unsupported("NaN")
    if body in {"inf", "infinity", "+inf", "+infinity", "-inf", "-infinity"}:
        return float(body)
    if not _NUMERIC.match(text):
        raise _bad("double precision", text)
    value = float(body)
    if value in {float("inf"), float("-inf")}:
        msg = f'"{body}" is out of range for type double precision'
        raise SqlError(msg, OUT_OF_RANGE)
    return value


def _bool(text: str) -> bool:
    body = text.strip().lower()
    if body and body != "o":
        if any(word.startswith(body) for word in _TRUE):
            return True
        if any(word.startswith(body) for word in _FALSE):
            return False
    raise _bad("boolean", text)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise _bad("json", text) from None
    return text


def _jsonb(text: str) -> str:
    return canonical(json.loads(_json(text), parse_float=Decimal))


def canonical(value: Value) -> str:
    """Return the text of a jsonb value: keys by length and then by letters, a space behind colons and commas."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode("utf-8", "surrogatepass")), key))
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(canonical, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)


_READERS: dict[str, Callable[[str], Value]] = {
    "int2": _integer("int2", "smallint"),
    "int4": _integer("int4", "integer"),
    "int8": _integer("int8", "bigint"),
    "oid": _oid("oid"),
    "xid": _oid("xid"),
    "numeric": read_numeric,
    "float8": _float,
    "float4": lambda text: rounding.as_single(_float(text)),
    "bool": _bool,
    "time": moments.read_time,
    "interval": lengths.read,
    "inet": addresses.read,
    "cidr": addresses.read_network,
    "json": _json,
    "jsonb": _jsonb,
    "char": lambda text: text[:1],
}


def read_array(kind: Type, text: str, now_us: int) -> tuple[Value, ...]:
    """Return an array; raise SqlError."""
    body = text.strip()
    if not body.startswith("{"):
        detail = 'Array value must start with "{" or dimension information.'
        raise _malformed(text, detail)
    items, end = _read_items(kind, text, body, 1, now_us)
    if body[end:].strip():
        raise _malformed(text, "Junk after closing right brace.")
    return items


def _malformed(text: str, detail: str) -> SqlError:
    return SqlError(f'malformed array literal: "{text}"', INVALID_TEXT, detail=detail)


_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^{}",\\]|\\.)*))\s*', re.DOTALL)


def _read_items(kind: Type, text: str, body: str, pos: int, now_us: int) -> tuple[tuple[Value, ...], int]:
    element = kind.element
    assert element is not None  # noqa: S101 - the caller asks only about arrays
    items: list[Value] = []
    if re.match(r"\s*\}", body[pos:]):
        return (), body.index("}", pos) + 1
    while True:
        while body[pos : pos + 1].isspace():
            pos += 1
        if body[pos : pos + 1] == "{":
            inner, pos = _read_items(kind, text, body, pos + 1, now_us)
            items.append(inner)
        else:
            found = _ITEM.match(body, pos)
            if found is None or (found[1] is None and not found[2].strip()):
                unexpected = body[pos : pos + 1]
                raise _malformed(
                    text, f'Unexpected "{unexpected}" character.' if unexpected else "Unexpected end of input."
                )
            pos = found.end()
            items.append(_item(element, found, now_us))
        mark = body[pos : pos + 1]
        pos += 1
        if mark == "}":
            return tuple(items), pos
        if mark != ",":
            raise _malformed(text, f'Unexpected "{mark}" character.' if mark else "Unexpected end of input.")


def _item(element: Type, found: re.Match[str], now_us: int) -> Value:
    if found[1] is None:
        plain = found[2].strip()
        if plain.lower() == "null":
            return None
        return read(element, re.sub(r"\\(.)", r"\1", plain), now_us)
    return read(element, re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL), now_us)
