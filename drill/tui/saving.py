"""Writing a text somebody wants to keep into a file of its own.

Separate because it is the one thing the cockpit writes besides recordings; it never writes over anything.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from drill.tui.present import near_home

if TYPE_CHECKING:
    from pathlib import Path


def save(folder: Path, text: str, suffix: str) -> Path:
    """Write a text to a new file in a folder and return its path; raise OSError if that can't be done."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"drill-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for number in count():
        path = folder / f"{name}{f'-{number}' if number else ''}{suffix}"
        try:
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text + "\n")
        except FileExistsError:
            continue
        return path
    raise AssertionError  # the numbers never end


def saved(folder: Path, text: str, suffix: str) -> tuple[str, str]:
    """Write a text to a new file in a folder; return what came of it in words, and their role."""
    try:
        path = save(folder, text, suffix)
    except OSError as error:
        return f"Not written: {error.strerror}.", "warn"
    return f"Written to {near_home(path)}", "title"
