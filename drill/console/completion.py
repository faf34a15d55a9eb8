"""What the word before the cursor could become: keywords, relations, columns, functions, backslash commands.

Separate from the shell because it looks at the line alone and changes nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from drill.console import backslash, pgbouncer
from drill.console.objects import columns
from drill.console.parameters import defaults
from drill.sql.keywords import TYPED
from drill.sql.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[\w.\\?]*$")
_TABLE = re.compile(r"\b(?:from|join|table|\\d)\s+[\w.]*$", re.IGNORECASE)
_SETTING = re.compile(r"\b(?:show|set|reset|system set)\s+\w*$", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?:from|join)\s+(\w+)(?:\s+(?:as\s+)?(\w+))?", re.IGNORECASE)
_MOST = 200


class Completion(NamedTuple):
    """Candidates, and what they replace."""

    start: int
    """Where the word begins that they replace."""
    candidates: tuple[str, ...]
    """In alphabetical order."""


def complete(before: str, *, admin: bool = False) -> Completion:
    """Return the completions of a line up to the cursor."""
    if admin:
        text = before.lstrip()
        found = [each for each in pgbouncer.COMPLETIONS if each.startswith(text.upper())]
        return Completion(len(before) - len(text), tuple(found))
    match = _WORD.search(before)
    word = match[0] if match is not None else ""
    start = len(before) - len(word)
    if word.startswith("\\"):
        return Completion(start, tuple(f"\\{name}" for name in backslash.NAMES if name.startswith(word[1:])))
    alias, dot, rest = word.rpartition(".")
    if dot:
        fields = _columns_of(before, alias)
        return Completion(start + len(alias) + 1, _starting(fields, rest))
    if _TABLE.search(before):
        return Completion(start, _starting(columns(), word))
    if _SETTING.search(before):
        return Completion(start, _starting((each.name for each in defaults().values()), word))
    known = {*_columns_of(before, ""), *_functions(), *columns()}
    keywords = [each for each in TYPED if each.startswith(word.upper())]
    shown = keywords if word.isupper() else [each.lower() for each in keywords]
    found = sorted({*shown, *_starting(known, word)}) if word else []
    return Completion(start, tuple(found[:_MOST]))


@cache
def _functions() -> tuple[str, ...]:
    from drill.sql.library.aggregates import aggregates  # noqa: PLC0415 - the library is loaded when it is needed

    return (*names(), *aggregates())


def _starting(words: Iterable[str], start: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if word.lower().startswith(start.lower())))[:_MOST]


def _columns_of(line: str, alias: str) -> list[str]:
    """Return the columns of the tables a line names, or of the one an alias stands for."""
    found: list[str] = []
    for table, named in _SOURCE.findall(line):
        if table.lower() in columns() and (not alias or alias in {table, named}):
            found += [name for name, _ in columns()[table.lower()]]
    return found
