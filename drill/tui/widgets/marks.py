"""Single lines that order a screen: the rule above a part, and the keys at the bottom.

Separate because every screen has them and they must look alike. What does not fit is left out whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from drill.tui.text import shorten, width, wrap_all
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from drill.tui.plot import Line, Run

_NEVER_LEFT_OUT = 2
"""Help and quitting are always shown."""
_MOST_SAID = 3
"""Most lines of a notice."""


class Rule(Lined[tuple[str, str] | tuple[str, str, str]]):
    """A line with a heading at its left and a remark at its right, which may have a role of its own."""

    DEFAULT_CSS = "Rule { height: 1; }"

    def lines(self, model: tuple[str, str] | tuple[str, str, str], cells: int, height: int) -> list[Line]:
        """Return the line."""
        del height
        role = model[2] if len(model) > 2 else "muted"  # noqa: PLR2004 - heading and remark
        heading = f" {shorten(model[0], cells - 6, self.glyphs.more)} "
        remark = f" {model[1]} " if model[1] and width(heading) + width(model[1]) + 6 <= cells else ""
        rule = self.glyphs.rule
        length = cells - width(heading) - width(remark) - 2
        return [((rule, "rule"), (heading, "title"), (rule * length, "rule"), (remark, role), (rule, "rule"))]


class KeyLine(Lined[tuple[tuple[str, str], ...]]):
    """Keys and what they do; pairs come most important first, and the last two are always shown."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; }"

    notice: reactive[tuple[str, str] | None] = reactive(None, repaint=False, init=False)
    """A sentence and its role, said in the place of the keys; a long one takes more lines."""

    def watch_notice(self) -> None:
        """Make room for what is said."""
        wanted = len(self._said(self.content_size.width or self.app.size.width)) or 1
        if self.size.height != wanted:
            self.styles.height = wanted
        self.redraw()

    def lines(self, model: tuple[tuple[str, str], ...], cells: int, height: int) -> list[Line]:
        """Return the line, or what is said in its place."""
        del height
        if self.notice is not None:
            return [((f" {line}", self.notice[1]),) for line in self._said(cells)]
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

    def _said(self, cells: int) -> list[str]:
        return [] if self.notice is None else wrap_all(self.notice[0], cells - 2)[:_MOST_SAID]
