"""Every command in one table; a new command is one line here and one module of its name with a `command`.

Separate from the modules, so that `drill --help` describes all commands without loading one.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "play": "The cockpit: play a scenario in the terminal; without one, choose from a menu.",
    "list": "The scenarios: title, difficulty and duration.",
    "show": "One scenario's card: the page, what to know before, what it trains.",
    "run": "A scenario without a screen: success, latency, impact, exports.",
    "replay": "A recording: show it, check that it simulates to the same run, fork it.",
    "debrief": "A recording looked back at: three lanes, points, timeline, turning points.",
    "console": "psql and PgBouncer's console at a moment of a scenario, or over recorded catalogues.",
    "players": "The scripted players.",
    "check": "Validate scenario files; every problem with file, line, key and bound.",
    "new": "Write a commented scenario to begin from.",
    "schema": "The JSON Schema of scenario files, for editors.",
    "where": "Where scenarios, configuration, data and recordings are kept.",
}
"""What each command does, in the order of the help."""
