"""One line of a form: its label, a choice or a line to type into, and what is expected there.

Separate because every form is made of these. The label says by a glyph and its weight where keys go, so that it shows
without colour too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widgets import Input

from drill.actions.fields import MAX_TEXT
from drill.tui.widgets.choice import Choice
from drill.tui.widgets.prose import Paragraph, Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from drill.tui.fields import FieldModel
    from drill.tui.pen import Pen


class FieldLine(Horizontal):
    """A field with its label."""

    DEFAULT_CSS = """
    FieldLine { height: 1; }
    FieldLine .label { width: 14; }
    FieldLine Choice { width: 1fr; }
    FieldLine Input { width: 1fr; background: $surface; }
    FieldLine .hint { width: 1fr; padding: 0 0 0 2; }
    """

    def __init__(self, pen: Pen, model: FieldModel) -> None:
        """Make a field; whether it is a choice is settled for good."""
        super().__init__(id=f"line-{model.name}")
        self._pen = pen
        self._model = model
        self._suggested = model.value
        self._label = Prose(pen, model=self._labelled(focused=False)).add_class("label")
        self._hint = Prose(pen, model=(_hint(model),)).add_class("hint")
        name = f"field-{model.name}"
        self.field: Choice | Input = (
            Input(model.value, model.empty, id=name, compact=True, select_on_focus=True, max_length=MAX_TEXT)
            if model.values is None
            else Choice(pen, model.values, model.value, id=name)
        )
        """What takes the keys."""
        self.display = model.shown

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield self._label
        yield self.field
        if _hint(self._model).text:
            yield self._hint

    @property
    def value(self) -> str:
        """What stands there."""
        return self.field.value

    @property
    def untouched(self) -> bool:
        """Whether it is typed into and still holds what stood there at first."""
        return self._model.values is None and self.value == self._suggested

    @property
    def undecided(self) -> bool:
        """Whether it is asked for and nobody should pass it by."""
        return self._model.shown and not self._model.decided

    @property
    def open(self) -> bool:
        """Whether it is asked for and has more than one answer."""
        return self._model.shown and (self._model.values is None or len(self._model.values) > 1)

    def follow(self, model: FieldModel) -> None:
        """Offer what can be chosen now."""
        untouched, self._model = self.untouched, model
        self.display = model.shown
        if isinstance(self.field, Choice):
            self.field.offer(model.values or ())
        else:
            self.field.placeholder = model.empty
            if untouched:
                self._suggested = self.field.value = model.value
        self._hint.model = (_hint(model),)

    def on_descendant_focus(self) -> None:
        """Show that keys go here."""
        self._label.model = self._labelled(focused=True)

    def on_descendant_blur(self) -> None:
        """Show that keys go elsewhere."""
        self._label.model = self._labelled(focused=False)

    def _labelled(self, *, focused: bool) -> tuple[Paragraph, ...]:
        glyph = self._pen.glyphs.cursor if focused else " " * len(self._pen.glyphs.cursor)
        return (Paragraph(self._model.label, "title" if focused else "muted", f"{glyph} "),)


def _hint(model: FieldModel) -> Paragraph:
    now = f"now {model.now}" if model.now else ""
    return Paragraph(", ".join(part for part in (now, model.hint) if part), "muted")
