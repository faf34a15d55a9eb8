"""Whatever a responder does, and in whatever order: nothing breaks, nobody is counted twice, nothing leaks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions import catalogue as does
from drill.actions.entries import VIEWS
from drill.errors import ActionError
from drill.scenario.story import RatePoint
from drill.scenario.topology import (
    AutoscalerSpec,
    DatabaseSpec,
    FixSpec,
    GatewaySpec,
    PoolerSpec,
    PoolSpec,
    ProbeSpec,
    RolloutSpec,
)
from tests.sim.worlds import CASES, CHECKOUT, MS, TOPOLOGY, Run, S, scenario

BUSY = replace(
    CHECKOUT,
    grace=5 * S,
    readiness=ProbeSpec(check="db", period=2 * S, failures=2),
    liveness=ProbeSpec(check="db", period=3 * S),
    rollout=RolloutSpec(surge=0.5),
    pools={"db": PoolSpec(size=4, startup="degraded", checkout_timeout=2 * S, top_up=7 * S)},
    autoscaler=AutoscalerSpec(metric="in_flight", target=4.0, lowest=2, highest=8, paused=True),
)
"""Everything at once: probes through the pool, short patience, a roll-out that surges, an autoscaler."""
SPEC = replace(
    BUSY,
    revision="2",
    previous=replace(BUSY, revision="1", pools={"db": PoolSpec(size=3, startup="eager", on_full="reject")}),
    fixes={"mend": FixSpec(title="", takes=6 * S, becomes=replace(BUSY, revision="3", readiness=None, liveness=None))},
)
SYSTEM = replace(
    TOPOLOGY,
    gateway=GatewaySpec(timeout=4 * S),
    database=DatabaseSpec(max_connections=20, cores=1.0),
    pooler=PoolerSpec(max_client_conn=14, start_up=1 * S, query_wait_timeout=3 * S),
    flags={"slow": True},
)
TRAFFIC_S, LENGTH_S = 70, 200

TIMES = st.integers(1, 8_000).map(lambda ms: ms * MS)
AGES = st.sampled_from([0, 100 * MS, 1 * S, 10 * S])
ROLLOUTS = st.sampled_from(["as-configured", "recreate", "surge"])
SETTINGS = st.sampled_from(["statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"])
API = st.just("api")
ACTIONS: st.SearchStrategy[does.Action] = st.one_of(
    st.builds(does.Scale, deployment=API, replicas=st.integers(0, 8)),
    st.builds(does.PauseAutoscaler, deployment=API),
    st.builds(does.ResumeAutoscaler, deployment=API),
    st.builds(does.SetPoolSize, deployment=API, pool=st.just("db"), size=st.integers(1, 8), rollout=ROLLOUTS),
    st.builds(does.AddPooler, deployment=API, pool_size=st.integers(1, 20), rollout=ROLLOUTS),
    st.builds(does.TerminateIdle, older_than=AGES),
    st.builds(does.CancelQueries, older_than=AGES),
    st.builds(does.TerminateQueries, older_than=AGES),
    st.builds(does.SetCheckoutTimeout, deployment=API, pool=st.just("db"), timeout=TIMES, rollout=ROLLOUTS),
    st.builds(does.SetGatewayTimeout, timeout=TIMES),
    st.builds(does.SetDatabaseTimeout, setting=SETTINGS, timeout=st.one_of(st.just(0), TIMES)),
    st.builds(does.RateLimit, rate=st.sampled_from([0.0, 5.0, 50.0])),
    st.builds(does.Shed, share=st.sampled_from([0.0, 0.3, 1.0])),
    st.builds(does.SetFlag, flag=st.just("slow"), on=st.booleans()),
    st.builds(does.RestartPods, deployment=API, rollout=ROLLOUTS),
    st.builds(does.RollBack, deployment=API, rollout=ROLLOUTS),
    st.builds(does.ShipFix, deployment=API, fix=st.just("mend")),
)
PLANS = st.lists(st.tuples(st.integers(0, 12_000), ACTIONS), min_size=1, max_size=10)


def start(seed: int) -> Run:
    spec = scenario(SPEC, rate=45.0, length_s=LENGTH_S, topology=SYSTEM)
    stop = RatePoint(at=TRAFFIC_S * S, rate=0.0)
    return Run(replace(spec, traffic=replace(spec.traffic, points=[stop])), seed)


def check(run: Run) -> None:
    """Check what must hold at every moment."""
    world, now = run.world, run.simulation.snapshot()
    users, result = now.users, run.simulation.result()
    assert users.offered == users.ok + users.late + users.failed + users.in_flight
    assert result.in_flight == users.in_flight >= 0
    assert len(run.rows) == users.offered - users.in_flight
    pods = [pod for deployment in world.deployments.values() for pod in deployment.pods]
    assert users.in_flight == len([r for pod in pods for r in pod.running.values() if r.outcome is None])
    assert [pod.outstanding for pod in pods] == [
        len([r for r in pod.running.values() if r.outcome is None]) for pod in pods
    ]
    for pod in pods:
        assert pod.ready is (pod in world.deployments["api"].router.pods)
        for pool in pod.pools:
            assert pool.in_use >= 0
            assert pool.open + pool.opener.count <= pool.size
    database = world.database
    assert len(database.sessions) <= database.slots.in_use <= database.spec.max_connections
    assert len(database.sessions) <= database.spec.max_connections - database.spec.superuser_reserved_connections
    for view in VIEWS:
        run.simulation.look(view)


def check_quiet(run: Run) -> None:
    """Check what must hold long after the last user: everything borrowed has come back."""
    check(run)
    world = run.world
    assert run.simulation.snapshot().users.in_flight == 0
    owned = set()
    for pod in world.deployments["api"].pods:
        assert pod.running == {}
        assert pod.phase != "Terminating"
        for pool in pod.pools:
            assert pool.queue.waiting == 0
            owned |= {id(member.session) for member in pool.members if member.session is not None}
    if world.pooler is not None:
        assert world.pooler.servers.in_use == world.pooler.servers.queue.waiting == 0
        owned |= {id(session) for session in world.pooler.servers.members}
    assert world.database.states()["active"] == world.database.states()["idle in transaction"] == 0
    assert {id(session) for session in world.database.sessions.values()} <= owned, "a backend nobody knows"
    assert world.database.cpu.jobs == 0


def play(plan: list[tuple[int, does.Action]], seed: int) -> None:
    """Do what a plan says, checking after each step, and wait until everything is quiet."""
    run, now_ms = start(seed), 5_000
    for pause_ms, action in plan:
        now_ms = min(now_ms + pause_ms, LENGTH_S * 1_000)
        run.until(now_ms / 1_000)
        with suppress(ActionError):
            run.simulation.perform(action)
        check(run)
    for at_s in (TRAFFIC_S, TRAFFIC_S + 5):
        run.until(max(at_s, now_ms / 1_000))
        check(run)
    run.until(LENGTH_S)
    check_quiet(run)


@settings(CASES, max_examples=30)
@given(plan=PLANS, seed=st.integers(0, 999))
def test_nothing_breaks_and_everybody_is_counted_once(plan: list[tuple[int, does.Action]], seed: int) -> None:
    play(plan, seed)


@pytest.mark.slow
@settings(CASES, max_examples=800)
@given(plan=PLANS, seed=st.integers(1_000, 999_999))
def test_nothing_breaks_in_many_more_runs(plan: list[tuple[int, does.Action]], seed: int) -> None:
    play(plan, seed)
