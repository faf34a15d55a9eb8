"""The kubelet's back-off: nothing, then 10, 20, 40 … 300 s, and anew after ten minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.kubernetes.backoff import BackOff
from tests.sim.worlds import API, CASES, EXACT, TOPOLOGY, Run, S, fixed, scenario


def test_the_sequence_is_that_of_the_documentation() -> None:
    """`exponential back-off delay (10s, 20s, 40s, …), that is capped at 300 seconds`; the first restart is at once."""
    back_off, now, waits = BackOff(), 0, []
    for _ in range(10):
        restart = back_off.restart_at(now)
        waits.append((restart - now) // S)
        now = restart + 1 * S
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300, 300, 300]


@pytest.mark.parametrize(("ran_s", "waits_s"), [(599, 10), (600, 10), (601, 0)])
def test_it_begins_anew_after_ten_minutes(ran_s: int, waits_s: int) -> None:
    back_off = BackOff()
    assert back_off.restart_at(0) == 0
    assert back_off.restart_at(ran_s * S) == (ran_s + waits_s) * S


@CASES
@given(runs_s=st.lists(st.integers(0, 900), min_size=1, max_size=30))
def test_a_wait_is_twice_the_last_one_or_none(runs_s: list[int]) -> None:
    back_off, now, before = BackOff(), 0, 0
    for ran_s in runs_s:
        exited = now + ran_s * S
        now = back_off.restart_at(exited)
        wait_s = (now - exited) // S
        assert wait_s in {0, 10 if not before else min(2 * before, 300)}
        before = wait_s


def test_what_the_kubelet_says_and_shows() -> None:
    api = replace(API, start_up=fixed(0))
    run = Run(scenario(api, topology=replace(TOPOLOGY, database=replace(EXACT, max_connections=6)))).until(1)
    (pod,) = run.simulation.snapshot().pods
    said = {event.message for event in run.world.journal.events if event.reason == "BackOff"}
    assert said == {f"Back-off restarting failed container app in pod {pod.name}_default({pod.uid})"}
    assert (pod.phase, pod.restarts) == ("CrashLoopBackOff", 3)  # started at 0, 0, 10 and 30 s; next at 70 s
    assert pod.last_exit is not None
    assert (pod.last_exit.reason, pod.last_exit.code) == ("Error", 1)
    (waiting,) = run.simulation.history("kube_pod_container_status_waiting_reason").series
    assert dict(waiting.labels)["reason"] == "CrashLoopBackOff"
