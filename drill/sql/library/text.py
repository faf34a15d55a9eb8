"""Functions on text.

Separate from matching patterns. Every result has a bound on its length, so that `repeat` takes no memory.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from drill.sql import spelling
from drill.sql.faults import INVALID_PARAMETER, SqlError
from drill.sql.lexer import is_character
from drill.sql.library import matching
from drill.sql.running import checked_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Type, Value

_SPACE = " "


def _left(text: str, count: int) -> str:
    return text[:count] if count >= 0 else text[: max(0, len(text) + count)]


def _right(text: str, count: int) -> str:
    return text[max(0, len(text) - count) :] if count >= 0 else text[-count:]


def _substr(text: str, start: int, length: int | None = None) -> str:
    if length is not None and length < 0:
        raise SqlError("negative substring length not allowed", "22011")
    end = None if length is None else max(0, start - 1 + length)
    return text[max(0, start - 1) : end]


def _substring_regex(text: str, pattern: str) -> str | None:
    found = matching.search(matching.compiled(pattern, "", longest=True), text)
    if found is None:
        return None
    captured: str | None = found[1] if found.re.groups else found[0]
    return captured


def _repeat(text: str, count: int) -> str:
    checked_length(len(text) * max(0, count))
    return text * max(0, count)


def _pad(text: str, length: int, fill: str) -> tuple[str, str]:
    checked_length(length)
    length = max(0, length)
    missing = max(0, length - len(text)) if fill else 0
    return text[:length], (fill * (missing // max(1, len(fill)) + 1))[:missing]


def _lpad(text: str, length: int, fill: str = _SPACE) -> str:
    kept, padding = _pad(text, length, fill)
    return padding + kept


def _rpad(text: str, length: int, fill: str = _SPACE) -> str:
    kept, padding = _pad(text, length, fill)
    return kept + padding


def _split_part(text: str, by: str, number: int) -> str:
    if not number:
        raise SqlError("field position must not be zero", INVALID_PARAMETER)
    parts = text.split(by) if by else [text]
    index = number - 1 if number > 0 else len(parts) + number
    return parts[index] if 0 <= index < len(parts) else ""


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        return text
    checked_length(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _translate(text: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for index, char in enumerate(old):
        table.setdefault(ord(char), new[index] if index < len(new) else None)
    return text.translate(table)


def _initcap(text: str) -> str:
    found, inside = [], False
    for char in text:
        found.append(char.lower() if inside else char.upper())
        inside = char.isalnum()
    return "".join(found)


def _overlay(text: str, new: str, start: int, length: int | None = None) -> str:
    count = len(new) if length is None else length
    return text[: max(0, start - 1)] + new + text[max(0, start - 1 + count) :]


def _concat(*pairs: tuple[Type, Value]) -> str:
    found = "".join(spelling.write(kind, value) for kind, value in pairs if value is not None)
    checked_length(len(found))
    return found


def _concat_ws(separator: tuple[Type, Value], *pairs: tuple[Type, Value]) -> str | None:
    if separator[1] is None:
        return None
    found = str(separator[1]).join(spelling.write(kind, value) for kind, value in pairs if value is not None)
    checked_length(len(found))
    return found


def _quote_ident(text: str) -> str:
    from drill.sql.keywords import COLUMN_ONLY, FUNCTION_OR_TYPE, RESERVED  # noqa: PLC0415 - rarely asked

    plain = bool(text) and (text[0].isalpha() or text[0] == "_") and text.isascii() and text == text.lower()
    word = plain and all(c.isalnum() or c == "_" for c in text)
    if word and text not in RESERVED | COLUMN_ONLY | FUNCTION_OR_TYPE:
        return text
    return '"' + text.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Return a text as a string constant."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return " E" * 0 + ("E" + quoted if "\\" in text else quoted)


def _format(pattern: tuple[Type, Value], *pairs: tuple[Type, Value]) -> str | None:
    if pattern[1] is None:
        return None
    from drill.sql.library.formatting import format_text  # noqa: PLC0415 - rarely asked

    return format_text(str(pattern[1]), pairs, _quote_ident, quote_literal)


def _position(text: str, what: str) -> int:
    return text.find(what) + 1


def _chr(code: int) -> str:
    if not is_character(code):
        msg = "null character not permitted" if not code else "requested character too large for encoding: " + str(code)
        raise SqlError(msg, "54000")
    return chr(code)


def _strip(text: str, chars: str = _SPACE) -> str:
    return text.strip(chars) if chars else text


def _string_to_array(text: str | None, by: str | None, null: str | None = None) -> tuple[str | None, ...] | None:
    if text is None:
        return None
    if not text:
        return ()
    parts = list(text) if by is None else text.split(by) if by else [text]
    return tuple(None if part == null and null is not None else part for part in parts)


def _string_to_table(text: str, by: str | None, null: str | None = None) -> list[tuple[str | None]]:
    return [(part,) for part in _string_to_array(text, by, null) or ()]


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "left(text,int4)text": _left,
    "right(text,int4)text": _right,
    "substr(text,int4)text": _substr,
    "substr(text,int4,int4)text": _substr,
    "substring(text,int4)text": _substr,
    "substring(text,int4,int4)text": _substr,
    "substring(text,text)text": _substring_regex,
    "length(text)int4": len,
    "length(bpchar)int4": lambda text: len(text.rstrip(" ")),
    "char_length(text)int4": len,
    "character_length(text)int4": len,
    "octet_length(text)int4": lambda text: len(text.encode("utf-8", "replace")),
    "bit_length(text)int4": lambda text: 8 * len(text.encode("utf-8", "replace")),
    "lower(text)text": str.lower,
    "upper(text)text": str.upper,
    "initcap(text)text": _initcap,
    "btrim(text)text": _strip,
    "btrim(text,text)text": _strip,
    "ltrim(text)text": lambda text: text.lstrip(" "),
    "ltrim(text,text)text": lambda text, chars: text.lstrip(chars) if chars else text,
    "rtrim(text)text": lambda text: text.rstrip(" "),
    "rtrim(text,text)text": lambda text, chars: text.rstrip(chars) if chars else text,
    "lpad(text,int4)text": _lpad,
    "lpad(text,int4,text)text": _lpad,
    "rpad(text,int4)text": _rpad,
    "rpad(text,int4,text)text": _rpad,
    "repeat(text,int4)text": _repeat,
    "reverse(text)text": lambda text: text[::-1],
    "replace(text,text,text)text": _replace,
    "translate(text,text,text)text": _translate,
    "split_part(text,text,int4)text": _split_part,
    "strpos(text,text)int4": _position,
    "position(text,text)int4": _position,
    "starts_with(text,text)bool": lambda text, start: text.startswith(start),
    "overlay(text,text,int4)text": _overlay,
    "overlay(text,text,int4,int4)text": _overlay,
    "ascii(text)int4": lambda text: ord(text[0]) if text else 0,
    "chr(int4)text": _chr,
    "md5(text)text": lambda text: hashlib.md5(text.encode("utf-8", "replace")).hexdigest(),  # noqa: S324 - PostgreSQL's own function
    "nt concat(...any)text": _concat,
    "nt concat_ws(text,...any)text": _concat_ws,
    "nt format(text)text": _format,
    "nt format(text,...any)text": _format,
    "quote_ident(text)text": _quote_ident,
    "quote_literal(text)text": quote_literal,
    "n quote_nullable(text)text": lambda text: "NULL" if text is None else quote_literal(text),
    "to_hex(int4)text": lambda value: f"{value % 2**32:x}",
    "to_hex(int8)text": lambda value: f"{value % 2**64:x}",
    "n string_to_array(text,text)text[]": _string_to_array,
    "n string_to_array(text,text,text)text[]": _string_to_array,
    "ns string_to_table(text,text)text": _string_to_table,
    "ns string_to_table(text,text,text)text": _string_to_table,
    "like_escape(text,text)text": matching.like_escape,
    "similar_to_escape(text)text": matching.similar_to_regex,
    "similar_to_escape(text,text)text": matching.similar_to_regex,
    "similar_escape(text,text)text": matching.similar_to_regex,
}
