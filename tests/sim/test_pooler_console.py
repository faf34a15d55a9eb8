"""What an administrator does on PgBouncer's console: PAUSE, RESUME, RELOAD, KILL, SET.

Facts are those of PgBouncer 1.18.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.pgbouncer import (
    KillPooler,
    PausePooler,
    ReloadPooler,
    ResumePooler,
    SetPoolerLimit,
    SetPoolerTimeout,
)
from drill.errors import ActionError
from drill.sim.failures import Failure
from drill.sim.pooler_client import PoolerClient
from tests.sim.test_pooler import BEHIND, POOLER, THROUGH, pooler_of, run_of
from tests.sim.test_pooler_servers import SPEC, Bouncer
from tests.sim.worlds import API, EXACT, MS, Run, S, endpoint, fixed, one_query, scenario

if TYPE_CHECKING:
    from drill.actions.catalogue import Action


def test_pause_waits_for_open_transactions_and_then_has_no_server() -> None:
    run = run_of(BEHIND, [0, 500 * MS]).until(0.9)
    said = run.simulation.perform(PausePooler())
    assert said == "PgBouncer is paused; 2 server connections are still busy and close when they are released"
    run.until(1.2)
    assert pooler_of(run).servers.open == 1
    run.until(1.6)
    assert pooler_of(run).servers.open == 0
    assert run.outcomes() == ["ok", "ok"]


def test_what_waits_during_a_pause_is_served_after_resume_without_an_error() -> None:
    """Measured: the waiting query succeeded after a pause of 1.2 s."""
    run = run_of(BEHIND, [10 * S]).until(9)
    run.simulation.perform(PausePooler())
    run.until(11.2)
    assert (pooler_of(run).waiting, pooler_of(run).oldest_wait_us()) == (1, 1_200 * MS)
    run.simulation.perform(ResumePooler())
    run.until(30)
    assert run.outcomes() == ["ok"]
    assert run.ended_s() == [pytest.approx(10 + 1.2 + 0.006_3 + 1, abs=1e-3)]


def test_a_server_login_that_a_pause_cuts_off_counts_as_failed() -> None:
    bouncer = Bouncer(SPEC)
    holder, client = bouncer.client(), bouncer.client()
    bouncer.begin(holder)
    waiter = bouncer.begin(client)
    bouncer.clock.advance(bouncer.clock.t + 1 * MS)
    bouncer.pooler.pause()
    bouncer.pooler.resume()
    bouncer.at(14)
    assert waiter.member is None
    bouncer.at(15.5)
    assert waiter.member is client
    assert len(bouncer.server.living) == 2


def test_new_clients_log_in_during_a_pause() -> None:
    bouncer = Bouncer(SPEC)
    bouncer.client()
    bouncer.pooler.pause()
    assert isinstance(bouncer.client(), PoolerClient)


@pytest.mark.parametrize(
    ("before", "action", "said"),
    [
        (None, ResumePooler(), "database appdb is not paused"),
        (PausePooler(), PausePooler(), "already suspended/paused"),
        (PausePooler(), KillPooler(), "already suspended/paused"),
        (None, SetPoolerLimit(setting="default_pool_size", size=0), "default_pool_size can't be 0; give at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(before: Action | None, action: Action, said: str) -> None:
    run = run_of(BEHIND, []).until(1)
    if before is not None:
        run.simulation.perform(before)
    with pytest.raises(ActionError, match=said):
        run.simulation.perform(action)


def test_without_a_pooler_there_is_no_console() -> None:
    run = Run(scenario(API)).until(1)
    with pytest.raises(ActionError, match="no PgBouncer is running"):
        run.simulation.perform(PausePooler())


def test_reload_takes_back_what_was_set() -> None:
    """Measured: default_pool_size 3, set on the console, is 2 again after RELOAD."""
    run = run_of(BEHIND, [0] * 5 + [20 * S] * 5, replace(POOLER, pool_size=2))
    run.simulation.perform(SetPoolerLimit(setting="default_pool_size", size=3))
    run.until(0.9)
    assert pooler_of(run).servers.open == 3
    run.until(10).simulation.perform(ReloadPooler())
    run.until(10.5)
    assert (pooler_of(run).servers.size, pooler_of(run).servers.open) == (2, 2)
    run.until(20.9)
    assert pooler_of(run).servers.in_use == 2


def test_a_timeout_that_is_set_holds_for_those_who_wait_already() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=1))
    bouncer.begin(bouncer.client())
    waiter = bouncer.begin(bouncer.client())
    bouncer.at(10).pooler.set(query_wait_timeout=12 * S)
    assert bouncer.at(11.9).pooler.waiting == 1
    assert bouncer.at(12.5).pooler.waiting == 0
    assert waiter.failure is not None


def test_a_timeout_is_set_by_its_name() -> None:
    run = run_of(BEHIND, []).until(1)
    said = run.simulation.perform(SetPoolerTimeout(setting="server_idle_timeout", timeout=30 * S))
    assert said == "server_idle_timeout is 30s until the next RELOAD"
    assert pooler_of(run).spec.server_idle_timeout == 30 * S


def test_kill_drops_every_client_and_leaves_the_database_paused() -> None:
    api = replace(BEHIND, pools={"db": replace(THROUGH, size=4)}, endpoints=endpoint(one_query(fixed(2 * S))))
    run = run_of(api, [0] * 3 + [5 * S]).until(1)
    assert run.simulation.perform(KillPooler()) == "4 clients were dropped; the database is paused until RESUME"
    assert run.outcomes() == ["terminated"] * 3  # two at work, one that waited
    assert set(run.log()) == {"FATAL:  database removed"}
    assert pooler_of(run).configuration.paused
    assert pooler_of(run).servers.members == {}
    assert run.world.database.states()["active"] == 2  # PostgreSQL notices at the end of the statements
    run.until(4)
    assert run.world.database.sessions == {}
    run.until(6)
    # The fourth connection was idle: whoever uses it next learns of it. The others were opened anew on demand.
    assert run.outcomes() == ["terminated"] * 4


def test_after_kill_new_clients_hang_until_resume_and_then_for_the_login_retry() -> None:
    """Measured: in after 15.3 s, counted from connecting, in the clean test."""
    bouncer = Bouncer(SPEC)
    bouncer.client()
    bouncer.at(10).pooler.kill()
    answers = list[PoolerClient | Failure]()
    bouncer.at(12)
    bouncer.pooler.connect(answers.append, answers.append)
    bouncer.at(14).pooler.resume()
    while not answers:
        bouncer.clock.advance(bouncer.clock.t + 1 * MS)
    assert isinstance(answers[0], PoolerClient)
    # 15 s, up to a third of a second until the next round, and the connects of client and server.
    assert 15.0 <= (bouncer.clock.t - 12 * S) / S <= 15.0 + 1 / 3 + 0.01


def test_a_login_waits_for_a_first_server_for_at_most_a_minute() -> None:
    bouncer = Bouncer(SPEC)
    bouncer.pooler.kill()
    told = list[str]()
    bouncer.pooler.connect(lambda _: None, lambda failure: told.append(failure.text))
    assert bouncer.at(60).pooler.waiting == 1
    assert bouncer.at(60.5).pooler.clients == 0
    assert told == ["FATAL:  client_login_timeout (server down)"]


def test_the_view_shows_who_waits_for_how_long_and_what_servers_do() -> None:
    """Measured with a pool of 2 and 7 clients: cl_active 2, cl_waiting 5, sv_active 2, sv_idle 0, maxwait 1.4 s."""
    api = replace(BEHIND, pools={"db": replace(THROUGH, size=7)}, endpoints=endpoint(one_query(fixed(9 * S))))
    run = run_of(api, [0] * 7, database=EXACT).until(1.408_073)
    reading = run.simulation.look("pgbouncer")
    first = dict(zip(reading.columns, reading.rows[0], strict=True))
    assert {name: first[name] for name in ("cl_active", "cl_waiting", "sv_active", "sv_idle", "maxwait")} == {
        "cl_active": 2,
        "cl_waiting": 5,
        "sv_active": 2,
        "sv_idle": 0,
        "maxwait": 1,
    }
    assert first["maxwait_us"] == pytest.approx(408_073, abs=1)
    assert first["pool_mode"] == "transaction"
