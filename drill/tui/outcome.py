"""What a finished run came to, beside the other lanes: the chart, the table and one sentence.

Separate from the result screen, so that every figure can be tested without it. Late and failed requests both count as
impact; nothing is scored here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.driver.others import EXPERT, NOTHING
from drill.tui.numbers import count, percent
from drill.tui.text import longest, pad
from drill.tui.widgets.chart import ChartModel, Series
from drill.tui.widgets.rows import RowsModel
from drill.units import US_PER_S, format_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drill.telemetry.lanes import LaneResult
    from drill.telemetry.results import RunResult
    from drill.tui.glyphs import Glyphs
    from drill.tui.plot import Line
    from drill.tui.run import Note

YOU = "you"
_NAMES = {YOU: "you", EXPERT: "expert", NOTHING: "nothing done"}
"""What the lanes are called, in the order of the table."""
_ROLES = {YOU: "you", EXPERT: "expert", NOTHING: "nothing"}
_HEAD = ("", "failed", "late", "avoided", "objective held again")
_GAP = "   "
_AROUND_S = 7
"""Seconds before and after a second that are taken together with it in the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """One lane as the result shows it."""

    player: str
    offered: tuple[int, ...]
    """Requests by the second of their arrival; the same for the next."""
    bad: tuple[int, ...]
    failed: int
    late: int
    first_s: int | None
    """When the objective was first missed; None for never."""
    recovered_s: int | None
    """From when on it held to the end; None if it did not."""

    @property
    def impact(self) -> int:
        """Late and failed requests."""
        return self.failed + self.late


def own(result: RunResult) -> LaneView:
    """Return the lane of the run itself."""
    return LaneView(
        player=YOU,
        offered=result.offered,
        bad=tuple(late + failed for late, failed in zip(result.late, result.failed, strict=True)),
        failed=sum(result.failed),
        late=sum(result.late),
        first_s=result.first_bad_s(),
        recovered_s=result.recovered_s(),
    )


def other(lane: LaneResult) -> LaneView:
    """Return a lane that was computed elsewhere."""
    return LaneView(
        player=lane.name,
        offered=lane.offered,
        bad=lane.bad_by_second,
        failed=lane.summary["requests"]["failed"],
        late=lane.summary["requests"]["late"],
        first_s=lane.summary["impact"]["first_s"],
        recovered_s=lane.summary["impact"]["recovered_s"],
    )


def chart(lanes: Mapping[str, LaneView], length_us: int, done: Iterable[Note]) -> ChartModel:
    """Return the impact of every known lane over the whole run."""
    series = tuple(
        Series(points=_shares(lanes[player]), role=_ROLES[player], dash=dash)
        for dash, player in enumerate(_NAMES)
        if player in lanes
    )
    return ChartModel(
        title="Users failing, % of requests by time of arrival",
        unit="%",
        series=series,
        whole=True,
        top=1.0,
        marks=tuple(note.at_us // US_PER_S for note in done if note.acted),
        axis=tuple(format_clock(at_us) for at_us in (0, length_us // 2, length_us)),
        told=False,
    )


def table(lanes: Mapping[str, LaneView], waiting: Mapping[str, str], glyphs: Glyphs) -> RowsModel:
    """Return one line a lane; `waiting` says of a lane that is missing why."""
    rows = {player: _cells(lanes[player], lanes.get(NOTHING)) for player in _NAMES if player in lanes}
    columns = list(zip(_HEAD, *rows.values(), strict=True))
    sizes = [
        max(longest(column), longest(tuple(_NAMES.values())) if not at else 0) for at, column in enumerate(columns)
    ]
    lines: list[Line] = [((" " * 4 + _spaced(_HEAD, sizes), "muted"),)]
    for stroke, (player, name) in zip(glyphs.strokes, _NAMES.items(), strict=True):
        role = _ROLES[player]
        if player in rows:
            lines.append(((f" {stroke} ", role), (_spaced(rows[player], sizes), "title" if player == YOU else "text")))
        else:
            lines.append(((f" {stroke} ", role), (f"{pad(name, sizes[0])}{_GAP}{waiting.get(player, '')}", "muted")))
    return RowsModel(rows=tuple(lines))


def sentence(lanes: Mapping[str, LaneView]) -> str:
    """Return what it comes to in one sentence; empty while lanes are missing."""
    if lanes.keys() < _NAMES.keys():
        return ""
    you, expert, nothing = lanes[YOU].impact, lanes[EXPERT].impact, lanes[NOTHING].impact
    if nothing <= expert:
        return "In this run there was nothing to avoid."
    if you <= expert:
        return "You avoided at least as much as the reference expert."
    if you > nothing:
        return f"{count(you - nothing)} more requests failed or came late than if nothing had been done."
    return (
        f"You avoided {percent((nothing - you) / (nothing - expert))} of the impact that the reference expert avoided."
    )


def _shares(lane: LaneView) -> tuple[float | None, ...]:
    """Return the share of bad answers around each second; single seconds would only show noise."""
    shares: list[float | None] = []
    for second in range(len(lane.offered)):
        window = slice(max(0, second - _AROUND_S), second + _AROUND_S + 1)
        offered = sum(lane.offered[window])
        shares.append(sum(lane.bad[window]) / offered if offered else None)
    return tuple(shares)


def _cells(lane: LaneView, nothing: LaneView | None) -> Sequence[str]:
    avoided = "-"
    if nothing is not None and nothing.impact and lane.player != NOTHING:
        avoided = percent(max(0.0, 1 - lane.impact / nothing.impact))
    again = "not in this run"
    if lane.first_s is None:
        again = "never missed"
    elif lane.recovered_s is not None:
        again = f"from {format_clock(lane.recovered_s * US_PER_S)}"
    return _NAMES[lane.player], count(lane.failed), count(lane.late), avoided, again


def _spaced(cells: Sequence[str], sizes: Sequence[int]) -> str:
    first, *middle, last = zip(cells, sizes, strict=True)
    numbers = [pad(cell, size, right=True) for cell, size in middle]
    return _GAP.join((pad(*first), *numbers, pad(*last)))
