"""What everything is drawn with: a set of characters, and a style for each role a piece of text can have.

Separate because both are chosen once, when the terminal is known, and every widget gets them ready. Styles are a table
and not rules of a style sheet: rules would be matched anew for each role of each widget whenever a screen opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style

from drill.tui.glyphs import UNICODE, Glyphs
from drill.tui.theme import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOLD = ("title", "key", "warn", "bad", "you", "cursor")


@dataclass(frozen=True, slots=True)
class Pen:
    """Characters and styles."""

    glyphs: Glyphs
    styles: Mapping[str, Style]
    """By role; what they leave open is the widget's own."""


def pen(glyphs: Glyphs = UNICODE, *, colour: bool = True) -> Pen:
    """Return a pen; without colour, what stands out is bold, and the cursor is reversed."""
    styles = {role: Style(color=text if colour else None, bold=role in _BOLD or None) for role, text in COLOURS.items()}
    if colour:
        styles["cursor"] += Style(bgcolor=COLOURS["line"])
        styles["inactive-cursor"] += Style(bgcolor=COLOURS["rule"])
    else:
        styles["cursor"] += Style(reverse=True)
        styles["inactive-cursor"] += Style(underline=True)
    return Pen(glyphs, styles)
