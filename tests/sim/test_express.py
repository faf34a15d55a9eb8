"""What is done in one call for speed, a return with its statement and an answer with its program, leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import Action, CancelQueries, RestartPods, Scale, TerminateIdle, TerminateQueries
from drill.scenario.pools import PoolSpec
from drill.scenario.topology import BorrowStep, DatabaseSpec, DeploymentSpec
from drill.sim import service
from drill.sim.borrowing import Return
from drill.sim.exchange import Exchange
from drill.sim.express import Made, QueryAndReturn, shorten
from drill.sim.program import Query
from tests.sim.test_determinism import played
from tests.sim.worlds import API, CASES, MS, TOPOLOGY, Run, S, arrivals, endpoint, lognormal, one_query, scenario

LENGTH_S = 20
ACTIONS: list[Action] = [
    Scale(deployment="api", replicas=5),
    TerminateIdle(older_than=1 * MS),
    TerminateQueries(older_than=1 * MS),
    CancelQueries(older_than=1 * MS),
    RestartPods(deployment="api", rollout="surge"),
]
PLANS = st.lists(st.tuples(st.integers(1, LENGTH_S - 1), st.sampled_from(ACTIONS)), max_size=4)
SYSTEMS = st.builds(
    lambda size, idle_s, cores, limit_s: (
        replace(
            API,
            replicas=3,
            pools={"db": PoolSpec(size=size, startup="eager", idle_timeout=idle_s * S)},
            endpoints=endpoint(one_query(lognormal(20 * MS, 0.5), lognormal(8 * MS, 0.5))),
        ),
        DatabaseSpec(max_connections=30, cores=cores, statement_timeout=limit_s * S),
    ),
    st.integers(1, 6),
    st.sampled_from([0, 1]),
    st.sampled_from([1.0, 2.0, 8.0]),
    st.sampled_from([0, 1]),
)


def digest(system: tuple[DeploymentSpec, DatabaseSpec], plan: list[tuple[int, Action]]) -> str:
    """Return the digest of a run with actions at times, some of whose users leak connections."""
    api, database = system
    spec = scenario(api, length_s=LENGTH_S, topology=replace(TOPOLOGY, database=database))
    users = arrivals([number * 8 * MS for number in range(LENGTH_S * 125)], leaks=(300, 900))
    run = Run(spec, trace=users)
    for at_s, action in sorted(plan, key=lambda step: step[0]):
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S).simulation.digest


@settings(CASES, max_examples=15)
@given(system=SYSTEMS, plan=PLANS)
def test_programs_with_and_without_them_have_the_same_digest(
    system: tuple[DeploymentSpec, DatabaseSpec], plan: list[tuple[int, Action]]
) -> None:
    with patch.object(service, "shorten", list), patch.object(Exchange, "near", new=False):
        longer = digest(system, plan)
    assert digest(system, plan) == longer


def test_a_run_with_a_pooler_and_a_flag_has_the_same_digest_without_them() -> None:
    with patch.object(service, "shorten", list), patch.object(Exchange, "near", new=False):
        longer = played().simulation.digest
    assert played().simulation.digest == longer


def test_a_statement_inside_a_transaction_returns_nothing() -> None:
    world = Run(scenario(API)).world
    [query_spec, return_spec] = [step for step in API.endpoints["q"].program if not isinstance(step, BorrowStep)]
    query, returning = Query(world.database, 0, "SELECT 1", (0, 1)), Return(0)
    made: Made = [(query_spec, query), (return_spec, returning)]
    assert [type(step) for _, step in shorten(made)] == [QueryAndReturn, Return]
    query.commits = False
    assert [type(step) for _, step in shorten(made)] == [Query, Return]
    query.commits, returning.pool = True, 1
    assert [type(step) for _, step in shorten(made)] == [Query, Return]
