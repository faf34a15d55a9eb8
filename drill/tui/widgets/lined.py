"""The base of every widget that is drawn line by line: a model in, only the changed lines out.

Separate so that the one optimisation that matters on slow links, to send only what changed, is made once. A subclass
says which lines its model makes; it never touches styles, regions or strips. Nothing here has a border, an opacity, a
tint or a link, so that lines are drawn without asking for them: a repaint takes half as long, and a key waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from rich.segment import Segment
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from drill.tui.text import width

if TYPE_CHECKING:
    from rich.style import Style
    from textual.events import Resize

    from drill.tui.pen import Pen
    from drill.tui.plot import Line

ModelT = TypeVar("ModelT")


class Lined(Widget, Generic[ModelT]):
    """A widget made of lines."""

    DEFAULT_CSS = "Lined { width: 100%; height: 1fr; }"

    ALLOW_SELECT = False

    model: reactive[ModelT | None] = reactive(None, repaint=False, init=False)
    """What is shown; immutable. None shows nothing."""

    def __init__(self, pen: Pen, *, model: ModelT | None = None, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show a model, drawn with a pen."""
        super().__init__(id=id)
        self.pen = pen
        self.glyphs = pen.glyphs
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}
        self.set_reactive(type(self).model, model)

    @property
    def text(self) -> str:
        """What is shown, as text without spaces at the ends of lines."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def lines(self, model: ModelT, cells: int, height: int) -> list[Line]:
        """Return the lines of a model; missing ones stay empty, too long ones are cut."""
        raise NotImplementedError

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Draw what shows whether keys go here."""
        super().watch_has_focus(_has_focus)
        self.redraw()

    def watch_model(self) -> None:
        """Draw what differs."""
        self.redraw()

    def on_resize(self, event: Resize) -> None:
        """Draw everything anew."""
        del event
        self._lines = []
        self._strips.clear()
        self._styles.clear()
        self.redraw()
        self.refresh()

    def redraw(self) -> None:
        """Compute the lines again and have only those drawn that changed."""
        cells, height = self.content_size
        if not cells or not height:
            return
        lines = [] if self.model is None else self.lines(self.model, cells, height)[:height]
        old, self._lines = self._lines, lines
        changed = [
            y for y in range(max(len(old), len(lines))) if y >= len(old) or y >= len(lines) or old[y] != lines[y]
        ]
        above = self.gutter.top
        for y in changed:
            self._strips.pop(y + above, None)
        if changed:
            self.refresh(*(Region(0, y, cells, 1) for y in changed))

    def notify_style_update(self) -> None:
        """Forget what was drawn in the earlier style."""
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return some lines with their padding."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.outer_size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Return one line as the terminal gets it."""
        if y not in self._strips:
            above = self.gutter.top
            at = y - above
            self._strips[y] = self._strip(self._lines[at] if 0 <= at < len(self._lines) else ())
        return self._strips[y]

    def _strip(self, line: Line) -> Strip:
        """Return a line between its paddings; where the cursor is, its colour fills the content."""
        ground, left = self._style(""), self.gutter.left
        segments = [Segment(text, self._style(role)) for text, role in line]
        used = sum(width(text) for text, _ in line)
        last = segments[-1].style if line and line[-1][1] == "cursor" else ground
        strip = Strip(segments, used).adjust_cell_length(self.content_size.width, last)
        if self.gutter.width:
            strip = Strip([Segment(" " * left, ground), *strip], left + strip.cell_length)
            strip = strip.adjust_cell_length(self.outer_size.width, ground)
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, self.background_colors[1])
        return strip

    def _style(self, role: str) -> Style:
        """Return the style of a role on the ground of this widget; finding it out takes longer than drawing a line."""
        if role not in self._styles:
            base = self.rich_style
            self._styles[role] = base + self.pen.styles[role] if role else base
        return self._styles[role]
