"""What the run came to: the impact on users in three lanes, filled in as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from drill.driver.others import EXPERT, NOTHING
from drill.tui import outcome
from drill.tui.commands import bindings
from drill.tui.present import near_home, notes
from drill.tui.screens.base import PAINT_S, DrillScreen
from drill.tui.widgets.chart import Chart
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose
from drill.tui.widgets.rows import Rows
from drill.units import format_clock

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.timer import Timer

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun


_TALL = 32


class ResultScreen(DrillScreen[None]):
    """The result of a run."""

    SCOPES: ClassVar[tuple[str, ...]] = ("result",)
    CSS_PATH = "result.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("result")]

    class Left(Message):
        """Somebody goes back to the menu."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show a run that is on its way to its end."""
        super().__init__(pen)
        self._run = run
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out sentence, chart and table."""
        run = self._run
        yield Rule(self.pen, model=(run.scenario.spec.card.title, f"seed {run.order.seed}"))
        yield Prose(self.pen, id="sentence")
        yield Chart(self.pen, id="impact")
        yield Rule(self.pen, model=("Three lanes, same seed", ""))
        yield Rows(self.pen, id="lanes")
        yield Rule(self.pen, model=("Done", ""), id="done-rule")
        yield Rows(self.pen, model=notes(self._run.notes), id="done")
        yield Prose(self.pen, model=self._recorded(), id="recorded")
        yield self.key_line()

    def on_resize(self, event: Resize) -> None:
        """Show what was done where there is room for it."""
        tall = event.size.height >= _TALL
        self.query_one("#done-rule").display = self.query_one("#done").display = tall

    def on_mount(self) -> None:
        """Look for news until all lanes are there."""
        self._timer = self.set_interval(PAINT_S, self.paint)
        self.paint()

    def on_screen_suspend(self) -> None:
        """Stop looking while another screen hides this one."""
        if self._timer is not None:
            self._timer.pause()

    def on_screen_resume(self) -> None:
        """Go on looking."""
        if self._timer is not None:
            self._timer.resume()

    def paint(self) -> None:
        """Show what is known by now."""
        run = self._run
        run.collect()
        lanes = {} if run.result is None else {outcome.YOU: outcome.own(run.result)}
        waiting = dict.fromkeys((outcome.YOU, EXPERT, NOTHING), "being simulated")
        for player, lane in run.others().items():
            if isinstance(lane, str):
                waiting[player] = lane
            else:
                lanes[player] = outcome.other(lane)
        length_us = run.scenario.spec.length
        self.query_one(Chart).model = outcome.chart(lanes, length_us, run.notes)
        self.query_one("#lanes", Rows).model = outcome.table(lanes, waiting, self.glyphs)
        said = outcome.sentence(lanes)
        if run.result is None:
            clocks = f"{format_clock(run.frame.snapshot.at_us)} of {format_clock(length_us)}"
            said = f"The run goes on silently to its end: {clocks}"
        self.query_one("#sentence", Prose).model = (
            Paragraph(said or "The run is over; the other lanes are being simulated.", "title"),
        )
        if len(lanes) == len(waiting) and self._timer is not None:
            self._timer.stop()

    def action_back(self) -> None:
        """Go back to the menu."""
        self.post_message(self.Left())

    def _recorded(self) -> tuple[Paragraph, ...]:
        record = self._run.order.record
        return () if record is None else (Paragraph(f"Recorded in\n{near_home(record)}", "muted"),)
