"""Every sample of a run, kept by metric and series.

Separate from the dashboard, which keeps only what the team's charts show: here somebody looks who wants to know more.
A value takes eight bytes; series come and go with their pods. Moments are kept one after the other as long as their
series stay, which takes one step a moment, and are sorted by series when somebody looks or when series change.
"""

from __future__ import annotations

from array import array
from math import isnan, nan
from typing import TYPE_CHECKING

from drill.telemetry.metrics import MetricHistory, SeriesHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.telemetry.records import Labels, Series


class History:
    """The samples of one run."""

    def __init__(self, period_us: int) -> None:
        """Start empty; samples come once a period."""
        self._period_us = period_us
        self._metrics: dict[str, dict[Labels, tuple[int, array[float]]]] = {}
        self._series: Sequence[Series] | None = None
        """Those of the latest moment in their order, which are mostly those of the next as well."""
        self._latest: list[array[float]] = []
        """Their points, without those in `_rows`."""
        self._rows = array("d")
        """Their values at the latest moments, one moment after the other."""
        self._count = 0

    def update(self, series: Sequence[Series], row: array[float]) -> None:
        """Add the values of one moment; `series` are the same object as long as they stay."""
        if series is not self._series:
            self._sort()
            self._series, self._latest = series, [self._points(*each) for each in series]
        self._rows += row
        self._count += 1

    def _sort(self) -> None:
        """Give every series its values of the latest moments."""
        rows, width = self._rows, len(self._latest)
        if rows:
            for column, points in enumerate(self._latest):
                points.extend(rows[column::width])
            del rows[:]

    def _points(self, name: str, labels: Labels) -> array[float]:
        """Return the points of a series, up to the present moment."""
        series = self._metrics.setdefault(name, {})
        if labels not in series:
            series[labels] = (self._count, array("d"))
        first, points = series[labels]
        while len(points) < self._count - first:  # moments without a sample, as while a container waits to be restarted
            points.append(nan)
        return points

    def names(self) -> list[str]:
        """Return the names of all metrics that were sampled, in order."""
        self._sort()
        return sorted(self._metrics)

    def metric(self, name: str, last: int | None = None) -> MetricHistory:
        """Return a metric with all its series, ordered by labels; without any for a name that was never sampled.

        `last` asks for the newest points only.
        """
        self._sort()
        start = 0 if last is None else max(0, self._count - last)
        found = sorted(self._metrics.get(name, {}).items())
        series = (SeriesHistory(labels=labels, points=self._filled(*kept, start)) for labels, kept in found)
        return MetricHistory(name=name, period_us=self._period_us, series=tuple(series))

    def _filled(self, first: int, points: array[float], start: int) -> tuple[float | None, ...]:
        """Return the points from `start` on, None where there was no sample."""
        skipped = max(0, start - first)
        known = tuple(None if isnan(point) else point for point in points[skipped:])
        before = max(0, first - start)
        return (None,) * before + known + (None,) * (self._count - start - before - len(known))
