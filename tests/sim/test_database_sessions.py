"""What terminate, cancel and timeouts do to sessions, and what clients notice of it and when.

Facts are those of PostgreSQL 15.18.
"""

from __future__ import annotations

from dataclasses import replace

from drill.actions.catalogue import CancelQueries, RestartPods, SetDatabaseTimeout, TerminateIdle, TerminateQueries
from drill.scenario.topology import BorrowStep, HoldStep, PoolSpec, QueryStep, ReturnStep, TransactionStep
from drill.sim.sessions import ABORTED
from tests.sim.worlds import (
    API,
    EXACT,
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

ADMIN = "FATAL:  terminating connection due to administrator command"

SLOW = replace(API, pools={"db": PoolSpec(size=1, startup="eager")}, endpoints=endpoint(one_query(fixed(5 * S))))
"""One connection; each request's statement takes 5 s."""
IN_TRANSACTION = replace(
    SLOW,
    endpoints=endpoint(
        one_transaction(
            QueryStep(query="SELECT", time=fixed(1 * S)),
            HoldStep(hold=fixed(10 * S)),
            QueryStep(query="UPDATE", time=fixed(1 * S)),
        )
    ),
)
"""One connection; each transaction is idle for 10 s between two statements of 1 s."""


def states(run: Run) -> dict[str, int]:
    return {state: count for state, count in run.world.database.states().items() if count}


def test_a_client_learns_of_a_terminated_idle_session_at_its_next_statement() -> None:
    run = Run(scenario(SLOW), trace=arrivals([20 * S, 21 * S])).until(10)
    assert run.simulation.perform(TerminateIdle(older_than=1 * S)) == "1 idle sessions terminated"
    assert states(run) == {}
    assert run.simulation.snapshot().pods[0].pools[0].idle == 1  # the pool does not know
    run.until(60)
    assert run.outcomes() == ["terminated", "ok"]
    assert run.ended_s()[0] == 20
    assert run.log() == [ADMIN]
    assert states(run) == {"idle": 1}


def test_only_sessions_idle_for_longer_are_terminated() -> None:
    run = Run(scenario(replace(SLOW, pools={"db": PoolSpec(size=2, startup="eager")})), trace=arrivals([0])).until(10)
    assert run.simulation.perform(TerminateIdle(older_than=6 * S)) == "1 idle sessions terminated"


def test_a_client_of_a_terminated_active_session_learns_at_once() -> None:
    run = Run(scenario(SLOW), trace=arrivals([10 * S])).until(12)
    assert run.simulation.perform(TerminateQueries(older_than=1 * S)) == "1 sessions terminated"
    assert run.outcomes() == ["terminated"]
    assert run.ended_s() == [12]
    assert run.log() == [ADMIN]
    assert run.world.database.slots.in_use == 0


def test_a_transaction_is_lost_with_its_session() -> None:
    run = Run(scenario(IN_TRANSACTION), trace=arrivals([10 * S])).until(15)
    assert states(run) == {"idle in transaction": 1}
    run.simulation.perform(TerminateQueries(older_than=1 * S))
    assert states(run) == {}
    run.until(60)
    assert run.outcomes() == ["terminated"]
    assert run.ended_s() == [21]  # at its next statement


def test_a_cancelled_statement_fails_its_request_and_leaves_the_session() -> None:
    run = Run(scenario(SLOW), trace=arrivals([10 * S, 12 * S])).until(13)
    assert run.simulation.perform(CancelQueries(older_than=1 * S)) == "1 statements cancelled"
    run.until(60)
    assert run.outcomes() == ["canceled", "ok"]
    assert run.ended_s() == [13, 18]  # the waiter got the same session at once
    assert run.log() == ["ERROR:  canceling statement due to user request"]
    assert run.world.database.connects == 1


def test_cancelling_does_nothing_to_idle_sessions_or_transactions() -> None:
    run = Run(scenario(IN_TRANSACTION), trace=arrivals([10 * S])).until(15)
    for session in run.world.database.sessions.values():
        run.world.database.cancel(session)
    assert run.simulation.perform(CancelQueries(older_than=0)) == "0 statements cancelled"
    run.until(60)
    assert run.outcomes() == ["ok"]


def database(**timeouts: int) -> Run:
    """Return a run in which a transaction starts at 10 s, on a server with timeouts in seconds."""
    spec = replace(EXACT, **{setting: limit * S for setting, limit in timeouts.items()})  # type: ignore[arg-type]  # fields
    return Run(scenario(IN_TRANSACTION, topology=replace(TOPOLOGY, database=spec)), trace=arrivals([10 * S]))


def test_a_transaction_that_is_idle_after_an_error_is_ended_by_the_same_timeout() -> None:
    run = database(idle_in_transaction_session_timeout=3).until(5)
    (session,) = run.world.database.sessions.values()
    session.become(ABORTED, 5 * S)
    run.until(7.9)
    assert states(run) == {"idle in transaction (aborted)": 1}
    run.until(8.1)
    assert session.closed is not None
    assert session.closed.sqlstate == "25P03"


def test_statement_timeout_cancels_a_statement_exactly_then_and_keeps_the_session() -> None:
    spec = replace(EXACT, statement_timeout=3 * S)
    run = Run(scenario(SLOW, topology=replace(TOPOLOGY, database=spec)), trace=arrivals([10 * S, 11 * S])).until(60)
    assert run.outcomes() == ["statement_timeout", "statement_timeout"]
    assert run.ended_s() == [13, 16]
    assert set(run.log()) == {"ERROR:  canceling statement due to statement timeout"}
    assert (run.world.database.connects, states(run)) == (1, {"idle": 1})


def test_statement_timeout_does_not_count_what_lies_between_statements() -> None:
    assert database(statement_timeout=3).until(60).outcomes() == ["ok"]


def test_a_transaction_idle_for_too_long_loses_its_session_at_once_and_learns_at_its_next_statement() -> None:
    run = database(idle_in_transaction_session_timeout=4)
    run.until(15)
    assert states(run) == {"idle in transaction": 1}
    run.until(15.000_001)
    assert (states(run), run.world.database.slots.in_use) == ({}, 0)
    run.until(60)
    assert run.outcomes() == ["idle_timeout"]
    assert run.ended_s() == [21]
    assert run.log() == ["FATAL:  terminating connection due to idle-in-transaction timeout"]


def test_idle_in_transaction_timeout_leaves_idle_and_busy_sessions_alone() -> None:
    run = database(idle_in_transaction_session_timeout=11).until(600)
    assert (run.outcomes(), states(run)) == (["ok"], {"idle": 1})


def test_an_idle_session_ends_at_its_timeout_and_the_client_learns_at_its_next_statement() -> None:
    spec = replace(EXACT, idle_session_timeout=20 * S)
    api = replace(SLOW, pools={"db": PoolSpec(size=1)})
    run = Run(scenario(api, topology=replace(TOPOLOGY, database=spec)), trace=arrivals([0, 100 * S]))
    run.until(24.9)
    assert states(run) == {"idle": 1}
    run.until(25.1)
    assert states(run) == {}
    run.until(200)
    assert run.outcomes() == ["ok", "idle_timeout"]
    assert run.log()[-1] == "FATAL:  terminating connection due to idle-session timeout"


def test_a_session_idle_after_a_commit_ends_at_its_timeout_too() -> None:
    program = one_transaction(QueryStep(query="SELECT", time=fixed(5 * S)))
    api = replace(SLOW, pools={"db": PoolSpec(size=1)}, endpoints=endpoint(program))
    spec = replace(EXACT, idle_session_timeout=20 * S)
    run = Run(scenario(api, topology=replace(TOPOLOGY, database=spec)), trace=arrivals([0])).until(24)
    assert states(run) == {"idle": 1}
    run.until(26)
    assert states(run) == {}


def test_a_timeout_set_at_run_time_holds_for_what_begins_later_and_no_longer_once_it_is_off() -> None:
    run = Run(scenario(SLOW), trace=arrivals([10 * S, 20 * S, 30 * S])).until(18)
    run.simulation.perform(SetDatabaseTimeout(setting="statement_timeout", timeout=3 * S))
    run.until(28)
    run.simulation.perform(SetDatabaseTimeout(setting="statement_timeout", timeout=0))
    run.until(60)
    assert run.outcomes() == ["ok", "statement_timeout", "ok"]


def test_time_goes_forward_when_a_timeout_is_set_that_sessions_have_passed_already() -> None:
    api = replace(API, pools={"db": PoolSpec(size=3, startup="eager")})
    run = Run(scenario(api, rate=20.0)).until(100)
    run.simulation.perform(SetDatabaseTimeout(setting="idle_session_timeout", timeout=1 * S))
    seen = []
    run.world.clock.call_at(101 * S, lambda _: seen.append(run.world.clock.t))
    while run.world.clock.peek() < 101 * S:
        run.world.clock.step()
        assert run.world.clock.t >= 100 * S
    run.until(200)
    assert seen == [101 * S]
    assert all(row.done_us >= row.at_us for row in run.rows)


def test_the_statement_of_a_client_that_died_keeps_its_slot_until_it_ends() -> None:
    api = replace(SLOW, grace=1 * S)
    run = Run(scenario(api), trace=arrivals([10 * S])).until(11)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(13)  # the grace period ended at 12 s, the next pod starts
    assert run.outcomes() == ["pod_lost"]
    run.until(14.9)
    assert states(run)["active"] == 1
    run.until(15.1)
    assert states(run) == {"idle": 1}  # the new pod's own
    assert run.world.database.slots.in_use == 1


def test_an_idle_transaction_whose_client_died_frees_its_slot_at_once() -> None:
    run = Run(scenario(replace(IN_TRANSACTION, grace=1 * S)), trace=arrivals([10 * S])).until(15)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(16.1)
    assert states(run) == {}


def test_a_cancelled_statement_whose_client_died_frees_its_slot() -> None:
    run = Run(scenario(replace(SLOW, grace=1 * S)), trace=arrivals([10 * S])).until(11)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(12.5)
    run.simulation.perform(CancelQueries(older_than=1 * S))
    run.until(60)
    assert (states(run), run.world.database.slots.in_use) == ({"idle": 1}, 1)  # the new pod's own


def test_a_terminated_statement_whose_client_died_frees_its_slot_once() -> None:
    run = Run(scenario(replace(SLOW, grace=1 * S)), trace=arrivals([10 * S])).until(11)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(12.5)
    run.simulation.perform(TerminateQueries(older_than=1 * S))
    assert run.world.database.slots.in_use == 0
    run.until(60)
    assert (states(run), run.world.database.slots.in_use) == ({"idle": 1}, 1)


LEAKY = replace(
    SLOW,
    pools={"db": PoolSpec(size=3, startup="eager")},
    endpoints=endpoint(
        [
            BorrowStep(borrow="db"),
            TransactionStep(transaction=[QueryStep(query="INSERT", time=fixed(1 * S))]),
            QueryStep(query="SELECT", time=fixed(9 * S)),
            ReturnStep(returns="db"),
        ]
    ),
)


def test_a_leaked_connection_is_idle_in_transaction_and_stays_borrowed_when_its_session_is_terminated() -> None:
    run = Run(scenario(LEAKY), trace=arrivals([0], leaks=[0])).until(20)
    assert (states(run), run.outcomes()) == ({"idle": 2, "idle in transaction": 1}, ["application_error"])
    assert run.simulation.perform(TerminateQueries(older_than=1 * S)) == "1 sessions terminated"
    run.until(60)
    assert states(run) == {"idle": 2}
    assert run.simulation.snapshot().pods[0].pools[0].in_use == 1


def test_a_leaked_transaction_ends_at_the_idle_in_transaction_timeout() -> None:
    spec = replace(EXACT, idle_in_transaction_session_timeout=5 * S)
    run = Run(scenario(LEAKY, topology=replace(TOPOLOGY, database=spec)), trace=arrivals([0], leaks=[0])).until(14)
    assert states(run) == {"idle": 2, "idle in transaction": 1}
    run.until(16)
    assert states(run) == {"idle": 2}


def test_terminating_the_last_statement_of_a_stopping_pod_may_end_other_sessions_of_it_too() -> None:
    run = Run(scenario(LEAKY), trace=arrivals([0, 12 * S], leaks=[0])).until(15)
    run.simulation.perform(RestartPods(deployment="api", rollout="recreate"))
    run.until(16)  # the pod waits for one request; its other session is a leaked transaction
    sessions = run.world.database.sessions
    leaked, at_work = sorted(sessions.values(), key=lambda session: session.since)[-2:]
    assert {leaked.state, at_work.state} == {1, 2}
    run.simulation.perform(TerminateQueries(older_than=0))
    assert sessions == {}
    assert run.outcomes()[1] == "terminated"
