"""Text that fits its place: control characters out, whole words, widths in cells.

Separate because every widget needs it and because all text of scenarios, logs and people comes through here before it
is drawn. No word is cut in its middle while there is room for a shorter whole, and a number never is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_DEEPEST = 8
"""Most cells of an indent that a text has of its own."""


def printable(text: str) -> str:
    """Return one line without anything that could steer a terminal."""
    if text.isprintable():  # nothing that steers is, and most texts are
        return text
    return _STEERING.sub(REPLACEMENT, text.replace("\t", " ").replace("\n", " "))


def width(text: str) -> int:
    """Return how many cells a line takes."""
    return len(text) if text.isascii() else cell_len(text)


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return a line filled up with spaces, at its end or, aligned right, at its beginning."""
    space = " " * (cells - width(text))
    return space + text if right else text + space


def fit(parts: Iterable[str], cells: int, gap: str = "  ") -> str:
    """Return as many whole parts as fit, in order; the first one that does not ends the line."""
    line = ""
    for part in parts:
        longer = line + gap + part if line else part
        if width(longer) > cells:
            break
        line = longer
    return line


def shorten(text: str, cells: int, more: str) -> str:
    """Return a line of at most `cells`, cut between words with `more` at the end."""
    if width(text) <= cells:
        return text
    room = cells - width(more)
    line = fit(text.split(" "), room, " ")
    return line + (" " if line and width(line) < room else "") + more if room >= 0 else ""


def wrap(text: str, cells: int) -> list[str]:
    """Return a paragraph as lines of whole words; a word longer than a line goes on in the next one."""
    lines = [""]
    for word in text.split():
        for piece in [word] if width(word) <= cells else chop_cells(word, cells):
            longer = f"{lines[-1]} {piece}" if lines[-1] else piece
            if width(longer) <= cells:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines


def wrap_all(text: str, cells: int) -> list[str]:
    """Return a text with its own line breaks and indents kept and every line wrapped."""
    lines = []
    for paragraph in text.strip("\n").split("\n"):
        indent = min(len(paragraph) - len(paragraph.lstrip(" ")), _DEEPEST) if paragraph.strip() else 0
        lines += [" " * indent + line for line in wrap(printable(paragraph), cells - indent)]
    return lines


def spread(left: str, right: str, cells: int) -> str:
    """Return a line with one text at each end; the right one is left out when there is no room."""
    space = cells - width(left) - width(right)
    return left + " " * space + right if right and space > 0 else left


def longest(lines: Sequence[str]) -> int:
    """Return the width of the widest line, 0 without any."""
    return max(map(width, lines), default=0)
