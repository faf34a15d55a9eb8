"""What the screens of a live run have in common: the truth at the top, one rule for repainting, and the keys of a run.

Separate so that every one of them shows users and clock, whatever it is for, and repaints alike: at most four times a
second, and only when simulated time has moved by a second or something was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.message import Message

from drill.tui.present import bar
from drill.tui.screens.base import PAINT_S, DrillScreen
from drill.tui.widgets.topbar import TopBar
from drill.units import US_PER_S

if TYPE_CHECKING:
    from textual.timer import Timer

    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun
    from drill.tui.widgets.topbar import BarModel

ResultT = TypeVar("ResultT")


class LiveScreen(DrillScreen[ResultT]):
    """A screen of a run that goes on."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show a run."""
        super().__init__(pen)
        self.run = run
        self._painter: Timer | None = None
        self._painted: tuple[object, ...] = ()

    def top_bar(self) -> TopBar:
        """Return the top of the screen."""
        return TopBar(self.pen, model=self._bar(), id="top")

    def on_mount(self) -> None:
        """Start repainting."""
        self._painter = self.set_interval(PAINT_S, self.paint_when_due)
        self.paint()

    def on_screen_suspend(self) -> None:
        """Stop repainting while another screen hides this one."""
        if self._painter is not None and not self.app.screen.is_modal:
            self._painter.pause()

    def on_screen_resume(self) -> None:
        """Go on repainting."""
        if self._painter is not None:
            self._painter.resume()
            self.paint()

    def paint_when_due(self) -> None:
        """Repaint if simulated time has moved by a second, or something was changed."""
        if self._due() != self._painted:
            self.paint()

    def paint(self) -> None:
        """Show the newest frame."""
        if self.run.closed:
            return
        self._painted = self._due()
        self.query_one(TopBar).model = self._bar()
        self.show(self.run.frame)

    def show(self, frame: Frame) -> None:
        """Hand the parts of a frame to the widgets of this screen."""

    def _bar(self) -> BarModel:
        return bar(self.run.frame, self.run.scenario.spec, self.glyphs)

    def _due(self) -> tuple[object, ...]:
        frame = self.run.frame
        second = frame.snapshot.at_us // US_PER_S
        return second, frame.speed, frame.paused, frame.behind, frame.over, len(self.run.notes)


class RunScreen(LiveScreen[ResultT]):
    """A live screen that takes the keys of the scope `live`."""

    class Wanted(Message):
        """Somebody wants to go elsewhere: `act`, `resolve`, or the name of a view."""

        def __init__(self, where: str) -> None:
            """Say where."""
            super().__init__()
            self.where = where

    def action_pause(self) -> None:
        """Stop simulated time, or let it go on."""
        self.run.toggle()
        self.paint()

    def action_faster(self) -> None:
        """Take the next higher speed."""
        self.run.change_speed(1)
        self.paint()

    def action_slower(self) -> None:
        """Take the next lower speed."""
        self.run.change_speed(-1)
        self.paint()

    def action_act(self) -> None:
        """Ask for the list of actions."""
        self.post_message(self.Wanted("act"))

    def action_resolve(self) -> None:
        """Ask for the end."""
        self.post_message(self.Wanted("resolve"))

    def action_view(self, name: str) -> None:
        """Ask for a view."""
        self.post_message(self.Wanted(name))
