"""Every key that works on the screen below, by task, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from drill.tui.commands import TASKS, Command, bindings, of
from drill.tui.finding import found
from drill.tui.screens.base import DrillScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.table import LineTable, TableModel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen


class HelpScreen(DrillScreen[None]):
    """The keys of some scopes; what is chosen is pressed on the screen below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("help",)
    TYPING: ClassVar[bool] = True
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, pen: Pen, scopes: tuple[str, ...]) -> None:
        """Show the keys of scopes and those that work everywhere."""
        super().__init__(pen)
        self._commands = sorted(of(*scopes, "app"), key=lambda command: TASKS.index(command.task))
        self._found: tuple[Command, ...] = ()

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

    def on_input_submitted(self) -> None:
        """Do what is marked."""
        self.action_run()

    def on_line_table_chosen(self) -> None:
        """Do what was clicked."""
        self.action_run()

    def action_move(self, step: int) -> None:
        """Mark another line."""
        self.query_one("#commands", LineTable).action_cursor(step)

    def action_run(self) -> None:
        """Close the help and do what is marked."""
        row = self.query_one("#commands", LineTable).row
        if row >= 0:
            self.dismiss()
            self.app.simulate_key(self._found[row].keys.split(",")[0])

    def action_page(self, step: int) -> None:
        """Mark what is a page further."""
        self.query_one("#commands", LineTable).action_page(step)

    def action_back(self) -> None:
        """Close the help."""
        self.dismiss()

    def _list(self, words: str) -> None:
        self._found = tuple(command for _, command in found(self._commands, words, _texts))
        tasks = ("", *(command.task for command in self._found))
        rows = tuple(
            ("" if command.task == before else command.task, command.shown, command.text)
            for before, command in zip(tasks, self._found, strict=False)
        )
        table = TableModel(columns=("TASK", "KEY", "WHAT IT DOES"), rows=rows, empty="no key has these words")
        commands = self.query_one("#commands", LineTable)
        commands.restart()
        commands.model = table


def _texts(command: Command) -> tuple[str, ...]:
    """Return what a command is found by: its word in the footer, its keys, its id, and what it does."""
    return command.label, command.shown, command.id, f"{command.task} {command.text}"
