"""Connections that nobody uses cost nothing while time passes, and limits cost nothing at all."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from drill.scenario.topology import DeploymentSpec, HoldStep, PoolerSpec, PoolSpec, QueryStep
from tests.sim.worlds import API, EXACT, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_transaction, scenario

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
