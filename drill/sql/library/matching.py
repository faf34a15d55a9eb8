"""LIKE, regular expressions, and joining texts.

Separate because patterns come from people: LIKE is matched piece by piece in linear time, regular expressions by the
`regex` package, which can be told to stop. PostgreSQL's dialect differs from Python's in word boundaries, in what a dot
matches and in that the longest alternative wins.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from drill.sql.faults import QUERY_CANCELED, SqlError
from drill.sql.running import checked_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value

TIMEOUT_S = 0.2
_LONGEST_PATTERN = 4_000
_MOST_REPETITIONS = 255
_MOST_WORK = 100_000
_INVALID = "2201B"


def joined(one: str, other: str) -> str:
    """Join two texts."""
    checked_length(len(one) + len(other))
    return one + other


def like(text: str, pattern: str) -> bool:
    """Return whether a text matches a LIKE pattern with backslash as escape."""
    return _like(pattern)(text)


def ilike(text: str, pattern: str) -> bool:
    """Return whether a text matches a LIKE pattern, whatever the case."""
    return _like(pattern.lower())(text.lower())


@lru_cache(256)
def _like(pattern: str) -> Callable[[str], bool]:
    pieces: list[list[str]] = [[]]
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "%":
            pieces.append([])
        elif char == "_":
            pieces[-1].append(".")
        elif char == "\\":
            position += 1
            if position >= len(pattern):
                raise SqlError("LIKE pattern must not end with escape character", "22025")
            pieces[-1].append(re.escape(pattern[position]))
        else:
            pieces[-1].append(re.escape(char))
        position += 1
    parts = [(len(piece), re.compile("".join(piece), re.DOTALL)) for piece in pieces]
    return lambda text: _in_turn(parts, text)


def _in_turn(parts: list[tuple[int, re.Pattern[str]]], text: str) -> bool:
    """Match pieces of fixed length, the first at the start, the last at the end, the others as early as can be."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return len(text) == first[0] and first[1].match(text) is not None
    if len(text) < first[0] + last[0] or first[1].match(text) is None:
        return False
    position, end = first[0], len(text) - last[0]
    for length, piece in parts[1:-1]:
        found = piece.search(text, position, end) if length else None
        if length and found is None:
            return False
        position = position if found is None else found.end()
    return last[1].match(text, end) is not None


def like_escape(pattern: str, escape: str) -> str:
    """Return a LIKE pattern with another escape character as one with a backslash."""
    if len(escape) > 1:
        raise SqlError("invalid escape string", "22025", hint="Escape string must be empty or one character.")
    if escape == "\\":
        return pattern
    if not escape:
        return pattern.replace("\\", "\\\\")
    found, position = "", 0
    while position < len(pattern):
        char = pattern[position]
        if char == escape and position + 1 < len(pattern):
            position += 1
            found += "\\" + pattern[position]
        else:
            found += "\\\\" if char == "\\" else char
        position += 1
    return found


def similar_to_regex(pattern: str, escape: str = "\\") -> str:
    """Return a SIMILAR TO pattern as a regular expression."""
    found, position, in_set = "", 0, False
    while position < len(pattern):
        char = pattern[position]
        if char == escape and position + 1 < len(pattern):
            position += 1
            found += "\\" + pattern[position]
        elif in_set:
            in_set = char != "]"
            found += char
        elif char == "[":
            in_set = True
            found += char
        else:
            found += {"%": ".*", "_": ".", ".": "\\.", "^": "\\^", "$": "\\$", "(": "(?:"}.get(char, char)
        position += 1
    return f"^(?:{found})$"


def matches(text: str, pattern: str) -> bool:
    """Return whether a text contains a match of a regular expression."""
    return search(compiled(pattern, ""), text) is not None


def imatches(text: str, pattern: str) -> bool:
    """Return whether a text contains a match, whatever the case."""
    return search(compiled(pattern, "i"), text) is not None


def search(pattern: Any, text: str, position: int = 0) -> Any:  # noqa: ANN401 - the regex package has no types
    """Return the first match from a position on, or None; raise SqlError when it takes too long."""
    try:
        return pattern.search(text, position, timeout=TIMEOUT_S)
    except TimeoutError:
        msg = "canceling statement due to statement timeout"
        raise SqlError(msg, QUERY_CANCELED) from None


@lru_cache(128)
def compiled(pattern: str, flags: str, *, longest: bool = False) -> Any:  # noqa: ANN401 - the regex package has no types
    """Return a compiled regular expression; `longest` for the longest of alternatives, where its text is wanted."""
    import regex  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types; loaded when a pattern comes

    if len(pattern) > _LONGEST_PATTERN or _repetitions(pattern) > _MOST_WORK:
        raise _invalid("regular expression is too complex")
    options = _options(regex, flags)
    body = regex.escape(pattern) if "q" in flags else _translated(pattern)
    if longest and not re.search(r"[*+?}]\?", pattern):
        options |= regex.POSIX
    try:
        return regex.compile(body, options)
    except regex.error as error:
        raise _invalid(_complaint(str(error), pattern)) from None
    except (RecursionError, OverflowError, MemoryError):
        raise _invalid("regular expression is too complex") from None


def _repetitions(pattern: str) -> int:
    """Return how often parts are repeated at most, all counts taken together."""
    found = 1
    for least, most in re.findall(r"\{(\d*)(?:,(\d*))?\}", pattern):
        found *= max(1, int(least[:4] or 1), int(most[:4] or 1))
    return found


def _options(regex: Any, flags: str) -> Any:  # noqa: ANN401 - the regex package has no types
    options = regex.DOTALL | regex.VERSION0
    for flag in flags:
        if flag in "ic":
            options = options | regex.IGNORECASE if flag == "i" else options & ~regex.IGNORECASE
        elif flag == "x":
            options |= regex.VERBOSE
        elif flag in "mn":
            options = (options | regex.MULTILINE) & ~regex.DOTALL
        elif flag == "w":
            options |= regex.MULTILINE
        elif flag == "p":
            options &= ~regex.DOTALL
        elif flag not in "gsqetb":
            msg = f'invalid regular expression option: "{flag}"'
            raise SqlError(msg, "22023")
    return options


def _invalid(text: str) -> SqlError:
    return SqlError(f"invalid regular expression: {text}", _INVALID)


def _complaint(error: str, pattern: str) -> str:
    if "parenthesis" in error or "missing )" in error or "unbalanced" in error:
        return "parentheses () not balanced"
    if "set" in error or "]" in error or "bracket" in error:
        return "brackets [] not balanced"
    if "repeat" in error:
        return "quantifier operand invalid"
    if "escape" in error or pattern.endswith("\\"):
        return "invalid escape \\ sequence"
    if "group reference" in error or "unknown group" in error:
        return "invalid backreference number"
    if "range" in error:
        return "invalid character range"
    return "quantifier operand invalid"


_PIECE = re.compile(r"\\(.)|(\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\])|\{(\d+)(,?)(\d*)\}", re.DOTALL)
_BOUNDARY = {"y": r"\b", "Y": r"\B", "A": r"\A", "Z": r"\Z", "m": r"\m", "M": r"\M"}


def _translated(pattern: str) -> str:
    """Return the pattern as the regex package understands it."""
    body = pattern
    prefix = re.match(r"\*\*\*[:=]", body)
    if prefix is not None:
        body = body[4:] if prefix[0] == "***:" else re.escape(body[4:])
    return _PIECE.sub(_translate, body)


def _translate(found: re.Match[str]) -> str:
    escaped, bracket, least, _, most = found.groups()
    if escaped is not None:
        if escaped in _BOUNDARY:
            return _BOUNDARY[escaped]
        if escaped.isalpha() and escaped not in "abBcdDefnrstuUvwWxS":
            raise _invalid("invalid escape \\ sequence")
        return found[0]
    if bracket is not None:
        return bracket.replace("[[:<:]]", r"\m").replace("[[:>:]]", r"\M")
    if int(least) > _MOST_REPETITIONS or (most and int(most) > _MOST_REPETITIONS):
        raise _invalid("invalid repetition count(s)")
    return found[0]


def groups(found: Any) -> tuple[Value, ...]:  # noqa: ANN401 - the regex package has no types
    """Return the captured groups of a match, the whole of it when there are none."""
    return tuple(found.groups()) or (found[0],)
