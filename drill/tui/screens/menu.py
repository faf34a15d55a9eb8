"""The menu: every scenario, and the card of the marked one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from drill.scenario.card import HARDEST
from drill.tui.commands import bindings
from drill.tui.screens.base import DrillScreen
from drill.tui.widgets.banner import Banner
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.table import LineTable, TableModel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.errors import DrillError
    from drill.scenario.library import Listed
    from drill.tui.pen import Pen

_LAST_SEED = 2**63 - 1
"""The greatest seed that recordings hold."""


class MenuScreen(DrillScreen[None]):
    """The scenarios to choose from."""

    SCOPES: ClassVar[tuple[str, ...]] = ("menu", "table")
    CSS_PATH = "menu.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("menu")]

    class Chosen(Message):
        """Somebody wants to see the page of a scenario."""

        def __init__(self, scenario: Path, seed: int | None) -> None:
            """Say which file, and which seed chooses what is random; None for none that was asked for."""
            super().__init__()
            self.scenario = scenario
            self.seed = seed

    def __init__(
        self, listed: Sequence[Listed], errors: Sequence[DrillError], pen: Pen, seed: int | None = None
    ) -> None:
        """Show the cards of a library, and why others have none; start with a seed, or with none."""
        super().__init__(pen)
        self._seed = seed
        self._listed = tuple(listed)
        self._errors = tuple(errors)

    def compose(self) -> ComposeResult:
        """Lay out banner, list and card."""
        yield Banner(self.pen, model="drill", id="banner")
        yield Rule(self.pen, model=self._heading(), id="heading")
        yield LineTable(self.pen, model=self._table(), id="scenarios")
        yield Rule(self.pen, model=("Card", ""), id="card-rule")
        yield Prose(self.pen, id="card")
        yield self.key_line()

    def on_mount(self) -> None:
        """Put the cursor into the list."""
        self.set_focus(self.query_one("#scenarios"))

    def on_line_table_marked(self, event: LineTable.Marked) -> None:
        """Show the card of the marked scenario."""
        self.query_one("#card", Prose).model = self._card(event.row)

    def on_line_table_chosen(self) -> None:
        """Open what was clicked."""
        self.action_choose()

    def action_choose(self) -> None:
        """Ask for the page of the marked scenario."""
        row = self.query_one("#scenarios", LineTable).row
        if row >= 0:
            self.post_message(self.Chosen(self._listed[row].path, self._seed))

    def action_seed(self, step: int) -> None:
        """Take another seed; before 0 stands none."""
        following = (-1 if self._seed is None else self._seed) + step
        self._seed = None if following < 0 else min(following, _LAST_SEED)
        self.query_one("#heading", Rule).model = self._heading()

    def _heading(self) -> tuple[str, str]:
        seed = "no seed chosen" if self._seed is None else f"seed {self._seed}"
        return "Scenarios", f"{len(self._listed)} to choose from, {seed}"

    def _table(self) -> TableModel:
        cards = [each.card for each in self._listed]
        rows = tuple(
            (card.title, self.glyphs.steps(card.difficulty, HARDEST), card.minutes, card.family) for card in cards
        )
        return TableModel(columns=("SCENARIO", "DIFFICULTY", "MINUTES", "FAMILY"), rows=rows, empty="no scenario here")

    def _card(self, row: int) -> tuple[Paragraph, ...]:
        problems = tuple(Paragraph(str(error), "warn") for error in self._errors)
        if row < 0:
            return problems
        card = self._listed[row].card
        return (Paragraph(card.title, "title"), Paragraph(card.summary), Paragraph(""), *problems)
