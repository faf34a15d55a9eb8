"""Restarts and crashes: who is told what, how long it lasts, and when memory runs out.

Facts are those of PostgreSQL 15.18: a restart ends every session with 57P01, a killed backend ends all others and
leads through recovery.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import RestartDatabase, Scale, SetMaxConnections
from drill.errors import ActionError
from drill.scenario.topology import DatabaseSpec, HoldStep, PoolSpec, QueryStep
from drill.sim.clock import Clock
from drill.sim.database import Database
from drill.sim.sessions import Session
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
    one_query,
    one_transaction,
    scenario,
)

MIB = 2**20
ADMIN = "FATAL:  terminating connection due to administrator command"
LOST = "server closed the connection unexpectedly"
RECOVERING = "57P03 FATAL:  the database system is in recovery mode"
WORKING = replace(API, pools={"db": PoolSpec(size=3, startup="eager")}, endpoints=endpoint(one_query(fixed(5 * S))))
SMALL = replace(EXACT, memory=1_024 * MIB, shared_buffers=512 * MIB, memory_per_backend=2 * MIB, max_connections=2_000)
"""A machine with memory for 256 backends."""


def run_of(at_us: list[int], database: DatabaseSpec = EXACT) -> Run:
    return Run(scenario(WORKING, topology=replace(TOPOLOGY, database=database)), trace=arrivals(at_us))


def server(spec: DatabaseSpec = EXACT) -> tuple[Clock, Database, list[Session | str]]:
    """Return a server and the answers that connects get, in order."""
    clock = Clock()
    return clock, Database(clock, spec), []


def connect(database: Database, answers: list[Session | str], count: int = 1) -> None:
    for _ in range(count):
        database.connect("app", answers.append, lambda f: answers.append(f"{f.sqlstate} {f.text}"))


def test_a_restart_ends_statements_at_once_and_idle_sessions_without_their_clients_noticing() -> None:
    run = run_of([10 * S, 13 * S]).until(12)
    assert run.simulation.perform(RestartDatabase()) == "the database restarts; 3 sessions ended"
    assert (run.outcomes(), run.ended_s()) == (["terminated"], [12])
    assert run.world.database.sessions == {}
    run.until(60)
    assert run.outcomes() == ["terminated", "terminated"]
    assert run.ended_s() == [12, 13]  # at its first statement on a connection that was idle
    assert [line for line in run.log() if "FATAL" in line] == [ADMIN, ADMIN]


@pytest.mark.parametrize("length_ms", [140, 3_000])
def test_connects_are_refused_for_as_long_as_a_restart_takes(length_ms: int) -> None:
    clock, database, answers = server(replace(EXACT, restart=length_ms * MS))
    database.downtime.restart()
    clock.advance((length_ms - 10) * MS)
    connect(database, answers)
    clock.advance((length_ms + 1) * MS)
    assert answers == [" connection to server failed: Connection refused"]
    connect(database, answers)
    clock.advance(10 * S)
    assert isinstance(answers[1], Session)


def test_max_connections_takes_a_restart() -> None:
    run = run_of([]).until(1)
    said = run.simulation.perform(SetMaxConnections(limit=200, restart=False))
    assert said == "max_connections 200 is set and pending a restart; 100 is in force"
    assert run.world.database.slots.size == 100
    assert run.log()[-1] == 'parameter "max_connections" cannot be changed without restarting the server'
    run.simulation.perform(RestartDatabase())
    assert run.world.database.slots.size == run.simulation.snapshot().database.max_connections == 200


def test_a_crash_does_not_apply_what_waits_for_a_restart() -> None:
    _, database, _ = server()
    database.wanted_connections = 200
    database.downtime.crash()
    assert database.max_connections == 100


def test_max_connections_must_be_above_the_reserved_ones() -> None:
    with pytest.raises(ActionError, match="3 must be above superuser_reserved_connections, 3"):
        run_of([]).simulation.perform(SetMaxConnections(limit=3))


def test_a_lower_max_connections_refuses_connects_after_the_restart() -> None:
    api = replace(WORKING, pools={"db": PoolSpec(size=3, startup="degraded")})
    run = Run(scenario(api)).until(1)
    run.simulation.perform(SetMaxConnections(limit=5))
    run.until(2).simulation.perform(Scale(deployment="api", replicas=2))
    run.until(30)
    assert (len(run.world.database.sessions), run.world.database.refused) == (2, 1)


def test_a_killed_backend_ends_every_session_and_leads_through_recovery() -> None:
    clock, database, answers = server()
    connect(database, answers, 3)
    clock.advance(1 * S)
    database.downtime.crash()
    assert (dict(database.sessions), database.slots.in_use) == ({}, 0)
    assert {session.closed.text for session in answers if isinstance(session, Session) and session.closed} == {LOST}
    connect(database, answers)
    clock.advance(1_200 * MS)
    assert answers[3] == RECOVERING
    connect(database, answers)
    clock.advance(2 * S)
    assert isinstance(answers[4], Session)


def test_logins_in_the_middle_of_a_crash_are_cut_off_and_hold_no_slot() -> None:
    clock, database, answers = server()
    connect(database, answers, 2)
    clock.advance(4 * MS)
    assert database.slots.in_use == 2
    database.downtime.crash()
    clock.advance(1 * S)
    assert answers == [f" {LOST}"] * 2
    assert database.slots.in_use == 0


def test_a_transaction_does_not_survive_a_crash_and_its_rows_are_free() -> None:
    steps = one_transaction(QueryStep(query="UPDATE", time=fixed(1 * S)), HoldStep(hold=fixed(9 * S)))
    api = replace(WORKING, endpoints=endpoint(steps))
    run = Run(scenario(api), trace=arrivals([0])).until(5)
    run.world.database.downtime.crash()
    run.until(20)
    assert run.outcomes() == ["connection_lost"]
    assert (run.ended_s(), run.log()[-1]) == ([10], LOST)


def test_as_many_backends_as_memory_holds_and_one_more_ends_them_all() -> None:
    clock, database, answers = server(SMALL)
    for _ in range(256):
        connect(database, answers)
        clock.advance(clock.t + 10 * MS)
    assert len(database.sessions) == 256
    assert database.downtime.memory_used() == SMALL.memory
    connect(database, answers)
    clock.advance(clock.t + 10 * MS)
    assert (answers[-1], len(database.sessions)) == (f" {LOST}", 0)


def test_the_servers_log_names_the_signal_and_the_recovery() -> None:
    run = run_of([]).until(1)
    run.world.database.downtime.crash()
    run.until(2)
    first, *rest = [text for _, source, _, text in run.world.journal.lines if source == "postgres"]
    assert first.startswith("server process (PID ")
    assert first.endswith(") was terminated by signal 9: Killed")
    assert rest == [
        "terminating any other active server processes",
        "database system was not properly shut down; automatic recovery in progress",
        "database system is ready to accept connections",
    ]


def test_raising_max_connections_too_far_trades_refusals_for_crashes() -> None:
    """Users want 320 of the 400 sessions of twenty pods; 256 fit into memory, so all are lost again and again."""
    wanted = replace(WORKING, replicas=20, pools={"db": PoolSpec(size=20, startup="degraded", top_up=2 * S)})
    wanted = replace(wanted, endpoints=endpoint(one_query(fixed(1 * S))))
    runs = []
    for limit in (150, 2_000):
        spec = replace(SMALL, max_connections=limit)
        run = Run(scenario(wanted, rate=320.0, topology=replace(TOPOLOGY, database=spec))).until(60)
        runs.append(run.world.database)
    refusing, crashing = runs
    assert (refusing.downtime.life, len(refusing.sessions)) == (0, 147)
    assert crashing.downtime.life > 1


@CASES
@given(
    at_ms=st.lists(st.integers(0, 400), min_size=1, max_size=40),
    down_ms=st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=4),
)
def test_every_connect_gets_one_answer_and_no_slot_is_lost(at_ms: list[int], down_ms: list[tuple[int, bool]]) -> None:
    clock, database, answers = server(replace(EXACT, max_connections=20))
    for at in at_ms:
        clock.call_at(at * MS, lambda _: connect(database, answers))
    for at, crash in down_ms:
        clock.call_at(at * MS, lambda c: database.downtime.crash() if c else database.downtime.restart(), crash)
    clock.advance(10 * S)
    assert len(answers) == len(at_ms)
    assert database.slots.in_use == len(database.sessions) <= 17
    assert database.downtime.refusal is None
