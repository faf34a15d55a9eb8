"""What a story's figures read of the metrics of a run."""

from __future__ import annotations

from typing import Any

import pytest

from drill.scenario.library import find
from drill.scenario.loader import load
from drill.scenario.story import FigureSpec
from drill.session.readings import readings
from drill.session.session import Session
from drill.telemetry.metrics import MetricHistory, SeriesHistory
from drill.units import US_PER_S
from tests.library import checkout

PODS = (
    SeriesHistory(labels=(("pod", "a-1"), ("state", "idle")), points=(1.0, 2.0, 3.0, 4.0)),
    SeriesHistory(labels=(("pod", "a-2"), ("state", "busy")), points=(None, 20.0, None, 40.0)),
)


def history(metric: str) -> MetricHistory:
    """Return two series of a gauge, or of a counter, sampled every 10 s; nothing for other names."""
    known = metric in ("pg_stat_activity_count", "pg_stat_database_deadlocks")
    return MetricHistory(name=metric, period_us=10 * US_PER_S, series=PODS if known else ())


def read(metric: str = "pg_stat_activity_count", **changes: object) -> float | None:
    """Return what one figure over the whole time reads."""
    values: dict[str, Any] = {"start": 0, "end": 40 * US_PER_S, **changes}
    ((_, value),) = readings({"x": FigureSpec(metric=metric, **values)}, history)
    return value


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"stat": "max"}, 44.0),
        ({"stat": "min"}, 1.0),
        ({"stat": "max", "combine": "max"}, 40.0),
        ({"stat": "max", "combine": "mean"}, 22.0),
        ({"stat": "total"}, (1 + 22 + 3 + 44) / 4),
        ({"stat": "max", "where": {"state": "idle"}}, 4.0),
        ({"stat": "max", "where": {"pod": "a-*", "state": "busy"}}, 40.0),
        ({"where": {"pod": "b-*"}}, None),
        ({"start": 10 * US_PER_S, "end": 10 * US_PER_S + 1}, 22.0),
        ({"start": 11 * US_PER_S, "end": 20 * US_PER_S}, None),
        ({"start": 30 * US_PER_S, "end": 31 * US_PER_S}, 44.0),
    ],
)
def test_a_metric_is_read_over_its_window(changes: dict[str, Any], value: float | None) -> None:
    """Samples stand at 0, 10, 20 and 30 s; the end of a window is not in it."""
    assert read(**changes) == value


def test_a_counter_is_read_as_its_rate() -> None:
    assert read("pg_stat_database_deadlocks", stat="max", where={"state": "idle"}) == 0.1


def test_a_metric_that_was_never_sampled_is_not_measured() -> None:
    assert read("pg_stat_nothing") is None


def test_a_run_reads_what_its_metrics_say_however_it_is_sliced() -> None:
    """Sessions at one moment, beside the snapshot of that moment."""
    start = 60 * US_PER_S
    figure = FigureSpec(metric="pg_stat_activity_count", start=start, end=start + US_PER_S)
    sessions = {"metric": "pg_stat_activity_count", "start": "60s", "end": "61s"}
    spec = checkout().patched({"story": {"figures": {"sessions": sessions}}})
    assert spec.spec.story.figures == {"sessions": figure}
    whole, sliced = Session(spec.spec, 1), Session(spec.spec, 1)
    whole.advance(70 * US_PER_S)
    for at_s in range(7, 71, 7):
        sliced.advance(at_s * US_PER_S)
    assert whole.result().readings == sliced.result().readings
    (read_,) = whole.result().readings
    assert read_[0] == "sessions"
    at = Session(spec.spec, 1)
    at.advance(start + 1)
    assert read_[1] == sum(count for _, count in at.snapshot().database.sessions)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 7])
def test_every_figure_of_the_family_is_measured(seed: int) -> None:
    spec = load(find("checkout-timeouts")).for_seed(seed).spec
    result = Session(spec, seed).finish()
    assert [name for name, value in result.readings if value is None] == []
    assert len(result.readings) > 5
