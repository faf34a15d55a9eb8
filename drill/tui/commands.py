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


_LOOK, _THINK, _ACT, _TIME, _MOVE, _LEAVE = TASKS = ("Look", "Think", "Act", "Time", "Move", "Help and leaving")
"""Headings of the help, in its order."""

COMMANDS: tuple[Command, ...] = (
    Command(
        "menu.choose", "menu", "enter", "Enter", "choose", "choose", _MOVE, "Open the page of the marked scenario."
    ),
    Command(
        "menu.seed",
        "menu",
        "plus,equals_sign",
        "+",
        "seed(1)",
        "seed",
        _MOVE,
        "Choose a seed: the same seed is the same evening.",
        "+ -",
    ),
    Command("menu.seed-before", "menu", "minus", "-", "seed(-1)", "", _MOVE, "The seed before."),
    Command("page.start", "page", "enter", "Enter", "start", "acknowledge and start", _ACT, "Take the page and start."),
    Command("page.back", "page", "escape", "Esc", "back", "back", _MOVE, "Back to the scenarios."),
    Command("page.down", "page", "pagedown,space", "PgDn", "scroll(1)", "scroll", _MOVE, "The rest of a long page."),
    Command("page.up", "page", "pageup", "PgUp", "scroll(-1)", "", _MOVE, "The beginning of a long page."),
    Command(
        "look.overview", "live", "1", "1", "view('overview')", "views", _LOOK, "Overview: dashboard, alerts.", "1-6"
    ),
    Command("look.metrics", "live", "2", "2", "view('metrics')", "", _LOOK, "Metrics: every metric and its history."),
    Command("look.pods", "live", "3", "3", "view('pods')", "", _LOOK, "Pods: pods, their pools, deployments."),
    Command("look.database", "live", "4", "4", "view('database')", "", _LOOK, "Database: sessions and the pooler."),
    Command("look.logs", "live", "5", "5", "view('logs')", "", _LOOK, "Logs: the newest lines of all pods."),
    Command("look.timeline", "live", "6", "6", "view('timeline')", "", _LOOK, "Timeline: events, and what you did."),
    Command("respond.pin", "live", "p", "p", "pin", "pin", _THINK, "Keep a reading as evidence, at most five."),
    Command("respond.diagnose", "live", "d", "d", "open('diagnose')", "diagnose", _THINK, "Spread 100 chips."),
    Command(
        "act.open", "live", "a", "a", "open('act')", "act", _ACT, "Choose something to do; you see its risk first."
    ),
    Command("console.open", "live", "colon", ":", "open('console')", "", _LOOK, "Console: psql on the database."),
    Command("respond.update", "live", "u", "u", "open('update')", "update", _ACT, "Tell others how things stand."),
    Command("act.resolve", "live", "r", "r", "open('resolve')", "resolve", _ACT, "Say that it is over; the debrief."),
    Command("respond.hint", "live", "h", "h", "open('hint')", "", _THINK, "Ask for a hint, one rung at a time."),
    Command("respond.note", "live", "n", "n", "open('note')", "", _THINK, "Write something down for the debrief."),
    Command("time.pause", "live", "space", "Space", "pause", "pause", _TIME, "Stop simulated time, or let it go on."),
    Command("time.faster", "live", "plus,equals_sign", "+", "faster", "speed", _TIME, "Let time pass faster.", "+ -"),
    Command("time.slower", "live", "minus", "-", "slower", "", _TIME, "Let time pass slower."),
    Command("copy.row", "live", "y", "y", "copy", "", _LOOK, "Copy what is marked, through the terminal."),
    Command("copy.file", "live", "Y", "Y", "save", "", _LOOK, "Copy this screen to a file, and say where it is."),
    Command("metrics.series", "metrics", "enter", "Enter", "series", "series", _LOOK, "The series of this metric."),
    Command(
        "metrics.how", "metrics", "m", "m", "how", "sum/mean/max", _LOOK, "Combine series as sum, mean or maximum."
    ),
    Command("view.next", "view", "tab", "Tab", "pane(1)", "pane", _LOOK, "Next table of this view."),
    Command("view.previous", "view", "shift+tab", "Shift+Tab", "pane(-1)", "", _LOOK, "Table before this one."),
    Command("view.filter", "view", "slash", "/", "filter", "filter", _LOOK, "Show only rows that contain a text."),
    Command("table.sort", "view", "s", "s", "sort", "", _LOOK, "Sort by the next column; at last as it came."),
    Command("table.order", "view", "S", "S", "order", "", _LOOK, "Sort the other way round."),
    Command("filter.keep", "filter", "enter", "Enter", "keep", "keep", _LOOK, "Keep the filter, back to the table."),
    Command("filter.clear", "filter", "escape", "Esc", "clear", "clear", _LOOK, "Take the filter away."),
    Command("view.back", "view", "escape", "Esc", "back", "back", _MOVE, "Back to the overview; a filter goes first."),
    Command("act.choose", "act", "enter", "Enter", "choose", "choose", _ACT, "Go on with the marked action."),
    Command("act.up", "act", "up", "Up", "move(-1)", "", _MOVE, "Mark the action above."),
    Command("act.down", "act", "down", "Down", "move(1)", "", _MOVE, "Mark the action below."),
    Command("act.page-up", "act", "pageup", "PgUp", "page(-1)", "", _MOVE, "One page of actions up."),
    Command("act.page-down", "act", "pagedown", "PgDn", "page(1)", "", _MOVE, "One page of actions down."),
    Command("act.back", "act", "escape", "Esc", "back", "back", _MOVE, "Back without doing anything."),
    Command("form.next", "form", "enter", "Enter", "submit", "go on", _ACT, "Go on to the question whether to do it."),
    Command("fields.next", "fields", "tab,down", "Tab", "app.focus_next", "next field", _MOVE, "Next field."),
    Command("fields.previous", "fields", "shift+tab,up", "Shift+Tab", "app.focus_previous", "", _MOVE, "Field before."),
    Command("update.send", "update", "enter", "Enter", "submit", "send", _ACT, "Send the update as it stands."),
    Command("update.back", "update", "escape", "Esc", "back", "back", _MOVE, "Back without telling anybody."),
    Command("form.back", "form", "escape", "Esc", "back", "back", _MOVE, "Back to the actions."),
    Command(
        "choice.next",
        "choice",
        "right,space",
        "Right",
        "step(1)",
        "change",
        _MOVE,
        "Next value of a choice.",
        "Left Right",
    ),
    Command("choice.previous", "choice", "left", "Left", "step(-1)", "", _MOVE, "Value before of a choice."),
    Command("ask.yes", "ask", "enter,y", "Enter", "yes", "yes", _ACT, "Do it."),
    Command("ask.no", "ask", "escape,n", "Esc", "no", "no", _ACT, "Leave it as it is."),
    Command("hint.next", "hint", "enter", "Enter", "next", "next hint", _THINK, "Open the next hint."),
    Command("hint.up", "hint", "up,k,pageup", "PgUp", "scroll(-1)", "", _MOVE, "Hints taken earlier."),
    Command("hint.down", "hint", "down,j,pagedown", "PgDn", "scroll(1)", "", _MOVE, "Hints taken later."),
    Command("hint.back", "hint", "escape,h", "Esc", "back", "back", _MOVE, "Back to the incident."),
    Command("line.done", "line", "enter", "Enter", "submit", "keep it", _THINK, "Keep what was written."),
    Command("line.back", "line", "escape", "Esc", "back", "back", _MOVE, "Back without keeping anything."),
    Command("console.enter", "console", "enter", "Enter", "screen.enter", "run", _LOOK, "Run the line."),
    Command("console.complete", "console", "tab", "Tab", "screen.complete", "complete", _LOOK, "Complete the word."),
    Command(
        "console.earlier", "console", "up", "Up", "screen.earlier", "history", _MOVE, "The line before.", "Up Down"
    ),
    Command("console.later", "console", "down", "Down", "screen.later", "", _MOVE, "The line after."),
    Command("console.up", "console", "pageup", "PgUp", "screen.scroll(-1)", "scroll", _MOVE, "Older.", "PgUp PgDn"),
    Command("console.down", "console", "pagedown", "PgDn", "screen.scroll(1)", "", _MOVE, "Newer lines."),
    Command(
        "console.cancel", "console", "ctrl+c", "Ctrl+C", "screen.cancel", "cancel", _ACT, "Stop, or drop the line."
    ),
    Command("console.clear", "console", "ctrl+l", "Ctrl+L", "screen.clear", "", _MOVE, "Clear the screen."),
    Command("console.end", "console", "ctrl+d", "Ctrl+D", "screen.end", "", _MOVE, "Leave when nothing is typed."),
    Command("console.back", "console", "escape", "Esc", "screen.back", "back", _MOVE, "Back; what was said stays."),
    Command("chips.commit", "chips", "enter", "Enter", "commit", "commit", _THINK, "Commit to the chips as they lie."),
    Command(
        "chips.more",
        "chips",
        "right,plus,equals_sign",
        "Right",
        "chips(5)",
        "5 chips",
        _THINK,
        "Five chips more.",
        "Left Right",
    ),
    Command("chips.fewer", "chips", "left,minus", "Left", "chips(-5)", "", _THINK, "Five chips fewer."),
    Command("chips.one", "chips", "greater_than_sign", ">", "chips(1)", "1", _THINK, "One chip more.", "< >"),
    Command("chips.one-less", "chips", "less_than_sign", "<", "chips(-1)", "", _THINK, "One chip fewer."),
    Command("chips.rest", "chips", "asterisk,r", "r", "rest", "rest", _THINK, "Put all chips that are left here."),
    Command("chips.none", "chips", "0,delete", "0", "clear", "", _THINK, "Take all chips away from here."),
    Command("chips.back", "chips", "escape", "Esc", "back", "back", _MOVE, "Back without committing."),
    Command("chips.up", "chips", "up,k", "k", "move(-1)", "", _MOVE, "One suspect up; the arrow works too."),
    Command("chips.down", "chips", "down,j", "j", "move(1)", "", _MOVE, "One suspect down; the arrow works too."),
    Command("chips.top", "chips", "g,home", "g", "move(-40)", "", _MOVE, "First suspect."),
    Command("chips.bottom", "chips", "G,end", "G", "move(40)", "", _MOVE, "Last suspect."),
    Command(
        "pins.choose", "pins", "enter,p", "Enter", "choose", "pin it", _THINK, "Pin the marked reading, or drop it."
    ),
    Command("pins.back", "pins", "escape", "Esc", "back", "back", _MOVE, "Back to the incident."),
    Command("debrief.next", "debrief", "tab,right,l", "Tab", "page(1)", "next page", _LOOK, "Next page."),
    Command(
        "debrief.previous", "debrief", "shift+tab,left", "Shift+Tab", "page(-1)", "", _LOOK, "Page before this one."
    ),
    *(
        Command(f"debrief.{page}", "debrief", str(number), str(number), f"show('{page}')", "", _LOOK, f"Page: {page}.")
        for number, page in enumerate(("impact", "timeline", "turns", "diagnosis", "story"), start=1)
    ),
    Command("debrief.down", "debrief", "down,j", "j", "scroll(1)", "", _MOVE, "A line down; the arrow works too."),
    Command("debrief.up", "debrief", "up,k", "k", "scroll(-1)", "", _MOVE, "A line up; the arrow works too."),
    Command(
        "debrief.page-down", "debrief", "pagedown,space", "PgDn", "leaf(1)", "scroll", _MOVE, "Further down.", "j k"
    ),
    Command("debrief.page-up", "debrief", "pageup", "PgUp", "leaf(-1)", "", _MOVE, "Further up."),
    Command("debrief.first", "debrief", "g,home", "g", "leaf(-1000)", "", _MOVE, "To the beginning of the page."),
    Command("debrief.last", "debrief", "G,end", "G", "leaf(1000)", "", _MOVE, "To the end of the page."),
    Command(
        "debrief.filter",
        "debrief",
        "slash",
        "/",
        "filter",
        "filter",
        _LOOK,
        "Show only lines of the timeline that match.",
    ),
    Command("debrief.copy", "debrief", "Y", "Y", "save", "save", _LOOK, "Write the debrief to a Markdown file."),
    Command("debrief.back", "debrief", "escape", "Esc", "back", "scenarios", _MOVE, "Back to the scenarios."),
    Command("table.up", "table", "up,k", "k", "cursor(-1)", "", _MOVE, "One row up; the arrow works too."),
    Command("table.down", "table", "down,j", "j", "cursor(1)", "", _MOVE, "One row down; the arrow works too."),
    Command("table.page-up", "table", "pageup", "PgUp", "page(-1)", "", _MOVE, "One page up."),
    Command("table.page-down", "table", "pagedown", "PgDn", "page(1)", "", _MOVE, "One page down."),
    Command("table.first", "table", "g,home", "g", "first", "", _MOVE, "First row."),
    Command("table.last", "table", "G,end", "G", "last", "", _MOVE, "Last row; logs then follow what is new."),
    Command("table.left", "table", "left", "Left", "columns(-1)", "", _MOVE, "Columns further left."),
    Command("table.right", "table", "right", "Right", "columns(1)", "", _MOVE, "Columns further right."),
    Command("help.run", "help", "enter", "Enter", "run", "do it", _MOVE, "Close the help and do what is marked."),
    Command("help.back", "help", "escape", "Esc", "back", "back", _MOVE, "Close the help."),
    Command("help.up", "help", "up", "Up", "move(-1)", "", _MOVE, "Mark the line above."),
    Command("help.down", "help", "down", "Down", "move(1)", "", _MOVE, "Mark the line below."),
    Command("help.page-up", "help", "pageup", "PgUp", "page(-1)", "", _MOVE, "One page up."),
    Command("help.page-down", "help", "pagedown", "PgDn", "page(1)", "", _MOVE, "One page down."),
    Command("app.help", "app", "question_mark,ctrl+p", "?", "app.help", "help", _LEAVE, "This list: search, run."),
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
