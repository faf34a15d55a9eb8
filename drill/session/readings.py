"""What the figures of a story read of a run's metrics.

Separate because the history of every metric lives as long as its run: what texts of the debrief need of it is read at
the end, wherever the run was simulated. Figures that are no metrics follow from what is kept of every run.
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from drill.scenario.story import FigureSpec
    from drill.telemetry.metrics import MetricHistory


def readings(
    figures: Mapping[str, FigureSpec], history: Callable[[str], MetricHistory]
) -> tuple[tuple[str, float | None], ...]:
    """Return what each figure that names a metric reads, by its name; None where nothing was measured."""
    return tuple((name, _read(spec, history(spec.metric))) for name, spec in figures.items() if spec.metric)


def _read(spec: FigureSpec, history: MetricHistory) -> float | None:
    points = history.matching(spec.where).combined(spec.combine) if history.series else ()
    window = (value for at, value in enumerate(points) if spec.start <= at * history.period_us < spec.end)
    return combine([value for value in window if value is not None], spec.stat)


def combine(values: Sequence[float], stat: str) -> float | None:
    """Return the `mean`, `min` or `max` of values, None for none; `total` is their mean."""
    if not values:
        return None
    if stat in ("total", "mean"):
        return fsum(values) / len(values)
    return min(values) if stat == "min" else max(values)
