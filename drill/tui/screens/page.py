"""The page that wakes the responder, and what to know before; the system is brought up to that moment meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.message import Message

from drill.tui.commands import bindings
from drill.tui.screens.base import PAINT_S, DrillScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.units import format_clock

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


class PageScreen(DrillScreen[None]):
    """The page of one scenario."""

    SCOPES: ClassVar[tuple[str, ...]] = ("page",)
    CSS_PATH = "page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("page")]

    class Acknowledged(Message):
        """The page is taken and the system stands at its moment."""

    class Declined(Message):
        """Somebody goes back to the menu."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show the page of a run that is still on its way to it."""
        super().__init__(pen)
        self._run = run
        self._wanted = False

    def compose(self) -> ComposeResult:
        """Lay out page and notes."""
        spec = self._run.scenario.spec
        yield Rule(self.pen, model=(spec.card.title, f"seed {self._run.order.seed}"))
        with VerticalScroll(id="letter"):
            yield Prose(self.pen, model=(Paragraph(spec.story.page),), id="page")
            yield Prose(self.pen, model=self._before(), id="before")
        yield Prose(self.pen, id="state")
        yield self.key_line()

    def on_mount(self) -> None:
        """Follow the system on its way."""
        self.set_interval(PAINT_S, self.paint)
        self.paint()

    def paint(self) -> None:
        """Say how far the system is, and start once it is there if that was wanted."""
        run = self._run
        record = run.order.record
        where = "This run is not recorded." if record is None else "This run is recorded; the result says where."
        if run.ready:
            state = Paragraph(f"{self.glyphs.ok} The system stands at the moment of the page. Enter starts.", "good")
        else:
            clocks = f"{format_clock(run.frame.snapshot.at_us)} of {format_clock(run.scenario.spec.paged_at)}"
            state = Paragraph(f"{self.glyphs.unknown} The system runs up to the page: {clocks}", "muted")
        self.query_one("#state", Prose).model = (state, Paragraph(where, "muted"))
        if self._wanted and run.ready:
            self._wanted = False
            self.post_message(self.Acknowledged())

    def action_scroll(self, step: int) -> None:
        """Show what is further down or up."""
        self.turn("#letter", step)

    def action_start(self) -> None:
        """Start now, or as soon as the system is there."""
        self._wanted = True
        self.paint()

    def action_back(self) -> None:
        """Go back to the menu."""
        self.post_message(self.Declined())

    def _before(self) -> tuple[Paragraph, ...]:
        story = self._run.scenario.spec.story
        paragraphs = []
        for title, lines in (("Know before", story.prerequisites), ("Objectives", story.objectives)):
            if lines:
                paragraphs += [
                    Paragraph(""),
                    Paragraph(title, "key"),
                    *(Paragraph(line, indent="- ") for line in lines),
                ]
        return tuple(paragraphs)
