"""Figures of a run in the texts of its debrief: which lane they are read of, and how they are said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drill.debrief.figures import figures, said
from drill.lanes.comparison import Comparison
from drill.scenario.story import FigureSpec
from drill.telemetry.lanes import LaneResult
from drill.units import US_PER_S


def lane(name: str, reading: float | None, bad: int) -> LaneResult:
    """Return a lane of 60 s with ten requests a second, so many of them bad."""
    return LaneResult(
        name=name,
        seed=1,
        bad=bad * 60,
        offered=(10,) * 60,
        ok=(10 - bad,) * 60,
        bad_by_second=(bad,) * 60,
        figures=(),
        summary={},
        readings=(("metric", reading),),
    )


IDLE, YOU = lane("idle", 250.0, 8), lane("you", 4.21, 2)
BEST, OTHER = lane("roll-back", 0.085, 1), lane("restart", None, 5)
LANES = Comparison(you=YOU, idle=IDLE, expert=BEST, solutions=(BEST, OTHER), turns=())
METRIC = "pg_stat_activity_max_tx_duration"


def told(left_us: int | None = None, lanes: Comparison = LANES, **changes: object) -> str | None:
    """Return what one figure is said as."""
    values: dict[str, Any] = {"start": 0, "end": 60 * US_PER_S, **changes}
    spec = FigureSpec(**values)
    (value,) = figures({"metric": spec}, lanes, left_us).values()
    return value


@pytest.mark.parametrize(
    ("lane_", "metric", "share"),
    [
        ("idle", "4m10s", "80.0 %"),
        ("you", "4.2s", "20.0 %"),
        ("roll-back", "85ms", "10.0 %"),
        ("restart", None, "50.0 %"),
    ],
)
def test_a_figure_is_that_of_its_lane(lane_: str, metric: str | None, share: str) -> None:
    assert told(lane=lane_, metric=METRIC) == metric
    assert told(lane=lane_, figure="bad_share") == share


def test_what_came_after_somebody_left_is_not_theirs() -> None:
    assert told(50 * US_PER_S, lane="you", figure="bad_share") is None
    assert told(60 * US_PER_S, lane="you", figure="bad_share") == "20.0 %"
    assert told(50 * US_PER_S, lane="idle", figure="bad_share") == "80.0 %"


def test_a_lane_that_was_not_simulated_has_no_figures() -> None:
    assert told(lanes=replace(LANES, solutions=(OTHER,)), lane="roll-back", figure="bad_share") is None


def test_a_window_without_a_request_has_no_share() -> None:
    assert told(figure="bad_share", start=100 * US_PER_S, end=110 * US_PER_S) is None


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "s", "0s"),
        (0.0123, "s", "12ms"),
        (4.26, "s", "4.3s"),
        (43.97, "s", "44s"),
        (303.967, "s", "5m4s"),
        (0.157, "%", "15.7 %"),
        (50.0, "count", "50"),
        (1234.0, "count", "1 234"),
        (3.8166, "/s", "3.82 a second"),
        (2.0, "cores", "2 cores"),
        (300 * 2**20, "bytes", "300.0 MiB"),
        (2048.0, "bytes/s", "2.0 KiB/s"),
    ],
)
def test_values_are_said_with_their_unit(value: float, unit: str, text: str) -> None:
    assert said(value, unit) == text
