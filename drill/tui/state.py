"""How well users are served, as a word, a glyph and a colour together.

Separate because header, alerts and tables must judge and say it alike. The bounds follow from the objective of the
scenario; nothing here knows a scenario.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.tui.glyphs import Glyphs

_WARN_FACTOR = 10
"""Up to this many times the allowed share of failures is a warning; above it is critical."""


class State(Enum):
    """A state; its value is the word."""

    OK = "OK"
    WARN = "WARN"
    CRIT = "CRIT"
    UNKNOWN = "??"

    @property
    def role(self) -> str:
        """Name of its colour."""
        return {"OK": "good", "WARN": "warn", "CRIT": "bad", "??": "muted"}[self.value]

    def glyph(self, glyphs: Glyphs) -> str:
        """Return its glyph."""
        return {"OK": glyphs.ok, "WARN": glyphs.warn, "CRIT": glyphs.crit, "??": glyphs.unknown}[self.value]


def judge(failing: float | None, objective: float) -> State:
    """Return the state of users of whom a share fails; `objective` is the share of good answers promised."""
    if failing is None:
        return State.UNKNOWN
    allowed = 1.0 - objective
    if failing <= allowed:
        return State.OK
    return State.WARN if failing <= _WARN_FACTOR * allowed else State.CRIT
