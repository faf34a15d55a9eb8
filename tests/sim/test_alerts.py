"""Alerts become pending, fire and resolve as Prometheus' alerting rules do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.story import AlertSpec
from drill.sim.dashboard import Dashboard
from tests.sim.worlds import API, CASES, S, scenario

STEP_S = 5
SERIES = ("m", ())


def judged(values: list[float | None], *, lasting_s: int = 0, keep_s: int = 0, metric: str = "m") -> str:
    """Return the state after each sample, one every 5 s: `.` inactive, `p` pending, `F` firing; None for no sample."""
    alert = AlertSpec(metric=metric, above=1.0, lasting=lasting_s * S, keep_firing=keep_s * S, text="")
    spec = scenario(API)
    dashboard = Dashboard(replace(spec, story=replace(spec.story, alerts={"it": alert})))
    states = ""
    for number, value in enumerate(values):
        series, values_now = ([], []) if value is None else ([SERIES], [value])
        dashboard.update(number * STEP_S * S, series, values_now)
        [state] = dashboard.alerts()
        assert state.since_s is None or state.pending_s is None
        states += "F" if state.since_s is not None else "p" if state.pending_s is not None else "."
    return states


@pytest.mark.parametrize(
    ("values", "lasting_s", "keep_s", "states"),
    [
        ([0, 2, 2, 0, 2], 0, 0, ".FF.F"),  # without `for` it fires at the first evaluation
        ([0, 2, 2, 2, 2], 10, 0, ".ppFF"),  # active at 5 s, for 10 s at 15 s
        ([2, 2, 0, 2, 2, 2], 10, 0, "pp.ppF"),  # a break begins the wait anew
        ([2, 2, 2, 0, 2], 10, 0, "ppF.p"),  # resolved at once, and pending again
        ([2, 2, 2], 7, 0, "ppF"),  # a time between two evaluations counts at the next one
        ([1, 1.0001], 0, 0, ".F"),  # above, not at
        ([2, None, 2], 0, 0, "F.F"),  # no sample is no alert
        ([2, 0, 0, 0], 0, 10, "FFF."),  # kept from the first evaluation without it
        ([2, 0, 2, 0, 0, 0], 0, 10, "FFFFF."),  # and from anew once it was back
        ([2, 0, 2], 10, 30, "p.p"),  # one that never fired is not kept
        ([2, 2, 2, 0, 0, 0, 2], 10, 10, "ppFFF.p"),  # after it resolved, `for` counts from the start
    ],
)
def test_states_follow_the_rules_of_prometheus(
    values: list[float | None], lasting_s: int, keep_s: int, states: str
) -> None:
    assert judged(values, lasting_s=lasting_s, keep_s=keep_s) == states


@CASES
@given(
    values=st.lists(st.sampled_from([0.0, 2.0, None]), max_size=40),
    lasting_s=st.integers(0, 30),
    keep_s=st.integers(0, 30),
)
def test_an_alert_fires_only_after_its_time_and_never_long_after_its_cause(
    values: list[float | None], lasting_s: int, keep_s: int
) -> None:
    states = judged(values, lasting_s=lasting_s, keep_s=keep_s)
    needed = -(-lasting_s // STEP_S) + 1
    for at, (before, state) in enumerate(zip("." + states, states, strict=False)):
        above = values[at] == 2.0
        if state == "F" and before != "F":
            assert values[max(0, at + 1 - needed) : at + 1] == [2.0] * needed
        if state == "F" and not above:
            last = max(i for i in range(at) if values[i] == 2.0)
            assert (at - last - 1) * STEP_S < keep_s
        assert above or state != "p"
        assert not (above and state == ".")
