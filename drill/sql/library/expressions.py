"""Functions that use regular expressions.

Separate from text because patterns may take their time. Where the text of a match counts, the longest of several
alternatives wins, as in PostgreSQL.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from drill.sql.faults import QUERY_CANCELED, SqlError, unsupported
from drill.sql.library import matching
from drill.sql.library.matching import compiled, groups
from drill.sql.running import checked_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value


def _all(pattern: Any, text: str, start: int = 0) -> list[Any]:  # noqa: ANN401 - the regex package has no types
    """Return every match; after an empty one the search goes on a character further."""
    found: list[Any] = []
    position = start
    while position <= len(text):
        match = matching.search(pattern, text, position)
        if match is None:
            break
        found.append(match)
        position = match.end() + (match.end() == match.start())
        if len(found) > 20_000:  # noqa: PLR2004 - far more than anybody reads
            raise SqlError("canceling statement due to statement timeout", QUERY_CANCELED)
    return found


def _replace(text: str, pattern: str, new: str, flags: str = "") -> str:
    which = compiled(pattern, flags.replace("g", ""), longest=True)
    return _exchange(text, _all(which, text) if "g" in flags else _first(which, text), new)


def _first(pattern: Any, text: str) -> list[Any]:  # noqa: ANN401 - the regex package has no types
    match = matching.search(pattern, text)
    return [] if match is None else [match]


def _replace_nth(  # noqa: PLR0913, PLR0917 - the arguments of regexp_replace
    text: str, pattern: str, new: str, start: int, nth: int = 1, flags: str = ""
) -> str:
    if start < 1 or nth < 0:
        name, value = ("start", start) if start < 1 else ("n", nth)
        msg = f'invalid value for parameter "{name}": {value}'
        raise SqlError(msg, "22023")
    found = _all(compiled(pattern, flags, longest=True), text, start - 1)
    return _exchange(text, found[nth - 1 : nth] if nth else found, new)


_REFERENCE = re.compile(r"\\([0-9&\\])")


def _exchange(text: str, found: list[Any], new: str) -> str:
    parts, position = [], 0
    for match in found:
        filled = _REFERENCE.sub(partial(_filled, match), new)
        parts += [text[position : match.start()], filled]
        position = match.end()
        checked_length(sum(map(len, parts[-2:])))
    result = "".join(parts) + text[position:]
    checked_length(len(result))
    return result


def _filled(match: Any, reference: re.Match[str]) -> str:  # noqa: ANN401 - the regex package has no types
    return _referenced(reference[1], match)


def _referenced(which: str, match: Any) -> str:  # noqa: ANN401 - the regex package has no types
    if which == "\\":
        return "\\"
    number = 0 if which == "&" else int(which)
    if number > match.re.groups:
        return ""
    return match[number] or ""


def _match(text: str, pattern: str, flags: str = "") -> tuple[Value, ...] | None:
    if "g" in flags:
        hint = "Use the regexp_matches function instead."
        msg = 'regexp_match() does not support the "global" option'
        raise SqlError(msg, "22023", hint=hint)
    found = matching.search(compiled(pattern, flags, longest=True), text)
    return None if found is None else groups(found)


def _matches(text: str, pattern: str, flags: str = "") -> list[tuple[Value]]:
    which = compiled(pattern, flags.replace("g", ""), longest=True)
    found = _all(which, text) if "g" in flags else _first(which, text)
    return [(groups(each),) for each in found]


def _split(text: str, pattern: str, flags: str = "") -> list[str]:
    parts, position = [], 0
    for match in _all(compiled(pattern, flags, longest=True), text):
        if match.end() == match.start() and (
            match.start() in {position, len(text)} and match.start() in {0, len(text)}
        ):
            continue
        parts.append(text[position : match.start()])
        position = match.end()
    return [*parts, text[position:]]


def _count(text: str, pattern: str, start: int = 1, flags: str = "") -> int:
    return len(_all(compiled(pattern, flags, longest=True), text, start - 1))


def _substr(  # noqa: PLR0913, PLR0917 - the arguments of regexp_substr
    text: str, pattern: str, start: int = 1, nth: int = 1, flags: str = "", group: int = 0
) -> str | None:
    found = _all(compiled(pattern, flags, longest=True), text, start - 1)
    if nth > len(found) or group > found[nth - 1].re.groups:
        return None
    captured: str | None = found[nth - 1][group]
    return captured


def _instr(text: str, pattern: str, start: int = 1, nth: int = 1) -> int:
    found = _all(compiled(pattern, "", longest=True), text, start - 1)
    return found[nth - 1].start() + 1 if nth <= len(found) else 0


def _similar(text: str, pattern: str, escape: str) -> str:
    del text, pattern, escape
    raise unsupported("substring with a SIMILAR pattern")


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "regexp_replace(text,text,text)text": _replace,
    "regexp_replace(text,text,text,text)text": _replace,
    "regexp_replace(text,text,text,int4)text": _replace_nth,
    "regexp_replace(text,text,text,int4,int4)text": _replace_nth,
    "regexp_replace(text,text,text,int4,int4,text)text": _replace_nth,
    "regexp_match(text,text)text[]": _match,
    "regexp_match(text,text,text)text[]": _match,
    "s regexp_matches(text,text)text[]": _matches,
    "s regexp_matches(text,text,text)text[]": _matches,
    "s regexp_split_to_table(text,text)text": lambda *args: [(part,) for part in _split(*args)],
    "s regexp_split_to_table(text,text,text)text": lambda *args: [(part,) for part in _split(*args)],
    "regexp_split_to_array(text,text)text[]": lambda *args: tuple(_split(*args)),
    "regexp_split_to_array(text,text,text)text[]": lambda *args: tuple(_split(*args)),
    "regexp_count(text,text)int4": _count,
    "regexp_count(text,text,int4)int4": _count,
    "regexp_count(text,text,int4,text)int4": _count,
    "regexp_like(text,text)bool": matching.matches,
    "regexp_like(text,text,text)bool": lambda text, pattern, flags: (
        matching.search(compiled(pattern, flags), text) is not None
    ),
    "regexp_substr(text,text)text": _substr,
    "regexp_substr(text,text,int4)text": _substr,
    "regexp_substr(text,text,int4,int4)text": _substr,
    "regexp_substr(text,text,int4,int4,text)text": _substr,
    "regexp_substr(text,text,int4,int4,text,int4)text": _substr,
    "regexp_instr(text,text)int4": _instr,
    "regexp_instr(text,text,int4)int4": _instr,
    "regexp_instr(text,text,int4,int4)int4": _instr,
    "substring(text,text,text)text": _similar,
}
