"""Which screen opens for what somebody wants within a run.

Separate from the app, which decides when one opens and what happens to the one before. Screens do not know each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.tui.screens.act import ActScreen
from drill.tui.screens.console import ConsoleScreen
from drill.tui.screens.debrief import DebriefScreen
from drill.tui.screens.diagnose import DiagnoseScreen
from drill.tui.screens.hint import HintScreen
from drill.tui.screens.incident import IncidentScreen
from drill.tui.screens.metrics import MetricsScreen
from drill.tui.screens.note import NoteScreen
from drill.tui.screens.pins import PinsScreen
from drill.tui.screens.resolve import ResolveScreen
from drill.tui.screens.update import UpdateScreen
from drill.tui.screens.view import ViewScreen

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from drill.tui.pen import Pen
    from drill.tui.run import LiveRun

_FORMS = {
    "act": ActScreen,
    "console": ConsoleScreen,
    "diagnose": DiagnoseScreen,
    "update": UpdateScreen,
    "hint": HintScreen,
    "note": NoteScreen,
    "pins": PinsScreen,
    "resolve": ResolveScreen,
}
OVERVIEW = "overview"


def form(where: str, run: LiveRun, pen: Pen) -> Screen[None] | None:
    """Return the screen on which something is done; None for a view."""
    return _FORMS[where](run, pen) if where in _FORMS else None


def view(where: str, run: LiveRun, pen: Pen) -> Screen[None]:
    """Return the screen of a view other than the overview."""
    return MetricsScreen(run, pen) if where == "metrics" else ViewScreen(run, pen, where)


def go(app: App[None], where: str, run: LiveRun, pen: Pen) -> None:
    """Open a form above what is shown, or a view in its place."""
    if (dialog := form(where, run, pen)) is not None:
        app.push_screen(dialog)
        return
    if not isinstance(app.screen, IncidentScreen):
        app.pop_screen()
    if where == OVERVIEW:
        run.look(where)
    else:
        app.push_screen(view(where, run, pen))


def to_debrief(app: App[None], run: LiveRun, pen: Pen) -> None:
    """Leave the screens of a run for its debrief."""
    while not isinstance(app.screen, IncidentScreen):
        app.pop_screen()
    app.switch_screen(DebriefScreen(run, pen))
