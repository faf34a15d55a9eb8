"""PgBouncer in transaction mode: few servers for many clients, and how it fails when PostgreSQL is full.

Facts are those of PgBouncer 1.18.0.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import AddPooler, RollBack, TerminateIdle, TerminateQueries
from drill.scenario.topology import (
    BorrowStep,
    DatabaseSpec,
    HoldStep,
    PoolerSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from drill.sim.clock import Clock
from drill.sim.database import Database
from drill.sim.pooler import Pooler
from drill.sim.pooler_client import PoolerClient
from tests.sim.worlds import API, EXACT, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_query, scenario

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec, TopologySpec

RESERVED = "FATAL:  remaining connection slots are reserved for non-replication superuser connections"
FAILING = "FATAL:  server login has been failing, try again later (server_login_retry)"
ADMIN = "FATAL:  terminating connection due to administrator command"

POOLER = PoolerSpec(pool_size=2, max_client_conn=500, round_trip=0, connect=5_400, connect_client_cpu=0)
THROUGH = PoolSpec(size=5, to="pooler", startup="eager")
BEHIND = replace(API, pools={"db": THROUGH}, endpoints=endpoint(one_query(fixed(1 * S))))
"""A pod with five connections to the pooler, whose requests take a statement of 1 s."""


def topology(pooler: PoolerSpec = POOLER, database: DatabaseSpec = EXACT) -> TopologySpec:
    return replace(TOPOLOGY, pooler=pooler, database=database)


def run_of(api: DeploymentSpec, at_us: list[int], pooler: PoolerSpec = POOLER, database: DatabaseSpec = EXACT) -> Run:
    return Run(scenario(api, topology=topology(pooler, database)), trace=arrivals(at_us))


def pooler_of(run: Run) -> Pooler:
    assert run.world.pooler is not None
    return run.world.pooler


def test_many_clients_share_few_servers() -> None:
    run = run_of(replace(BEHIND, replicas=4), [0] * 6).until(60)
    pooler = pooler_of(run)
    assert (pooler.clients, pooler.servers.open, len(run.world.database.sessions)) == (20, 2, 2)
    assert run.outcomes() == ["ok"] * 6
    # One server was there from the first login; the second one is opened when somebody waits, which takes 6.3 ms.
    assert run.ended_s() == pytest.approx([1, 1.006, 2, 2.006, 3, 3.006], abs=1e-3)


def test_the_wait_for_a_server_is_part_of_the_statement_and_not_of_the_checkout() -> None:
    run = run_of(BEHIND, [0] * 4).until(60)
    assert [row.checkout_wait_us for row in run.rows] == [0] * 4


def test_a_round_trip_through_the_pooler_costs_a_little_more() -> None:
    run = run_of(BEHIND, [0], replace(POOLER, round_trip=280), replace(EXACT, round_trip=920)).until(60)
    assert run.ended_s() == [1.001_2]


def test_a_server_stays_with_its_client_to_the_end_of_the_transaction_and_no_longer() -> None:
    program = [
        BorrowStep(borrow="db"),
        TransactionStep(
            transaction=[
                QueryStep(query="SELECT", time=fixed(1 * S)),
                HoldStep(hold=fixed(3 * S)),
                QueryStep(query="UPDATE", time=fixed(1 * S)),
            ]
        ),
        HoldStep(hold=fixed(10 * S)),
        ReturnStep(returns="db"),
    ]
    run = run_of(replace(BEHIND, endpoints=endpoint(program)), [0] * 3, replace(POOLER, pool_size=1))
    seen = []
    for at_s in (0.5, 2.5, 4.5, 7.5, 14.5, 20):
        run.until(at_s)
        servers = pooler_of(run).servers
        seen.append((servers.in_use, servers.queue.waiting, run.world.database.states()["idle in transaction"]))
    assert seen == [(1, 2, 0), (1, 2, 1), (1, 2, 0), (1, 1, 1), (1, 0, 0), (0, 0, 0)]
    run.until(60)
    assert run.ended_s() == [15, 20, 25]


def test_clients_above_max_client_conn_are_refused() -> None:
    api = replace(BEHIND, replicas=2, pools={"db": replace(THROUGH, startup="degraded")})
    run = run_of(api, [], replace(POOLER, max_client_conn=7)).until(1)
    assert pooler_of(run).clients == 7
    assert set(run.log()) == {"FATAL:  no more connections allowed (max_client_conn)"}
    assert len(run.log()) == 3


def test_a_client_waits_for_a_server_until_query_wait_timeout() -> None:
    pooler = replace(POOLER, pool_size=1, query_wait_timeout=2 * S)
    run = run_of(replace(BEHIND, endpoints=endpoint(one_query(fixed(5 * S)))), [0, 0], pooler).until(60)
    assert run.outcomes() == ["ok", "query_wait_timeout"]
    # PgBouncer looks every third of a second, so the real one fires up to 0.3 s later.
    assert run.ended_s()[1] == pytest.approx(2.0, abs=0.34)
    assert run.log() == ["FATAL:  query_wait_timeout"]
    assert pooler_of(run).clients == 4  # the connection was closed with it


def test_before_it_listens_connections_are_refused() -> None:
    clock, answers = Clock(), list[object]()
    pooler = Pooler(clock, POOLER, Database(clock, EXACT), 2, 3 * S)
    for at in (0, 3 * S):
        clock.advance(at)
        pooler.connect(answers.append, lambda failure: answers.append(failure.text))
    clock.advance(4 * S)
    assert answers[0] == "connection to server failed: Connection refused"
    assert isinstance(answers[1], PoolerClient)


def crowded(max_connections: int = 10) -> tuple[Clock, Database, Pooler]:
    """Return a pooler before a database whose normal slots are all taken by others."""
    clock = Clock()
    database = Database(clock, replace(EXACT, max_connections=max_connections))
    for _ in range(max_connections):
        database.connect("other", lambda _: None, lambda _: None)
        clock.advance(clock.t + 1 * S)
    return clock, database, Pooler(clock, POOLER, database, 2, clock.t)


def connect(clock: Clock, pooler: Pooler) -> object:
    """Connect a client, give it a second, and return the client, the error as `SQLSTATE text`, or None."""
    answers = list[object]()
    pooler.connect(answers.append, lambda failure: answers.append(f"{failure.sqlstate} {failure.text}"))
    clock.advance(clock.t + 1 * S)
    return answers[0] if answers else None


def test_the_text_of_a_refused_server_login_is_passed_on_as_08p01() -> None:
    clock, _, pooler = crowded()
    assert connect(clock, pooler) == f"08P01 {RESERVED}"
    assert pooler.clients == 0


def test_after_a_refused_login_the_next_one_is_tried_15_s_later_though_slots_are_free() -> None:
    clock, database, pooler = crowded()
    first = clock.t
    assert connect(clock, pooler) == f"08P01 {RESERVED}"
    for session in list(database.sessions.values()):
        database.terminate(session)
    while clock.t < first + 14 * S:
        assert connect(clock, pooler) in (f"08P01 {FAILING}", None)
        assert database.sessions == {}
    clock.advance(first + 15 * S + 50 * MS)
    connect(clock, pooler)
    assert isinstance(connect(clock, pooler), PoolerClient)
    assert len(database.sessions) == 1


def test_a_login_that_is_refused_again_pauses_again() -> None:
    clock, database, pooler = crowded()
    tried = []
    before = database.refused
    for _ in range(60):
        connect(clock, pooler)
        if database.refused > before:
            tried.append(clock.t)
            before = database.refused
    assert len(tried) == 4
    for earlier, later in pairwise(tried):
        assert 15 * S <= later - earlier <= 16 * S + 50 * MS  # somebody comes every second


def test_clients_wait_when_no_more_servers_can_be_had_while_one_lives() -> None:
    """A refused login of the second server fails nobody: the first one serves them all."""
    run = run_of(BEHIND, [0] * 3, database=replace(EXACT, max_connections=4)).until(60)
    assert run.outcomes() == ["ok"] * 3
    assert run.ended_s() == [1, 2, 3]


def test_a_client_does_not_notice_that_an_idle_server_was_terminated() -> None:
    run = run_of(BEHIND, [0, 20 * S]).until(10)
    assert run.simulation.perform(TerminateIdle(older_than=1 * S)) == "1 idle sessions terminated"
    run.until(60)
    assert run.outcomes() == ["ok", "ok"]
    assert run.ended_s()[1] == pytest.approx(21, abs=0.016)  # the next one is opened first


def test_a_client_whose_server_is_terminated_at_work_is_disconnected() -> None:
    run = run_of(BEHIND, [0]).until(0.5)
    run.simulation.perform(TerminateQueries(older_than=0))
    assert run.outcomes() == ["terminated"]
    assert run.log() == [ADMIN]
    assert (pooler_of(run).clients, pooler_of(run).servers.open) == (4, 0)


def test_a_client_that_dies_at_work_takes_its_server_with_it() -> None:
    run = run_of(replace(BEHIND, grace=1 * S, endpoints=endpoint(one_query(fixed(5 * S)))), [0]).until(0.5)
    run.world.deployments["api"].pods[0].stop()
    run.until(1.6)
    assert (pooler_of(run).clients, pooler_of(run).servers.open) == (0, 0)
    assert run.world.database.states()["active"] == 1  # it runs on
    run.until(6)
    assert run.world.database.states()["active"] == 0


def test_adding_a_pooler_replaces_the_pods_once_it_listens() -> None:
    direct = replace(API, replicas=4, pools={"db": PoolSpec(size=5, startup="eager")})
    run = Run(scenario(direct, topology=topology(replace(POOLER, start_up=3 * S)))).until(10)
    assert len(run.world.database.sessions) == 20
    run.simulation.perform(AddPooler(deployment="api", pool_size=6))
    run.until(12.9)
    assert len(run.world.database.sessions) == 20
    run.until(30)
    assert (pooler_of(run).clients, pooler_of(run).servers.size) == (20, 6)
    assert {session.application for session in run.world.database.sessions.values()} == {"pgbouncer"}
    run.simulation.perform(RollBack(deployment="api"))
    run.until(60)
    assert pooler_of(run).clients == 0
    assert len([s for s in run.world.database.sessions.values() if s.application != "pgbouncer"]) == 20
