"""A container that outgrows its memory limit is killed, and what it worked on is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import SetFlag
from drill.scenario.topology import AllocateStep, HoldStep, PoolSpec
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, scenario

MIB = 2**20
LEAKY = replace(
    API,
    memory=100 * MIB,
    memory_limit=200 * MIB,
    pools={"db": PoolSpec(size=1)},
    endpoints=endpoint(
        [HoldStep(hold=fixed(100 * MS)), AllocateStep(allocate=1 * MIB), HoldStep(hold=fixed(100 * MS))]
    ),
)
"""Each request leaves a mebibyte behind; there is room for a hundred."""
EVERY_SECOND = [n * S for n in range(300)]


def test_a_leak_fills_the_container_until_it_is_killed_and_starts_empty() -> None:
    run = Run(scenario(LEAKY), trace=arrivals(EVERY_SECOND)).until(100)
    (pod,) = run.simulation.snapshot().pods
    assert (pod.memory_bytes, pod.restarts) == (200 * MIB, 0)
    run.until(100.15)  # the 101st request has taken its mebibyte
    (pod,) = run.simulation.snapshot().pods
    assert pod.last_exit is not None
    assert (pod.last_exit.reason, pod.last_exit.code, pod.last_exit.ended_us) == ("OOMKilled", 137, 100_100 * MS)
    run.until(102)
    (pod,) = run.simulation.snapshot().pods
    assert (pod.restarts, pod.ready, pod.memory_bytes) == (1, True, 100 * MIB)
    assert run.until(103).outcomes()[99:103] == ["ok", "pod_lost", "no_ready_pod", "ok"]


def test_it_backs_off_longer_with_each_kill() -> None:
    api = replace(LEAKY, memory_limit=105 * MIB)
    run = Run(scenario(api), trace=arrivals(EVERY_SECOND)).until(200)
    starts = run.events("Started")[1:]
    ends = [outcome[1] for outcome in zip(run.outcomes(), run.ended_s(), strict=True) if outcome[0] == "pod_lost"]
    assert [round(start - end - 1) for start, end in zip(starts, ends, strict=False)] == [0, 10, 20, 40, 80]
    assert {pod.phase for pod in run.simulation.snapshot().pods} <= {"Running", "CrashLoopBackOff"}


def test_a_leak_may_hang_on_a_flag() -> None:
    step = AllocateStep(allocate=1 * MIB, when="cache")
    api = replace(LEAKY, endpoints=endpoint([step]))
    run = Run(scenario(api, topology=replace(TOPOLOGY, flags={"cache": False})), trace=arrivals(EVERY_SECOND)).until(50)
    assert run.simulation.snapshot().pods[0].memory_bytes == 100 * MIB
    run.simulation.perform(SetFlag(flag="cache", on=True))
    run.until(60)
    assert run.simulation.snapshot().pods[0].memory_bytes == 110 * MIB


def test_requests_in_flight_can_outgrow_the_limit() -> None:
    """Sixty requests of 2 MiB each on 100 MiB come to 220: killed within a tenth of a second."""
    api = replace(LEAKY, memory_per_request=2 * MIB, endpoints=endpoint([HoldStep(hold=fixed(30 * S))]))
    run = Run(scenario(api), trace=arrivals([10 * MS * n for n in range(60)])).until(5)
    assert set(run.outcomes()) == {"pod_lost"}
    # The 51st at 500 ms is the first that is too much; the look at 500 ms comes before or after it.
    assert run.ended_s()[0] == pytest.approx(0.6, abs=0.1)


def test_a_stopping_container_can_run_out_of_memory_too() -> None:
    api = replace(LEAKY, memory_limit=100 * MIB)
    run = Run(scenario(api), trace=arrivals([0])).until(0.05)
    run.world.deployments["api"].scale(0)
    run.until(5)
    assert (run.outcomes(), run.simulation.snapshot().pods) == (["pod_lost"], ())


def test_the_limit_and_the_last_exit_are_exported() -> None:
    run = Run(scenario(LEAKY), trace=arrivals(EVERY_SECOND)).until(150)
    (limit,) = run.simulation.history("container_spec_memory_limit_bytes").series
    assert limit.points[1] == 200 * MIB
    (last,) = run.simulation.history("kube_pod_container_status_last_terminated_reason").series
    assert dict(last.labels)["reason"] == "OOMKilled"
    assert [point for point in last.points if point] == [1.0] * 9  # from 105 to 145 s


def test_what_was_taken_for_good_counts_when_requests_in_flight_outgrow_the_limit() -> None:
    """Forty requests of 2 MiB would fit on 100 MiB of 200; with a leak of 30 MiB they come to 210."""
    steps = [AllocateStep(allocate=30 * MIB, when="leaks"), HoldStep(hold=fixed(30 * S))]
    api = replace(LEAKY, memory_per_request=2 * MIB, endpoints=endpoint(steps))
    spec = scenario(api, topology=replace(TOPOLOGY, flags={"leaks": True}))
    run = Run(spec, trace=arrivals([10 * MS * n for n in range(40)])).until(0.005)
    run.simulation.perform(SetFlag(flag="leaks", on=False))
    assert set(run.until(5).outcomes()) == {"pod_lost"}
