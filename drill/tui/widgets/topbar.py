"""The two lines at the top of every live screen: what runs, and the truth about its users.

Separate because every live screen carries them, whatever else it shows. Each value stands beside its word; when there
is little room whole parts are left out, the least important first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.tui.text import printable, shorten, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from drill.tui.plot import Line, Run
    from drill.tui.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class BarModel:
    """What the top of the screen says; values are ready to be read."""

    title: str
    clock: str
    length: str
    pace: str
    """Speed in words, such as `20×`, or why time stands still."""
    running: bool
    behind: bool
    state: State
    failing: str
    budget: str
    rate: str


class TopBar(Lined[BarModel]):
    """Title, clock and speed; users failing, error budget and arrivals."""

    DEFAULT_CSS = """
    TopBar { height: 2; background: $panel; }
    TopBar:ansi { text-style: none; }
    """

    def lines(self, model: BarModel, cells: int, height: int) -> list[Line]:
        """Return both lines."""
        del height
        return [self._first(model, cells), self._second(model, cells)]

    def _first(self, model: BarModel, cells: int) -> Line:
        glyph = self.glyphs.running if model.running else self.glyphs.paused
        pace = f"{glyph} {model.pace}"
        role = "warn" if model.behind or not model.running else "muted"
        clock = f"{model.clock} of {model.length} "
        title = shorten(printable(model.title), cells - width(pace) - width(clock) - 5, self.glyphs.more)
        space = cells - width(title) - width(pace) - width(clock) - 4
        return (" " + title, "title"), (" " * space, ""), (pace, role), ("   ", ""), (clock, "text")

    def _second(self, model: BarModel, cells: int) -> Line:
        state = f"{model.state.glyph(self.glyphs)} {model.state.value}"
        parts: list[tuple[Run, ...]] = [
            ((" USERS  ", "muted"), (state, model.state.role), (f"  {model.failing} failing", model.state.role)),
            (("error budget ", "muted"), (f"{model.budget} used", "text")),
            ((f"{model.rate} requests/s", "muted"),),
        ]
        line: list[Run] = []
        left = cells
        for part in parts:
            gap = "    " if line else ""
            left -= len(gap) + sum(width(text) for text, _ in part)
            if left < 0:
                break
            line += [(gap, ""), *part] if gap else part
        return tuple(line)
