"""What is said while the terminal is too small for anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen
from textual.widgets import Static

from drill.tui.commands import bindings

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.geometry import Size

    from drill.tui.run import LiveRun

LEAST = (80, 24)
"""Smallest size that shows everything, in cells across and lines down."""


class SmallScreen(ModalScreen[None]):
    """One centred message."""

    CSS_PATH = "small.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def compose(self) -> ComposeResult:
        """Lay out the message."""
        yield Static(self._text(), id="message", markup=False)

    def on_resize(self, event: Resize) -> None:
        """Say the new size."""
        del event
        self.query_one("#message", Static).update(self._text())

    def _text(self) -> str:
        width, height = self.app.size
        return f"This terminal is {width} x {height}.\ndrill needs {LEAST[0]} x {LEAST[1]}.\nThe simulation waits."


def wait_while_small(app: App[None], size: Size, run: LiveRun | None) -> None:
    """Show this screen while a terminal is too small, and hold the run if one is live."""
    small = size.width < LEAST[0] or size.height < LEAST[1]
    shown = isinstance(app.screen, SmallScreen)
    live = run if run is not None and run.live else None
    if small and not shown:
        if live is not None:
            live.hold()
        app.push_screen(SmallScreen())
    elif shown and not small:
        app.pop_screen()
        if live is not None:
            live.release()
