"""Events are counted together as kubectl does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.scenario.topology import PoolSpec, ProbeSpec
from drill.sim.kubernetes.events import counted, human_duration
from drill.telemetry.records import EventRecord
from tests.sim.worlds import API, Run, S, arrivals, endpoint, fixed, one_query, scenario


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (599, "9m59s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (11_100, "3h5m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (176_400, "2d1h"),
    ],
)
def test_times_are_said_as_kubectl_says_them(seconds: int, said: str) -> None:
    assert human_duration(seconds * S) == said


def test_equal_events_are_counted_and_others_are_not() -> None:
    def event(at_s: int, message: str) -> EventRecord:
        return EventRecord(at_s * S, "Pod", "api-1", "Unhealthy", message)

    found = counted([event(10, "a"), event(20, "b"), event(30, "a"), event(41, "a")])
    assert [(each.latest.message, each.age(50 * S)) for each in found] == [("b", "30s"), ("a", "9s (x3 over 40s)")]
    assert {each.kind for each in found} == {"Warning"}


def test_the_events_view_counts() -> None:
    api = replace(
        API,
        pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=30 * S)},
        endpoints=endpoint(one_query(fixed(20 * S))),
        readiness=ProbeSpec(check="db", period=5 * S),
    )
    run = Run(scenario(api), trace=arrivals([0])).until(25)
    reading = run.simulation.look("events", "Unhealthy")
    assert reading.columns == ("AGO_S", "REASON", "OBJECT", "COUNT", "MESSAGE")
    ((_, _, _, times, _),) = reading.rows
    assert times == 4
