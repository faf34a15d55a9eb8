"""Pinning: what of a reading is kept as evidence, what it is called, and how to drop it again.

Separate so that the overview, tables and metrics pin alike, and so that what is recorded is what was shown: the texts
of a pin are made here, and nowhere on a screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.entries import VIEWS, Pin, Unpin
from drill.errors import ActionError
from drill.session.rules import MAX_PINS
from drill.tui.numbers import percent, scale, spent
from drill.tui.text import printable, shorten
from drill.tui.widgets.table import said
from drill.units import US_PER_S, format_clock, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.telemetry.snapshot import Reading, Snapshot
    from drill.tui.run import LiveRun
    from drill.tui.widgets.table import Cell

MAX_VALUE = 200
"""Longest value of a pin, in characters."""
_KEYS = {
    "pools": ("POD", "POOL"),
    "pg_stat_activity": ("pid", "application_name"),
    "pgbouncer": ("database", "user"),
    "events": ("OBJECT", "REASON"),
    "logs": ("SOURCE", "LEVEL"),
    "log_counts": ("LEVEL", "TEXT"),
}
"""Columns that tell the rows of a view apart; the first one elsewhere."""
_AGO = "AGO_S"
"""How long ago a moment was, which changes while it is read; a pin has a time of its own."""
_TEXTS = ("TEXT", "MESSAGE")
"""Columns that need no name."""
_TOLD = 40
"""How much of what a moment says belongs to its name, so that two of one source can be told apart."""
_MORE = "..."
"""Stands for what was left out of a pin, whatever characters the terminal shows: it is recorded."""


def pin(run: LiveRun, reading: Pin, how: str = "") -> str:
    """Pin a reading, or drop it where it is pinned with this value; return what was done, in words.

    Raises ActionError saying what to do where no further reading can be pinned; `how` says how one gets there.
    """
    if reading in run.pins:
        return unpin(run, reading.pin)
    if len(run.pins) >= MAX_PINS and all(each.pin != reading.pin for each in run.pins):
        msg = f"{MAX_PINS} readings are pinned, which is the most: drop one first{how}"
        raise ActionError(msg)
    run.do(reading)
    return f"Pinned, {len(run.pins)} of {MAX_PINS}: {reading.pin}"


def unpin(run: LiveRun, name: str) -> str:
    """Drop a reading; return what was done, in words."""
    run.do(Unpin(unpin=name))
    return f"Dropped, {len(run.pins)} of {MAX_PINS} left: {name}"


def row_pin(reading: Reading, row: Sequence[Cell]) -> Pin:
    """Return the pin of a row of a table; raise ActionError for a table that is no view of the system."""
    if reading.view not in VIEWS:
        msg = "only readings of the system can be pinned"
        raise ActionError(msg)
    columns, cells = reading.columns, [said(cell) for cell in row]
    keys = [columns.index(name) for name in _KEYS.get(reading.view, columns[:1]) if name in columns]
    keys = keys or [0]
    what = ", ".join(cells[at] for at in keys)
    others = [at for at in range(len(columns)) if at not in keys and cells[at] and columns[at] != _AGO]
    value = ", ".join(cells[at] if columns[at] in _TEXTS else f"{columns[at]} {cells[at]}" for at in others)
    target = f"{reading.target}, " if reading.target else ""
    told = f", {shorten(printable(value), _TOLD, _MORE)}" if _AGO in columns else ""
    return _made(f"{reading.view}: {target}{what}{told}", reading.view, what, value)


def overview_pins(now: Snapshot) -> tuple[Pin, ...]:
    """Return what can be pinned of the overview, with the values that it shows."""
    users = now.users
    rate = format_number(round(users.rate_per_s, 1))
    pins = [
        _made("Users failing", "overview", "failing, % of users (30 s)", percent(users.failing)),
        _made("Error budget used", "overview", "error budget used", spent(users.budget_used, "x")),
        _made("Requests arriving", "overview", "requests per second", f"{rate} requests/s"),
    ]
    for panel in now.panels:
        newest = panel.points[-1] if panel.points else None
        if newest is not None:
            highest = max(point for point in panel.points if point is not None)
            value = scale(highest, panel.unit).text(newest)
            pins.append(_made(panel.title, "overview", panel.title, value))
    for alert in now.alerts:
        state = "quiet" if alert.since_s is None else f"firing since {format_clock(round(alert.since_s * US_PER_S))}"
        pins.append(_made(f"Alert: {alert.text}", "overview", f"alert: {alert.text}", state))
    return tuple(pins)


def pinned_rows(run: LiveRun, reading: Reading, rows: Sequence[Sequence[Cell]]) -> frozenset[int]:
    """Return which of some rows are pinned, whatever their values were then."""
    names = {each.pin for each in run.pins if each.view == reading.view}
    if not names or reading.view not in VIEWS:
        return frozenset()
    return frozenset(at for at, row in enumerate(rows) if row_pin(reading, row).pin in names)


def _made(name: str, view: str, row: str, value: str) -> Pin:
    called, where, read = (shorten(printable(text), MAX_VALUE, _MORE) for text in (name, row, value))
    return Pin(pin=called, view=view, row=where, value=read)
