"""The line one types a filter into, above a table.

Separate because its keys work only while it has the focus, and the footer must show them then and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widgets import Input

from drill.tui.commands import bindings

if TYPE_CHECKING:
    from textual.binding import BindingType


class FilterLine(Input):
    """A filter; hidden until it is opened."""

    DEFAULT_CSS = "FilterLine { margin: 0 1; background: $surface; display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filter")]

    class Left(Message):
        """Somebody is done with it; what stands in it holds."""

    def __init__(self) -> None:
        """Wait to be opened."""
        super().__init__(placeholder="text or pattern; ! at the beginning inverts", id="filter", compact=True)

    def open(self, text: str) -> None:
        """Take the keys, with the filter that is on."""
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def action_keep(self) -> None:
        """Go back to the table with the filter on."""
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """Go back to the table without a filter."""
        self.value = ""
        self.post_message(self.Left())
