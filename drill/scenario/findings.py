"""Findings: what is wrong at which place of a scenario, and how that becomes problems with a line and a key.

Separate because reader, notation, model and rules all find things, each in its own coordinates, and all of it must come
out at once and in the order of the file. Nothing here decides what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from drill.actions.fields import nearest
from drill.errors import Problem

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file down to a value."""

MAX_PROBLEMS = 200
"""Most problems listed for one file; a file with more has something else wrong."""
MAX_MESSAGE = 1_000
"""Longest message, in characters."""
_MAX_KNOWN = 200
_SOME = 12
_MAX_KEY = 60
_MAX_PLACE = 300
_PLAIN_KEY = re.compile(r"[\w-]{1,60}")


class Finding(NamedTuple):
    """One thing that is wrong."""

    place: Place
    message: str
    line: int = 0
    """Line number from 1 where that is known better than by the place; otherwise 0."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the closest known word, or an empty string; bounded for very long lists."""
    words = list(known)
    return nearest(word, words) if len(words) <= _MAX_KNOWN else ""


def some(names: Collection[str]) -> str:
    """Return names for a message, the first dozen of them, or `none`."""
    first = ", ".join(list(names)[:_SOME])
    return f"{first} and {len(names) - _SOME} more" if len(names) > _SOME else first or "none"


def dotted(place: Place) -> str:
    """Return a place as people write it, such as `deployments.api.endpoints.pay.program[2].time`."""
    text = ""
    for key in place:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            shown = key if _PLAIN_KEY.fullmatch(key) else _quoted(key)
            text += f".{shown}" if text else shown
    return text if len(text) <= _MAX_PLACE else text[: _MAX_PLACE - 1] + "…"


def _quoted(key: str) -> str:
    return repr(key if len(key) <= _MAX_KEY else key[: _MAX_KEY - 1] + "…")


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """Return the line of a place or of its nearest ancestor in the file; 0 for the whole file."""
    for length in range(len(place), 0, -1):
        if line := lines.get(place[:length]):
            return line
    return 0


def look_up(content: Any, place: Place) -> Any:  # noqa: ANN401 - plain data of a file
    """Return the value at a place, or None when there is none."""
    for key in place:
        in_mapping = isinstance(content, dict) and key in content
        in_list = isinstance(content, list) and isinstance(key, int) and key < len(content)
        if not in_mapping and not in_list:
            return None
        content = content[key]
    return content


def problems(findings: Iterable[Finding], file: str, lines: Mapping[Place, int]) -> list[Problem]:
    """Return findings, whose places are those of the file, as problems in the order of the file, each once."""
    located = dict.fromkeys((found.line or line_of(found.place, lines), found) for found in findings)
    ordered = sorted(located, key=lambda pair: pair[0])
    listed = [Problem(_short(f.message), file, line, dotted(f.place)) for line, f in ordered[:MAX_PROBLEMS]]
    if len(ordered) > MAX_PROBLEMS:
        listed.append(Problem(f"{len(ordered) - MAX_PROBLEMS} more problems are not listed", file))
    return listed


def _short(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
