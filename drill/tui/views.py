"""The views of a run: which tables each has, and how rows are filtered.

Separate from the screen that shows them, because the digits, the footer and the help must agree on their names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.telemetry.snapshot import Reading

DONE = "done"
"""A table of the cockpit's own: what was done."""
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "metrics": ("Metrics", ("metrics", "gateway", "overview")),
    "pods": ("Pods", ("pods", "pools", "deployments")),
    "database": ("Database", ("pg_stat_activity", "pgbouncer")),
    "logs": ("Logs", ("logs", "events")),
    "timeline": ("Timeline", ("events", DONE)),
}
"""Title and tables of each view; tables are named as looks are."""
FIRST = {"pg_stat_activity": ("pid", "application_name", "state", "state_age_s", "query")}
"""Columns that come first where a table is too wide for most terminals."""
FOLLOWING = ("logs", "events", DONE)
"""Tables whose newest rows stand at the end."""


def arranged(reading: Reading) -> Reading:
    """Return a reading with its most telling columns first; none is lost."""
    first = [reading.columns.index(name) for name in FIRST.get(reading.view, ()) if name in reading.columns]
    order = [*first, *(at for at in range(len(reading.columns)) if at not in first)]
    columns = tuple(reading.columns[at] for at in order)
    return replace(reading, columns=columns, rows=tuple(tuple(row[at] for at in order) for row in reading.rows))


def matching(reading: Reading, wanted: str) -> tuple[tuple[str | int | float | None, ...], ...]:
    """Return the rows in which a cell matches; `!` at the beginning inverts, and case does not matter."""
    inverted, text = wanted.startswith("!"), wanted.removeprefix("!")
    if not text:
        return reading.rows
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except re.error:
        pattern = re.compile(re.escape(text), re.IGNORECASE)
    return tuple(row for row in reading.rows if any(pattern.search(str(cell)) for cell in row) != inverted)
