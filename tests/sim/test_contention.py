"""Statements that lock rows, run by requests: what waits do to users, and what ends them.

Facts are those of PostgreSQL 15.18.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from drill.actions.catalogue import (
    CancelQueries,
    RestartPods,
    SetDatabaseTimeout,
    SetRoleTimeout,
    TerminateIdle,
    TerminateQueries,
)
from drill.scenario.topology import (
    BorrowStep,
    DatabaseSpec,
    DeploymentSpec,
    EndpointSpec,
    HoldStep,
    LockSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from tests.sim.worlds import API, EXACT, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_transaction, scenario

HOT = LockSpec(table="stock", row="hot")
UPDATE = QueryStep(query="UPDATE stock", time=fixed(1 * S), locks=HOT)
HOLDING = replace(
    API,
    pools={"db": PoolSpec(size=4, startup="eager")},
    endpoints=endpoint(one_transaction(UPDATE, HoldStep(hold=fixed(9 * S)))),
)
"""Four connections; each transaction updates the same row for 1 s, then stays open for 9 s."""


def run_of(at_us: list[int], database: DatabaseSpec = EXACT, api: DeploymentSpec = HOLDING) -> Run:
    return Run(scenario(api, topology=replace(TOPOLOGY, database=database)), trace=arrivals(at_us))


def activity(run: Run) -> list[dict[str, str | int | float | None]]:
    """Return pg_stat_activity without sessions that are idle, oldest session first."""
    reading = run.simulation.look("pg_stat_activity")
    rows = [dict(zip(reading.columns, row, strict=True)) for row in reading.rows]
    return [row for row in rows if row["state"] != "idle"]


def test_a_row_is_held_until_the_transaction_ends() -> None:
    run = run_of([0, 1 * S]).until(60)
    assert run.ended_s() == [10, 20]
    assert run.world.database.locks.rows == {}


def test_a_statement_outside_a_transaction_holds_its_row_until_it_ends() -> None:
    program = [BorrowStep(borrow="db"), UPDATE, HoldStep(hold=fixed(9 * S)), ReturnStep(returns="db")]
    run = run_of([0, 0], api=replace(HOLDING, endpoints=endpoint(program))).until(60)
    assert run.ended_s() == [10, 11]


def test_the_view_shows_the_queue_behind_an_open_transaction() -> None:
    run = run_of([0, 2 * S, 3 * S, 4 * S]).until(5)
    rows = activity(run)
    by_age = sorted(rows, key=lambda row: -float(str(row["xact_age_s"])))
    assert [(row["state"], row["wait_event_type"], row["wait_event"]) for row in by_age] == [
        ("idle in transaction", "Client", "ClientRead"),
        ("active", "Lock", "transactionid"),
        ("active", "Lock", "tuple"),
        ("active", "Lock", "tuple"),
    ]
    root, first, second, _ = (row["pid"] for row in by_age)
    assert [row["pg_blocking_pids"] for row in by_age] == ["", f"{root}", f"{first}", f"{first},{second}"]
    assert [row["state_age_s"] for row in by_age] == [4, 3, 2, 1]
    assert all(row["backend_xid"] for row in by_age)


def test_pg_locks_shows_the_queue_behind_an_open_transaction() -> None:
    run = run_of([0, 2 * S, 3 * S]).until(5)
    pids = [str(row["pid"]) for row in sorted(activity(run), key=lambda row: -float(str(row["xact_age_s"])))]
    reading = run.simulation.look("pg_locks")
    assert reading.columns == (
        "locktype",
        "relation",
        "tuple",
        "transactionid",
        "pid",
        "mode",
        "granted",
        "wait_s",
    )
    found = {
        (pids.index(str(pid)), locktype, mode, granted)
        for locktype, _, _, _, pid, mode, granted, _ in reading.rows
        if locktype in {"transactionid", "tuple"}
    }
    own = {(place, "transactionid", "ExclusiveLock", True) for place in range(3)}
    assert found == own | {
        (1, "tuple", "ExclusiveLock", True),
        (1, "transactionid", "ShareLock", False),
        (2, "tuple", "ExclusiveLock", False),
    }
    kinds = [row[0] for row in reading.rows]
    assert (kinds.count("virtualxid"), kinds.count("relation")) == (3, 3)


def sampled(run: Run, name: str) -> dict[str, float]:
    """Return the latest samples of a metric by the value of their last label."""
    found: dict[str, float] = {}
    run.simulation.export(
        on_samples=lambda _, samples: found.update({s.labels[-1][1]: s.value for s in samples if s.name == name})
    )
    run.simulation.advance(run.simulation.now_us + 5 * S + 1)
    return found


def test_metrics_count_locks_as_the_exporter_does() -> None:
    """Only locks on tables and tuples belong to a database; those on transactions do not."""
    counts = sampled(run_of([0, 2 * S, 3 * S]).until(4), "pg_locks_count")
    assert {mode: count for mode, count in counts.items() if count} == {"exclusivelock": 2, "rowexclusivelock": 3}
    assert len(counts) == 9


def test_statement_timeout_ends_a_wait_and_says_where_it_stood() -> None:
    run = run_of([0, 2 * S], replace(EXACT, statement_timeout=3 * S)).until(60)
    assert (run.outcomes(), run.ended_s()) == (["ok", "statement_timeout"], [10, 5])
    assert run.log() == [
        "ERROR:  canceling statement due to statement timeout",
        'CONTEXT:  while updating tuple (0,1) in relation "stock"',
    ]


def test_lock_timeout_ends_a_wait_and_leaves_the_session() -> None:
    run = run_of([0, 2 * S], replace(EXACT, lock_timeout=3 * S)).until(60)
    assert (run.outcomes(), run.ended_s()) == (["ok", "lock_timeout"], [10, 5])
    assert run.log()[0] == "ERROR:  canceling statement due to lock timeout"
    assert run.world.database.connects == 4


@pytest.mark.parametrize("action", [SetDatabaseTimeout, SetRoleTimeout])
def test_lock_timeout_set_at_run_time_holds_for_statements_that_begin_later(
    action: type[SetDatabaseTimeout | SetRoleTimeout],
) -> None:
    """Set for the role it holds only for sessions opened later, and here none is."""
    run = run_of([0, 1 * S, 3 * S]).until(2)
    run.simulation.perform(action(setting="lock_timeout", timeout=1 * S))
    run.until(60)
    expected = "lock_timeout" if action is SetDatabaseTimeout else "ok"
    assert run.outcomes() == ["ok", "ok", expected]


def test_cancelling_a_waiter_keeps_its_session_and_lets_the_next_in_line_be_first() -> None:
    run = run_of([0, 2 * S, 6 * S]).until(7)
    run.simulation.perform(CancelQueries(older_than=3 * S))
    run.until(60)
    assert run.outcomes() == ["ok", "canceled", "ok"]
    assert run.ended_s() == [10, 7, 20]


def test_terminating_the_root_blocker_hands_the_row_to_the_first_waiter_at_once() -> None:
    run = run_of([0, 2 * S, 3 * S]).until(5)
    assert run.simulation.perform(TerminateQueries(older_than=4 * S)) == "1 sessions terminated"
    run.until(60)
    assert run.outcomes() == ["terminated", "ok", "ok"]  # it learns at its COMMIT
    assert run.ended_s() == [10, 15, 25]


def test_an_idle_session_holds_no_lock() -> None:
    run = run_of([0]).until(20)
    assert run.simulation.perform(TerminateIdle(older_than=0)) == "4 idle sessions terminated"


def test_a_dead_clients_wait_for_a_lock_keeps_its_slot_until_its_statement_has_an_answer_to_write() -> None:
    run = run_of([0, 2 * S], api=replace(HOLDING, grace=1 * S, pools={"db": PoolSpec(size=2, startup="eager")}))
    run.until(3).simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(4.5)  # the pod was killed at 4 s: its idle transaction is rolled back, the waiter got the row
    database = run.world.database
    assert [(s.state, s.wait) for s in database.sessions.values() if s.state] == [(1, None)]
    run.until(5.1)
    assert (database.locks.rows, database.slots.in_use) == ({}, 2)  # the new pod's own


def test_a_dead_client_that_waits_behind_another_still_takes_its_turn() -> None:
    """Its statement runs to the end for nobody: what a killed pod had queued holds up those who still live."""
    two = replace(
        HOLDING,
        replicas=2,
        routing="round_robin",
        grace=1 * S,
        pools={"db": PoolSpec(size=2, startup="eager")},
    )
    run = run_of([0, 1 * S, 3 * S], api=two).until(2)
    next(pod for pod in run.world.deployments["api"].pods if 1 in pod.running).stop()
    run.until(3.5)
    assert sorted(s.wait.kind for s in run.world.database.sessions.values() if s.wait is not None) == [
        "transactionid",
        "tuple",
    ]
    run.until(60)
    assert run.outcomes() == ["ok", "pod_lost", "ok"]
    assert run.ended_s()[2] == 21  # the dead one's statement took the row from 10 s to 11 s


def test_a_failed_statement_gives_up_the_rows_of_its_transaction() -> None:
    api = replace(HOLDING, endpoints=endpoint(one_transaction(UPDATE, QueryStep(query="SELECT", time=fixed(20 * S)))))
    run = run_of([0, 3 * S], replace(EXACT, statement_timeout=5 * S), api).until(60)
    assert run.outcomes() == ["statement_timeout", "statement_timeout"]
    assert run.ended_s() == [6, 12]  # the second one got the row at 6 s and began its SELECT at 7 s


def test_users_see_a_deadlock_one_second_after_the_first_wait_began() -> None:
    def both(first: str, second: str) -> EndpointSpec:
        steps = [
            QueryStep(query=f"UPDATE {table}", time=fixed(100 * MS), locks=LockSpec(table=table, rows=1, by="customer"))
            for table in (first, second)
        ]
        transaction = TransactionStep(transaction=list(steps))
        return EndpointSpec(program=[BorrowStep(borrow="db"), transaction, ReturnStep(returns="db")])

    api = replace(HOLDING, endpoints={"buy": both("users", "orders"), "move": both("orders", "users")})
    trace = replace(arrivals([0, 50 * MS]), endpoint=("buy", "move"))
    run = Run(scenario(api), trace=trace).until(60)
    assert run.outcomes() == ["deadlock", "ok"]
    assert run.ended_s() == [1.1, 1.2]
    one, other = (re.findall(r"[Pp]rocess (\d+)", line) for line in run.log()[-4:-2])
    assert one == other[::-1]
    assert run.log()[-5:] == [
        "ERROR:  deadlock detected",
        f"DETAIL:  Process {one[0]} waits for ShareLock on transaction 732; blocked by process {one[1]}.",
        f"Process {one[1]} waits for ShareLock on transaction 731; blocked by process {one[0]}.",
        "HINT:  See server log for query details.",
        'CONTEXT:  while updating tuple (1,1) in relation "orders"',
    ]
    assert run.world.database.locks.deadlocks == run.simulation.snapshot().database.deadlocks == 1


def test_a_transaction_with_an_error_is_aborted_until_the_application_has_rolled_it_back() -> None:
    """Its locks are free at once, its xact_start is gone, and its connection comes back a round trip later."""
    api = replace(HOLDING, endpoints=endpoint(one_transaction(UPDATE, QueryStep(query="SELECT", time=fixed(20 * S)))))
    run = run_of([0, 3 * S], replace(EXACT, statement_timeout=5 * S, round_trip=200 * MS), api)
    run.until(6.3)  # the update took 1.2 s
    failed, waiter = sorted(activity(run), key=lambda row: str(row["state"]), reverse=True)
    assert (failed["state"], failed["query"]) == ("idle in transaction (aborted)", "SELECT")
    assert (failed["wait_event"], failed["xact_age_s"], failed["backend_xid"]) == ("ClientRead", None, None)
    assert (waiter["state"], waiter["wait_event_type"], waiter["state_age_s"]) == ("active", "IO", 3.3)
    run.until(60)
    assert run.outcomes()[0] == "statement_timeout"
    assert run.ended_s()[0] == 6.4


def test_a_single_statement_with_an_error_leaves_its_session_idle() -> None:
    program = [BorrowStep(borrow="db"), QueryStep(query="SELECT", time=fixed(20 * S)), ReturnStep(returns="db")]
    run = run_of(
        [0], replace(EXACT, statement_timeout=5 * S, round_trip=200 * MS), replace(HOLDING, endpoints=endpoint(program))
    )
    run.until(5.1)
    assert (activity(run), run.ended_s()) == ([], [5])


def test_a_pod_killed_while_it_rolls_back_answers_its_user_once() -> None:
    api = replace(HOLDING, grace=1 * S, endpoints=endpoint(one_transaction(UPDATE)))
    run = run_of([0], replace(EXACT, statement_timeout=500 * MS, round_trip=10 * S), api).until(1)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(60)
    assert run.outcomes() == ["pod_lost"]
    assert run.world.database.states()["idle in transaction (aborted)"] == 0


def test_rows_of_a_view_are_plain_so_that_they_travel_without_the_simulation() -> None:
    run = run_of([0, 2 * S]).until(5)
    for view in ("pg_locks", "pg_stat_activity"):
        assert {type(row) for row in run.simulation.look(view).rows} == {tuple}
