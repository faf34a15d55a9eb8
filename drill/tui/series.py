"""The series of a metric: what tells them apart, and which of them still go on.

Separate from the screen that draws them, because both are a matter of the history alone. No Textual.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.telemetry.metrics import MetricHistory

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
