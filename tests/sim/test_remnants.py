"""What breaks behind a pooler in transaction mode because two statements of one client run in two sessions.

Errors and silences are those captured from PostgreSQL 15.18 behind PgBouncer 1.18.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.scenario.topology import (
    BorrowStep,
    DeploymentSpec,
    EndpointSpec,
    HoldStep,
    PoolSpec,
    QueryStep,
    ReturnStep,
)
from drill.scenario.traces import Trace
from tests.sim.test_pooler import POOLER, THROUGH, topology
from tests.sim.worlds import API, MS, Run, S, fixed, scenario

if TYPE_CHECKING:
    from typing import Literal

    from drill.sim.sessions import Session

NOT_OWNED = "WARNING:  you don't own a lock of type ExclusiveLock"


def statement(leaves: str = "", needs: str = "", drops: str = "", time_us: int = 1 * MS) -> QueryStep:
    return QueryStep(query="SELECT", time=fixed(time_us), leaves=leaves, needs=needs, drops=drops)


def moved(first: QueryStep, second: QueryStep, mode: Literal["session", "transaction"] = "transaction") -> Run:
    """Return a run in which one client's two statements meet two servers, and a second client uses the first one.

    Client A runs `first` at 0 s, waits for 2 s and runs `second`. At 0.5 s another client takes A's server for 3 s and
    a third one has a second server opened for 1 s, so that A gets that one.
    """
    programs = {
        "a": [BorrowStep(borrow="db"), first, HoldStep(hold=fixed(2 * S)), second, ReturnStep(returns="db")],
        "busy": [BorrowStep(borrow="db"), statement(time_us=3 * S), ReturnStep(returns="db")],
        "later": [BorrowStep(borrow="db"), statement(time_us=1 * S), ReturnStep(returns="db")],
    }
    api = replace(
        API,
        pools={"db": replace(THROUGH, size=5)},
        endpoints={name: EndpointSpec(program=list(program)) for name, program in programs.items()},
    )
    return traced(api, [(0, "a"), (500, "busy"), (501, "later")], mode)


def traced(
    api: DeploymentSpec, plan: list[tuple[int, str]], mode: Literal["session", "transaction"] = "transaction"
) -> Run:
    """Return a run with requests at times in milliseconds."""
    trace = Trace(
        at_us=tuple(at * MS for at, _ in plan),
        service_us=(None,) * len(plan),
        pod=(),
        endpoint=tuple(name for _, name in plan),
        leak=(False,) * len(plan),
    )
    return Run(scenario(api, topology=topology(replace(POOLER, mode=mode))), trace=trace).until(30)


CASES = [
    ("prepared find", 'ERROR:  prepared statement "find" does not exist'),
    ("temp cart", 'ERROR:  relation "cart" does not exist'),
    ("cursor rows", 'ERROR:  cursor "rows" does not exist'),
]


@pytest.mark.parametrize(("state", "text"), CASES)
def test_what_one_server_has_is_missing_on_the_next(state: str, text: str) -> None:
    run = moved(statement(leaves=state), statement(needs=state))
    assert run.outcomes()[0] == "application_error"
    assert run.log() == [text]


@pytest.mark.parametrize(("state", "text"), CASES)
def test_in_session_mode_it_is_there(state: str, text: str) -> None:
    run = moved(statement(leaves=state), statement(needs=state), "session")
    assert run.outcomes()[0] == "ok"
    assert text not in run.log()


@pytest.mark.parametrize(("state", "_"), CASES)
def test_on_a_direct_connection_it_is_there(state: str, _: str) -> None:
    program = [BorrowStep(borrow="db"), statement(leaves=state), statement(needs=state), ReturnStep(returns="db")]
    api = replace(API, pools={"db": PoolSpec(size=1)}, endpoints={"a": EndpointSpec(program=list(program))})
    assert traced(api, [(0, "a"), (500, "a")]).outcomes() == ["ok", "ok"]


def test_a_second_client_finds_that_its_prepared_statement_exists_already() -> None:
    """Driver-made names repeat from client to client; captured as 42P05."""
    both = statement(leaves="prepared s0", needs="prepared s0", time_us=100 * MS)
    program = [BorrowStep(borrow="db"), both, ReturnStep(returns="db")]
    api = replace(API, pools={"db": replace(THROUGH, size=2)}, endpoints={"a": EndpointSpec(program=program)})
    spec = topology(replace(POOLER, pool_size=1))
    trace = Trace(at_us=(0, 50 * MS), service_us=(None, None), pod=(), endpoint=("a", "a"), leak=(False, False))
    run = Run(scenario(api, topology=spec), trace=trace).until(30)
    assert run.outcomes() == ["ok", "application_error"]
    assert run.log() == ['ERROR:  prepared statement "s0" already exists']


def test_a_listen_and_a_set_are_lost_without_an_error() -> None:
    for state in ("listen orders", "set search_path"):
        run = moved(statement(leaves=state), statement(needs=state))
        assert (run.outcomes()[0], run.log()) == ("ok", [])


def servers(run: Run) -> list[Session]:
    assert run.world.pooler is not None
    return list(run.world.pooler.servers.members)


def test_an_advisory_lock_is_not_released_and_stays_with_an_idle_server() -> None:
    run = moved(statement(leaves="lock order"), statement(drops="lock order"))
    assert run.outcomes()[0] == "ok"
    assert run.log() == [NOT_OWNED]
    assert [session.left for session in servers(run)].count({"lock order": 0}) == 1
    run.world.deployments["api"].scale(0)
    run.until(40)
    assert run.world.pooler is not None
    assert run.world.pooler.clients == 0
    assert [session.left for session in servers(run)].count({"lock order": 0}) == 1


def test_a_lock_that_another_session_holds_is_not_had() -> None:
    program = [BorrowStep(borrow="db"), statement(leaves="lock order", time_us=100 * MS), ReturnStep(returns="db")]
    api = replace(API, pools={"db": PoolSpec(size=2)}, endpoints={"a": EndpointSpec(program=program)})
    run = traced(api, [(0, "a"), (50, "a")])
    assert run.outcomes() == ["ok", "application_error"]
    assert run.log() == ["could not obtain advisory lock order"]


def test_a_statement_timeout_that_one_client_sets_cancels_statements_of_others() -> None:
    """SET leaks: lost for the client that set it, seen by the next client of the server, 3 of 3."""
    programs = {
        "set": [statement(leaves="set statement_timeout=500ms")],
        "slow": [statement(time_us=1 * S)],
    }
    api = replace(
        API,
        pools={"db": replace(THROUGH, size=2)},
        endpoints={
            name: EndpointSpec(program=[BorrowStep(borrow="db"), *steps, ReturnStep(returns="db")])
            for name, steps in programs.items()
        },
    )
    for mode, outcome in (("transaction", "statement_timeout"), ("session", "ok")):
        spec = topology(replace(POOLER, pool_size=2, mode=mode))  # type: ignore[arg-type]  # two literals
        trace = Trace(
            at_us=(0, 1, 10 * S), service_us=(None,) * 3, pod=(), endpoint=("set", "slow", "slow"), leak=(False,) * 3
        )
        run = Run(scenario(api, topology=spec), trace=trace).until(30)
        assert outcome in run.outcomes()[1:]
        assert run.outcomes()[0] == "ok"
