"""One table feeds bindings, footer and help, so no key is silent and none is told that does nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from textual.keys import _character_to_key

from drill.tui.app import DrillApp
from drill.tui.commands import COMMANDS, Command, bindings, footer, of
from drill.tui.screens.act import ActScreen
from drill.tui.screens.ask import AskScreen
from drill.tui.screens.console import ConsoleScreen
from drill.tui.screens.debrief import DebriefScreen
from drill.tui.screens.diagnose import DiagnoseScreen
from drill.tui.screens.form import FormScreen
from drill.tui.screens.help import HelpScreen
from drill.tui.screens.hint import HintScreen
from drill.tui.screens.incident import IncidentScreen
from drill.tui.screens.menu import MenuScreen
from drill.tui.screens.metrics import MetricsScreen
from drill.tui.screens.note import NoteScreen
from drill.tui.screens.page import PageScreen
from drill.tui.screens.pins import PinsScreen
from drill.tui.screens.resolve import ResolveScreen
from drill.tui.screens.update import UpdateScreen
from drill.tui.screens.view import ViewScreen
from drill.tui.text import width
from drill.tui.views import VIEWS
from drill.tui.widgets.choice import Choice
from drill.tui.widgets.filter import FilterLine
from drill.tui.widgets.table import GAP, LineTable
from tests.tui.cockpit import SMALL

if TYPE_CHECKING:
    from drill.tui.screens.base import DrillScreen

OWNERS: dict[str, tuple[type, ...]] = {
    "menu": (MenuScreen,),
    "page": (PageScreen,),
    "live": (IncidentScreen, ViewScreen, MetricsScreen),
    "view": (ViewScreen, MetricsScreen),
    "metrics": (MetricsScreen,),
    "filter": (FilterLine,),
    "act": (ActScreen,),
    "form": (FormScreen,),
    "update": (UpdateScreen,),
    "fields": (FormScreen, UpdateScreen),
    "console": (ConsoleScreen,),
    "chips": (DiagnoseScreen,),
    "pins": (PinsScreen,),
    "hint": (HintScreen,),
    "line": (NoteScreen, ResolveScreen),
    "choice": (Choice,),
    "ask": (AskScreen,),
    "debrief": (DebriefScreen,),
    "table": (LineTable,),
    "help": (HelpScreen,),
    "app": (DrillApp,),
}
SCREENS = (
    MenuScreen,
    PageScreen,
    IncidentScreen,
    ViewScreen,
    MetricsScreen,
    ActScreen,
    FormScreen,
    UpdateScreen,
    DiagnoseScreen,
    PinsScreen,
    HintScreen,
    DebriefScreen,
    HelpScreen,
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_the_help_fits_whole_into_the_smallest_terminal(screen: type[DrillScreen[object]]) -> None:
    commands = of(*screen.SCOPES, "app")
    columns = zip(*((command.task, command.shown, command.text) for command in commands), strict=True)
    wide = sum(max(map(width, column)) for column in columns) + 2 * GAP
    assert wide <= SMALL[0] - 2, max(commands, key=lambda command: len(command.text)).text


def keys(*scopes: str) -> list[str]:
    """Return every key of scopes as Textual names it."""
    found = [key for command in of(*scopes) for key in command.keys.split(",")]
    return [_character_to_key(key) if len(key) == 1 else key for key in found]


def test_every_command_has_an_id_of_its_own() -> None:
    assert [each for each, number in Counter(command.id for command in COMMANDS).items() if number > 1] == []
    assert all(binding.id for scope in OWNERS for binding in bindings(scope))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_does_something_where_it_works(command: Command) -> None:
    name = command.action.partition("(")[0]
    for owner in OWNERS[command.scope]:
        target = DrillApp if name.startswith("app.") else owner
        assert callable(getattr(target, f"action_{name.removeprefix('app.').removeprefix('screen.')}"))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_no_key_means_two_things_on_one_screen(screen: type[DrillScreen[object]]) -> None:
    assert [key for key, number in Counter(keys(*screen.SCOPES, "app")).items() if number > 1] == []


def test_on_the_console_only_leaving_by_ctrl_c_gives_way() -> None:
    double = [key for key, number in Counter(keys("console", "app")).items() if number > 1]
    assert double == ["ctrl+c"], "it stops what is typed, as in every shell"


@pytest.mark.parametrize("screen", [*SCREENS, ConsoleScreen], ids=lambda screen: screen.__name__)
def test_what_the_footer_promises_is_bound(screen: type[DrillScreen[object]]) -> None:
    bound = {
        binding.id for kind in screen.__mro__ for binding in getattr(kind, "BINDINGS", ()) if hasattr(binding, "id")
    }
    bound |= {binding.id for binding in bindings("table", "choice", "console", "app")}
    assert {command.id for command in of(*screen.SCOPES)} <= bound


def test_the_digits_open_views_and_nothing_else() -> None:
    digits = {command.keys: command.action for command in of("live") if command.keys.isdecimal()}
    assert digits == dict(zip("123456", (f"view('{name}')" for name in ("overview", *VIEWS)), strict=True))


def test_no_action_needs_a_key_that_editors_eat() -> None:
    for command in COMMANDS:
        assert not all(key.startswith(("f", "ctrl+q", "ctrl+p")) and len(key) > 1 for key in command.keys.split(","))


def test_help_and_quit_end_the_footer() -> None:
    assert footer("live", "app")[-2:] == (("?", "help"), ("q", "quit"))
    assert ("1-6", "views") in footer("live")
