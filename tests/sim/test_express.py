"""What is done in one call for speed, a return with its statement and an answer with its program, leaves no trace."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import (
    Action,
    CancelQueries,
    RateLimit,
    RestartPods,
    Scale,
    SetDatabaseTimeout,
    SetGatewayTimeout,
    Shed,
    TerminateIdle,
    TerminateQueries,
)
from drill.scenario.pools import PoolSpec
from drill.scenario.topology import (
    BorrowStep,
    DatabaseSpec,
    DeploymentSpec,
    GatewaySpec,
    Guarded,
    QueryStep,
    ReturnStep,
)
from drill.sim import compiling, users
from drill.sim.borrowing import Borrow, Return
from drill.sim.clock import NEVER
from drill.sim.exchange import Exchange
from drill.sim.express import BorrowAndQuery, Made, QueryAndQuery, QueryAndReturn, shorten
from drill.sim.pool import Pool
from drill.sim.program import Query
from drill.sim.request import Request
from drill.sim.workload import Arrival
from tests.sim.test_determinism import played
from tests.sim.worlds import (
    API,
    CASES,
    MS,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    fixed,
    lognormal,
    one_query,
    one_transaction,
    scenario,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from drill.sim.visits import Visits
    from drill.sim.workload import Row

LENGTH_S = 20
ACTIONS: list[Action] = [
    Scale(deployment="api", replicas=5),
    TerminateIdle(older_than=1 * MS),
    SetDatabaseTimeout(setting="idle_session_timeout", timeout=200 * MS),
    SetDatabaseTimeout(setting="idle_session_timeout", timeout=0),
    TerminateQueries(older_than=1 * MS),
    CancelQueries(older_than=1 * MS),
    RestartPods(deployment="api", rollout="surge"),
]
PLANS = st.lists(st.tuples(st.integers(1, LENGTH_S - 1), st.sampled_from(ACTIONS)), max_size=4)
STATEMENT = QueryStep(query="SELECT 1", time=lognormal(20 * MS, 0.5), cpu=lognormal(8 * MS, 0.5))
PROGRAMS: list[list[Guarded]] = [
    one_query(STATEMENT.time, STATEMENT.cpu),
    [BorrowStep(borrow="db"), STATEMENT, STATEMENT, ReturnStep(returns="db")],
    one_transaction(STATEMENT, STATEMENT, STATEMENT),
]
SYSTEMS = st.builds(
    lambda size, wait_ms, idle_s, program, cores, limits_ms: (
        replace(
            API,
            replicas=3,
            pools={
                "db": PoolSpec(size=size, startup="eager", idle_timeout=idle_s * S, checkout_timeout=wait_ms * MS),
            },
            endpoints=endpoint(program),
        ),
        DatabaseSpec(
            max_connections=30,
            cores=cores,
            statement_timeout=limits_ms[0] * MS,
            idle_in_transaction_session_timeout=limits_ms[1] * MS,
        ),
    ),
    size=st.integers(1, 6),
    wait_ms=st.sampled_from([100, 30_000]),
    idle_s=st.sampled_from([0, 1]),
    program=st.sampled_from(PROGRAMS),
    cores=st.sampled_from([1.0, 2.0, 8.0]),
    limits_ms=st.sampled_from([(0, 0), (1_000, 0), (60, 0), (0, 40)]),
)
"""Pools that are full and such that never are, whose members are returned to a line in between or to nobody."""


def digest(system: tuple[DeploymentSpec, DatabaseSpec], plan: list[tuple[int, Action]]) -> str:
    """Return the digest of a run with actions at times, some of whose users leak connections."""
    api, database = system
    spec = scenario(api, length_s=LENGTH_S, topology=replace(TOPOLOGY, database=database))
    users = arrivals([number * 8 * MS for number in range(LENGTH_S * 125)], leaks=(300, 900))
    run = Run(spec, trace=users)
    for at_s, action in sorted(plan, key=lambda step: step[0]):
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S).simulation.digest


def one_by_one(visits: Visits, arrivals: Iterator[Row]) -> Generator[None, None, None]:
    """Let users in as they are let in without any short way."""
    for row in arrivals:
        visits.clock.due = row[0]
        yield
        visits.arrive(Arrival._make(row))
    visits.clock.due = NEVER
    yield


def given_back(pool: Pool, member: Any) -> None:  # noqa: ANN401 - as in the method for which this stands
    """Return a member as if nobody waited: it lies idle, if only for a moment, and is lent from there."""
    if not pool.closed and (pool.care is None or pool.care.keeps(pool, member)):
        pool.in_use -= 1
        pool.offer(member)


@contextmanager
def the_long_way() -> Iterator[None]:
    """Do everything step by step."""
    with (
        patch.object(compiling, "shorten", list),
        patch.object(users, "come", one_by_one),
        patch.object(Exchange, "near", new=False),
        patch.object(Pool, "give_back", given_back),
    ):
        yield


@settings(CASES, max_examples=15)
@given(system=SYSTEMS, plan=PLANS)
def test_programs_with_and_without_them_have_the_same_digest(
    system: tuple[DeploymentSpec, DatabaseSpec], plan: list[tuple[int, Action]]
) -> None:
    with the_long_way():
        longer = digest(system, plan)
    assert digest(system, plan) == longer


def test_a_run_with_a_pooler_and_a_flag_has_the_same_digest_without_them() -> None:
    with the_long_way():
        longer = played().simulation.digest
    assert played().simulation.digest == longer


@pytest.mark.parametrize("timeout_us", [300 * MS, 1_200 * MS])
def test_a_run_with_a_rate_limit_and_a_gateway_timeout_has_the_same_digest_without_them(timeout_us: int) -> None:
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=timeout_us))
    slow = replace(API, replicas=3, endpoints=endpoint(one_query(lognormal(400 * MS, 0.8))))
    spec = scenario(slow, length_s=LENGTH_S, rate=60.0, topology=topology)
    changes = (
        RateLimit(rate=40.0),
        RateLimit(rate=0.0),
        Shed(share=0.3),
        SetGatewayTimeout(timeout=1_500 * MS),
        RestartPods(deployment="api", rollout="surge"),
        SetGatewayTimeout(timeout=600 * MS),
        Scale(deployment="api", replicas=0),
    )

    def run() -> tuple[str, set[str]]:
        run = Run(spec)
        for at_s, action in zip((3, 8, 9, 10, 11, 14, 17), changes, strict=True):
            run.until(at_s).simulation.perform(action)
        run.until(LENGTH_S)
        return run.simulation.digest, set(run.outcomes())

    with the_long_way():
        longer = run()
    assert run() == longer
    assert {"ok", "gateway_timeout", "shed", "rate_limited", "no_ready_pod"} <= longer[1]


def test_a_request_that_is_let_in_the_short_way_lacks_nothing() -> None:
    run = Run(scenario(API, length_s=LENGTH_S, rate=10.0))
    requests: list[Request] = []
    run.world.ledger.on_finish = requests.append
    run.until(2)
    usual = Request(0, 0, 0, (), leaks=False)
    attributes = [name for name in Request.__slots__ if hasattr(usual, name)]
    assert len(attributes) > 10
    assert requests
    assert all(hasattr(requests[0], name) for name in attributes)


def test_requests_that_fail_after_their_users_gave_up_leave_no_trace_either_way() -> None:
    api = replace(API, pools={"db": PoolSpec(size=5, startup="eager", checkout_timeout=400 * MS)})
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=300 * MS))
    spec = scenario(api, length_s=LENGTH_S, rate=150.0, topology=topology)
    with the_long_way():
        longer = Run(spec).until(LENGTH_S).simulation.digest
    assert Run(spec).until(LENGTH_S).simulation.digest == longer


def test_a_statement_that_starts_with_the_end_of_another_is_the_one_that_its_session_runs() -> None:
    first, second = QueryStep(query="SELECT 1", time=fixed(100 * MS)), QueryStep(query="SELECT 2", time=fixed(100 * MS))
    program = [BorrowStep(borrow="db"), first, second, ReturnStep(returns="db")]
    run = Run(scenario(replace(API, endpoints=endpoint(program))), trace=arrivals([1 * S]))
    [session] = run.until(1.05).world.database.busy
    assert (session.query, session.xact_since) == ("SELECT 1", 1 * S)
    run.until(1.15)
    assert (session.query, session.since, session.xact_since) == ("SELECT 2", 1_100 * MS, 1_100 * MS)


def test_a_statement_starts_with_its_borrow_and_returns_at_its_end_outside_of_transactions() -> None:
    world = Run(scenario(API)).world
    [borrow_spec, query_spec, return_spec] = API.endpoints["q"].program
    borrow, query, returning = Borrow(0), Query(world.database, 0, "SELECT 1", (0, 1)), Return(0)
    made: Made = [(borrow_spec, borrow), (query_spec, query), (return_spec, returning)]
    assert [type(step) for _, step in shorten(made)] == [BorrowAndQuery, QueryAndReturn, Return]
    twice: Made = [*made[:2], *made[1:]]
    assert [type(step) for _, step in shorten(twice)] == [BorrowAndQuery, QueryAndQuery, QueryAndReturn, Return]
    elsewhere = Query(world.database, 1, "SELECT 1", (0, 1))
    assert [type(step) for _, step in shorten([made[1], (query_spec, elsewhere)])] == [Query, Query]
    query.commits = False
    assert [type(step) for _, step in shorten(made)] == [BorrowAndQuery, Query, Return]
    query.commits, returning.pool = True, 1
    assert [type(step) for _, step in shorten(made)] == [BorrowAndQuery, Query, Return]
    borrow.pool = 1
    assert [type(step) for _, step in shorten(made)] == [Borrow, Query, Return]
    query.pool = 1
    assert [type(step) for _, step in shorten(made)] == [Borrow, Query, Return], "the second pool takes the long way"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_request_holds_a_member_of_each_pool_until_it_lets_go_of_all(order: tuple[int, ...]) -> None:
    request = Request(0, 0, 0, ())
    for pool in order:
        request.hold(pool, f"of {pool}")
    request.hold(1, None)
    assert [request.held(pool) for pool in range(4)] == ["of 0", None, "of 2", None]
    assert sorted(request.let_go()) == [(0, "of 0"), (2, "of 2")]
    assert (request.let_go(), request.held(0), request.held(2)) == ([], None, None)


@pytest.mark.parametrize("pools", [("first", "second"), ("second", "first")])
def test_what_was_borrowed_from_two_pools_goes_back_to_each_also_when_a_request_fails(pools: tuple[str, str]) -> None:
    """The second of two requests holds a member of one pool and waits in vain for the only one of the other."""
    outer, inner = pools
    sizes = {outer: 2, inner: 1}
    specs = {name: PoolSpec(size=sizes[name], startup="eager", checkout_timeout=1 * S) for name in ("first", "second")}
    program: list[Guarded] = [
        BorrowStep(borrow=outer),
        BorrowStep(borrow=inner),
        QueryStep(query="SELECT 1", on=inner, time=fixed(3 * S)),
        ReturnStep(returns=inner),
        QueryStep(query="SELECT 2", on=outer, time=fixed(1 * S)),
        ReturnStep(returns=outer),
    ]
    api = replace(API, replicas=1, pools=specs, endpoints=endpoint(program))
    run = Run(scenario(api, length_s=LENGTH_S), trace=arrivals([10 * S, 10 * S]))

    def lent(at_s: float) -> dict[str, int]:
        [pod] = run.until(at_s).world.deployments["api"].pods
        return {pool: lent.in_use for pool, lent in zip(specs, pod.pools, strict=True)}

    assert lent(10.5) == {outer: 2, inner: 1}
    assert lent(11.5) == {outer: 1, inner: 1}
    assert lent(13.5) == {outer: 1, inner: 0}
    assert lent(15) == {outer: 0, inner: 0}
    assert sorted(run.outcomes()) == ["checkout_timeout", "ok"]
