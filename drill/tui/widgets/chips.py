"""Suspects with their chips: a bar, a number and a title each.

Separate from the table because its rows carry bars of another colour than their words, and because left and right put
chips there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from drill.tui.chips import counted
from drill.tui.text import pad, printable, shorten, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from textual.events import Click

    from drill.tui.glyphs import Glyphs
    from drill.tui.pen import Pen
    from drill.tui.plot import Line

BAR_CELLS = 20
"""Width of a bar of all chips: one cell for five."""
_PLACES = 9
"""Decimals that count: 0.35 of 20 cells are 7."""
_SOME_LEFT, _NONE_LEFT = "warn", "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipsModel:
    """What is shown."""

    titles: tuple[str, ...]
    shares: tuple[int, ...]
    """Chips on each, out of 100."""
    marked: int


class ChipList(Lined[ChipsModel]):
    """The list."""

    class Marked(Message):
        """A row was clicked."""

        def __init__(self, row: int) -> None:
            """Say which."""
            super().__init__()
            self.row = row

    def __init__(self, pen: Pen, *, id: str) -> None:  # noqa: A002 - Textual's name
        """Show nothing yet."""
        super().__init__(pen, id=id)
        self._top = 0

    def lines(self, model: ChipsModel, cells: int, height: int) -> list[Line]:
        """Return the rows around the marked one."""
        last = max(0, len(model.titles) - height)
        self._top = max(min(self._top, model.marked, last), model.marked - height + 1)
        return [self._row(model, at, cells) for at in range(self._top, min(self._top + height, len(model.titles)))]

    def on_click(self, event: Click) -> None:
        """Say which row was clicked."""
        row = self._top + event.y
        if self.model is not None and row < len(self.model.titles):
            self.post_message(self.Marked(row))

    def _row(self, model: ChipsModel, at: int, cells: int) -> Line:
        chips = model.shares[at]
        filled, rest = bar(chips / 100, BAR_CELLS, self.glyphs)
        number = f" {chips:>3}  "
        title = shorten(printable(model.titles[at]), cells - BAR_CELLS - len(number) - 2, self.glyphs.more)
        if at == model.marked:
            return ((pad(f"{self.glyphs.cursor}{filled}{rest}{number}{title}", cells), "cursor"),)
        role = "title" if chips else "muted"
        return (" ", ""), (filled, "line"), (rest, "rule"), (number, role), (title, "text" if chips else "muted")


class ChipLine(Lined[tuple[str, int, str]]):
    """A rule with the chips that are left in the middle: heading, how many, and a remark in muted words."""

    DEFAULT_CSS = "ChipLine { height: 1; }"

    def lines(self, model: tuple[str, int, str], cells: int, height: int) -> list[Line]:
        """Return the line; the remark is left out where there is no room."""
        del height
        heading, left, remark = f" {model[0]} ", model[1], f" {model[2]} "
        glyph, role = (self.glyphs.warn, _SOME_LEFT) if left else (self.glyphs.ok, _NONE_LEFT)
        state = f" {glyph} {f'{counted(left)} left' if left else 'all placed'} "
        rule = self.glyphs.rule
        length = cells - width(heading) - width(state) - width(remark) - 4
        if length < 1:
            remark, length = "", length + width(remark)
        return [
            (
                (rule, "rule"),
                (heading, "title"),
                (rule * 2, "rule"),
                (state, role),
                (rule * length, "rule"),
                (remark, "muted"),
                (rule, "rule"),
            )
        ]


def bar(share: float, cells: int, glyphs: Glyphs) -> tuple[str, str]:
    """Return the filled and the empty part of a bar for a share from 0 to 1; a started cell is drawn as such."""
    steps = len(glyphs.bar) - 1
    empty, full = glyphs.bar[0], glyphs.bar[-1]
    whole, rest = divmod(round(min(1.0, max(0.0, share)) * cells, _PLACES), 1.0)
    part = min(max(1, round(rest * steps)), steps - 1) if rest else 0
    filled = full * int(whole) + (glyphs.bar[part] if part else "")
    return filled, empty * (cells - len(filled))
