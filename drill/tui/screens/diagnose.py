"""Saying what it is, and how sure one is: 100 chips spread over the suspects."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from drill.actions.entries import CHIPS
from drill.debrief.deeds import reading
from drill.errors import ActionError
from drill.session.rules import MAX_PINS
from drill.tui.chips import counted, shuffled, spread
from drill.tui.commands import bindings
from drill.tui.screens.live import HEIGHTS, LiveScreen
from drill.tui.text import fit, printable
from drill.tui.widgets.chips import ChipLine, ChipList, ChipsModel
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

_RULE = "The first one counts only after a pinned reading and before a risky change."
_LATER = "The first one stands. What is committed last counts too."
_DRAFT = "As you left it; not committed yet."
_NONE_LEFT = "No chip is left: take some away from another suspect first."
_NONE_HERE = "No chip lies on this suspect."
_SAME = "This is what was committed last: nothing new to commit. Esc goes back."
_AROUND_PINNED = 20
"""Cells of a rule that are not its heading, with a remark such as `5 of 5`."""


class DiagnoseScreen(LiveScreen[None]):
    """The suspects and their chips."""

    SCOPES: ClassVar[tuple[str, ...]] = ("chips",)
    CSS_PATH = "diagnose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chips")]
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Begin with the chips as they were left, or as they were committed last."""
        super().__init__(run, pen)
        self._suspects = run.scenario.spec.story.suspects
        self._committed = spread(shuffled(self._suspects, run.order.seed, run.scenario.id), run.diagnosis)
        self._spread = run.draft or self._committed
        self._marked = self._spread.heaviest
        self._refused = ""

    def compose(self) -> ComposeResult:
        """Lay out list, marked suspect and what is pinned."""
        yield self.top_bar()
        yield ChipLine(self.pen, id="left")
        yield ChipList(self.pen, id="suspects")
        yield Rule(self.pen, id="marked")
        yield Prose(self.pen, id="detail")
        yield Rule(self.pen, id="pinned")
        yield Prose(self.pen, id="readings")
        yield Prose(self.pen, id="said")
        yield self.key_line()

    def show(self, frame: Frame) -> None:
        """Show the chips as they lie, and what is pinned."""
        del frame
        placed, marked = self._spread, self._spread.suspects[self._marked]
        titles = tuple(self._suspects[name].title for name in placed.suspects)
        self.query_one(ChipLine).model = ("Diagnosis", placed.left, placed.words())
        self.query_one(ChipList).model = ChipsModel(titles=titles, shares=placed.chips, marked=self._marked)
        place = f"{self._marked + 1} of {len(titles)}"
        self.query_one("#marked", Rule).model = (f"Marked: {counted(placed.chips[self._marked])}", place)
        suspect = self._suspects[marked]
        self.query_one("#detail", Prose).model = (
            Paragraph(suspect.title),
            Paragraph(suspect.mechanism, "muted", "Mechanism  "),
            Paragraph(suspect.place, "muted", "Place      "),
            Paragraph(suspect.trigger, "muted", "Trigger    "),
        )
        self._show_pinned()
        said = _DRAFT if self._spread == self.run.draft else _LATER if self.run.diagnosis else _RULE
        wrong = Paragraph(f"{self.glyphs.warn} {self._refused}", "warn")
        self.query_one("#said", Prose).model = (wrong if self._refused else Paragraph(said, "muted"),)

    def on_chip_list_marked(self, event: ChipList.Marked) -> None:
        """Mark what was clicked."""
        self.action_move(event.row - self._marked)

    def action_move(self, step: int) -> None:
        """Mark another suspect."""
        self._marked = min(max(0, self._marked + step), len(self._spread.suspects) - 1)
        self.paint()

    def action_chips(self, step: int) -> None:
        """Put chips on the marked suspect, or take some away; say why where that changes nothing."""
        before, self._spread = self._spread, self._spread.moved(self._marked, step)
        self._refused = ""
        if self._spread == before:
            self._refused = _NONE_HERE if step < 0 else _NONE_LEFT
        self.paint()

    def action_rest(self) -> None:
        """Put all chips that are left on the marked suspect."""
        self.action_chips(self._spread.left)

    def action_clear(self) -> None:
        """Take all chips away from the marked suspect."""
        self.action_chips(-CHIPS)

    def action_commit(self) -> None:
        """Commit, or say what is missing; what stands already is not recorded again."""
        try:
            diagnosis = self._spread.diagnosis()
            if diagnosis == self.run.diagnosis:
                self._refused = _SAME
                self.paint()
                return
            self.run.do(diagnosis)
            self.run.draft = None
        except ActionError as error:
            self._refused = f"Not committed: {error}; r puts them here."
            self.paint()
        else:
            self.dismiss()

    def action_back(self) -> None:
        """Commit nothing; the chips stay where they lie."""
        self.run.draft = None if self._spread == self._committed else self._spread
        self.dismiss()

    def _show_pinned(self) -> None:
        pins = self.run.pins
        names = [printable(pin.pin) for pin in pins]
        heading = _listed(names, self.size.width - _AROUND_PINNED, self.glyphs.more)
        self.query_one("#pinned", Rule).model = (heading, f"{len(pins)} of {MAX_PINS}")
        lines = tuple(Paragraph(reading(pin), "muted") for pin in pins)
        self.query_one("#readings", Prose).model = lines


def _listed(names: list[str], cells: int, more: str) -> str:
    """Return the names of what is pinned, as many as fit whole."""
    if not names:
        return "Nothing pinned yet"
    line = "Pinned: " + fit([f"{name}," for name in names[:-1]] + names[-1:], cells - len("Pinned: ") - len(more), " ")
    return line if line.endswith(names[-1]) else f"{line} {more}"
