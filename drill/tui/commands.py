"""Every key of the cockpit in one table: it feeds the bindings, the footer and the help.

Separate so that no key works without being told, and none is told that does not work. A new key is one line here and a
method `action_…` on the screen or widget of its scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done with a key."""

    id: str
    """Stable name, for remapping."""
    scope: str
    """Where it works: a screen, `table`, or `app` for everywhere."""
    keys: str
    """Keys in Textual's names, separated by commas."""
    shown: str
    """The keys as people call them."""
    action: str
    """What is called, in Textual's notation."""
    label: str
    """A word or two for the footer; empty when the help is enough."""
    task: str
    """Heading in the help."""
    text: str
    """What it does, one sentence."""
    footer: str = ""
    """What the footer calls the keys where it speaks for several commands."""


_TIME, _LOOK, _ACT, _MOVE, _LEAVE = "Time", "Look", "Act", "Move", "Help and leaving"

COMMANDS: tuple[Command, ...] = (
    Command(
        "menu.choose", "menu", "enter", "Enter", "choose", "choose", _MOVE, "Open the page of the marked scenario."
    ),
    Command("page.start", "page", "enter", "Enter", "start", "acknowledge and start", _ACT, "Take the page and start."),
    Command("page.back", "page", "escape", "Esc", "back", "back", _MOVE, "Back to the scenarios."),
    Command("page.down", "page", "pagedown,space", "PgDn", "scroll(1)", "", _MOVE, "The rest of a long page."),
    Command("page.up", "page", "pageup", "PgUp", "scroll(-1)", "", _MOVE, "The beginning of a long page."),
    Command("act.open", "live", "a", "a", "act", "act", _ACT, "Choose something to do; you see its risk first."),
    Command("act.resolve", "live", "r", "r", "resolve", "resolve", _ACT, "Say that it is over, and see the result."),
    Command(
        "look.overview", "live", "1", "1", "view('overview')", "views", _LOOK, "Overview: dashboard, alerts.", "1-6"
    ),
    Command("look.metrics", "live", "2", "2", "view('metrics')", "", _LOOK, "Metrics: values, gateway, users."),
    Command("look.pods", "live", "3", "3", "view('pods')", "", _LOOK, "Pods: pods, their pools, deployments."),
    Command("look.database", "live", "4", "4", "view('database')", "", _LOOK, "Database: sessions and the pooler."),
    Command("look.logs", "live", "5", "5", "view('logs')", "", _LOOK, "Logs: the newest lines of all pods."),
    Command("look.timeline", "live", "6", "6", "view('timeline')", "", _LOOK, "Timeline: events, and what you did."),
    Command("time.pause", "live", "space", "Space", "pause", "pause", _TIME, "Stop simulated time, or let it go on."),
    Command("time.faster", "live", "plus,equals_sign", "+", "faster", "speed", _TIME, "Let time pass faster.", "+ -"),
    Command("time.slower", "live", "minus", "-", "slower", "", _TIME, "Let time pass slower."),
    Command("view.next", "view", "tab", "Tab", "pane(1)", "next pane", _LOOK, "Next table of this view."),
    Command("view.previous", "view", "shift+tab", "Shift+Tab", "pane(-1)", "", _LOOK, "Table before this one."),
    Command("view.filter", "view", "slash", "/", "filter", "filter", _LOOK, "Show only rows that contain a text."),
    Command("view.back", "view", "escape", "Esc", "back", "back", _MOVE, "Back to the overview; a filter goes first."),
    Command("act.choose", "act", "enter", "Enter", "choose", "choose", _ACT, "Go on with the marked action."),
    Command("act.up", "act", "up", "Up", "move(-1)", "", _MOVE, "Mark the action above."),
    Command("act.down", "act", "down", "Down", "move(1)", "", _MOVE, "Mark the action below."),
    Command("act.back", "act", "escape", "Esc", "back", "back", _MOVE, "Back without doing anything."),
    Command("form.next", "form", "enter", "Enter", "submit", "go on", _ACT, "Go on to the question whether to do it."),
    Command("form.field", "form", "tab,down", "Tab", "app.focus_next", "next field", _MOVE, "Next field."),
    Command("form.field-back", "form", "shift+tab,up", "Shift+Tab", "app.focus_previous", "", _MOVE, "Field before."),
    Command("form.back", "form", "escape", "Esc", "back", "back", _MOVE, "Back to the actions."),
    Command("choice.next", "choice", "right,space", "Right", "step(1)", "", _MOVE, "Next value of a choice."),
    Command("choice.previous", "choice", "left", "Left", "step(-1)", "", _MOVE, "Value before of a choice."),
    Command("ask.yes", "ask", "enter,y", "Enter", "yes", "yes", _ACT, "Do it."),
    Command("ask.no", "ask", "escape,n", "Esc", "no", "no", _ACT, "Leave it as it is."),
    Command("result.back", "result", "escape,enter", "Esc", "back", "scenarios", _MOVE, "Back to the scenarios."),
    Command("table.up", "table", "up,k", "k", "cursor(-1)", "", _MOVE, "One row up; the arrow works too."),
    Command("table.down", "table", "down,j", "j", "cursor(1)", "", _MOVE, "One row down; the arrow works too."),
    Command("table.page-up", "table", "pageup", "PgUp", "page(-1)", "", _MOVE, "One page up."),
    Command("table.page-down", "table", "pagedown", "PgDn", "page(1)", "", _MOVE, "One page down."),
    Command("table.first", "table", "g,home", "g", "first", "", _MOVE, "First row."),
    Command("table.last", "table", "G,end", "G", "last", "", _MOVE, "Last row; logs then follow what is new."),
    Command("table.left", "table", "left,h", "Left", "columns(-1)", "", _MOVE, "Columns further left."),
    Command("table.right", "table", "right,l", "Right", "columns(1)", "", _MOVE, "Columns further right."),
    Command("help.back", "help", "escape", "Esc", "back", "back", _MOVE, "Close the help."),
    Command("help.up", "help", "up", "Up", "move(-1)", "", _MOVE, "Mark the line above."),
    Command("help.down", "help", "down", "Down", "move(1)", "", _MOVE, "Mark the line below."),
    Command("app.help", "app", "question_mark", "?", "app.help", "help", _LEAVE, "This list; type to search it."),
    Command("app.quit", "app", "q", "q", "app.quit", "quit", _LEAVE, "Leave drill; while a run is live it asks first."),
    Command(
        "app.interrupt", "app", "ctrl+c", "Ctrl+C", "app.interrupt", "", _LEAVE, "Twice within two seconds: leave."
    ),
)


def bindings(*scopes: str) -> list[Binding]:
    """Return the bindings of scopes."""
    return [Binding(command.keys, command.action, command.text, id=command.id, show=False) for command in of(*scopes)]


def of(*scopes: str) -> Iterable[Command]:
    """Return the commands of scopes, in the order of the scopes and of the table."""
    return [command for scope in scopes for command in COMMANDS if command.scope == scope]


def footer(*scopes: str) -> tuple[tuple[str, str], ...]:
    """Return key and label of what the footer shows; the last two are those that must never be left out."""
    return tuple((command.footer or command.shown, command.label) for command in of(*scopes) if command.label)
