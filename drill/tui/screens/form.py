"""The fields of one action: choices where values are given, a line to type into where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from drill.actions.catalogue import Action
from drill.errors import ActionError
from drill.tui.commands import bindings
from drill.tui.fields import FieldModel, build, form
from drill.tui.screens.live import LiveScreen
from drill.tui.widgets.choice import Choice
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.wording import described

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

Field = Choice | Input


class FormScreen(LiveScreen[Action | None]):
    """The form of one action."""

    SCOPES: ClassVar[tuple[str, ...]] = ("form",)
    TYPING: ClassVar[bool] = True
    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]

    def __init__(self, run: LiveRun, pen: Pen, kind: type[Action]) -> None:
        """Ask for the fields of an action."""
        super().__init__(run, pen)
        self._kind = kind
        self._models = self._form({})

    def compose(self) -> ComposeResult:
        """Lay out one line a field."""
        yield self.top_bar()
        yield Rule(self.pen, model=(self._kind.title, "risky" if self._kind.risky else ""))
        with Vertical(id="fields"):
            for model in self._models:
                with Horizontal(classes="field"):
                    yield Prose(self.pen, model=(Paragraph(model.label, "muted"),)).add_class("label")
                    yield self._field(model)
                    if model.values is None:
                        yield Prose(self.pen, model=(_hint(model),), id=f"hint-{model.name}").add_class("hint")
        yield Prose(self.pen, id="wrong")
        yield Rule(self.pen, model=("What it does", ""))
        yield Prose(self.pen, model=described(self._kind), id="detail")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor where something is to be decided."""
        fields = list(self._fields().values())
        open_fields = [field for field in fields if not (isinstance(field, Choice) and len(field.model or ()) <= 1)]
        self.set_focus((open_fields or fields)[0])

    def on_choice_changed(self) -> None:
        """Let fields that depend on a choice follow it."""
        self._models = self._form(self._filled())
        for model, field in zip(self._models, self._fields().values(), strict=True):
            if isinstance(field, Choice):
                field.offer(model.values or ())
            else:
                self.query_one(f"#hint-{model.name}", Prose).model = (_hint(model),)

    def on_input_submitted(self) -> None:
        """Go on."""
        self.action_submit()

    def action_submit(self) -> None:
        """Give back the action, or say what is wrong."""
        try:
            action = build(self._kind, self._filled())
        except ActionError as error:
            self.query_one("#wrong", Prose).model = (Paragraph(str(error), "bad"),)
        else:
            self.dismiss(action)

    def action_back(self) -> None:
        """Give back nothing."""
        self.dismiss(None)

    def _form(self, filled: dict[str, str]) -> tuple[FieldModel, ...]:
        return form(self._kind, self.run.scenario.spec, self.run.frame.snapshot, filled)

    def _field(self, model: FieldModel) -> Field:
        if model.values is not None:
            return Choice(self.pen, model.values, model.value, id=f"field-{model.name}")
        return Input(model.value, id=f"field-{model.name}", compact=True, select_on_focus=True)

    def _fields(self) -> dict[str, Field]:
        found: dict[str, Field] = {}
        for model in self._models:
            name = f"#field-{model.name}"
            found[model.name] = self.query_one(name, Input) if model.values is None else self.query_one(name, Choice)
        return found

    def _filled(self) -> dict[str, str]:
        return {name: field.value for name, field in self._fields().items()}


def _hint(model: FieldModel) -> Paragraph:
    now = f"now {model.now}" if model.now else ""
    return Paragraph(", ".join(part for part in (now, model.hint) if part), "muted")
