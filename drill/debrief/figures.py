"""Figures of the run in the words of the debrief's texts.

Separate because it alone knows which lane a figure is read of and how each kind is said. A figure that nobody measured,
and one of the responder's own lane after they had left, is not known, and no text pretends otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.lanes.comparison import IDLE, YOU
from drill.lanes.expects import figure
from drill.telemetry.metrics import METRICS
from drill.units import US_PER_MS, US_PER_S, format_count, format_duration, format_number, format_percent, format_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drill.lanes.comparison import Comparison
    from drill.scenario.story import FigureSpec
    from drill.telemetry.lanes import LaneResult

_UNITS = {"latency_p95_s": "s", "bad_per_s": "/s", "refused_connects_per_s": "/s"}
_SHARES = ("success_rate", "bad_share", "pod_cpu", "database_cpu", "connections_share")
_WHOLE_SECONDS_S = 10
"""From here on, durations are said without decimals."""


def figures(specs: Mapping[str, FigureSpec], lanes: Comparison, left_us: int | None) -> dict[str, str | None]:
    """Return each figure as it is said, None where it is not known.

    `left_us` is where the responder left; None for never.
    """
    of = {lane.name: lane for lane in lanes.solutions} | {IDLE: lanes.idle, YOU: lanes.you}
    found: dict[str, str | None] = {}
    for name, spec in specs.items():
        lane = of.get(spec.lane)
        gone = spec.lane == YOU and left_us is not None and spec.end > left_us
        value = None if lane is None or gone else _value(name, spec, lane)
        found[name] = None if value is None else said(value, _unit(spec))
    return found


def said(value: float, unit: str) -> str:
    """Return a value with its unit, as the cockpit says it."""
    if unit == "%":
        return format_percent(value)
    if unit == "s":
        return _duration(value)
    if unit in ("bytes", "bytes/s"):
        return format_size(value) + ("/s" if unit.endswith("/s") else "")
    number = format_count(round(value)) if value == round(value) else format_number(value)
    return {"count": number, "/s": f"{number} a second"}.get(unit, f"{number} {unit}")


def _duration(value_s: float) -> str:
    if value_s >= _WHOLE_SECONDS_S:
        return format_duration(round(value_s) * US_PER_S)
    if value_s >= 1:
        return format_duration(round(value_s * 10) * US_PER_S // 10)
    return format_duration(round(value_s * 1000) * US_PER_MS)  # 0s for nothing


def _value(name: str, spec: FigureSpec, lane: LaneResult) -> float | None:
    return dict(lane.readings).get(name) if spec.metric else figure(lane, spec)


def _unit(spec: FigureSpec) -> str:
    if spec.metric:
        return METRICS[spec.metric].unit if spec.metric in METRICS else "count"
    return "%" if spec.figure in _SHARES else _UNITS.get(spec.figure, "count")
