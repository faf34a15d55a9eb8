"""What the screens with fields to fill in have in common.

Separate because forms of actions and of updates must be filled in alike: keys go first to what has to be decided,
fields follow the choices they depend on, and what is wrong is said below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.containers import Vertical

from drill.errors import ActionError
from drill.tui.commands import bindings
from drill.tui.screens.live import LiveScreen
from drill.tui.widgets.field import FieldLine
from drill.tui.widgets.prose import Paragraph, Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.fields import FieldModel
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

ResultT = TypeVar("ResultT")


class FieldsScreen(LiveScreen[ResultT]):
    """A screen of a run with fields."""

    TYPING: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("fields")]

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Ask for the fields as they are with nothing filled in."""
        super().__init__(run, pen)
        self._models = self.models({})

    def models(self, filled: dict[str, str]) -> tuple[FieldModel, ...]:
        """Return the fields; those that depend on another one follow what is filled in there."""
        raise NotImplementedError

    def take(self, filled: dict[str, str]) -> None:
        """Do what the screen is for with what was filled in; raise ActionError if it can't be done."""
        raise NotImplementedError

    def field_lines(self) -> ComposeResult:
        """Lay out one line a field, and the place that says what is wrong."""
        with Vertical(id="fields"):
            for model in self._models:
                yield FieldLine(self.pen, model)
        yield Prose(self.pen, id="wrong")

    def on_mount(self) -> None:
        """Put the cursor where something is to be decided."""
        lines = list(self.query(FieldLine))
        wanted = [line for line in lines if line.undecided] or [line for line in lines if line.open] or lines
        if wanted:  # some actions have nothing to fill in
            self.set_focus(wanted[0].field)

    def on_choice_changed(self) -> None:
        """Let fields that depend on a choice follow it, those too in which nothing was typed yet."""
        lines = zip(self._models, self.query(FieldLine), strict=True)
        self._models = self.models({model.name: line.value for model, line in lines if not line.untouched})
        self._right()
        for model, line in zip(self._models, self.query(FieldLine), strict=True):
            line.follow(model)

    def on_input_changed(self) -> None:
        """Say no longer what was wrong."""
        self._right()

    def on_input_submitted(self) -> None:
        """Go on."""
        self.action_submit()

    def action_submit(self) -> None:
        """Go on, or say what is wrong."""
        if not self.is_active:
            return
        try:
            self.take(self.filled())
        except ActionError as error:
            self.query_one("#wrong", Prose).model = (Paragraph(f"{self.glyphs.warn} {error}", "bad"),)

    def filled(self) -> dict[str, str]:
        """Return what stands in the fields."""
        lines = zip(self._models, self.query(FieldLine), strict=True)
        return {model.name: line.value for model, line in lines}

    def _right(self) -> None:
        self.query_one("#wrong", Prose).model = ()
