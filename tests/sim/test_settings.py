"""From when on a timeout counts, and for whom: the system's, a role's, and what runs already.

Measured on PostgreSQL 15.18: ALTER SYSTEM and a reload change existing sessions too, ALTER ROLE only new ones, and a
role's value wins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import RestartPods, SetDatabaseTimeout, SetRoleTimeout
from drill.scenario.database import RoleTimeoutsSpec
from drill.scenario.topology import HoldStep, PoolSpec, QueryStep
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

if TYPE_CHECKING:
    from drill.actions.postgres import DatabaseTimeout
    from drill.scenario.topology import Guarded

STATEMENT: DatabaseTimeout = "statement_timeout"
IDLE_IN_TRANSACTION: DatabaseTimeout = "idle_in_transaction_session_timeout"
IDLE: DatabaseTimeout = "idle_session_timeout"


def run_of(program: list[Guarded], at_us: list[int]) -> Run:
    api = replace(API, pools={"db": PoolSpec(size=1, startup="eager")}, endpoints=endpoint(program))
    return Run(scenario(api), trace=arrivals(at_us))


def slow(at_us: list[int]) -> Run:
    """Return a run whose statements take 5 s."""
    return run_of(one_query(fixed(5 * S)), at_us)


def test_a_statement_that_runs_already_keeps_the_timeout_it_began_with() -> None:
    run = slow([0, 10 * S]).until(1)
    run.simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=2 * S))
    run.until(30)
    assert (run.outcomes(), run.ended_s()) == (["ok", "statement_timeout"], [5, 12])


def test_a_transaction_that_is_idle_already_is_not_ended_by_a_timeout_set_now() -> None:
    """The server process reads its configuration when the next command arrives."""
    query, idle = QueryStep(query="SELECT", time=fixed(1 * S)), HoldStep(hold=fixed(8 * S))
    run = run_of(one_transaction(query, idle, query, idle, query), [0]).until(3)
    run.simulation.perform(SetDatabaseTimeout(setting=IDLE_IN_TRANSACTION, timeout=4 * S))
    run.until(13)  # idle from 1 s to 9 s, and again from 10 s on
    assert run.world.database.states()["idle in transaction"] == 1
    run.until(14.1)
    assert run.world.database.states()["idle in transaction"] == 0


def test_a_session_that_is_idle_already_is_not_ended_by_a_timeout_set_now() -> None:
    run = slow([20 * S]).until(5)
    run.simulation.perform(SetDatabaseTimeout(setting=IDLE, timeout=3 * S))
    run.until(27.9)
    assert len(run.world.database.sessions) == 1
    run.until(28.1)  # it was used until 25 s
    assert len(run.world.database.sessions) == 0


def test_switching_a_timeout_off_does_not_save_what_it_is_counting_already() -> None:
    run = slow([10 * S, 20 * S]).until(1)
    run.simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=3 * S))
    run.until(11).simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=0))
    run.until(60)
    assert run.outcomes() == ["statement_timeout", "ok"]


def test_a_roles_timeout_reaches_only_sessions_opened_later() -> None:
    run = slow([5 * S, 30 * S]).until(1)
    said = run.simulation.perform(SetRoleTimeout(setting=STATEMENT, timeout=2 * S))
    assert said == "statement_timeout set for sessions that role app opens from now on"
    run.until(15).simulation.perform(RestartPods(deployment="api"))
    run.until(60)
    assert (run.outcomes(), run.ended_s()) == (["ok", "statement_timeout"], [10, 32])


@pytest.mark.parametrize("role_s", [0, 4])
def test_a_roles_timeout_wins_over_the_systems_even_if_it_says_off(role_s: int) -> None:
    run = slow([30 * S]).until(1)
    run.simulation.perform(SetRoleTimeout(setting=STATEMENT, timeout=role_s * S))
    run.simulation.perform(RestartPods(deployment="api"))
    run.until(20).simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=2 * S))
    run.until(60)
    assert run.ended_s() == [34 if role_s else 35]


def test_other_settings_of_a_role_still_follow_the_system() -> None:
    run = slow([30 * S]).until(1)
    run.simulation.perform(SetRoleTimeout(setting=IDLE, timeout=0))
    run.simulation.perform(RestartPods(deployment="api"))
    run.until(20).simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=2 * S))
    run.until(60)
    assert run.ended_s() == [32]


@pytest.mark.parametrize(
    ("system_s", "role", "outcome"),
    [(0, RoleTimeoutsSpec(statement_timeout=2 * S), STATEMENT), (2, RoleTimeoutsSpec(statement_timeout=0), "ok")],
)
def test_a_timeout_that_the_role_has_from_the_start_wins_over_the_servers(
    system_s: int, role: RoleTimeoutsSpec, outcome: str
) -> None:
    """What ALTER ROLE has set before the scenario began holds for every session, and ALTER SYSTEM changes none."""
    api = replace(API, pools={"db": PoolSpec(size=1, startup="eager")}, endpoints=endpoint(one_query(fixed(5 * S))))
    database = replace(EXACT, statement_timeout=system_s * S, role_timeouts=role)
    run = Run(scenario(api, topology=replace(TOPOLOGY, database=database)), trace=arrivals([0, 20 * S])).until(10)
    run.simulation.perform(SetDatabaseTimeout(setting=STATEMENT, timeout=3 * S))
    assert run.until(60).outcomes() == [outcome, outcome]
