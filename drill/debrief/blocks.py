"""What a page of a debrief is made of: headings, sentences, tables, curves.

Separate because screen, text and Markdown lay the same blocks out, each in its own way. A tone says what a line is
about; whoever draws it chooses colour and glyph, and the words say the same without either.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of what can steer a terminal or turn the direction of writing."""
_JOINERS = "\u200c\u200d"
"""Needed to write some languages and emoji; they steer nothing."""
_GLUE = "\ue000"
"""Of the private use area: as wide as a space, and nothing breaks a line at it."""
_WITHIN_NUMBER = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|%)")


@dataclass(frozen=True, slots=True)
class Heading:
    """The beginning of a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """A paragraph."""

    text: str
    tone: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    cells: tuple[str, ...]
    tone: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Lines with columns; only the last column may be long."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    right: tuple[int, ...] = ()
    """Columns of numbers."""
    signed: bool = False
    """Whether the tone of a line is worth a glyph before it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Two parts to be compared, beside each other where there is room."""

    left: tuple[Heading, Say]
    right: tuple[Heading, Say]


@dataclass(frozen=True, slots=True)
class Curves:
    """The lanes as lines over the whole run."""


Block = Heading | Say | Table | Beside | Curves


def flat(text: str) -> str:
    """Return a text as one line that can steer nothing, whoever wrote it."""
    return "".join(
        REPLACEMENT if unicodedata.category(each) in _STEERING and each not in _JOINERS else each
        for each in " ".join(text.split())
    )


def glued(text: str) -> str:
    """Return a text in which a number and its unit hold together, however lines are wrapped."""
    return _WITHIN_NUMBER.sub(_GLUE, text)


def unglued(text: str) -> str:
    """Return a wrapped line as it is shown."""
    return text.replace(_GLUE, " ")


def decimals(value: float, places: int) -> str:
    """Return a number with so many decimals; what rounds to nothing has no sign."""
    return f"{round(value, places) + 0.0:.{places}f}"
