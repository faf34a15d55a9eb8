"""Whatever a responder does, and in whatever order: nothing breaks, nobody is counted twice, nothing leaks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drill.actions import catalogue as does
from drill.actions import pgbouncer
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
from drill.sim.deadlocks import blocking_pids
from drill.sim.sessions import ACTIVE, IN_TRANSACTION
from tests.sim.worlds import CASES, CHECKOUT, CONTENDED, MS, TOPOLOGY, Run, S, scenario

BUSY = replace(
    CHECKOUT,
    endpoints={"q": replace(CHECKOUT.endpoints["q"], weight=40), **CONTENDED.endpoints},
    grace=5 * S,
    readiness=ProbeSpec(check="db", period=2 * S, failures=2),
    liveness=ProbeSpec(check="db", period=3 * S),
    rollout=RolloutSpec(surge=0.5),
    pools={"db": PoolSpec(size=4, startup="degraded", checkout_timeout=2 * S, top_up=7 * S)},
    autoscaler=AutoscalerSpec(metric="in_flight", target=4.0, lowest=2, highest=8, paused=True),
)
"""Everything at once: probes through the pool, short patience, a roll-out that surges, an autoscaler."""
TENDED = PoolSpec(
    size=3,
    startup="degraded",
    checkout_timeout=2 * S,
    overflow=2,
    min_idle=1,
    max_lifetime=6 * S,
    lifetime_jitter=0.25,
    idle_timeout=3 * S,
    validation="borrow",
    validation_bypass=100 * MS,
)
"""Every policy of a pool."""
SPEC = replace(
    BUSY,
    revision="2",
    previous=replace(BUSY, revision="1", pools={"db": PoolSpec(size=3, startup="eager", on_full="reject")}),
    fixes={
        "mend": FixSpec(title="", takes=6 * S, becomes=replace(BUSY, revision="3", readiness=None, liveness=None)),
        "tend": FixSpec(title="", takes=1 * S, becomes=replace(BUSY, revision="4", pools={"db": TENDED})),
        "open-outside": FixSpec(
            title="",
            takes=1 * S,
            becomes=replace(BUSY, revision="5", pools={"db": PoolSpec(size=2, on_full="outside")}),
        ),
    },
)
SYSTEM = replace(
    TOPOLOGY,
    gateway=GatewaySpec(timeout=4 * S),
    database=DatabaseSpec(max_connections=20, cores=1.0),
    pooler=PoolerSpec(
        max_client_conn=14,
        min_pool_size=1,
        reserve_pool_size=2,
        reserve_pool_timeout=1 * S,
        start_up=1 * S,
        query_wait_timeout=3 * S,
        server_lifetime=20 * S,
        server_idle_timeout=5 * S,
        server_login_retry=4 * S,
    ),
    flags={"slow": True},
)
TRAFFIC_S, LENGTH_S = 70, 200

TIMES = st.integers(1, 8_000).map(lambda ms: ms * MS)
PIDS = st.lists(st.integers(1_199, 1_240), min_size=1, max_size=6, unique=True).map(tuple)
AGES = st.sampled_from([0, 100 * MS, 1 * S, 10 * S])
ROLLOUTS = st.sampled_from(["as-configured", "recreate", "surge"])
SETTINGS = st.sampled_from(
    ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"]
)
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
    st.builds(does.TerminateBackends, pids=PIDS),
    st.builds(does.CancelBackends, pids=PIDS),
    st.builds(does.SetCheckoutTimeout, deployment=API, pool=st.just("db"), timeout=TIMES, rollout=ROLLOUTS),
    st.builds(does.SetGatewayTimeout, timeout=TIMES),
    st.builds(does.SetDatabaseTimeout, setting=SETTINGS, timeout=st.one_of(st.just(0), TIMES)),
    st.builds(does.SetRoleTimeout, setting=SETTINGS, timeout=st.one_of(st.just(0), TIMES)),
    st.builds(does.SetConnectionLimit, of=st.sampled_from(["role", "database"]), limit=st.integers(0, 25)),
    st.builds(does.SetMaxConnections, limit=st.integers(1, 40), restart=st.booleans()),
    st.builds(does.RestartDatabase),
    st.builds(does.RateLimit, rate=st.sampled_from([0.0, 5.0, 50.0])),
    st.builds(does.Shed, share=st.sampled_from([0.0, 0.3, 1.0])),
    st.builds(does.SetThrottle, deployment=API, pool=st.just("db"), on=st.booleans()),
    st.builds(does.SetClientTimeout, timeout=st.sampled_from([0, 300 * MS, 2 * S])),
    st.builds(
        does.SetClientRetries,
        attempts=st.integers(1, 3),
        back_off=st.sampled_from([0, 100 * MS]),
        jitter=st.sampled_from(["none", "full"]),
        budget=st.sampled_from([0.0, 0.2]),
    ),
    st.builds(does.SetFlag, flag=st.just("slow"), on=st.booleans()),
    st.builds(does.RestartPods, deployment=API, rollout=ROLLOUTS),
    st.builds(does.RollBack, deployment=API, rollout=ROLLOUTS),
    st.builds(does.ShipFix, deployment=API, fix=st.sampled_from(["mend", "tend", "open-outside"])),
    st.builds(pgbouncer.PausePooler),
    st.builds(pgbouncer.ResumePooler),
    st.builds(pgbouncer.ReloadPooler),
    st.builds(pgbouncer.KillPooler),
    st.builds(
        pgbouncer.SetPoolerLimit,
        setting=st.sampled_from(["default_pool_size", "min_pool_size", "reserve_pool_size", "max_client_conn"]),
        size=st.integers(0, 15),
    ),
    st.builds(
        pgbouncer.SetPoolerTimeout,
        setting=st.sampled_from(
            [
                "query_wait_timeout",
                "reserve_pool_timeout",
                "server_idle_timeout",
                "server_lifetime",
                "server_login_retry",
            ]
        ),
        timeout=TIMES,
    ),
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
    assert users.in_flight == len(run.simulation.in_flight())
    assert [pod.outstanding for pod in pods] == [
        len([r for r in pod.running.values() if r.outcome is None]) for pod in pods
    ]
    for pod in pods:
        assert pod.ready is (pod in world.deployments["api"].router.pods)
        for pool in pod.pools:
            assert pool.in_use >= 0
            assert pool.open + pool.opener.count <= pool.size + pool.overflow
    database = world.database
    assert len(database.sessions) <= database.slots.in_use <= database.max_connections
    assert len(database.sessions) <= database.max_connections - database.spec.superuser_reserved_connections
    for (relation, number), row in database.locks.rows.items():
        assert (row.relation, row.number) == (relation, number)
        assert row in row.holder.rows
        assert row.holder.session.holds is row.holder
        assert row.holder.session.pid in database.sessions
    for session in database.sessions.shown():
        assert session.wait is None or (session.state == ACTIVE and blocking_pids(session))
        assert session.holds is None or session.state in {ACTIVE, IN_TRANSACTION}
    for view in VIEWS:
        run.simulation.look(view)


def check_quiet(run: Run) -> None:
    """Check what must hold long after the last user: everything borrowed has come back."""
    check(run)
    world = run.world
    assert run.simulation.snapshot().users.in_flight == 0
    owned, stocks = set(), set()
    for pod in world.deployments["api"].pods:
        assert pod.running == {}
        assert pod.phase != "Terminating"
        for pool in pod.pools:
            assert pool.queue.waiting == 0
            owned |= {id(member.session) for member in pool.members if member.session is not None}
            stocks.add(id(pool.stock))
    if world.pooler is not None:
        assert world.pooler.servers.in_use == world.pooler.servers.queue.waiting == 0
        owned |= {id(session) for session in world.pooler.servers.members}
    assert world.database.states()["active"] == world.database.states()["idle in transaction"] == 0
    sessions = world.database.sessions
    assert {id(session) for session in sessions.objects.values()} <= owned, "a backend nobody knows"
    assert {id(stock) for stock in sessions.stocks} <= stocks, "connections of a pool that is gone"
    # A pool keeps unused connections that the server ended until somebody borrows them; the server has none of these.
    assert len(list(sessions.shown())) == len(sessions)
    assert sessions.unused <= sum(stock.count for stock in sessions.stocks)
    # The pooler may be replacing a server whose lifetime is over at just this moment.
    assert len(world.database.cpu.tags()) <= (0 if world.pooler is None else world.pooler.janitor.count)
    assert world.database.locks.rows == {}
    assert [world.database.locks.relation(name).granted for name in ("users", "orders")] == [{}, {}]


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
@example(
    # A restart of the server ends a connection that nobody borrows afterwards.
    plan=[
        (0, does.SetPoolSize(deployment="api", pool="db", size=7)),
        (4_759, does.RateLimit(rate=5.0)),
        (3_064, does.SetMaxConnections(limit=18, restart=True)),
    ],
    seed=1_000,
)
def test_nothing_breaks_and_everybody_is_counted_once(plan: list[tuple[int, does.Action]], seed: int) -> None:
    play(plan, seed)


@pytest.mark.slow
@settings(CASES, max_examples=800)
@given(plan=PLANS, seed=st.integers(1_000, 999_999))
def test_nothing_breaks_in_many_more_runs(plan: list[tuple[int, does.Action]], seed: int) -> None:
    play(plan, seed)
