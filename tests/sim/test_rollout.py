"""The sizes of ReplicaSets in a roll-out, against the examples of the Kubernetes documentation and controller."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import RestartPods, RollBack, Scale, SetPoolSize
from drill.scenario.topology import PoolSpec, ProbeSpec, RolloutSpec
from drill.sim.kubernetes.rollout import Size, grown, limits, proportional, shrunk
from tests.sim.worlds import API, CASES, Run, S, fixed, scenario

QUICK = replace(API, pools={"db": PoolSpec(size=2)}, readiness=ProbeSpec(period=1 * S), start_up=fixed(4 * S))


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        (0.25, 0.25, 10, (3, 2)),  # surge rounds up, unavailable rounds down
        (0.3, 0.3, 10, (3, 3)),
        (3, 2, 10, (3, 2)),
        (0.07, 0.0, 100, (7, 0)),  # exactly 7, though 0.07 * 100 is a little more in floating point
        (0.0, 0.25, 3, (0, 1)),  # both come to 0: one may be missing
        (0, 5, 3, (0, 3)),
        (0.25, 0.25, 1, (1, 0)),
    ],
)
def test_surge_is_rounded_up_and_unavailable_down(
    surge: float, unavailable: float, replicas: int, expected: tuple[int, int]
) -> None:
    assert limits(RolloutSpec(surge=surge, unavailable=unavailable), replicas) == expected


def test_scaling_in_the_middle_of_a_roll_out_is_the_documentation_s_example() -> None:
    """Ten replicas, surge 3, unavailable 2; 8 old and 5 new when it is scaled to 15: 3 go to the old, 2 to the new.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
    """
    assert proportional([8, 5], 15, 3, most_before=13) == [11, 7]


@CASES
@given(
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=4),
    replicas=st.integers(0, 40),
    surge=st.integers(0, 5),
)
def test_proportional_sizes_come_to_what_is_allowed(sizes: list[int], replicas: int, surge: int) -> None:
    found = proportional(sizes, replicas, surge, most_before=sum(sizes))
    assert min(found) >= 0
    assert sum(found) == (replicas + surge if replicas else 0)


def test_the_controller_s_example_of_pods_that_crash() -> None:
    """`case 1` in rolling.go: 8 old and 5 new crash-looping of 10, surge 3, unavailable 2: nothing more may go."""
    assert shrunk([Size(8, 8)], Size(5, 0), 10, 2) == [8]
    # A node fails and takes one old pod: still nothing, for 13 - 8 - 5 = 0.
    assert shrunk([Size(8, 7)], Size(5, 0), 10, 2) == [8]
    # Rolled back: the 5 are old now, and 13 - 8 - 1 = 4 of them go.
    assert shrunk([Size(5, 0)], Size(8, 7), 10, 2) == [1]
    assert grown(Size(8, 7), 9, 10, 3) == 10


def test_the_oldest_replica_set_goes_first() -> None:
    assert shrunk([Size(3, 3), Size(5, 5)], Size(4, 4), 10, 2) == [0, 4]


@CASES
@given(
    old=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=3),
    new=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    replicas=st.integers(1, 12),
    missing=st.integers(0, 3),
    surge=st.integers(0, 4),
)
def test_no_step_breaks_a_limit(
    old: list[tuple[int, int]], new: tuple[int, int], replicas: int, missing: int, surge: int
) -> None:
    sets, present = [Size(n, min(n, up)) for n, up in old], Size(new[0], min(new))
    total = sum(size.replicas for size in sets) + present.replicas
    assert grown(present, total, replicas, surge) - present.replicas <= max(0, replicas + surge - total)
    found = shrunk(sets, present, replicas, missing)
    # Unavailable pods go first, so what is left of each set holds as many available ones as it can.
    available = sum(min(size.available, left) for size, left in zip(sets, found, strict=True)) + present.available
    before = sum(size.available for size in sets) + present.available
    assert available >= min(before, replicas - missing)


def sets(run: Run) -> list[tuple[str, int, int]]:
    """Return the ReplicaSets as the end of the name, revision and wanted pods."""
    (state,) = run.simulation.snapshot().deployments
    return [(each.name.removeprefix("api-"), each.revision, each.replicas) for each in state.replica_sets]


def scalings(run: Run) -> list[str]:
    return [event.message for event in run.world.journal.events if event.reason == "ScalingReplicaSet"]


def test_a_roll_out_is_told_as_in_the_documentation() -> None:
    """Its example has three replicas; the wording is that of current versions.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment
    """
    run = Run(scenario(replace(QUICK, replicas=3))).until(1)
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=3))
    run.until(60)
    (old, *_), (new, *_) = sets(run)
    assert scalings(run) == [
        f"Scaled up replica set api-{old} from 0 to 3",
        f"Scaled up replica set api-{new} from 0 to 1",
        f"Scaled down replica set api-{old} from 3 to 2",
        f"Scaled up replica set api-{new} from 1 to 2",
        f"Scaled down replica set api-{old} from 2 to 1",
        f"Scaled up replica set api-{new} from 2 to 3",
        f"Scaled down replica set api-{old} from 1 to 0",
    ]
    names = {event.name for event in run.world.journal.events if event.reason == "SuccessfulDelete"}
    assert names == {f"api-{old}"}


def test_rolling_back_returns_to_the_same_replica_set_under_a_new_revision() -> None:
    run = Run(scenario(replace(QUICK, replicas=2))).until(1)
    ((first, *_),) = sets(run)
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=3))
    run.until(60)
    assert [(revision, wanted) for _, revision, wanted in sets(run)] == [(1, 0), (2, 2)]
    run.simulation.perform(RollBack(deployment="api"))
    run.until(120)
    assert [(name == first, revision, wanted) for name, revision, wanted in sets(run)] == [(True, 3, 2), (False, 2, 0)]


def test_a_template_has_the_same_hash_in_every_run_and_a_restart_another() -> None:
    names = []
    for seed in (1, 2):
        run = Run(scenario(replace(QUICK, replicas=2)), seed).until(1)
        run.simulation.perform(RestartPods(deployment="api"))
        names.append([name for name, *_ in sets(run)])
    assert names[0] == names[1]
    assert len(set(names[0])) == 2


def test_a_pod_counts_as_available_only_after_it_has_been_ready_for_long_enough() -> None:
    """With min_ready 20 s and one pod missing at most, four pods take four times 24 s and more."""
    slow = RolloutSpec(surge=0, unavailable=1, min_ready=20 * S)
    run = Run(scenario(replace(QUICK, replicas=4, rollout=slow))).until(1)
    run.simulation.perform(RestartPods(deployment="api"))
    run.until(1 + 4 * 24 - 1)
    assert [wanted for *_, wanted in sets(run)] == [0, 4]
    assert run.simulation.snapshot().deployments[0].available == 3
    run.until(1 + 4 * 24 + 2)
    assert run.simulation.snapshot().deployments[0].available == 4


def test_a_roll_out_that_gets_nowhere_is_reported_after_its_deadline() -> None:
    stuck = ProbeSpec(initial_delay=900 * S)
    rollout = RolloutSpec(progress_deadline=120 * S)
    run = Run(scenario(replace(QUICK, replicas=4, rollout=rollout), length_s=900)).until(30)
    deployment = run.world.deployments["api"]
    assert run.simulation.snapshot().deployments[0].progressing == "NewReplicaSetAvailable"
    deployment.roll_out(replace(deployment.spec, readiness=stuck))
    run.until(100)
    assert run.simulation.snapshot().deployments[0].progressing == "ReplicaSetUpdated"
    run.until(160)
    assert run.simulation.snapshot().deployments[0].progressing == "ProgressDeadlineExceeded"
    assert run.simulation.snapshot().deployments[0].ready == 3  # 25 % unavailable, and not one more


def test_scaling_a_roll_out_that_is_stuck_gives_every_replica_set_its_share() -> None:
    rollout = RolloutSpec(surge=3, unavailable=2)
    run = Run(scenario(replace(QUICK, replicas=10, rollout=rollout))).until(30)
    deployment = run.world.deployments["api"]
    deployment.roll_out(replace(deployment.spec, readiness=ProbeSpec(initial_delay=900 * S)))
    run.until(60)
    assert [wanted for *_, wanted in sets(run)] == [8, 5]
    run.simulation.perform(Scale(deployment="api", replicas=15))
    run.until(90)
    assert [wanted for *_, wanted in sets(run)] == [11, 7]
