"""What the screens of a live run have in common: the truth at the top, one rule for repainting, and the keys of a run.

Separate so that every one of them shows users and clock, whatever it is for, and repaints alike: at most four times a
second, and only when simulated time has moved by a second or something was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.message import Message

from drill.tui.present import bar
from drill.tui.screens.base import PAINT_S, DrillScreen
from drill.tui.text import printable
from drill.tui.widgets.topbar import TopBar
from drill.units import US_PER_S

if TYPE_CHECKING:
    from textual.await_complete import AwaitComplete
    from textual.timer import Timer

    from drill.driver.driver import Frame
    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun
    from drill.tui.widgets.topbar import BarModel

ResultT = TypeVar("ResultT")

HEIGHTS = [(0, "-short"), (32, "-tall")]
"""From how many lines on a screen has which class, for style sheets that show more where there is room."""


class LiveScreen(DrillScreen[ResultT]):
    """A screen of a run that goes on."""

    SLOW: ClassVar[bool] = True
    """Whether time passes no faster here than it really does, as on every screen where something is filled in."""

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show a run."""
        super().__init__(pen)
        self.run = run
        self._painter: Timer | None = None
        self._painted: tuple[object, ...] = ()
        self._slows = False

    def top_bar(self) -> TopBar:
        """Return the top of the screen."""
        return TopBar(self.pen, model=self._bar(), id="top")

    def on_mount(self) -> None:
        """Start repainting."""
        if self.SLOW:
            self._slows = True
            self.run.slow()
        self._painter = self.set_interval(PAINT_S, self.paint_when_due)
        self.paint()

    def on_unmount(self) -> None:
        """Let time pass as fast as before."""
        self._hasten()

    def dismiss(self, result: ResultT | None = None) -> AwaitComplete:
        """Close, and let time pass as fast as before."""
        self._hasten()
        return super().dismiss(result)

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
        return bar(self.run.frame, self.run.scenario.spec, self.glyphs, self.run.speed_after)

    def _hasten(self) -> None:
        if self._slows:
            self._slows = False
            self.run.unslow()

    def _due(self) -> tuple[object, ...]:
        frame = self.run.frame
        second = frame.snapshot.at_us // US_PER_S
        pace = frame.speed, self.run.speed_after, frame.paused, frame.behind, frame.over
        return second, pace, len(self.run.notes)


class RunScreen(LiveScreen[ResultT]):
    """A live screen that takes the keys of the scope `live`."""

    SLOW: ClassVar[bool] = False
    LISTS: ClassVar[bool] = False
    """Whether it lists what was done, so that nobody has to be told."""

    class Wanted(Message):
        """Somebody wants to go elsewhere: to a view, or to `act`, `diagnose`, `pins`, `update`, `hint` and the like."""

        def __init__(self, asking: RunScreen[ResultT], where: str) -> None:
            """Say which screen asks, and where to go."""
            super().__init__()
            self.asking = asking
            self.where = where

    def __init__(self, run: LiveRun, pen: Pen) -> None:
        """Show a run, of which what was done before needs no telling."""
        super().__init__(run, pen)
        self._noted = len(run.notes)
        self._leaving = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do nothing more once somebody wants to go elsewhere: what they type ahead is not meant for this screen."""
        return not self._leaving and super().check_action(action, parameters)

    def want(self, where: str) -> None:
        """Ask to go elsewhere."""
        self._leaving = True
        self.post_message(self.Wanted(self, where))

    def stay(self) -> None:
        """Take keys again, as nobody has gone elsewhere."""
        self._leaving = False

    def on_screen_suspend(self) -> None:
        """Note how much was done before something is done on a screen above."""
        self._noted = len(self.run.notes)

    def on_screen_resume(self) -> None:
        """Say what was done on the screen above."""
        self.stay()
        if len(self.run.notes) > self._noted and not self.LISTS:
            note = self.run.notes[-1]
            self.say(f"{note.kind.capitalize()}: {printable(note.text)}")

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

    def action_open(self, where: str) -> None:
        """Ask for a screen to do something on."""
        self.want(where)

    def action_view(self, name: str) -> None:
        """Ask for a view."""
        self.want(name)

    def action_pin(self) -> None:
        """Ask for the readings that can be pinned."""
        self.want("pins")

    def action_copy(self) -> None:
        """Copy what is marked to where the terminal keeps what was copied."""
        text, what = self.copied()
        if not text:
            self.warn("Nothing is marked, so nothing was copied.")
            return
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {what}, if your terminal allows it.")

    def action_save(self) -> None:
        """Copy the screen to a file."""
        self.post_message(self.Saved(self.whole()))

    def copied(self) -> tuple[str, str]:
        """Return what is to be copied as text, and what that is in words; empty where nothing is marked."""
        return self.whole(), "this screen"
