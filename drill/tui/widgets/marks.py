"""Single lines that order a screen: the rule above a part, and the keys at the bottom.

Separate because every screen has them and they must look alike. What does not fit is left out whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.tui.text import shorten, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from drill.tui.plot import Line, Run

_NEVER_LEFT_OUT = 2
"""Help and quitting are always shown."""


class Rule(Lined[tuple[str, str]]):
    """A line with a heading at its left and a remark at its right."""

    DEFAULT_CSS = "Rule { height: 1; }"

    def lines(self, model: tuple[str, str], cells: int, height: int) -> list[Line]:
        """Return the line."""
        del height
        heading = f" {shorten(model[0], cells - 6, self.glyphs.more)} "
        remark = f" {model[1]} " if model[1] and width(heading) + width(model[1]) + 6 <= cells else ""
        rule = self.glyphs.rule
        length = cells - width(heading) - width(remark) - 2
        return [((rule, "rule"), (heading, "title"), (rule * length, "rule"), (remark, "muted"), (rule, "rule"))]


class KeyLine(Lined[tuple[tuple[str, str], ...]]):
    """Keys and what they do; pairs come most important first, and the last two are always shown."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; }"

    def lines(self, model: tuple[tuple[str, str], ...], cells: int, height: int) -> list[Line]:
        """Return the line."""
        del height
        entries = [f" {key} {label} " for key, label in model]
        last = entries[-_NEVER_LEFT_OUT:]
        left = cells - sum(map(width, last))
        chosen = []
        for pair, entry in zip(model[:-_NEVER_LEFT_OUT], entries[:-_NEVER_LEFT_OUT], strict=True):
            left -= width(entry)
            if left < 0:
                break
            chosen.append(pair)
        runs: list[Run] = []
        for key, label in (*chosen, *model[-_NEVER_LEFT_OUT:]):
            runs += [(f" {key} ", "key"), (f"{label} ", "text")]
        return [tuple(runs)]
