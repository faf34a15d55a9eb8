"""A request does the steps of its program in order, holds what it borrowed, and gives it back however it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import SetFlag
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    ComputeStep,
    Guarded,
    HoldStep,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_query, scenario

ONE = PoolSpec(size=1, startup="eager")


def run_of(
    program: list[Guarded],
    at_us: list[int],
    pools: dict[str, PoolSpec] | None = None,
    flags: dict[str, bool] | None = None,
) -> Run:
    """Return a run of one pod of two cores whose users arrive at given times."""
    api = replace(API, cores=2.0, pools=pools or {"db": ONE}, endpoints=endpoint(program))
    return Run(scenario(api, topology=replace(TOPOLOGY, flags=flags or {})), trace=arrivals(at_us))


def test_steps_take_their_times_one_after_the_other() -> None:
    program: list[Guarded] = [
        ComputeStep(compute=fixed(5 * MS)),
        BorrowStep(borrow="db"),
        TransactionStep(
            transaction=[
                QueryStep(query="SELECT", time=fixed(20 * MS), cpu=fixed(3 * MS)),
                HoldStep(hold=fixed(7 * MS)),
                QueryStep(query="UPDATE", time=fixed(30 * MS)),
            ]
        ),
        HoldStep(hold=fixed(100 * MS)),
        ReturnStep(returns="db"),
        CallStep(call="mail", time=fixed(50 * MS)),
    ]
    assert run_of(program, [0]).until(10).ended_s() == [pytest.approx(0.215)]


@pytest.mark.parametrize("cpu_us", [0, 4 * MS])
def test_a_round_trip_is_added_to_each_statement(cpu_us: int) -> None:
    query = QueryStep(query="SELECT", time=fixed(10 * MS - cpu_us), cpu=fixed(cpu_us))
    program = [BorrowStep(borrow="db"), query, query, query, ReturnStep(returns="db")]
    spec = replace(TOPOLOGY, database=replace(TOPOLOGY.database, round_trip=920))
    run = Run(scenario(replace(API, endpoints=endpoint(program)), topology=spec), trace=arrivals([0]))
    assert run.until(10).ended_s() == [pytest.approx(0.032_760)]


def test_a_connection_is_held_from_borrow_to_return() -> None:
    program: list[Guarded] = [
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT", time=fixed(1 * S)),
        HoldStep(hold=fixed(2 * S)),
        ReturnStep(returns="db"),
        HoldStep(hold=fixed(10 * S)),
    ]
    run = run_of(program, [0, 0]).until(60)
    assert run.ended_s() == [13, 16]
    assert [row.checkout_wait_us for row in run.rows] == [0, 3 * S]


def test_requests_share_the_cores_of_their_pod() -> None:
    run = run_of([ComputeStep(compute=fixed(1 * S))], [0, 0, 0, 0]).until(10)
    assert run.ended_s() == [pytest.approx(2.0)] * 4


def test_a_call_that_takes_too_long_fails_exactly_at_its_timeout() -> None:
    program: list[Guarded] = [
        BorrowStep(borrow="db"),
        CallStep(call="payment", time=fixed(3 * S), timeout=2 * S),
        ReturnStep(returns="db"),
    ]
    run = run_of(program, [0, 0]).until(10)
    assert run.outcomes() == ["call_timeout", "call_timeout"]
    assert run.ended_s() == [2, 4]  # the connection came back with the failure
    assert run.log()[0] == "call to payment timed out after 2 s"


@pytest.mark.parametrize(("time_us", "outcome"), [(2 * S, "ok"), (2 * S + 1, "call_timeout")])
def test_a_call_that_takes_just_its_timeout_is_answered(time_us: int, outcome: str) -> None:
    assert run_of([CallStep(call="mail", time=fixed(time_us), timeout=2 * S)], [0]).until(10).outcomes() == [outcome]


def test_a_pool_of_tokens_limits_what_runs_at_the_same_time() -> None:
    program: list[Guarded] = [BorrowStep(borrow="threads"), HoldStep(hold=fixed(1 * S)), ReturnStep(returns="threads")]
    run = run_of(program, [0] * 5, {"threads": PoolSpec(size=2, to="nothing", checkout_timeout=1500 * MS)}).until(10)
    assert run.outcomes() == ["ok", "ok", "ok", "ok", "checkout_timeout"]
    assert run.ended_s() == [1, 1, 2, 2, 1.5]
    assert run.world.database.connects == 0


def test_a_full_pool_that_rejects_fails_requests_at_once() -> None:
    run = run_of(one_query(fixed(1 * S)), [0, 0], {"db": replace(ONE, on_full="reject")}).until(10)
    assert run.outcomes() == ["ok", "pool_full"]
    assert run.ended_s() == [1, 0]


def test_a_failed_request_costs_cpu_time_of_its_pod() -> None:
    run = run_of(one_query(fixed(1 * S)), [0, 0], {"db": replace(ONE, on_full="reject")}).until(10)
    assert run.world.deployments["api"].pods[0].cpu.busy_us() == API.error_cpu


def test_a_program_may_hold_members_of_two_pools() -> None:
    program: list[Guarded] = [
        BorrowStep(borrow="threads"),
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT", time=fixed(1 * S), on="db"),
        ReturnStep(returns="db"),
        HoldStep(hold=fixed(1 * S)),
        ReturnStep(returns="threads"),
    ]
    run = run_of(program, [0, 0, 0], {"threads": PoolSpec(size=2, to="nothing"), "db": ONE}).until(10)
    assert run.ended_s() == [2, 3, 4]


GUARDED: list[Guarded] = [
    ComputeStep(compute=fixed(1 * S)),
    HoldStep(hold=fixed(1 * S), when="slow"),
    HoldStep(hold=fixed(5 * S), unless="slow"),
    TransactionStep(transaction=[HoldStep(hold=fixed(1 * S))], when="slow"),
]


@pytest.mark.parametrize(("on", "ended_s"), [(True, 3), (False, 6)])
def test_a_flag_decides_which_steps_happen(*, on: bool, ended_s: int) -> None:
    program = [BorrowStep(borrow="db"), *GUARDED, ReturnStep(returns="db")]
    assert run_of(program, [0], flags={"slow": on}).until(10).ended_s() == [ended_s]


def test_requests_that_arrived_before_a_flag_was_switched_see_the_old_value() -> None:
    program = [BorrowStep(borrow="db"), *GUARDED, ReturnStep(returns="db")]
    run = run_of(program, [0, 20 * S], flags={"slow": True}).until(0.5)
    run.simulation.perform(SetFlag(flag="slow", on=False))
    run.until(60)
    assert run.ended_s() == [3, 26]


@pytest.mark.parametrize("on", [True, False])
def test_switching_a_flag_never_leaves_a_connection_behind(*, on: bool) -> None:
    """Each request borrows and returns, or does neither, as the flag was when it arrived."""
    program: list[Guarded] = [
        BorrowStep(borrow="db", when="report"),
        HoldStep(hold=fixed(1 * S)),
        QueryStep(query="SELECT", time=fixed(1 * S), on="db", when="report"),
        ReturnStep(returns="db", when="report"),
    ]
    run = run_of(program, [0], flags={"report": not on}).until(0.5)
    run.simulation.perform(SetFlag(flag="report", on=on))
    run.until(60)
    assert run.outcomes() == ["ok"]
    assert run.simulation.snapshot().pods[0].pools[0].in_use == 0


def test_a_thousand_waiters_whose_turn_takes_no_time_are_all_served() -> None:
    """What does not take time must not take stack either."""
    program: list[Guarded] = [
        BorrowStep(borrow="db"),
        HoldStep(hold=fixed(1 * S), when="slow"),
        ReturnStep(returns="db"),
    ]
    spec = replace(TOPOLOGY, database=replace(TOPOLOGY.database, connect=5 * S))
    api = replace(API, pools={"db": PoolSpec(size=1)}, endpoints=endpoint(program))
    run = Run(scenario(api, topology=replace(spec, flags={"slow": False})), trace=arrivals(range(0, 1_000_000, 1_000)))
    run.until(60)
    assert run.outcomes() == ["ok"] * 1_000


def test_pg_stat_activity_shows_what_a_session_does() -> None:
    program: list[Guarded] = [
        BorrowStep(borrow="db"),
        TransactionStep(transaction=[QueryStep(query="INSERT", time=fixed(5 * S)), HoldStep(hold=fixed(5 * S))]),
        QueryStep(query="SELECT", time=fixed(5 * S)),
        ReturnStep(returns="db"),
    ]
    run = run_of(program, [0])
    seen = []
    for at_s in (-1, 3, 8, 13, 18):
        run.until(at_s)
        reading = run.simulation.look("pg_stat_activity")
        cells = dict(zip(reading.columns, reading.rows[0], strict=True))
        seen.append((cells["state"], cells["query"], cells["xact_age_s"], cells["wait_event"]))
    assert seen == [
        ("idle", "", None, "ClientRead"),
        ("active", "INSERT", 3.0, "DataFileRead"),
        ("idle in transaction", "INSERT", 8.0, "ClientRead"),
        ("active", "SELECT", 3.0, "DataFileRead"),
        ("idle", "SELECT", None, "ClientRead"),
    ]
