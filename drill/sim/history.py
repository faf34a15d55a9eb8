"""Every sample of a run, kept by metric and series.

Separate from the dashboard, which keeps only what the team's charts show: here somebody looks who wants to know more.
A value takes eight bytes; series come and go with their pods.
"""

from __future__ import annotations

from array import array
from math import isnan, nan
from typing import TYPE_CHECKING

from drill.telemetry.metrics import MetricHistory, SeriesHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.telemetry.records import Sample

Labels = tuple[tuple[str, str], ...]


class History:
    """The samples of one run."""

    def __init__(self, period_us: int) -> None:
        """Start empty; samples come once a period."""
        self._period_us = period_us
        self._metrics: dict[str, dict[Labels, tuple[int, array[float]]]] = {}
        self._latest: list[tuple[str, Labels, array[float]]] = []
        """The series of the latest moment in their order, which is mostly that of the next as well."""
        self._count = 0

    def update(self, samples: Sequence[Sample]) -> None:
        """Add the samples of one moment."""
        at, latest, same = self._count, self._latest, 0
        self._count += 1
        for (name, labels, value), (known, where, points) in zip(samples, latest, strict=False):
            if name != known or labels != where:
                break
            points.append(value)
            same += 1
        if same < max(len(samples), len(latest)):
            del latest[same:]
            latest.extend(self._placed(at, sample) for sample in samples[same:])

    def _placed(self, at: int, sample: Sample) -> tuple[str, Labels, array[float]]:
        """Add a sample to its series, wherever that is."""
        name, labels, value = sample
        series = self._metrics.setdefault(name, {})
        if labels not in series:
            series[labels] = (at, array("d"))
        first, points = series[labels]
        while len(points) < at - first:  # moments without a sample, as while a container waits to be restarted
            points.append(nan)
        points.append(value)
        return name, labels, points

    def names(self) -> list[str]:
        """Return the names of all metrics that were sampled, in order."""
        return sorted(self._metrics)

    def metric(self, name: str, last: int | None = None) -> MetricHistory:
        """Return a metric with all its series, ordered by labels; without any for a name that was never sampled.

        `last` asks for the newest points only.
        """
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
