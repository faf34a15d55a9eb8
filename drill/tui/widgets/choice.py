"""One value out of a few, stepped through with the arrows.

Separate from a stock list because most fields of an action have one to five values, and all of them should be in view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from drill.tui.commands import bindings
from drill.tui.text import printable, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.plot import Line, Run


class Choice(Lined[tuple[str, ...]], can_focus=True):
    """A field with given values."""

    DEFAULT_CSS = "Choice { height: 1; }"

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("choice")]

    class Changed(Message):
        """Another value stands."""

        def __init__(self, choice: Choice, value: str) -> None:
            """Say which."""
            super().__init__()
            self.choice = choice
            self.value = value

    def __init__(self, pen: Pen, values: tuple[str, ...], value: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Offer values, one of which stands at the start."""
        super().__init__(pen, model=values, id=id)
        self._at = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        """The value that stands; empty when there is none."""
        return self.model[self._at] if self.model else ""

    def offer(self, values: tuple[str, ...]) -> None:
        """Offer other values, keeping the one that stands if it is among them."""
        value = self.value
        self._at = values.index(value) if value in values else 0
        self.model = values
        self.redraw()

    def lines(self, model: tuple[str, ...], cells: int, height: int) -> list[Line]:
        """Return the value that stands, and the others while there is room."""
        del height
        role = "cursor" if self.has_focus else "inactive-cursor"
        runs: list[Run] = [(self.glyphs.before + " ", "muted")]
        if sum(width(value) + 3 for value in model) + 4 <= cells:
            for at, value in enumerate(model):
                runs += [(f" {printable(value)} ", role if at == self._at else "muted"), (" ", "")]
        else:
            runs += [(f" {printable(self.value)} ", role), (f"  {self._at + 1} of {len(model)} ", "muted")]
        return [(*runs, (self.glyphs.after, "muted"))]

    def action_step(self, step: int) -> None:
        """Take the next value or the one before."""
        at = min(max(0, self._at + step), len(self.model or ()) - 1)
        if at not in {self._at, -1}:
            self._at = at
            self.redraw()
            self.post_message(self.Changed(self, self.value))
