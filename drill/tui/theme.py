"""Our own themes: one dark, safe for colour-blind eyes (healthy is blue, bad is orange), and one without any colour.

Separate because contrast is tested here: every colour that carries text has at least 4.5 : 1 on every ground it stands
on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter, Monochrome
from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App
    from textual.color import Color

GROUND, SURFACE, PANEL = "#0e1418", "#151d23", "#1d2830"
GROUNDS = (GROUND, SURFACE, PANEL)

COLOURS = {
    "text": "#dbe4ea",
    "muted": "#9aabb8",
    "title": "#dbe4ea",
    "rule": "#3a4a57",
    "key": "#f2cc60",
    "good": "#4fc3d9",
    "warn": "#f2cc60",
    "bad": "#ff9f52",
    "line": "#5fb8e6",
    "mark": "#6f8290",
    "threshold": "#6f8290",
    "shade": "#1c3848",
    "you": "#f5f7f9",
    "nothing": "#ff9f52",
    "expert": "#4fc3d9",
    "cursor": "#0e1418",
    "inactive-cursor": "#dbe4ea",
}
"""Colour of each role a piece of text can have."""
TEXT_ROLES = ("text", "muted", "title", "key", "good", "warn", "bad", "you", "nothing", "expert")
"""Roles that carry words or numbers on the grounds."""

DARK = Theme(
    name="drill-dark",
    primary=COLOURS["line"],
    secondary="#3fc7b4",
    success=COLOURS["good"],
    warning=COLOURS["warn"],
    error=COLOURS["bad"],
    accent=COLOURS["key"],
    foreground=COLOURS["text"],
    background=GROUND,
    surface=SURFACE,
    panel=PANEL,
    dark=True,
    variables={
        "input-cursor-background": COLOURS["text"],
        "input-cursor-foreground": GROUND,
        "input-selection-background": COLOURS["line"] + " 40%",
        "scrollbar": COLOURS["rule"],
        "scrollbar-background": GROUND,
        "text-muted": COLOURS["muted"],
        "text-disabled": COLOURS["muted"],
    },
)
PLAIN = Theme(
    name="drill-plain",
    primary="ansi_default",
    secondary="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables=dict.fromkeys(("ansi-background", "ansi-foreground"), "ansi_default"),
)


def dress(app: App[None], *, colour: bool) -> None:
    """Give an app its theme."""
    for theme in (DARK, PLAIN):
        app.register_theme(theme)
    app.theme = (DARK if colour else PLAIN).name


def filters(given: Iterable[LineFilter], *, colour: bool) -> list[LineFilter]:
    """Return what is done to every line: the options decide about colour, not what Textual makes of the environment."""
    return [each for each in given if not isinstance(each, Monochrome)] if colour else [WithoutColour()]


class WithoutColour(LineFilter):
    """Takes every colour out and leaves bold, reverse and the like."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colour."""
        del background
        return [
            Segment(text, None if style is None else style.without_color, control) for text, style, control in segments
        ]
