"""Probes wait, count and speak as the kubelet's do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.scenario.topology import PoolSpec, ProbeSpec
from tests.sim.worlds import API, EXACT, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_query, scenario

BUSY = replace(
    API,
    pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=30 * S)},
    endpoints=endpoint(one_query(fixed(20 * S))),
)
"""One connection that a single request keeps for 20 s."""
STARTED_S, CONNECT_S = -59, 0.006_3
REFUSED = "dial tcp 10.244.0.2:8080: connect: connection refused"


def said(run: Run) -> list[str]:
    return [event.message for event in run.world.journal.events if event.reason == "Unhealthy"]


def ready_s(run: Run) -> float:
    return run.world.deployments["api"].pods[0].ready_since / S


def test_the_first_probe_comes_after_the_initial_delay() -> None:
    run = Run(scenario(replace(API, readiness=ProbeSpec(initial_delay=12 * S)))).until(1)
    assert ready_s(run) == STARTED_S + 12


def test_readiness_begins_false_and_needs_so_many_successes() -> None:
    probe = ProbeSpec(period=5 * S, successes=3)
    run = Run(scenario(replace(API, readiness=probe))).until(1)
    assert ready_s(run) == pytest.approx(STARTED_S + 5 * CONNECT_S + 2 * 5)


def test_a_failure_between_makes_successes_count_anew() -> None:
    """Ready after two in a row; a request that keeps the connection for 20 s fails four probes 5 s apart."""
    probe = ProbeSpec(check="db", period=5 * S, failures=1, successes=2)
    run = Run(scenario(replace(BUSY, readiness=probe)), trace=arrivals([0])).until(60)
    first_good = STARTED_S + CONNECT_S + 16 * 5  # at 21 s
    assert ready_s(run) == pytest.approx(first_good + 5)


def test_a_probe_that_waits_too_long_is_told_as_the_kubelet_does() -> None:
    run = Run(scenario(replace(BUSY, readiness=ProbeSpec(check="db", period=5 * S))), trace=arrivals([0])).until(10)
    assert said(run)[0] == (
        'Readiness probe failed: Get "http://10.244.0.2:8080/ready": '
        "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    )


def test_a_pool_that_refuses_at_once_makes_the_application_answer_503() -> None:
    api = replace(BUSY, pools={"db": PoolSpec(size=1, on_full="reject")}, liveness=ProbeSpec(check="db", failures=9))
    run = Run(scenario(api), trace=arrivals([0])).until(15)
    assert said(run) == ["Liveness probe failed: HTTP probe failed with statuscode: 503"] * 2


def test_a_container_that_starts_again_is_ready_when_its_own_probe_says_so() -> None:
    """Nobody hears the probes of the one before any more."""
    run = Run(scenario(replace(API, readiness=ProbeSpec(initial_delay=12 * S, period=1 * S)))).until(5)
    (pod,) = run.world.deployments["api"].pods
    pod.run_out_of_memory()
    run.until(30)
    assert pod.restarts == 1
    assert ready_s(run) == pod.started / S + 12


def test_an_answer_that_comes_after_the_container_s_end_counts_for_nothing() -> None:
    """The probe at 1.006 s waits for the connection until 2.006 s, when there is another container."""
    run = Run(scenario(replace(BUSY, readiness=ProbeSpec(check="db", period=5 * S))), trace=arrivals([0])).until(1.5)
    run.world.deployments["api"].pods[0].run_out_of_memory()
    assert said(run.until(5)) == []
    assert run.world.deployments["api"].pods[0].ready


SLOW = replace(TOPOLOGY, database=replace(EXACT, connect=4 * S))
"""Filling five connections takes 20 s and more."""


def test_a_process_that_does_not_listen_yet_refuses_its_probes() -> None:
    api = replace(API, readiness=ProbeSpec(period=5 * S))
    run = Run(scenario(api, topology=SLOW)).until(1)
    assert (
        said(run) == [f'Readiness probe failed: Get "http://10.244.0.2:8080/ready": {REFUSED}'] * 4
    )  # 1, 6, 11 and 16 s after the start: the kubelet notices a container within a second
    assert ready_s(run) == STARTED_S + 1 + 20


def test_liveness_kills_a_process_that_starts_too_slowly() -> None:
    api = replace(API, liveness=ProbeSpec(period=5 * S))
    run = Run(scenario(api, topology=SLOW)).until(1)
    # Probes at 1, 6 and 11 s fail; killed and restarted at once, then again after 10 s, then after 20 s …
    killed = run.events("Killing")
    assert killed[0] == STARTED_S + 11
    (pod,) = run.simulation.snapshot().pods
    assert (pod.ready, pod.last_exit and pod.last_exit.code) == (False, 143)


def test_a_start_up_probe_holds_the_others_off() -> None:
    """It may fail 30 times 1 s apart; liveness, which fails three times 1 s apart, would have killed at 3 s."""
    api = replace(
        API,
        startup=ProbeSpec(period=1 * S, failures=30),
        liveness=ProbeSpec(period=1 * S),
        readiness=ProbeSpec(period=1 * S),
    )
    run = Run(scenario(api, topology=SLOW)).until(1)
    assert run.events("Killing") == []
    assert set(said(run)) == {f'Startup probe failed: Get "http://10.244.0.2:8080/started": {REFUSED}'}
    assert ready_s(run) == STARTED_S + 21


def test_a_start_up_probe_that_fails_too_often_restarts_the_container() -> None:
    api = replace(API, startup=ProbeSpec(period=1 * S, failures=5))
    run = Run(scenario(api, topology=SLOW)).until(1)
    assert run.events("Killing")[0] == STARTED_S + 5
    said_so = next(event.message for event in run.world.journal.events if event.reason == "Killing")
    assert said_so == "Container app failed startup probe, will be restarted"


def test_without_a_readiness_probe_a_pod_is_ready_once_its_start_up_probe_succeeded() -> None:
    api = replace(API, startup=ProbeSpec(initial_delay=7 * S))
    assert ready_s(Run(scenario(api)).until(1)) == STARTED_S + 7


def test_a_pod_that_nobody_asks_is_ready_once_its_pools_are_filled_however_long_that_takes() -> None:
    assert ready_s(Run(scenario(API, topology=SLOW)).until(1)) == pytest.approx(STARTED_S + 20, abs=0.02)
