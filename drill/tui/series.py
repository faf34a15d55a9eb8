"""The series of a metric: what tells them apart, which of them still go on, and what they come to together.

Separate from the screen that draws them, because both are a matter of the history alone. No Textual.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.telemetry.metrics import MetricHistory, Points

_LAST = 2
"""Samples that tell whether a series has a value now: a rate needs two."""


def titles(history: MetricHistory) -> list[str]:
    """Return what tells the series of a metric apart; labels that all of them share are left out."""
    shared = set.intersection(*(set(each.labels) for each in history.series)) if len(history.series) > 1 else set()
    return [
        " ".join(f"{name}={value}" for name, value in each.labels if (name, value) not in shared) or history.name
        for each in history.series
    ]


def alive(history: MetricHistory) -> int:
    """Return how many series have a value now; those that have ended are counted no more."""
    newest = replace(history, series=tuple(replace(each, points=each.points[-_LAST:]) for each in history.series))
    return sum(line[-1] is not None for line in newest.lines() if line)


class Joined:
    """The series of a metric as one line that grows: a hundred of them since time 0 take longer than a key may."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._of = ("", "")
        self._line: Points = ()

    def line(self, history: MetricHistory, how: str) -> Points:
        """Return what `history.combined` would; what was sampled stays, so that only newer points are worked out."""
        of = (history.name, how)
        count = len(history.series[0].points) if history.series else 0
        known = self._line if of == self._of and len(self._line) <= count else ()
        start = max(0, len(known) - 1)  # a rate needs the point before
        newer = replace(history, series=tuple(replace(each, points=each.points[start:]) for each in history.series))
        self._of, self._line = of, known + newer.combined(how)[len(known) - start :]
        return self._line
