"""The form of one action: what can be filled in, and what doing it changes, risks and takes to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.actions.catalogue import Action
from drill.tui.commands import bindings
from drill.tui.fields import FieldModel, build, form
from drill.tui.screens.ask import AskScreen
from drill.tui.screens.fields import FieldsScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Prose
from drill.tui.wording import described
from drill.tui.wording import question as asked

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


class FormScreen(FieldsScreen[Action | None]):
    """The form of one action; gives back the action, or None."""

    SCOPES: ClassVar[tuple[str, ...]] = ("form", "fields", "choice")
    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]

    def __init__(self, run: LiveRun, pen: Pen, kind: type[Action]) -> None:
        """Ask for the fields of an action."""
        self._kind = kind
        super().__init__(run, pen)

    def compose(self) -> ComposeResult:
        """Lay out the fields above what the action does."""
        yield self.top_bar()
        yield Rule(self.pen, model=(self._kind.title, "risky" if self._kind.risky else ""))
        yield from self.field_lines()
        yield Rule(self.pen, model=("What it does", ""))
        yield Prose(self.pen, model=described(self._kind), id="detail")
        yield self.key_line()

    def models(self, filled: dict[str, str]) -> tuple[FieldModel, ...]:
        """Return the fields of the action."""
        return form(self._kind, self.run.scenario.spec, self.run.frame.snapshot, filled, self.run.actions)

    def take(self, filled: dict[str, str]) -> None:
        """Ask whether to do it; then give back the action, or stay with what is filled in."""
        action = build(self._kind, filled)
        question = AskScreen(self.pen, action.title, asked(action), ("do it", "back"))
        self.app.push_screen(question, lambda yes: self._decided(action, yes=bool(yes)))

    def action_back(self) -> None:
        """Give back nothing."""
        self.dismiss(None)

    def _decided(self, action: Action, *, yes: bool) -> None:
        if yes:
            self.dismiss(action)
