"""The debrief: five pages about a run, which fill in while the lanes are still being simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widgets import Input

from drill.debrief.markdown import as_markdown
from drill.debrief.pages import PAGES
from drill.tui.commands import bindings
from drill.tui.looking_back import sheet, state
from drill.tui.screens.base import PAINT_S, DrillScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.rows import Rows, RowsModel
from drill.tui.widgets.sheet import Sheet
from drill.units import US_PER_S

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.timer import Timer

    from drill.debrief.model import Debrief
    from drill.driver.lookback import Progress
    from drill.tui.pen import Pen
    from drill.tui.plot import Run
    from drill.tui.run import LiveRun


class DebriefScreen(DrillScreen[None]):
    """A run, looked back at."""

    SCOPES: ClassVar[tuple[str, ...]] = ("debrief",)
    CSS_PATH = "debrief.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("debrief")]

    class Left(Message):
        """Somebody goes back to the scenarios."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show a run that is on its way to its end."""
        super().__init__(pen)
        self._run = run
        self._timer: Timer | None = None
        self._page = next(iter(PAGES))
        self._wanted = ""
        self._shown: object = None
        self._progress: Progress | None = None

    @property
    def debrief(self) -> Debrief | None:
        """What can be said by now."""
        return None if self._progress is None else self._progress.debrief

    def compose(self) -> ComposeResult:
        """Lay out title, pages, and how far it is."""
        yield Rule(self.pen, model=(self._run.scenario.spec.card.title, f"seed {self._run.order.seed}"), id="title")
        yield Rows(self.pen, id="pages")
        yield Input(placeholder="text or pattern; ! at the beginning inverts", id="filter", compact=True)
        yield Sheet(self.pen, id="sheet")
        yield Rule(self.pen, id="state")
        yield self.key_line()

    def on_mount(self) -> None:
        """Look for news until nothing more will come."""
        self.query_one("#filter").display = False
        self._timer = self.set_interval(PAINT_S, self.paint)
        self.paint()

    def on_resize(self, event: Resize) -> None:
        """Show as much as there is room for."""
        del event
        self.call_after_refresh(self._fill)

    def on_screen_suspend(self) -> None:
        """Stop looking while another screen hides this one."""
        if self._timer is not None:
            self._timer.pause()

    def on_screen_resume(self) -> None:
        """Go on looking."""
        if self._timer is not None:
            self._timer.resume()

    def paint(self) -> None:
        """Show what is known by now, if that is more than before."""
        progress = None if self._run.closed else self._run.look_back()
        if progress is None:
            return
        second = self._run.frame.snapshot.at_us // US_PER_S
        if (progress, second) != self._shown:
            self._shown = (progress, second)
            self._progress = progress
            self._fill()
        if progress.complete and self._run.ended is not None and self._timer is not None:
            self._timer.stop()

    def on_sheet_scrolled(self, event: Sheet.Scrolled) -> None:
        """Say which lines are shown, where there are more."""
        whole = event.first == 1 and event.last == event.total
        rule = self.query_one("#state", Rule)
        rule.model = (self._state(), "" if whole else f"lines {event.first}-{event.last} of {event.total}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while somebody types."""
        self._wanted = event.value
        self._fill()

    def on_input_submitted(self) -> None:
        """Go from the filter back to the page."""
        self.set_focus(None)

    def action_page(self, step: int) -> None:
        """Show the next page, or the one before."""
        names = list(PAGES)
        self.action_show(names[(names.index(self._page) + step) % len(names)])

    def action_show(self, name: str) -> None:
        """Show a page from its beginning."""
        self._page = name
        if name != "timeline":
            self._unfilter()
        self.query_one(Sheet).restart()
        self._fill()

    def action_scroll(self, step: int) -> None:
        """Move the page by lines."""
        self.query_one(Sheet).scroll_lines(step)

    def action_leaf(self, step: int) -> None:
        """Move the page by what fits on the screen."""
        self.query_one(Sheet).scroll_leaves(step)

    def action_filter(self) -> None:
        """Open the line to type a filter for the timeline into."""
        if self._page != "timeline":
            self.action_show("timeline")
        line = self.query_one("#filter", Input)
        line.display = True
        self.set_focus(line)

    def action_save(self) -> None:
        """Have the debrief written to a Markdown file."""
        if self.debrief is None:
            self.notify("There is nothing to write yet.", markup=False)
        else:
            self.post_message(self.Saved(as_markdown(self.debrief), ".md"))

    def action_back(self) -> None:
        """Take the filter away, or go back to the scenarios."""
        if self.query_one("#filter").display:
            self._unfilter()
        else:
            self.post_message(self.Left())

    def _unfilter(self) -> None:
        line = self.query_one("#filter", Input)
        line.value = ""
        line.display = False
        self.set_focus(None)

    def _fill(self) -> None:
        self.query_one("#pages", Rows).model = RowsModel(rows=(self._tabs(),))
        progress, page = self._progress, self.query_one(Sheet)
        if progress is not None:
            height = page.content_size.height
            page.model = sheet(self._run, progress, self._page, height, self._wanted)
        rule = self.query_one("#state", Rule)
        rule.model = (self._state(), rule.model[1] if rule.model else "")

    def _tabs(self) -> tuple[Run, ...]:
        runs: list[Run] = [(" ", "")]
        for number, (name, (title, _)) in enumerate(PAGES.items(), start=1):
            here = name == self._page
            runs.append((f"[{number} {title}]" if here else f" {number} {title} ", "title" if here else "muted"))
        return tuple(runs)

    def _state(self) -> str:
        return "" if self._progress is None else state(self._progress)
