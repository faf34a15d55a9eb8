"""A pod starts, fills its pools, gets ready, crashes, backs off, drains and ends as Kubernetes has it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import RestartPods, Scale
from drill.scenario.topology import HoldStep, PoolSpec, ProbeSpec, RolloutSpec
from tests.sim.worlds import (
    API,
    EXACT,
    MS,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    exponential,
    fixed,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.topology import TopologySpec

RESERVED = "FATAL:  remaining connection slots are reserved for non-replication superuser connections"
LEAD_S = 60
"""How long the world exists before time 0."""
CONNECT_S = 0.006_3
"""How long a connect takes on an idle database."""


def slots(usable: int) -> TopologySpec:
    """Return a system whose database has so many connections for normal roles."""
    return replace(TOPOLOGY, database=replace(EXACT, max_connections=usable + 3))


def test_a_pod_is_ready_once_it_has_started_and_filled_its_pools() -> None:
    run = Run(scenario(replace(API, start_up=fixed(7 * S)))).until(1)
    assert run.events("Started") == [7 - LEAD_S]
    (pod,) = run.world.deployments["api"].pods
    # Five connects, one after the other.
    assert pod.ready_since / S == pytest.approx(7 - LEAD_S + 5 * CONNECT_S)
    assert pod.connections == 5


def test_a_pod_with_a_readiness_probe_is_ready_after_its_first_success() -> None:
    run = Run(scenario(replace(API, readiness=ProbeSpec(check="db", period=5 * S)))).until(1)
    assert run.world.deployments["api"].ready == 1


def test_an_eager_pod_that_gets_no_connections_crashes_and_backs_off_ever_longer() -> None:
    run = Run(scenario(replace(API, start_up=fixed(0)), length_s=7_200, topology=slots(3))).until(2_000)
    pauses = [later - earlier for earlier, later in pairwise(run.events("Started"))]
    # The first restart comes at once; between two starts lies the time of the failed one, 25 ms, and the back-off.
    expected = [0, 10, 20, 40, 80, 160, 300, 300, 300]
    assert pauses[: len(expected)] == pytest.approx(expected, abs=0.05)
    assert set(run.log()) == {RESERVED}
    (state,) = run.simulation.snapshot().pods
    assert (state.phase, state.ready) == ("CrashLoopBackOff", False)
    assert state.restarts == len(run.events("BackOff"))


def test_a_crashed_pod_gives_back_the_connections_it_had_opened() -> None:
    run = Run(scenario(API, topology=slots(3))).until(1)
    assert (len(run.world.database.sessions), run.world.database.slots.in_use) == (0, 0)


def test_a_degraded_pod_opens_what_it_can_and_is_ready() -> None:
    api = replace(API, pools={"db": PoolSpec(size=5, startup="degraded")})
    run = Run(scenario(api, topology=slots(3))).until(1)
    (pod,) = run.simulation.snapshot().pods
    assert (pod.ready, pod.restarts, pod.pools[0].open) == (True, 0, 3)


def test_a_lazy_pod_opens_nothing_before_it_is_asked() -> None:
    api = replace(API, pools={"db": PoolSpec(size=5)})
    run = Run(scenario(api), trace=arrivals([2 * S])).until(1)
    (pod,) = run.simulation.snapshot().pods
    assert (pod.ready, pod.pools[0].open) == (True, 0)
    run.until(3)
    (pod,) = run.simulation.snapshot().pods
    assert pod.pools[0].open == 1


def test_a_pod_that_tops_up_gets_the_missing_connections_once_there_are_slots() -> None:
    api = replace(API, pools={"db": PoolSpec(size=5, startup="degraded", top_up=10 * S)})
    run = Run(scenario(replace(api, replicas=2), topology=slots(7))).until(30)
    assert sorted(pod.connections for pod in run.world.deployments["api"].pods) == [3, 4]
    run.simulation.perform(Scale(deployment="api", replicas=1))
    run.until(60)
    assert [pod.connections for pod in run.world.deployments["api"].pods] == [5]


def test_topping_up_never_opens_more_than_the_size_of_the_pool() -> None:
    """The connection that is being opened on the side counts while a request opens one for itself."""
    api = replace(API, replicas=0, pools={"db": PoolSpec(size=1, top_up=10 * S)})
    slow = replace(TOPOLOGY, database=replace(EXACT, connect=1 * S))
    run = Run(scenario(api, topology=slow), trace=arrivals([11_500 * MS])).until(0)
    run.simulation.perform(Scale(deployment="api", replicas=1))  # it runs from 1 s on and tops up at 11 s
    for at_s in (12.1, 13, 60):
        run.until(at_s)
        assert [pod.connections for pod in run.world.deployments["api"].pods] == [1]
    assert run.outcomes() == ["ok"]


def test_whoever_waits_for_a_place_that_topping_up_could_not_fill_tries_it_next() -> None:
    """The place counts as taken while it is tried for; when that is refused, the request tries, and is refused too."""
    api = replace(
        API, replicas=0, routing="round_robin", pools={"db": PoolSpec(size=1, top_up=10 * S, checkout_timeout=30 * S)}
    )
    one_slot = replace(TOPOLOGY, database=replace(EXACT, max_connections=4, connect=1 * S))
    run = Run(scenario(api, topology=one_slot), trace=arrivals([11_500 * MS, 11_500 * MS])).until(0)
    run.simulation.perform(Scale(deployment="api", replicas=2))
    run.until(60)
    assert sorted(run.outcomes()) == ["connection_slots", "ok"]
    assert sorted(run.ended_s()) == pytest.approx([12, 13], abs=0.1)  # refused at 12 s, it tried for a second itself


def at_work(**changes: object) -> Run:
    """Return a run at 10 s with one pod whose two requests, of 5 s each, began at 9 s."""
    api = replace(API, endpoints=endpoint(one_query(fixed(5 * S))), **changes)  # type: ignore[arg-type]  # any field
    return Run(scenario(api), trace=arrivals([9 * S, 9 * S, 11 * S])).until(10)


def test_a_stopping_pod_finishes_its_requests_and_gets_no_more() -> None:
    run = at_work()
    run.simulation.perform(Scale(deployment="api", replicas=0))
    assert [pod.phase for pod in run.simulation.snapshot().pods] == ["Terminating"]
    run.until(13.9)
    assert len(run.simulation.snapshot().pods) == 1
    run.until(60)
    assert run.outcomes() == ["ok", "ok", "no_ready_pod"]
    assert run.simulation.snapshot().pods == ()
    assert run.world.database.slots.in_use == 0


def test_a_stopping_pod_is_killed_when_its_grace_period_is_over() -> None:
    run = at_work(grace=2 * S)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(60)
    assert run.outcomes() == ["pod_lost", "pod_lost", "no_ready_pod"]
    assert run.ended_s() == [12, 12, 11]


def test_an_idle_pod_ends_at_once() -> None:
    run = Run(scenario(API)).until(10)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    assert run.simulation.snapshot().pods == ()
    assert run.world.database.sessions == {}


@pytest.mark.parametrize("at_s", [-59.5, -58.995, -58.97])
def test_a_pod_can_be_stopped_while_it_starts_or_connects(at_s: float) -> None:
    """Stopped at any moment of its start it goes away and keeps no slot; the last moment is between two connects."""
    run = Run(scenario(API))
    started = run.until(10).simulation.now_us
    run.simulation.perform(Scale(deployment="api", replicas=2))
    run.simulation.advance(started + round((at_s + LEAD_S) * S))
    (_, starting) = run.world.deployments["api"].pods
    assert (starting.phase, starting.ready) == ("ContainerCreating" if at_s < -59 else "Running", False)
    run.simulation.perform(Scale(deployment="api", replicas=1))
    run.until(30)
    assert [pod.phase for pod in run.world.deployments["api"].pods] == ["Running"]
    assert run.world.database.slots.in_use == 5


OVERLOADED = replace(
    API,
    pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=30 * S)},
    endpoints=endpoint(one_query(fixed(20 * S))),
)
"""One connection that a single request keeps for 20 s."""


def test_a_probe_through_a_busy_pool_takes_the_pod_out_after_three_failures_and_back_after_one_success() -> None:
    api = replace(OVERLOADED, readiness=ProbeSpec(check="db", period=5 * S))
    run = Run(scenario(api), trace=arrivals([0])).until(60)
    # Probes began when the connection was open, and their timeout is 1 s.
    first = 1 + CONNECT_S
    assert run.events("Unhealthy")[:3] == pytest.approx([first + 1 + 5 * n for n in (0, 1, 2)])
    (pod,) = run.world.deployments["api"].pods
    assert pod.ready_since / S == pytest.approx(first + 20)


def test_a_pod_that_is_not_ready_gets_no_requests() -> None:
    api = replace(OVERLOADED, readiness=ProbeSpec(check="db", period=5 * S))
    run = Run(scenario(api), trace=arrivals([0, 10 * S, 13 * S])).until(120)
    assert run.outcomes() == ["ok", "ok", "no_ready_pod"]


def test_only_failures_in_a_row_count() -> None:
    """Every request keeps the connection for 8 s, in which two probes fail; one in between succeeds."""
    api = replace(
        OVERLOADED, readiness=ProbeSpec(check="db", period=5 * S), endpoints=endpoint(one_query(fixed(8 * S)))
    )
    run = Run(scenario(api), trace=arrivals([at_s * S for at_s in range(0, 300, 15)])).until(300)
    assert len(run.events("Unhealthy")) == 40
    assert set(run.outcomes()) == {"ok"}
    assert run.world.deployments["api"].pods[0].ready_since < 0


KILLED_S = 1 + CONNECT_S + 2 * 2 + 1
"""The third liveness probe in a row, 2 s apart from time 1 on, has used up its timeout of 1 s."""


def test_a_failed_liveness_probe_lets_the_process_finish_and_restarts_it_in_place() -> None:
    """The kubelet sends SIGTERM: what the process works on it may finish in its grace period."""
    api = replace(OVERLOADED, liveness=ProbeSpec(check="db", period=2 * S))
    run = Run(scenario(api), trace=arrivals([0])).until(60)
    name = run.world.deployments["api"].pods[0].name
    assert run.outcomes() == ["ok"]
    assert run.ended_s() == pytest.approx([20], abs=0.01)
    assert run.events("Killing") == pytest.approx([KILLED_S])
    (pod,) = run.simulation.snapshot().pods
    assert (pod.name, pod.restarts, pod.ready) == (name, 1, True)
    assert pod.last_exit is not None
    assert (pod.last_exit.reason, pod.last_exit.code) == ("Error", 143)
    assert run.events("Started")[1:] == pytest.approx([20 + 1], abs=0.01)  # the first restart comes without a back-off


def test_a_process_that_does_not_finish_in_its_grace_period_is_killed() -> None:
    api = replace(OVERLOADED, liveness=ProbeSpec(check="db", period=2 * S), grace=3 * S)
    run = Run(scenario(api), trace=arrivals([0, 0])).until(60)
    assert run.outcomes() == ["pod_lost", "pod_lost"]
    assert run.ended_s() == pytest.approx([KILLED_S + 3] * 2)
    (pod,) = run.simulation.snapshot().pods
    assert pod.last_exit is not None
    assert (pod.last_exit.code, pod.restarts, pod.ready) == (137, 1, True)


def test_a_killed_process_gets_no_more_requests_while_it_finishes() -> None:
    api = replace(OVERLOADED, liveness=ProbeSpec(check="db", period=2 * S))
    run = Run(scenario(api), trace=arrivals([0, 10 * S, 30 * S])).until(60)
    assert run.outcomes() == ["ok", "no_ready_pod", "ok"]


def test_the_back_off_starts_anew_after_ten_minutes_without_a_crash() -> None:
    crashes_s = [0, 60, 150, 900, 1_000]
    api = replace(OVERLOADED, liveness=ProbeSpec(check="db", period=2 * S), grace=0)
    run = Run(scenario(api, length_s=1_200), trace=arrivals([at * S for at in crashes_s])).until(1_200)
    killed, started = run.events("Killing"), run.events("Started")[1:]
    assert len(killed) == len(started) == len(crashes_s)
    pauses = [round(later - earlier - 1) for earlier, later in zip(killed, started, strict=True)]
    assert pauses == [0, 10, 20, 0, 10]  # beside the start-up of 1 s


def test_pods_killed_by_liveness_in_a_roll_out_end_the_roll_out_well() -> None:
    """A pod of the old revision whose process is killed is not ready, so the roll-out removes it there and then."""
    api = replace(
        OVERLOADED,
        replicas=4,
        routing="round_robin",
        readiness=ProbeSpec(),
        liveness=ProbeSpec(check="db", period=2 * S),
        start_up=fixed(30 * S),
        rollout=RolloutSpec(surge=0.25, unavailable=0.0),
    )
    run = Run(scenario(api), trace=arrivals([0] * 8)).until(1)
    run.simulation.perform(RestartPods(deployment="api"))
    before = {pod.name for pod in run.world.deployments["api"].pods}
    run.until(300)
    after = run.world.deployments["api"].pods
    assert [(pod.phase, pod.ready, pod.restarts) for pod in after] == [("Running", True, 0)] * 4
    assert len(before & {pod.name for pod in after}) <= 1  # the one that the surge had started already
    assert "pod_lost" in run.outcomes()


def test_a_pod_that_becomes_unready_in_a_roll_out_gets_no_requests_while_it_drains() -> None:
    """It is removed because its probe failed; that probe may not bring it back."""
    program = [*one_query(fixed(3 * S)), HoldStep(hold=fixed(60 * S))]
    api = replace(
        OVERLOADED,
        readiness=ProbeSpec(check="db", period=1 * S, failures=1),
        endpoints=endpoint(program),
        start_up=fixed(30 * S),
        grace=100 * S,
        rollout=RolloutSpec(surge=1.0, unavailable=0.0),
    )
    run = Run(scenario(api), trace=arrivals([500 * MS, 500 * MS])).until(1)
    run.simulation.perform(RestartPods(deployment="api"))
    stopping = 0
    while run.simulation.now_us < 100 * S:
        run.simulation.advance(run.simulation.now_us + 500 * MS)
        for pod in run.world.deployments["api"].pods:
            assert not (pod.ready and pod.phase == "Terminating")
            stopping += pod.phase == "Terminating"
    assert stopping


def test_probes_stop_with_their_pod() -> None:
    api = replace(OVERLOADED, replicas=2, readiness=ProbeSpec(check="db", period=1 * S, failures=1))
    rolling = replace(api, rollout=RolloutSpec(surge=0.5, unavailable=0.0))
    run = Run(scenario(rolling), trace=arrivals([0, 0, 0, 0])).until(0.5)
    run.simulation.perform(RestartPods(deployment="api"))
    run.until(120)
    seen = run.world.journal.happened
    connects = run.world.database.connects
    run.until(200)
    assert (run.world.journal.happened, run.world.database.connects) == (seen, connects)


def test_requests_of_a_lost_pod_are_answered_once() -> None:
    run = Run(scenario(replace(API, replicas=3, grace=0), rate=300.0)).until(20)
    for at_s in (20, 30, 40):
        run.until(at_s)
        run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(60)
    assert max(Counter(row.number for row in run.rows).values()) == 1
    assert "pod_lost" in run.outcomes()


def test_cpu_of_a_pod_is_shared_by_its_requests() -> None:
    """A pod of half a core can't serve 60 requests a second that cost 10 ms each."""
    api = replace(
        API, cores=0.5, pools={"db": PoolSpec(size=500)}, endpoints=endpoint(one_query(cpu=exponential(10 * MS)))
    )
    run = Run(scenario(api, rate=60.0)).until(60)
    assert run.simulation.snapshot().database.cpu_share == pytest.approx(0.15, abs=0.05)


def test_the_grace_period_of_one_kill_does_not_end_the_next() -> None:
    """Killed at 6 s and done at 20 s; killed again at 32 s, it may work on past 36 s, where the first would end."""
    api = replace(OVERLOADED, liveness=ProbeSpec(check="db", period=2 * S))
    run = Run(scenario(api), trace=arrivals([0, 27 * S])).until(60)
    assert [round(at_s) for at_s in run.events("Killing")] == [6, 32]
    assert run.outcomes() == ["ok", "ok"]
    assert run.ended_s()[1] == pytest.approx(47, abs=0.02)
