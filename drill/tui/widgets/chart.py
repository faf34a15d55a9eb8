"""One chart: title and value, the plot with its scale, and a line of text that says the same without the picture.

Separate from `drill.tui.plot`, which draws lines and knows no units. The text line makes the chart readable without
seeing it, and nothing in it is ever cut: what does not fit is left out whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.tui.numbers import Scale, scale
from drill.tui.plot import Line, Stroke, newest, plot, resample
from drill.tui.text import fit, longest, pad, shorten, spread, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.tui.glyphs import Glyphs

DASHES = ((1, 0), (6, 3), (2, 3))
"""Columns drawn and left out of solid, dashed and dotted lines."""
_TREND_SHARE = 0.04
"""Change within the last stretch, as a share of the scale, that counts as rising or falling."""
_TREND_POINTS = 6
_SMALLEST_PLOT = 4
LABEL_CELLS = 5
"""Width of the scale's labels; the same for all charts, so that they show the same stretch of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a chart."""

    points: tuple[float | None, ...]
    role: str = "line"
    dash: int = 0
    """Index into `DASHES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartModel:
    """What a chart shows."""

    title: str
    unit: str
    """A unit of the team's dashboard."""
    series: tuple[Series, ...]
    """The first one is the chart's own and is told in text."""
    whole: bool = False
    """Whether all points share the width; otherwise the newest are shown, one a dot."""
    top: float | None = None
    """Upper end of the scale in the values' own unit; None for a round number above the highest point."""
    threshold: float | None = None
    """A bound, in the values' own unit."""
    marks: tuple[int, ...] = ()
    """Points at which something was done."""
    axis: tuple[str, ...] = ()
    """Labels of the beginning, the middle and the end; empty for no axis."""
    empty: str = "no value yet"
    """Said in the place of the text line while there is no value."""
    told: bool = True
    """Whether the value stands beside the title and the text line below the plot."""


class Chart(Lined[ChartModel]):
    """A chart of a size of its own."""

    def lines(self, model: ChartModel, cells: int, height: int) -> list[Line]:
        """Return the lines of the chart."""
        return chart_lines(model, cells, height, self.glyphs)


def dots(cells: int, glyphs: Glyphs) -> int:
    """Return how many points a chart of a width shows, one a dot."""
    return (cells - LABEL_CELLS - 1) * glyphs.columns


def chart_lines(model: ChartModel, cells: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Return a chart of `cells` across and `height` down."""
    measure = _scale(model)
    labels = [measure.number(share * measure.top / measure.factor) for share in (1.0, 0.5, 0.0)]
    margin = max(LABEL_CELLS, longest(labels)) + 1
    rows = height - 1 - model.told - bool(model.axis)
    size = (max(_SMALLEST_PLOT, cells - margin), max(1, rows))
    drawn = plot(
        [_stroke(series, model, measure, size[0] * glyphs.columns) for series in model.series],
        size,
        glyphs,
        threshold=None if model.threshold is None else measure.share(model.threshold),
        marks=_marks(model, size[0] * glyphs.columns),
    )
    lines = [_head(model, measure, cells, glyphs), *_labelled(drawn, labels, margin)]
    if model.axis:
        lines.append(((" " * margin, ""), (_axis(model.axis, size[0]), "muted")))
    if model.told:
        points = model.series[0].points
        shown = points if model.whole else points[-size[0] * glyphs.columns :]
        lines.append(((_told(shown, measure, cells, glyphs) or model.empty, "muted"),))
    return lines


def _scale(model: ChartModel) -> Scale:
    if model.top is not None:
        return scale(model.top, model.unit)
    return scale(max((point for series in model.series for point in series.points if point), default=0.0), model.unit)


def _head(model: ChartModel, measure: Scale, cells: int, glyphs: Glyphs) -> Line:
    points = model.series[0].points
    value = measure.text(points[-1]) if model.told and points and points[-1] is not None else ""
    title = shorten(model.title, cells - width(value) - 1, glyphs.more)
    gap = cells - width(title) - width(value)
    return (title, "text"), (" " * gap, ""), (value, "title")


def _stroke(series: Series, model: ChartModel, measure: Scale, columns: int) -> Stroke:
    chosen = resample(series.points, columns) if model.whole else newest(series.points, columns)
    on, off = DASHES[series.dash]
    heights = tuple(None if point is None else measure.share(point) for point in chosen)
    return Stroke(heights=heights, role=series.role, on=on, off=off, filled=model.told)


def _marks(model: ChartModel, columns: int) -> list[int]:
    count = max((len(series.points) for series in model.series), default=0)
    if model.whole:
        return [mark * columns // count for mark in model.marks if mark < count]
    return [mark - count + columns for mark in model.marks if mark - count + columns >= 0]


def _labelled(drawn: Sequence[Line], labels: list[str], margin: int) -> list[Line]:
    where = {0: labels[0], (len(drawn) - 1) // 2: labels[1], len(drawn) - 1: labels[2]}
    if len(drawn) < len(labels):
        where = {0: labels[0]} if len(drawn) == 1 else {0: labels[0], 1: labels[2]}
    return [((pad(where.get(row, ""), margin - 1, right=True) + " ", "muted"), *line) for row, line in enumerate(drawn)]


def _axis(labels: tuple[str, ...], cells: int) -> str:
    if len(labels) < 3:  # noqa: PLR2004 - beginning, middle and end
        return spread(labels[0], labels[-1], cells)
    start, middle, end = labels[0], labels[1], labels[-1]
    half = cells // 2 - width(middle) // 2
    left = pad(start, half) + middle if half > width(start) else start
    return spread(left, end, cells)


def _told(points: Sequence[float | None], measure: Scale, cells: int, glyphs: Glyphs) -> str:
    """Return lowest, newest, highest and trend in words, empty without a value; what does not fit is left out whole."""
    known = [point for point in points if point is not None]
    if not known:
        return ""
    figures = (("min", min(known)), ("now", known[-1]), ("max", max(known)))
    return fit([*(f"{name} {measure.number(value)}" for name, value in figures), trend(known, measure, glyphs)], cells)


def trend(points: Sequence[float], measure: Scale, glyphs: Glyphs) -> str:
    """Return whether the last points rise or fall, with a glyph and a word."""
    late = points[-_TREND_POINTS:]
    early = points[-2 * _TREND_POINTS : -_TREND_POINTS] or late[:1]
    change = (sum(late) / len(late) - sum(early) / len(early)) * measure.factor / measure.top
    if abs(change) < _TREND_SHARE:
        return f"{glyphs.steady} steady"
    return f"{glyphs.rising} rising" if change > 0 else f"{glyphs.falling} falling"
