"""Connections that nobody uses cost nothing while time passes, and limits cost nothing at all."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import RestartDatabase, Scale, SetDatabaseTimeout, TerminateIdle
from drill.scenario.topology import DeploymentSpec, HoldStep, PoolerSpec, PoolSpec, QueryStep
from drill.sim.postgres_views import ACTIVITY, activity
from tests.sim.worlds import (
    API,
    CHECKOUT,
    EXACT,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    fixed,
    one_transaction,
    scenario,
)

if TYPE_CHECKING:
    from drill.actions.catalogue import Action

MOST = replace(EXACT, max_connections=262_143)
POOLER = PoolerSpec(pool_size=10_000, max_client_conn=1_000_000)


def peak_bytes(api: DeploymentSpec) -> int:
    """Return the memory that a minute with a few users takes at most."""
    tracemalloc.start()
    try:
        topology = replace(TOPOLOGY, database=MOST, pooler=POOLER)
        Run(scenario(api, topology=topology), trace=arrivals([second * S for second in range(50)])).until(60)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("to", ["database", "pooler", "nothing"])
def test_memory_does_not_depend_on_limits(to: str) -> None:
    """A pool of a million, a server of 262,143 slots, a pooler of a million clients."""

    def api(size: int) -> DeploymentSpec:
        pools = {"x": PoolSpec(size=size, to=to), "db": PoolSpec(size=size)}  # type: ignore[arg-type]  # a literal
        return replace(API, pools=pools)

    small, large = peak_bytes(api(5)), peak_bytes(api(1_000_000))
    assert large == pytest.approx(small, abs=200_000)  # a list of a million places would be 8 MB


def test_the_server_counts_its_idle_sessions_and_walks_over_the_others_only() -> None:
    program = one_transaction(
        QueryStep(query="SELECT", time=fixed(1 * S)), HoldStep(hold=fixed(3 * S)), QueryStep(query="SELECT")
    )
    api = replace(API, pools={"db": PoolSpec(size=50, startup="eager")}, endpoints=endpoint(program))
    run = Run(scenario(api, topology=replace(TOPOLOGY, database=MOST)), trace=arrivals([1 * S, 2 * S])).until(2.5)
    database = run.world.database
    assert [len(database.busy), len(database.sessions)] == [2, 50]
    assert database.states() == {
        "idle": 48,
        "active": 1,
        "idle in transaction": 1,
        "idle in transaction (aborted)": 0,
    }
    for session in list(database.busy):
        database.terminate(session)
    assert [len(database.busy), len(database.sessions)] == [0, 48]


BYTES = {"database": 24, "pooler": 4, "nothing": 4}
"""Most bytes a member that was opened and never used may take.

A session has a pid and a start of eight bytes each, in arrays that grow by an eighth; the others are a count, and four
bytes each are what a minute of other work may add. One object would be 240 bytes and more.
"""


def opened(to: str, size: int) -> Run:
    """Return a run at its start in which one pod has so many members that nobody has used, opened by then."""
    kept = PoolSpec(size=size, to="nothing", min_idle=size) if to == "nothing" else PoolSpec(size=size, startup="eager")
    api = replace(API, pools={"db": PoolSpec(size=5), "x": replace(kept, to=to)})  # type: ignore[arg-type]  # a literal
    pooler = replace(POOLER, connect=1, connect_client_cpu=0)
    topology = replace(TOPOLOGY, database=replace(MOST, connect=1, connect_cpu=1, memory=10**15), pooler=pooler)
    # The first sample counts the connects, which are only noted until then.
    run = Run(scenario(api, topology=topology), trace=arrivals([second * S for second in range(50)])).until(0.1)
    assert run.world.deployments["api"].pods[0].pools[1].spare == size
    return run


@pytest.mark.parametrize("to", BYTES)
def test_a_member_that_was_opened_and_never_used_takes_a_few_bytes(to: str) -> None:
    tracemalloc.start()
    try:
        taken = []
        for size in (1_000, 41_000):
            before = tracemalloc.get_traced_memory()[0]
            run = opened(to, size)
            taken.append(tracemalloc.get_traced_memory()[0] - before)
            del run
    finally:
        tracemalloc.stop()
    assert (taken[1] - taken[0]) / 40_000 <= BYTES[to]


@pytest.mark.parametrize("to", BYTES)
def test_a_minute_takes_as_many_steps_however_many_members_lie_idle(to: str) -> None:
    """Counted as steps of the clock, which no other work on the machine can change; looks at the run included."""

    def steps(size: int) -> int:
        run = opened(to, size)
        before = next(run.world.clock.tickets)
        for second in range(0, 60, 5):
            run.until(second).simulation.snapshot()
        return next(run.world.clock.tickets) - before

    assert steps(20_000) == steps(10)


@pytest.mark.parametrize("to", ["database", "pooler"])
def test_an_unused_connection_that_is_borrowed_is_the_one_opened_last(to: str) -> None:
    pool = PoolSpec(size=50, startup="eager", to=to)  # type: ignore[arg-type]  # a literal
    run = Run(
        scenario(replace(API, pools={"db": pool}), topology=replace(TOPOLOGY, pooler=POOLER)), trace=arrivals([0])
    )
    (before,) = run.world.deployments["api"].pods[0].pools
    assert (before.spare, before.idle, before.members) == (50, [], {})
    run.until(0.01)
    assert (before.in_use, before.spare, list(before.members.values())) == (1, 49, [49])
    run.until(1)
    assert (before.in_use, before.spare, len(before.idle), run.outcomes()) == (0, 50, 1, ["ok"])


def test_pg_stat_activity_shows_unused_sessions_as_it_shows_used_ones() -> None:
    """Two rows of one pool, one after its first statement: same columns, in the order of pids."""
    pool = PoolSpec(size=3, startup="eager")
    run = Run(scenario(replace(API, replicas=2, pools={"db": pool})), trace=arrivals([0])).until(1)
    database = run.world.database
    rows = [dict(zip(ACTIVITY, row, strict=True)) for row in activity(database)]
    pids = [row["pid"] for row in rows]
    assert pids == sorted({session.pid for session in database.sessions.shown()})
    assert [row["query"] for row in rows].count("SELECT 1") == 1
    assert {(row["state"], row["wait_event"], row["usename"]) for row in rows} == {("idle", "ClientRead", "app")}
    assert all(row["backend_age_s"] == row["state_age_s"] for row in rows if row["query"] == "")
    assert len(database.sessions.objects) == 1  # nobody has become one by being shown


def test_unused_sessions_that_the_server_ends_fail_whoever_borrows_them() -> None:
    """A pool of a direct connection learns nothing of a terminate: one error each, then a new connection."""
    pool = PoolSpec(size=4, startup="eager")
    spec = scenario(replace(API, pools={"db": pool}))
    run = Run(spec, trace=arrivals([second * S for second in range(2, 8)])).until(1)
    assert run.simulation.perform(TerminateIdle(older_than=0)) == "4 idle sessions terminated"
    assert (len(run.world.database.sessions), run.world.database.slots.in_use) == (0, 0)
    assert run.world.deployments["api"].pods[0].pools[0].open == 4  # the pool does not know
    run.until(20)
    assert run.outcomes() == ["terminated"] * 4 + ["ok"] * 2
    assert (len(run.world.database.sessions), run.world.database.slots.in_use) == (1, 1)


@pytest.mark.parametrize("to", ["database", "pooler"])
@pytest.mark.parametrize("then", [None, TerminateIdle(older_than=0), RestartDatabase()])
def test_a_pod_that_ends_frees_what_its_unused_connections_held(to: str, then: Action | None) -> None:
    pool = PoolSpec(size=20, startup="eager", to=to)  # type: ignore[arg-type]  # a literal
    topology = replace(TOPOLOGY, pooler=POOLER)
    run = Run(scenario(replace(API, pools={"db": pool}), topology=topology), trace=arrivals([0])).until(2)
    if then is not None:
        run.simulation.perform(then)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(60)
    database, pooler = run.world.database, run.world.pooler
    servers = 0 if pooler is None else pooler.servers.open
    assert (len(database.sessions), database.slots.in_use, database.sessions.unused) == (servers, servers, 0)
    assert pooler is None or pooler.clients == 0


def test_sessions_with_a_timeout_of_their_own_are_watched_from_the_start() -> None:
    """A session that idle_session_timeout will end needs a timer, and so stays an object."""
    database = replace(EXACT, idle_session_timeout=10 * S)
    pool = PoolSpec(size=4, startup="eager")
    run = Run(scenario(replace(API, pools={"db": pool}), topology=replace(TOPOLOGY, database=database)), trace=None)
    assert len(run.world.database.sessions) == 0  # they were opened a minute ago
    later = Run(scenario(replace(API, pools={"db": pool}))).until(1)
    later.simulation.perform(SetDatabaseTimeout(setting="idle_session_timeout", timeout=5 * S))
    assert len(later.until(60).world.database.sessions) == 4  # read at the next command, which never comes


@pytest.mark.parametrize("to", ["database", "pooler"])
def test_what_happens_does_not_depend_on_how_unused_members_are_kept(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same story with a stock and with nothing but objects: the same digest, sessions and log."""

    def played() -> tuple[object, ...]:
        pool = PoolSpec(size=8, startup="degraded", to=to, checkout_timeout=1 * S)  # type: ignore[arg-type]  # a literal
        topology = replace(TOPOLOGY, database=replace(EXACT, max_connections=40), pooler=POOLER, flags={"slow": False})
        run = Run(scenario(replace(CHECKOUT, pools={"db": pool}), rate=40.0, length_s=60, topology=topology))
        actions = (TerminateIdle(older_than=0), Scale(deployment="api", replicas=6), RestartDatabase())
        for second, action in enumerate(actions, start=1):
            run.until(10 * second).simulation.perform(action)
        run.until(50).simulation.perform(Scale(deployment="api", replicas=1))
        run.until(70)
        return run.simulation.digest, activity(run.world.database), run.log()

    with_stock = played()
    monkeypatch.setattr("drill.sim.filling.times_members", lambda _: True)
    assert played() == with_stock
