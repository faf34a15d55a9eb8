"""Every sample of a run can be looked up later."""

from __future__ import annotations

import re
from array import array
from pathlib import Path

import pytest

from drill.sim import history
from drill.sim.history import History
from drill.sim.simulation import Simulation
from drill.telemetry.metrics import METRICS, MetricHistory, SeriesHistory, rates
from drill.telemetry.records import Sample
from drill.units import US_PER_S
from tests.library import short

NO_METRICS = {
    *("pg_sleep", "pg_blocking_pids", "pg_stat_activity", "pg_locks", "pool_size", "pool_mode", "envoy_cluster_name")
}
"""Other names that begin as metrics do: functions and views of PostgreSQL, settings, a label."""
PODS = tuple((("pod", name),) for name in "abc")


def filled(*, looked_at: bool = False) -> History:
    """Return a history of four moments: one pod all the time, one that pauses, one that comes late and ends."""
    kept = History(5 * US_PER_S)
    for at in range(4):
        samples = [Sample("kube_pod_status_ready", PODS[0], at)]
        samples += [Sample("kube_pod_status_ready", PODS[1], 10 + at)] if at != 1 else []
        samples += [Sample("kube_pod_status_ready", PODS[2], 20 + at)] if at == 2 else []
        kept.update([sample[:2] for sample in samples], array("d", [sample.value for sample in samples]))
        if looked_at:
            assert len(kept.metric("kube_pod_status_ready").series[0].points) == at + 1
    return kept


def test_every_series_keeps_its_samples_and_the_moments_without_one() -> None:
    series = filled().metric("kube_pod_status_ready").series
    assert [each.labels for each in series] == list(PODS)
    assert [each.points for each in series] == [(0, 1, 2, 3), (10, None, 12, 13), (None, None, 22, None)]


def test_a_look_at_a_history_changes_nothing() -> None:
    assert filled(looked_at=True).metric("kube_pod_status_ready") == filled().metric("kube_pod_status_ready")


def test_moments_with_the_same_series_keep_their_order() -> None:
    """They are kept row by row until somebody looks; a look after each of them and one at the end find the same."""
    series = [("kube_pod_status_ready", labels) for labels in PODS]
    histories = History(US_PER_S), History(US_PER_S)
    for at in range(5):
        for number, kept in enumerate(histories):
            kept.update(series, array("d", [at, 10 + at, 20 + at]))
            if number:
                kept.names()
    for kept in histories:
        points = [each.points for each in kept.metric("kube_pod_status_ready").series]
        assert points == [tuple(range(first, first + 5)) for first in (0, 10, 20)]


@pytest.mark.parametrize("last", [1, 2, 3, 4, 9])
def test_the_newest_points_are_the_end_of_all_points(last: int) -> None:
    whole = filled().metric("kube_pod_status_ready")
    newest = filled().metric("kube_pod_status_ready", last)
    assert [each.points for each in newest.series] == [each.points[-last:] for each in whole.series]


def test_a_name_that_was_never_sampled_has_no_series() -> None:
    assert filled().metric("pg_locks_count").series == ()


def test_series_combine_to_one_line_over_those_that_have_a_value() -> None:
    metric = filled().metric("kube_pod_status_ready")
    assert metric.combined("sum") == (10, 1, 36, 16)
    assert metric.combined("mean") == (5, 1, 12, 8)
    assert metric.combined("max") == (10, 1, 22, 13)


def test_a_counter_is_shown_as_its_rate_and_counts_from_zero_after_a_reset() -> None:
    assert rates((0.0, 10.0, 4.0, None, 8.0, 9.0), 5.0) == (None, 2.0, 0.0, None, None, 0.2)
    counter = SeriesHistory(labels=(), points=(0.0, 10.0))
    assert MetricHistory(name="nginx_ingress_controller_requests", period_us=5_000_000, series=(counter,)).lines() == (
        (None, 2.0),
    )


def test_every_metric_that_is_sampled_says_what_it_is() -> None:
    sources = "".join(path.read_text() for path in Path(history.__file__).parent.rglob("*.py"))
    exporters = {name.partition("_")[0] for name in METRICS}
    written = re.findall(rf'"((?:{"|".join(sorted(exporters))})_\w+)"', sources)
    assert set(written) - NO_METRICS == METRICS.keys()


def test_the_history_of_a_panel_s_metric_is_what_the_panel_shows() -> None:
    simulation = Simulation(short().spec, 1)
    simulation.advance(40 * US_PER_S)
    panel = next(each for each in simulation.snapshot().panels if each.name == "requests")
    combined = simulation.history("nginx_ingress_controller_requests").combined("sum")
    assert [value or 0.0 for value in combined[1:]] == pytest.approx(list(panel.points)[1:])


def test_a_chart_of_a_rate_begins_with_the_second_sample() -> None:
    """One sample of a counter is no rate, and a 0 in its place would be the lowest value for ever."""
    simulation = Simulation(short().spec, 1)
    simulation.advance(40 * US_PER_S)
    panels = {name: panel.per_second for name, panel in short().spec.story.dashboard.items()}
    firsts = {each.name: each.points[0] for each in simulation.snapshot().panels}
    assert set(panels.values()) == {True, False}
    assert {name for name, first in firsts.items() if first is None} == {name for name in panels if panels[name]}
