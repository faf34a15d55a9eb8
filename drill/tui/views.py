"""The views of a run: which tables each has, and how rows are filtered.

Separate from the screen that shows them, because the digits, the footer and the help must agree on their names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from drill.tui.numbers import count, valued
from drill.units import format_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.snapshot import DatabaseState, Reading, Snapshot

DONE = "done"
"""A table of the cockpit's own: what was done."""
PINS = "pins"
"""Another one: the readings that are pinned."""
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "metrics": ("Metrics", ("metrics", "gateway", "traces", "network", "overview")),
    "pods": ("Pods", ("pods", "pools", "deployments", "nodes")),
    "database": ("Database", ("pg_stat_activity", "pg_locks", "pgbouncer")),
    "logs": ("Logs", ("logs", "log_counts", "events")),
    "timeline": ("Timeline", ("events", DONE, PINS)),
}
"""Title and tables of each view; tables are named as looks are."""
_PARTS: dict[str, Callable[[ScenarioSpec], bool]] = {
    "nodes": lambda spec: bool(spec.topology.nodes),
    "network": lambda spec: spec.topology.network is not None,
    "traces": lambda spec: spec.telemetry.traces > 0,
}
"""Tables that only systems with such a part have."""
FIRST = {
    "pods": ("NAME", "READY", "STATUS", "CPU", "MEMORY"),
    "pg_stat_activity": ("pid", "application_name", "state", "state_age_s", "query"),
}
"""Columns that come first where a table is too wide for most terminals."""
_LIMITED = ("CPU", "MEMORY")
"""Columns of the pods that say what they use of what they may."""
FOLLOWING = ("logs", "events", DONE)
"""Tables whose newest rows stand at the end."""


def tables(view: str, spec: ScenarioSpec) -> tuple[str, ...]:
    """Return the tables of a view that a system has anything for."""
    return tuple(name for name in VIEWS[view][1] if name not in _PARTS or _PARTS[name](spec))


def arranged(reading: Reading, now: Snapshot) -> Reading:
    """Return a reading with its most telling columns first and the limits that `now` knows; nothing is lost."""
    if reading.view == "metrics":
        return _with_units(reading)
    if reading.view == "pods":
        reading = _with_limits(reading, now)
    first = [reading.columns.index(name) for name in FIRST.get(reading.view, ()) if name in reading.columns]
    if not first:
        return reading
    order = [*first, *(at for at in range(len(reading.columns)) if at not in first)]
    pick = itemgetter(*order)
    return replace(reading, columns=pick(reading.columns), rows=tuple(map(pick, reading.rows)))


def matching(reading: Reading, wanted: str) -> tuple[tuple[str | int | float | None, ...], ...]:
    """Return the rows in which a cell matches; `!` at the beginning inverts, and case does not matter."""
    found = finder(wanted)
    return tuple(row for row in reading.rows if found(row))


def finder(wanted: str) -> Callable[[Iterable[object]], bool]:
    """Return what says whether a row matches."""
    inverted, text = wanted.startswith("!"), wanted.removeprefix("!")
    if not text:
        return lambda _: True
    pattern = _pattern(text) or re.compile(re.escape(text), re.IGNORECASE)
    return lambda row: any(pattern.search(str(cell)) for cell in row) != inverted


def filtering(wanted: str) -> str:
    """Return which filter is on, in words; empty without one."""
    text = wanted.removeprefix("!")
    if not text:
        return ""
    return f"filter: {wanted}" + ("" if _pattern(text) else " (not a pattern; searched as text)")


def counted(shown: int, total: int) -> str:
    """Return how many rows are shown, and how many are not."""
    left_out = f", {total - shown} filtered out" if total > shown else ""
    return f"{shown} row{'' if shown == 1 else 's'}{left_out}"


def standing(database: DatabaseState) -> str:
    """Return what a database server has, and how much of it is used."""
    if not database.up:
        return "the server is down"
    return (
        f"{count_of(database.cores, 'core')}, {database.cpu_share * 100:.0f} % busy; "
        f"{count(database.slots_in_use)} of {count(database.max_connections)} slots "
        f"({count(database.reserved)} reserved)"
    )


def count_of(value: float, noun: str) -> str:
    """Return a number of things."""
    return f"{value:g} {noun}" + ("" if value == 1 else "s")


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error:
        return None


def _with_limits(reading: Reading, now: Snapshot) -> Reading:
    """Return the pods with what each may use beside what it uses."""
    limits = {pod.name: _limits(pod.cpu_limit_cores, pod.memory_limit_bytes) for pod in now.pods}
    places = [(reading.columns.index(name), which) for which, name in enumerate(_LIMITED) if name in reading.columns]
    rows = []
    for row in reading.rows:
        cells = list(row)
        if (known := limits.get(str(row[0]))) is not None:
            for at, which in places:
                cells[at] = f"{cells[at]} of {known[which]}"
        rows.append(tuple(cells))
    return replace(reading, rows=tuple(rows))


@cache
def _limits(cpu_cores: float, memory_bytes: int) -> tuple[str, str]:
    """Return what a pod may use; pods of one deployment may all use as much."""
    return f"{cpu_cores * 1000:.0f}m", _whole(format_size(memory_bytes))


def _whole(size: str) -> str:
    """Return a size without decimals that say nothing."""
    return size.replace(".0 ", " ")


def _with_units(reading: Reading) -> Reading:
    """Return the metrics with values as people say them, so that a column of bytes, cores and counts can be read."""
    rows = []
    for name, unit, series, *figures in reading.rows:
        said = (valued(value, str(unit)) if isinstance(value, int | float) else "" for value in figures)
        rows.append((name, *said, series))
    columns = ("METRIC", *reading.columns[3:], "SERIES")
    return replace(reading, columns=columns, rows=tuple(rows))
