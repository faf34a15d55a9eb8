"""Plain text for the terminal: results to stdout, narration to stderr, nothing that could steer the terminal.

Separate because titles, pages, names of files and messages come from strangers. No colour is used anywhere.
"""

from __future__ import annotations

import re

import click

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """Return text with control characters, direction overrides and half characters replaced; line breaks stay."""
    return _STEERING.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """Return text that fits one line: as `clean`, with breaks and tabs as spaces."""
    return _BREAKS.sub(" ", clean(text))


def result(text: str) -> None:
    """Print a result, which may have several lines, to stdout."""
    click.echo(clean(text))


def narrate(text: str) -> None:
    """Print one line of narration to stderr."""
    click.echo(one_line(text), err=True)


def columns(rows: list[tuple[str, ...]]) -> str:
    """Return rows as aligned columns, two spaces apart; a row has at least one cell."""
    texts = [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts
    )
