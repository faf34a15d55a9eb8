"""Every key that works on the screen below, by task, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from drill.tui.commands import bindings, of
from drill.tui.screens.base import DrillScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.table import LineTable, TableModel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen


class HelpScreen(DrillScreen[None]):
    """The keys of some scopes."""

    SCOPES: ClassVar[tuple[str, ...]] = ("help",)
    TYPING: ClassVar[bool] = True
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, pen: Pen, scopes: tuple[str, ...]) -> None:
        """Show the keys of scopes and those that work everywhere."""
        super().__init__(pen)
        self._commands = sorted(of(*scopes, "app"), key=lambda command: _TASKS.index(command.task))

    def compose(self) -> ComposeResult:
        """Lay out search and list."""
        yield Rule(self.pen, model=("Keys", "type to search"))
        yield Input(placeholder="search", id="search", compact=True)
        yield LineTable(self.pen, id="commands", lit=True)
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the search."""
        self.query_one("#commands").can_focus = False
        self.set_focus(self.query_one(Input))
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what has all the words."""
        self._list(event.value)

    def action_move(self, step: int) -> None:
        """Mark another line."""
        self.query_one("#commands", LineTable).action_cursor(step)

    def action_back(self) -> None:
        """Close the help."""
        self.dismiss()

    def _list(self, words: str) -> None:
        wanted = words.lower().split()
        rows: list[tuple[str, str, str]] = []
        task = ""
        for command in self._commands:
            if all(word in f"{command.task} {command.shown} {command.text}".lower() for word in wanted):
                rows.append(("" if command.task == task else command.task, command.shown, command.text))
                task = command.task
        table = TableModel(columns=("TASK", "KEY", "WHAT IT DOES"), rows=tuple(rows), empty="no key has these words")
        self.query_one("#commands", LineTable).model = table


_TASKS = ("Look", "Act", "Time", "Move", "Help and leaving")
