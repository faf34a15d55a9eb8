"""Reading an actions file: the timed lines of a recording without header and checkpoints, written by anybody.

Separate from the recording reader because such a file makes no claim about a run. Every bad line is reported at once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from drill.actions.entries import Entry, read_entry
from drill.errors import ActionError, ActionsFileError, Problem, UsageError
from drill.recording.reader import MAX_LINE_BYTES, read_limited, refuse_constant
from drill.units import say

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 4 * 2**20


def read_actions(path: Path) -> list[Entry]:
    """Return the lines in order of time; raise UsageError if unreadable, ActionsFileError naming every bad line."""
    size, raw = read_limited(path, MAX_BYTES, "actions file")
    if size > MAX_BYTES:
        msg = f"{path} has {size} bytes; an actions file has at most {MAX_BYTES}"
        raise UsageError(msg)
    entries, problems = [], []
    for number, text in enumerate(raw.split(b"\n"), start=1):
        if not text.strip():
            continue
        try:
            entries.append(_entry(text))
        except (ActionError, ValueError, RecursionError) as error:
            message = str(error) if isinstance(error, ActionError) else f"{_shown(text)} is not a line of JSON"
            problems.append(Problem(message, file=str(path), line=number))
    if problems:
        raise ActionsFileError(problems)
    return sorted(entries, key=lambda entry: entry.at_us)


def _entry(text: bytes) -> Entry:
    if len(text) > MAX_LINE_BYTES:
        msg = f"has {len(text)} bytes; a line has at most {MAX_LINE_BYTES}"
        raise ActionError(msg)
    return read_entry(json.loads(text, parse_constant=refuse_constant))


def _shown(text: bytes) -> str:
    return say(text.decode(errors="replace"))
