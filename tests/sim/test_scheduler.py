"""Pods are placed on nodes by what they request, wait while they fit nowhere, and are told why in real words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import RestartPods, Scale
from drill.scenario.kubernetes import NodeSpec
from drill.scenario.topology import PoolSpec
from drill.sim.clock import Clock
from drill.sim.journal import Journal
from drill.sim.kubernetes.scheduler import FLUSH_US, Node, Requests, Scheduler
from tests.sim.worlds import API, CASES, TOPOLOGY, Run, S, scenario

GIB = 2**30
THREE = {"worker": NodeSpec(count=3, cores=2.0, memory=4 * GIB)}
SMALL = replace(API, replicas=2, pools={"db": PoolSpec(size=1)}, cores=1.0, cpu_request=1.0)


def cluster(replicas: int, nodes: dict[str, NodeSpec] = THREE, **changes: object) -> Run:
    """Return a run of pods that request a core and a gibibyte each."""
    api = replace(SMALL, replicas=replicas, **changes)  # type: ignore[arg-type]  # any field
    return Run(scenario(api, topology=replace(TOPOLOGY, nodes=nodes), length_s=900)).until(1)


def placed(run: Run) -> list[str]:
    return [pod.node for pod in run.simulation.snapshot().pods]


def test_pods_go_where_most_is_left() -> None:
    assert placed(cluster(4)) == ["worker-1", "worker-2", "worker-3", "worker-1"]


def test_a_pod_that_fits_nowhere_is_pending_and_says_why() -> None:
    """The wording is kube-scheduler's, with the two full stops at its end."""
    run = cluster(7)
    pod = run.simulation.snapshot().pods[-1]
    assert (pod.phase, pod.node, pod.ip, pod.ready) == ("Pending", "", "", False)
    (said,) = [event.message for event in run.world.journal.events if event.reason == "FailedScheduling"]
    assert said == (
        "0/3 nodes are available: 3 Insufficient cpu. "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.."
    )


def test_every_reason_is_counted_by_node() -> None:
    nodes = {"a": NodeSpec(cores=0.5, memory=8 * GIB), "b": NodeSpec(cores=0.5, memory=GIB // 2)}
    said = next(event.message for event in cluster(1, nodes).world.journal.events if event.reason == "FailedScheduling")
    assert said.startswith("0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu. preemption: 0/2")


def test_a_node_takes_no_more_pods_than_it_may() -> None:
    run = cluster(3, {"one": NodeSpec(cores=64, memory=64 * GIB, pods=2)})
    assert placed(run) == ["one", "one", ""]
    said = next(event.message for event in run.world.journal.events if event.reason == "FailedScheduling")
    assert said.startswith("0/1 nodes are available: 1 Too many pods.")


def test_a_pending_pod_starts_when_another_goes() -> None:
    run = cluster(6)
    run.simulation.perform(RestartPods(deployment="api", rollout="surge"))
    pending = [pod for pod in run.simulation.snapshot().pods if pod.phase == "Pending"]
    # Of 6 pods 25 % may be missing, which makes room for one of the three that came at once, 2 for surge.
    assert pending
    run.until(120)
    after = run.simulation.snapshot().pods
    assert [pod.ready for pod in after] == [True] * 6
    assert {pod.node for pod in after} == {"worker-1", "worker-2", "worker-3"}


def test_a_pod_that_waits_is_tried_again_every_five_minutes() -> None:
    run = cluster(7).until(700)
    assert run.events("FailedScheduling") == [-60, -60 + FLUSH_US / S, -60 + 2 * FLUSH_US / S]


def test_pods_that_were_never_placed_are_deleted_first() -> None:
    run = cluster(7)
    run.simulation.perform(Scale(deployment="api", replicas=6))
    assert "" not in placed(run)


def test_limits_stand_in_for_requests_that_are_not_given() -> None:
    assert Requests.of(replace(SMALL, cpu_request=None, cores=0.7)) == Requests(700, GIB)
    assert Requests.of(replace(SMALL, cpu_request=0.25, memory_request=2**28)) == Requests(250, 2**28)


def test_without_nodes_there_is_room_for_all() -> None:
    run = cluster(40, {})
    assert set(placed(run)) == {"node-1"}
    assert run.simulation.snapshot().nodes == ()
    assert len({pod.ip for pod in run.simulation.snapshot().pods}) == 40


def test_nodes_say_what_is_requested_of_them() -> None:
    run = cluster(4)
    first, *_ = run.simulation.snapshot().nodes
    assert (first.name, first.pods, first.requested_cores, first.requested_bytes) == ("worker-1", 2, 2.0, 2 * GIB)
    reading = run.simulation.look("nodes")
    assert reading.rows[0][:5] == ("worker-1", "Ready", "2/110", "2000m (100%)", "2.0 GiB (50%)")


STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(100, 1_500)), max_size=40)


@CASES
@given(steps=STEPS)
def test_what_is_requested_of_a_node_never_exceeds_it(steps: list[tuple[bool, int, int]]) -> None:
    clock = Clock()
    scheduler = Scheduler(clock, Journal(clock), {"n": NodeSpec(count=2, cores=2.0, memory=4 * GIB, pods=3)})
    on: dict[str, Node] = {}
    for number, (adds, which, milli) in enumerate(steps):
        if adds:
            name = f"{which}/{number}"
            scheduler.place(name, Requests(milli, GIB), lambda node, name=name: on.__setitem__(name, node))  # type: ignore[misc]  # a default binds the name
        elif on:
            name = sorted(on)[which % len(on)]
            del on[name]
            scheduler.release(name)
        for node in scheduler.nodes:
            here = [node.pods[name] for name, where in on.items() if where is node]
            assert len(here) == len(node.pods) <= 3
            assert sum(each.milli_cores for each in here) == node.milli_cores <= 2_000
            assert sum(each.memory for each in here) == node.memory <= 4 * GIB


@pytest.mark.parametrize("replicas", [3, 6])
def test_the_autoscaler_s_pods_wait_like_all_others(replicas: int) -> None:
    run = cluster(replicas)
    run.simulation.perform(Scale(deployment="api", replicas=9))
    run.until(60)
    assert run.simulation.snapshot().deployments[0].ready == 6


def test_the_larger_node_gets_more_pods_though_it_has_more_already() -> None:
    """LeastAllocated looks at what is left, not at how many are there: 7 of 8 cores free are more than 1 of 2."""
    nodes = {"small": NodeSpec(cores=2, memory=64 * GIB), "large": NodeSpec(cores=8, memory=64 * GIB)}
    assert placed(cluster(4, nodes)) == ["large", "large", "large", "small"]
