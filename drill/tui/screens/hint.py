"""Help, one rung at a time: what was taken, what the next one costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll

from drill.errors import ActionError
from drill.tui.commands import bindings
from drill.tui.screens.live import LiveScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.driver.driver import Frame
    from drill.scenario.story import HintSpec


class HintScreen(LiveScreen[None]):
    """The rungs of help; opening it takes none."""

    SCOPES: ClassVar[tuple[str, ...]] = ("hint",)
    CSS_PATH = "hint.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("hint")]

    def compose(self) -> ComposeResult:
        """Lay out what was taken above what comes next."""
        yield self.top_bar()
        yield Rule(self.pen, id="heading")
        with VerticalScroll(id="taken", can_focus=False):
            yield Prose(self.pen, id="hints")
        yield Rule(self.pen, model=("Next", ""))
        yield Prose(self.pen, id="next")
        yield self.key_line()

    def show(self, frame: Frame) -> None:
        """Show the hints that were taken."""
        del frame
        taken, rungs = self.run.hints, self.run.scenario.spec.story.hints
        self.query_one("#heading", Rule).model = ("Hints", f"{len(taken)} of {len(rungs)} taken" if rungs else "")
        hints = self.query_one("#hints", Prose)
        told = _told(taken) or (Paragraph("No hint was taken. Nothing is taken by looking here.", "muted"),)
        if hints.model != told:
            hints.model = told
            hints.refresh(layout=True)
            self.query_one("#taken").anchor()  # the newest is seen, however late the layout comes
        self.query_one("#next", Prose).model = (_next(len(taken), rungs),)

    def action_next(self) -> None:
        """Take the next hint."""
        if len(self.run.hints) < len(self.run.scenario.spec.story.hints):
            try:
                self.run.take_hint()
            except ActionError as error:
                self.warn(f"{error}.")
        self.paint()

    def action_scroll(self, step: int) -> None:
        """Show earlier or later hints."""
        self.turn("#taken", step)

    def action_back(self) -> None:
        """Take nothing more."""
        self.dismiss()


def _told(taken: tuple[HintSpec, ...]) -> tuple[Paragraph, ...]:
    paragraphs: list[Paragraph] = []
    for number, hint in enumerate(taken, start=1):
        heading = Paragraph(f"Hint {number}, {price(hint)}", "key")
        paragraphs += [*([Paragraph("")] if paragraphs else []), heading, Paragraph(hint.text)]
    return tuple(paragraphs)


def _next(taken: int, rungs: list[HintSpec]) -> Paragraph:
    if not rungs:
        return Paragraph("This scenario has no hints.", "muted")
    if taken >= len(rungs):
        return Paragraph("There is no hint left.", "muted")
    return Paragraph(f"Enter takes hint {taken + 1} of {len(rungs)}: {price(rungs[taken])}.")


def price(hint: HintSpec) -> str:
    """Return what a hint costs, in words."""
    if not hint.cost:
        return "costs nothing"
    return f"costs {hint.cost} point{'' if hint.cost == 1 else 's'} in an exam, nothing in practice"
