"""The series of a metric as one line that grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drill.telemetry.metrics import COMBINE, MetricHistory, SeriesHistory
from drill.tui.series import Joined

COUNTER, GAUGE = "nginx_ingress_controller_requests", "hikaricp_connections"
PERIOD_US = 5_000_000
VALUES = st.none() | st.integers(0, 50).map(float)


def until(name: str, rows: list[list[float | None]], count: int) -> MetricHistory:
    """Return the first points of a metric; a column of `rows` is one series."""
    columns = list(zip(*rows[:count], strict=True)) or [()] * 3
    series = tuple(SeriesHistory(labels=(("pod", f"{at}"),), points=points) for at, points in enumerate(columns))
    return MetricHistory(name=name, period_us=PERIOD_US, series=series)


@given(
    rows=st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=12),
    looks=st.lists(st.tuples(st.integers(0, 12), st.sampled_from([COUNTER, GAUGE]), st.sampled_from(list(COMBINE)))),
)
def test_a_line_that_grew_is_the_line_that_is_worked_out_at_once(
    rows: list[list[float | None]], looks: list[tuple[int, str, str]]
) -> None:
    joined = Joined()
    for count, name, how in looks:
        history = until(name, rows, count)
        assert joined.line(history, how) == history.combined(how)


def test_what_is_known_is_not_worked_out_again() -> None:
    rows: list[list[float | None]] = [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    joined = Joined()
    joined.line(until(GAUGE, rows, 2), "sum")
    rows[0] = [9.0, 9.0, 9.0]
    assert joined.line(until(GAUGE, rows, 2), "sum") == (6.0, 9.0)
