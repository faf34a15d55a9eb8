"""From a frame to what the widgets of a live screen show.

Separate from the screens, so that what is said can be tested without one, and so that two screens say it alike. Every
number comes from the frame's snapshot.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from drill.tui.numbers import factor, percent, spent
from drill.tui.state import State, judge
from drill.tui.text import printable
from drill.tui.widgets.chart import ChartModel, Series
from drill.tui.widgets.rows import RowsModel
from drill.tui.widgets.topbar import BarModel
from drill.units import US_PER_S, format_clock, format_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drill.driver.driver import Frame
    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.snapshot import Snapshot
    from drill.tui.glyphs import Glyphs
    from drill.tui.plot import Line
    from drill.tui.run import Note


def bar(frame: Frame, spec: ScenarioSpec, glyphs: Glyphs, after: float | None = None) -> BarModel:
    """Return the top of a live screen; `after` is the speed that comes back when a form is closed."""
    users = frame.snapshot.users
    return BarModel(
        title=spec.card.title,
        clock=format_clock(frame.snapshot.at_us),
        length=format_clock(spec.length),
        pace=_pace(frame, glyphs, after),
        running=not frame.paused and not frame.over,
        behind=frame.behind,
        state=judge(users.failing, spec.slo.success),
        failing=percent(users.failing),
        budget=spent(users.budget_used, glyphs.times),
        rate=format_number(round(users.rate_per_s, 1)),
    )


def _pace(frame: Frame, glyphs: Glyphs, after: float | None) -> str:
    asked = f"{factor(frame.speed)}{glyphs.times}"
    if frame.over:
        return "over"
    if frame.hurrying:
        return "simulating"
    if frame.paused:
        return f"paused at {asked if after is None else factor(after) + glyphs.times}"
    if frame.behind:
        return f"running behind, {factor(frame.effective)}{glyphs.times} of {asked}"
    return asked if after in {None, frame.speed} else f"{asked} here, {factor(after or 0.0)}{glyphs.times} after"


def panels(snapshot: Snapshot, done: Iterable[Note]) -> tuple[ChartModel, ...]:
    """Return the charts of the team's dashboard; moments at which something was done are marked."""
    marks = action_marks(snapshot, done)
    return tuple(
        ChartModel(title=printable(panel.title), unit=panel.unit, series=(Series(points=panel.points),), marks=marks)
        for panel in snapshot.panels
    )


def users_charts(frame: Frame, spec: ScenarioSpec, done: Iterable[Note]) -> tuple[ChartModel, ...]:
    """Return charts of what users feel, for screens with room to spare."""
    marks = action_marks(frame.snapshot, done)
    failing = tuple(users.failing for users in frame.users)
    budget = tuple(users.budget_used for users in frame.users)
    return (
        ChartModel(
            title="Users failing",
            unit="%",
            series=(Series(points=failing, role=judge(frame.snapshot.users.failing, spec.slo.success).role),),
            threshold=1.0 - spec.slo.success,
            marks=marks,
        ),
        ChartModel(title="Late or failed", unit="/s", series=(Series(points=_bad_per_s(frame)),), marks=marks),
        ChartModel(title="Error budget used", unit="%", series=(Series(points=budget),), marks=marks),
    )


def _bad_per_s(frame: Frame) -> tuple[float, ...]:
    bad = [0, *(users.late + users.failed for users in frame.users)]
    period_s = frame.snapshot.sampling_us / US_PER_S
    return tuple((after - before) / period_s for before, after in pairwise(bad))


def action_marks(snapshot: Snapshot, done: Iterable[Note]) -> tuple[int, ...]:
    """Return the sampling periods in which something was done to the system."""
    return tuple(note.at_us // snapshot.sampling_us for note in done if note.kind == "action")


def span(snapshot: Snapshot, dots: int) -> str:
    """Return how much time a chart of so many dots across covers: never more than has passed."""
    return f"last {format_clock(min(dots * snapshot.sampling_us, snapshot.at_us))}"


def alerts(snapshot: Snapshot, glyphs: Glyphs, most: int) -> RowsModel:
    """Return the alerts in at most `most` lines: those that fire, longest first, and a word about the others."""
    firing = sorted((alert for alert in snapshot.alerts if alert.since_s is not None), key=lambda a: a.since_s or 0.0)
    quiet = [alert for alert in snapshot.alerts if alert.since_s is None]
    shown = firing[: most - bool(quiet or len(firing) > most)]
    rows: list[Line] = []
    for alert in shown:
        lasting = format_clock(round(snapshot.at_us - (alert.since_s or 0.0) * US_PER_S))
        rows.append(
            (
                (f" {State.CRIT.glyph(glyphs)} FIRING  ", "bad"),
                (f"{lasting}  ", "text"),
                (printable(alert.text), "text"),
            )
        )
    if hidden := len(firing) - len(shown):
        rows.append(((f" {State.CRIT.glyph(glyphs)} FIRING  ", "bad"), (f"{hidden} more", "text")))
    elif len(quiet) <= most - len(rows):
        rows += [((f" {State.OK.glyph(glyphs)} QUIET   ", "good"), (printable(each.text), "muted")) for each in quiet]
    elif quiet:
        names = ", ".join(printable(alert.text) for alert in quiet)
        rows.append(((f" {State.OK.glyph(glyphs)} QUIET   ", "good"), (names, "muted")))
    return RowsModel(rows=tuple(rows))


def near_home(path: Path) -> str:
    """Return a path as people write it, with `~` for their home."""
    path = path.absolute()
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def notes(done: Iterable[Note]) -> RowsModel:
    """Return what was done, oldest first, with what sort of thing it was."""
    rows: list[Line] = []
    for note in done:
        kind, text = _KINDS.get(note.kind, note.kind), printable(note.text)
        before = f" {format_clock(note.at_us)}  {kind:<{_KIND_CELLS}}  "
        rows.append(((before, "muted"), (text.removeprefix("pinned: "), "text")))
    return RowsModel(rows=tuple(rows), newest=True)


_KINDS = {"diagnosis": "chips"}
"""Shorter words for what was done."""
_KIND_CELLS = 6
