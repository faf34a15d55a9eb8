"""Choosing something to do: every action with what it changes, what it risks and how to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from drill.actions.catalogue import CATALOGUE, Action
from drill.errors import ActionError
from drill.tui.commands import bindings
from drill.tui.fields import missing
from drill.tui.finding import found
from drill.tui.screens.form import FormScreen
from drill.tui.screens.live import LiveScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable, TableModel
from drill.tui.wording import described

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


class ActScreen(LiveScreen[None]):
    """The catalogue of actions."""

    SCOPES: ClassVar[tuple[str, ...]] = ("act",)
    TYPING: ClassVar[bool] = True
    CSS_PATH = "act.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("act")]

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Offer what can be done in a run."""
        super().__init__(run, pen)
        self._shown: tuple[type[Action], ...] = ()
        self._refused = ""

    def compose(self) -> ComposeResult:
        """Lay out search, list and detail."""
        yield self.top_bar()
        yield Rule(self.pen, model=("Act", "type to search"))
        yield Input(placeholder="search", id="search", compact=True)
        yield LineTable(self.pen, id="actions", lit=True)
        yield Rule(self.pen, model=("What it does", ""))
        yield Prose(self.pen, id="detail")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the search."""
        self.query_one("#actions").can_focus = False
        self.set_focus(self.query_one(Input))
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what has all the words."""
        self._list(event.value)

    def on_input_submitted(self) -> None:
        """Go on with the marked action."""
        self.action_choose()

    def on_line_table_marked(self) -> None:
        """Show the marked action in full."""
        self._detail()

    def on_line_table_chosen(self) -> None:
        """Go on with the action that was clicked."""
        self.action_choose()

    def action_move(self, step: int) -> None:
        """Mark another action."""
        self.query_one("#actions", LineTable).action_cursor(step)

    def action_page(self, step: int) -> None:
        """Mark what is a page further."""
        self.query_one("#actions", LineTable).action_page(step)

    def action_back(self) -> None:
        """Do nothing."""
        self.dismiss()

    def action_choose(self) -> None:
        """Ask for the fields of the marked action."""
        kind = self._marked()
        if self.is_active and kind is not None and not missing(kind, self.run.scenario.spec):
            self._refused = ""
            self.app.push_screen(FormScreen(self.run, self.pen, kind), self._decided)

    def _decided(self, action: Action | None) -> None:
        if action is None:
            return
        try:
            self.run.do(action)
        except ActionError as error:
            self._refused = str(error)
            self._detail()
        else:
            self.dismiss()

    def _list(self, words: str) -> None:
        spec = self.run.scenario.spec
        lacking = {kind: missing(kind, spec) for kind in CATALOGUE.values()}
        ranked = found(lacking, words, lambda kind: (kind.title, kind.do, kind.changes))
        self._shown = tuple(kind for _, kind in sorted(ranked, key=lambda pair: (pair[0], bool(lacking[pair[1]]))))
        rows = tuple((kind.title, "risky" if kind.risky else "", lacking[kind]) for kind in self._shown)
        roles = tuple("muted" if lacking[kind] else "text" for kind in self._shown)
        table = TableModel(columns=("", "", ""), rows=rows, roles=roles, empty="no action has these words")
        actions = self.query_one("#actions", LineTable)
        actions.restart()
        actions.model = table

    def _marked(self) -> type[Action] | None:
        row = self.query_one("#actions", LineTable).row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _detail(self) -> None:
        kind = self._marked()
        refused = (Paragraph(f"Not done: {self._refused}", "bad"),) if self._refused else ()
        self.query_one("#detail", Prose).model = refused + (() if kind is None else described(kind))
