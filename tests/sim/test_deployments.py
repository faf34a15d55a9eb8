"""A deployment replaces and scales its pods within the bounds that Kubernetes keeps."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import AddPooler, RestartPods, RollBack, Scale, SetPoolSize, ShipFix
from drill.scenario.topology import FixSpec, PoolerSpec, PoolSpec, ProbeSpec, RolloutSpec
from tests.sim.worlds import (
    API,
    CASES,
    EXACT,
    MS,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    fixed,
    lognormal,
    one_query,
    scenario,
)

QUICK = replace(API, pools={"db": PoolSpec(size=2)}, readiness=ProbeSpec(period=1 * S), start_up=lognormal(4 * S, 0.5))
SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])


def pods(run: Run) -> list[str]:
    return [pod.name for pod in run.world.deployments["api"].pods]


def watched(run: Run, until_s: float) -> list[tuple[int, int, int]]:
    """Advance event by event; return pods that are not stopping, ready pods and stopping pods, after each change."""
    seen: list[tuple[int, int, int]] = []
    clock, deployment = run.world.clock, run.world.deployments["api"]
    while clock.peek() < until_s * S:
        clock.step()
        stopping = sum(pod.phase == "Terminating" for pod in deployment.pods)
        counts = (len(deployment.pods) - stopping, deployment.ready, stopping)
        if not seen or seen[-1] != counts:
            seen.append(counts)
    run.until(until_s)
    return seen


@CASES
@given(replicas=st.integers(1, 12), surge=SHARES, unavailable=SHARES, seed=st.integers(0, 99))
def test_a_surge_never_has_too_many_pods_or_too_few_ready(
    replicas: int, surge: float, unavailable: float, seed: int
) -> None:
    rollout = RolloutSpec(surge=surge, unavailable=unavailable)
    run = Run(scenario(replace(QUICK, replicas=replicas, rollout=rollout)), seed).until(1)
    before = pods(run)
    run.simulation.perform(RestartPods(deployment="api"))
    most, fewest = replicas + ceil(surge * replicas), replicas - floor(unavailable * replicas)
    if most == fewest == replicas:
        fewest -= 1  # Kubernetes lets one pod be missing when a roll-out could not move otherwise
    for alive, ready, _ in watched(run, 300):
        assert alive <= most
        assert ready >= fewest
    assert run.world.deployments["api"].ready == len(pods(run)) == replicas
    assert not set(before) & set(pods(run))


@CASES
@given(replicas=st.integers(1, 8), seed=st.integers(0, 99), busy=st.booleans())
def test_recreate_starts_new_pods_only_when_every_old_one_is_gone(*, replicas: int, seed: int, busy: bool) -> None:
    api = replace(QUICK, replicas=replicas, endpoints=endpoint(one_query(fixed(10 * S))))
    run = Run(scenario(api), seed, arrivals([500 * MS] * 4 if busy else [])).until(1)
    before = set(pods(run))
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    clock = run.world.clock
    while clock.peek() < 100 * S:
        clock.step()
        assert not (before & set(pods(run)) and set(pods(run)) - before)
    assert run.world.deployments["api"].ready == len(pods(run)) == replicas
    assert set(run.outcomes()) <= {"ok"}


@CASES
@given(
    steps=st.lists(st.one_of(st.integers(0, 8), st.sampled_from(["surge", "recreate"])), min_size=1, max_size=6),
    pauses=st.lists(st.integers(0, 9_000), min_size=6, max_size=6),
    seed=st.integers(0, 99),
)
def test_scaling_and_rolling_in_any_order_ends_with_the_wanted_pods(
    steps: list[int | str], pauses: list[int], seed: int
) -> None:
    run, wanted, now_ms = Run(scenario(replace(QUICK, replicas=3)), seed).until(1), 3, 1_000
    for step, pause in zip(steps, pauses, strict=False):
        now_ms += pause
        run.until(now_ms / 1_000)
        if isinstance(step, int):
            wanted = step
            run.simulation.perform(Scale(deployment="api", replicas=step))
        else:
            run.simulation.perform(RestartPods(deployment="api", rollout=step))  # type: ignore[arg-type]  # a literal
    run.until(400)
    deployment = run.world.deployments["api"]
    assert deployment.ready == len(deployment.pods) == wanted
    assert len({pod.service for pod in deployment.pods}) <= 1


def test_scaling_up_adds_pods_and_leaves_the_others_alone() -> None:
    run = Run(scenario(replace(QUICK, replicas=2))).until(1)
    before = pods(run)
    run.simulation.perform(Scale(deployment="api", replicas=5))
    run.until(60)
    assert (pods(run)[:2], len(pods(run))) == (before, 5)


def test_scaling_down_takes_pods_that_are_not_ready_first() -> None:
    run = Run(scenario(replace(QUICK, replicas=1, start_up=fixed(20 * S)))).until(1)
    run.simulation.perform(Scale(deployment="api", replicas=3))
    run.until(60)
    ready = pods(run)
    run.simulation.perform(Scale(deployment="api", replicas=6))
    run.until(70)
    run.simulation.perform(Scale(deployment="api", replicas=3))
    assert pods(run) == ready


def test_scaling_down_takes_pods_that_have_been_ready_for_a_much_shorter_time() -> None:
    """Times count by powers of two: 120 s and 60 s differ, and the pods in one class go in the order of their ids."""
    run = Run(scenario(replace(QUICK, replicas=3))).until(60)
    before = pods(run)
    run.simulation.perform(Scale(deployment="api", replicas=6))
    run.until(90)
    added = {pod.name: pod.uid for pod in run.world.deployments["api"].pods[3:]}
    run.simulation.perform(Scale(deployment="api", replicas=4))
    assert set(pods(run)) == {*before, max(added, key=lambda name: added[name])}


def test_a_changed_pool_size_reaches_pods_by_a_roll_out() -> None:
    run = Run(scenario(replace(QUICK, replicas=3, pools={"db": PoolSpec(size=2, startup="eager")}))).until(1)
    before = pods(run)
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=4))
    run.until(60)
    assert not set(before) & set(pods(run))
    assert [pod.pools[0].size for pod in run.simulation.snapshot().pods] == [4, 4, 4]
    assert len(run.world.database.sessions) == 12


def test_rolling_back_twice_returns_to_the_newer_revision() -> None:
    old = replace(QUICK, revision="1")
    run = Run(scenario(replace(QUICK, revision="2", previous=old))).until(1)
    seen = []
    for at_s in (100, 200):
        run.simulation.perform(RollBack(deployment="api"))
        run.until(at_s)
        seen.append(run.simulation.snapshot().deployments[0].revision)
    assert seen == ["1", "2"]


def test_a_fix_is_rolled_out_when_its_build_is_done() -> None:
    fix = FixSpec(title="", takes=120 * S, becomes=replace(QUICK, revision="3"))
    run = Run(scenario(replace(QUICK, fixes={"mend": fix}))).until(10)
    run.simulation.perform(ShipFix(deployment="api", fix="mend"))
    run.until(129)
    assert run.simulation.snapshot().deployments[0].revision == "1"
    run.until(160)
    assert run.simulation.snapshot().deployments[0].revision == "3"
    assert [pod.service.spec.revision for pod in run.world.deployments["api"].pods] == ["3"]


def pool_of(run: Run) -> PoolSpec:
    """Return how the pods' pool is set up."""
    return run.world.deployments["api"].spec.pools["db"]


def test_shipping_a_fix_keeps_what_was_changed_by_hand() -> None:
    small = PoolSpec(size=2, startup="eager")
    fixes = {
        "mend": FixSpec(title="", takes=5 * S, becomes=replace(QUICK, revision="2", pools={"db": small})),
        "grow": FixSpec(
            title="", takes=5 * S, becomes=replace(QUICK, revision="3", pools={"db": replace(small, size=7)})
        ),
    }
    system = replace(TOPOLOGY, pooler=PoolerSpec(start_up=0))
    run = Run(scenario(replace(QUICK, pools={"db": small}, fixes=fixes), topology=system)).until(1)
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=4))
    run.until(20).simulation.perform(AddPooler(deployment="api"))
    run.until(40).simulation.perform(ShipFix(deployment="api", fix="mend"))
    run.until(80)
    assert (run.world.deployments["api"].spec.revision, pool_of(run).size, pool_of(run).to) == ("2", 4, "pooler")
    # A fix that changes the same setting wins, and leaves the others.
    run.simulation.perform(ShipFix(deployment="api", fix="grow"))
    run.until(120)
    assert (run.world.deployments["api"].spec.revision, pool_of(run).size, pool_of(run).to) == ("3", 7, "pooler")


def test_a_change_by_hand_that_was_rolled_back_does_not_come_with_the_next_fix() -> None:
    small = PoolSpec(size=2, startup="eager")
    fix = FixSpec(title="", takes=5 * S, becomes=replace(QUICK, revision="2", pools={"db": small}))
    run = Run(scenario(replace(QUICK, pools={"db": small}, fixes={"mend": fix}))).until(1)
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=4))
    run.until(20).simulation.perform(RollBack(deployment="api"))
    run.until(40).simulation.perform(ShipFix(deployment="api", fix="mend"))
    run.until(80)
    assert (run.world.deployments["api"].spec.revision, pool_of(run).size) == ("2", 2)


def test_a_surge_replaces_old_pods_that_are_not_ready_though_none_may_be_missing() -> None:
    """All pods crash for want of connections; rolled to smaller pools, the new ones need what the old ones held."""
    crashing = replace(
        QUICK,
        replicas=2,
        pools={"db": PoolSpec(size=9, startup="eager")},
        rollout=RolloutSpec(surge=0.5, unavailable=0.0),
    )
    system = replace(TOPOLOGY, database=replace(EXACT, max_connections=9))
    run = Run(scenario(crashing, topology=system)).until(1)
    assert run.world.deployments["api"].ready == 0
    run.simulation.perform(SetPoolSize(deployment="api", pool="db", size=3))
    run.until(60)
    assert [(pod.ready, pod.pools[0].size) for pod in run.world.deployments["api"].pods] == [(True, 3)] * 2


@pytest.mark.parametrize("strategy", ["surge", "recreate"])
def test_a_roll_out_of_pods_that_finish_their_requests_loses_none(strategy: str) -> None:
    """With `recreate` users find no pod meanwhile, but nobody is cut off."""
    rollout = RolloutSpec(unavailable=0.0)
    run = Run(scenario(replace(QUICK, replicas=4, rollout=rollout), rate=60.0)).until(10)
    run.simulation.perform(RestartPods(deployment="api", rollout=strategy))  # type: ignore[arg-type]  # a literal
    run.until(60)
    assert set(run.outcomes()) == ({"ok"} if strategy == "surge" else {"ok", "no_ready_pod"})


def test_scaling_down_takes_pods_that_never_ran_before_those_that_are_not_ready() -> None:
    """Two pods are kept from readiness; of four that come 60 s later those still starting go first."""
    api = replace(QUICK, replicas=2, readiness=ProbeSpec(initial_delay=900 * S), start_up=fixed(20 * S))
    run = Run(scenario(api)).until(1)
    before = pods(run)
    run.simulation.perform(Scale(deployment="api", replicas=6))
    run.until(10)
    for pod in run.world.deployments["api"].pods[:2]:
        pod.restarts = 9  # restarted most often, they would be the first of those that run
    run.simulation.perform(Scale(deployment="api", replicas=2))
    assert pods(run) == before
