"""PgBouncer's servers: modes, minimum, reserve, age, idle time, and what clients meet when none can be had.

Facts are those of PgBouncer 1.18.0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from drill.actions.catalogue import Scale, TerminateIdle
from drill.scenario.topology import PoolSpec, QueryStep, ReturnStep
from drill.sim.clock import Clock
from drill.sim.failures import CONNECTION_REFUSED, SLOTS_RESERVED, Failure
from drill.sim.janitor import ROUND_US
from drill.sim.pool import Pool
from drill.sim.pooler import Pooler
from drill.sim.pooler_client import PoolerClient, PoolerSource
from drill.sim.sessions import IDLE, Session
from drill.sim.settings import Limits
from drill.sim.upkeep import Upkeep
from tests.sim.test_pooler import BEHIND, FAILING, POOLER, THROUGH, pooler_of, run_of
from tests.sim.worlds import API, CASES, EXACT, MS, Borrower, S, endpoint, fixed, one_query, one_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import PoolerSpec

CONNECT_MS = 6.3


class Server:
    """A database that opens sessions after 6.3 ms, or refuses them."""

    def __init__(self, clock: Clock) -> None:
        """Let everybody in."""
        self.clock = clock
        self.refusal: Failure | None = None
        self.tried: list[int] = []
        self.living: dict[Session, Callable[[Session], object] | None] = {}

    def connect(
        self,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None = None,
    ) -> None:
        self.tried.append(self.clock.t)

        def answer(_: object) -> None:
            if self.refusal is not None:
                refused(self.refusal)
                return
            session = Session(1, application, self.clock.t, Limits({}))
            self.living[session] = lost
            opened(session)

        self.clock.call_at(self.clock.t + round(CONNECT_MS * MS), answer)

    def close(self, session: Session) -> None:
        self.living.pop(session, None)

    def stop(self, failure: Failure) -> None:
        """End every session and refuse new ones."""
        self.refusal = failure
        sessions, self.living = self.living, {}
        for session, lost in sessions.items():
            session.closed = failure
            if lost is not None:
                lost(session)


class Bouncer:
    """A pooler before a stubbed database, and clients that take and leave servers by hand."""

    def __init__(self, spec: PoolerSpec) -> None:
        """Listen from 0 on."""
        self.clock = Clock()
        self.server = Server(self.clock)
        self.pooler = Pooler(self.clock, spec, self.server, spec.pool_size, 0)  # type: ignore[arg-type]  # a stub

    def client(self) -> PoolerClient:
        """Connect a client, which takes a while for the first one."""
        answers = list[PoolerClient]()
        self.pooler.connect(answers.append, lambda failure: pytest.fail(failure.text))
        self.clock.advance(self.clock.t + 20 * MS)
        return answers[0]

    def refused(self) -> str:
        """Connect a client that is refused within 20 ms, and return why; empty when it is not."""
        answers = list[str]()
        self.pooler.connect(lambda _: None, lambda failure: answers.append(f"{failure.sqlstate} {failure.text}"))
        self.clock.advance(self.clock.t + 20 * MS)
        return "".join(answers)

    def begin(self, client: PoolerClient, *, block: bool = False) -> Borrower:
        """Let a client begin something; the borrower has the client as its member once it has a server."""
        borrower = Borrower()

        def linked(claimant: Borrower) -> None:
            claimant.member = client

        def failed(claimant: Borrower, failure: Failure) -> None:
            claimant.failure = failure

        client.link(borrower, linked, failed, block=block)
        return borrower

    def at(self, at_s: float) -> Bouncer:
        self.clock.advance(round(at_s * S))
        return self


SPEC = replace(POOLER, connect=1 * MS)


# Modes.


def test_in_session_mode_the_third_client_waits_until_one_of_two_disconnects() -> None:
    bouncer = Bouncer(replace(SPEC, mode="session"))
    first, second, third = bouncer.client(), bouncer.client(), bouncer.client()
    for client in (first, second):
        bouncer.begin(client)
        bouncer.at(1)
        client.committed()
    waiter = bouncer.begin(third)
    bouncer.at(10)
    assert waiter.member is None
    bouncer.pooler.disconnect(second)
    assert waiter.member is third
    assert len(bouncer.server.living) == 2


def test_a_session_is_reset_when_its_client_disconnects() -> None:
    bouncer = Bouncer(replace(SPEC, mode="session"))
    client = bouncer.client()
    bouncer.begin(client)
    assert client.session is not None
    client.session.left["temp cart"] = 0
    (session,) = bouncer.server.living
    bouncer.pooler.disconnect(client)
    assert (session.left, bouncer.pooler.servers.idle) == ({}, [session])


def test_in_statement_mode_a_transaction_block_ends_both_connections() -> None:
    api = replace(BEHIND, endpoints=endpoint(one_transaction(QueryStep(query="UPDATE"))))
    run = run_of(api, [0], replace(POOLER, mode="statement")).until(30)
    assert run.log() == ["FATAL:  transaction blocks not allowed in statement pooling mode"]
    assert run.outcomes() == ["application_error"]
    assert (pooler_of(run).clients, pooler_of(run).servers.open) == (4, 0)


def test_in_statement_mode_single_statements_share_servers() -> None:
    run = run_of(BEHIND, [0] * 4, replace(POOLER, mode="statement")).until(30)
    assert run.outcomes() == ["ok"] * 4
    assert len(run.world.database.sessions) == 2


# How many servers.


def test_the_minimum_is_opened_one_a_round_once_there_is_a_client() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=5, min_pool_size=4)).at(10)
    assert bouncer.server.tried == []
    bouncer.client()
    counts = []
    for _ in range(5):
        bouncer.clock.advance(bouncer.clock.t + ROUND_US)
        counts.append(len(bouncer.server.living))
    assert counts == [2, 3, 4, 4, 4]


def test_the_reserve_is_used_only_after_a_client_has_waited() -> None:
    """A reserve_pool_timeout of 1 s was seen to give another server after 1.27 s: the next third of a second."""
    bouncer = Bouncer(replace(SPEC, pool_size=1, reserve_pool_size=2, reserve_pool_timeout=1 * S))
    clients = [bouncer.client() for _ in range(4)]
    bouncer.at(2)
    borrowers = [bouncer.begin(client) for client in clients]
    seen = []
    for tick in range(1, 20):
        bouncer.at(2 + tick / 10)
        seen.append(sum(borrower.member is not None for borrower in borrowers))
    assert seen[:9] == [1] * 9
    assert 1.0 <= (seen.index(3) + 1) / 10 <= 1.0 + 1 / 3 + 0.1
    assert max(seen) == 3  # the reserve is two servers, whoever else waits


def test_without_a_reserve_nobody_gets_more_than_the_pool() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=1, reserve_pool_size=0, reserve_pool_timeout=1 * S))
    borrowers = [bouncer.begin(bouncer.client()) for _ in range(2)]
    bouncer.at(60)
    assert [borrower.member is None for borrower in borrowers] == [False, True]


def test_a_server_unused_for_server_idle_timeout_is_closed() -> None:
    bouncer = Bouncer(replace(SPEC, server_idle_timeout=10 * S))
    bouncer.client()
    assert len(bouncer.at(10).server.living) == 1
    assert bouncer.at(10.4).server.living == {}


def test_the_minimum_outlives_server_idle_timeout() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=3, min_pool_size=1, server_idle_timeout=10 * S))
    borrowers = [bouncer.begin(bouncer.client()) for _ in range(3)]
    bouncer.at(1)
    for borrower in borrowers:
        borrower.member.session.become(IDLE, bouncer.clock.t)
        borrower.member.committed()
    assert len(bouncer.at(10.9).server.living) == 3
    assert len(bouncer.at(60).server.living) == 1


def test_servers_past_their_lifetime_are_closed_one_after_the_other() -> None:
    """No two within server_lifetime divided by the pool's size, so that not all are opened anew at once."""
    bouncer = Bouncer(replace(SPEC, pool_size=3, server_lifetime=30 * S))
    borrowers = [bouncer.begin(bouncer.client()) for _ in range(3)]
    bouncer.at(1)
    for borrower in borrowers:
        borrower.member.committed()
    assert [len(bouncer.at(at_s).server.living) for at_s in (30, 30.4, 40, 40.7, 50, 51.1)] == [3, 2, 2, 1, 1, 0]


def test_a_server_past_its_lifetime_is_closed_when_it_is_released() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=1, server_lifetime=30 * S))
    borrower = bouncer.begin(bouncer.client())
    assert len(bouncer.at(40).server.living) == 1
    borrower.member.committed()
    assert bouncer.server.living == {}


# When none can be had.


def test_clients_that_wait_when_the_database_goes_down_go_on_waiting_and_new_ones_are_refused() -> None:
    """Measured: connected clients queue; new logins get the text; 13.1 s later the queue is served."""
    bouncer = Bouncer(SPEC)
    clients = [bouncer.client() for _ in range(3)]
    bouncer.at(20).server.stop(CONNECTION_REFUSED)
    waiters = [bouncer.begin(client) for client in clients]  # before the login that the first one causes has failed
    bouncer.at(21)
    assert bouncer.refused() == f"08P01 {FAILING}"
    bouncer.server.refusal = None
    bouncer.at(34.9)
    assert [waiter.member for waiter in waiters] == [None] * 3
    assert {waiter.failure for waiter in waiters} == {None}
    bouncer.at(35.4)  # 15 s after the attempt that failed, and the next round
    assert [waiter.member for waiter in waiters] == [*clients[:2], None]


def test_a_client_that_begins_after_a_failed_login_is_turned_away_unless_a_server_is_left() -> None:
    """check_fast_fail() of PgBouncer 1.18.0, called by find_server() for each statement without a server."""
    bouncer = Bouncer(SPEC)
    first, second, third, fourth = (bouncer.client() for _ in range(4))
    bouncer.begin(first)
    bouncer.server.refusal = SLOTS_RESERVED
    waiters = [bouncer.begin(second)]
    bouncer.at(10)
    waiters.append(bouncer.begin(third))  # the login failed, but the first one's server is there
    assert [waiter.failure for waiter in waiters] == [None, None]
    bouncer.server.stop(SLOTS_RESERVED)
    late = bouncer.begin(fourth)
    assert late.failure is not None
    assert (late.failure.text, late.failure.sqlstate) == (FAILING, "08P01")
    assert fourth.broken
    assert bouncer.at(14).pooler.waiting == 2


def test_whoever_is_turned_away_has_a_login_tried_once_the_pause_is_over() -> None:
    """Otherwise nobody would: there is no one in the queue for whom the janitor would try."""
    bouncer = Bouncer(SPEC)
    clients = [bouncer.client() for _ in range(3)]
    bouncer.at(10).server.stop(CONNECTION_REFUSED)
    waiter = bouncer.begin(clients[0])
    bouncer.at(11).pooler.set(query_wait_timeout=2 * S)
    assert bouncer.at(14).pooler.waiting == 0
    assert waiter.failure is not None
    bouncer.server.refusal = None
    tried = len(bouncer.server.tried)
    assert bouncer.begin(clients[1]).failure is not None
    assert len(bouncer.at(40).server.tried) == tried
    assert bouncer.begin(clients[2]).failure is not None
    bouncer.at(41)
    assert (len(bouncer.server.tried), len(bouncer.server.living)) == (tried + 1, 1)


def test_while_paused_nobody_is_turned_away() -> None:
    bouncer = Bouncer(SPEC)
    client, other = bouncer.client(), bouncer.client()
    bouncer.at(10).server.stop(CONNECTION_REFUSED)
    bouncer.begin(client)
    bouncer.at(11).pooler.pause()
    waiter = bouncer.begin(other)
    assert (waiter.failure, bouncer.pooler.waiting) == (None, 2)


def test_a_client_that_waits_for_a_server_in_vain_fails_at_query_wait_timeout() -> None:
    bouncer = Bouncer(replace(SPEC, query_wait_timeout=40 * S))
    client = bouncer.client()
    bouncer.at(10).server.stop(SLOTS_RESERVED)
    waiter = bouncer.begin(client)
    tried = bouncer.at(50).server.tried[1:]
    assert len(tried) == 3
    assert all(15 * S <= later - earlier <= 15 * S + ROUND_US for earlier, later in pairwise(tried))
    assert waiter.failure is None
    bouncer.at(50.34)
    assert waiter.failure is not None
    assert waiter.failure.text == "FATAL:  query_wait_timeout"


@pytest.mark.parametrize("begun_ms", range(0, 1_000, 90))
def test_query_wait_timeout_fires_in_the_next_round(begun_ms: int) -> None:
    """Three rounds a second: 2.25 to 2.3 s were measured for a setting of 2 s."""
    bouncer = Bouncer(replace(SPEC, pool_size=1, query_wait_timeout=2 * S))
    holder, client = bouncer.client(), bouncer.client()
    bouncer.begin(holder)
    bouncer.clock.advance(1 * S + begun_ms * MS)
    waiter, begun = bouncer.begin(client), bouncer.clock.t
    while waiter.failure is None:
        bouncer.clock.advance(bouncer.clock.t + 1 * MS)
    assert 2.0 <= (bouncer.clock.t - begun) / S <= 2.0 + 1 / 3 + 0.002


def test_a_query_wait_timeout_of_0_lets_clients_wait_for_ever() -> None:
    bouncer = Bouncer(replace(SPEC, pool_size=1, query_wait_timeout=0))
    bouncer.begin(bouncer.client())
    waiter = bouncer.begin(bouncer.client())
    bouncer.at(3_000)
    assert (waiter.member, waiter.failure) == (None, None)


def test_before_the_first_server_a_login_waits_for_the_next_attempt_and_shares_its_fate() -> None:
    """Measured: the database's text passes through as 08P01, then each new login waits for the next retry."""
    bouncer = Bouncer(SPEC)
    bouncer.server.refusal = SLOTS_RESERVED
    reserved = "08P01 FATAL:  remaining connection slots are reserved for non-replication superuser connections"
    assert bouncer.refused() == reserved
    answers = list[str]()
    bouncer.pooler.connect(lambda _: None, lambda failure: answers.append(f"{failure.sqlstate} {failure.text}"))
    bouncer.at(14.9)
    assert answers == []
    bouncer.at(15.4)
    assert answers == [reserved]


def test_of_the_clients_of_a_full_database_only_the_first_waits() -> None:
    """Until query_wait_timeout; whoever begins after the login that it caused has failed is turned away at once."""
    database = replace(EXACT, max_connections=12)
    run = run_of(BEHIND, [10 * S, 12 * S, 30 * S], replace(POOLER, query_wait_timeout=5 * S), database).until(5)
    others = run.world.database
    run.simulation.perform(TerminateIdle(older_than=0))
    for _ in range(12):
        others.connect("other", lambda _: None, lambda _: None)
    run.until(9)
    assert len(others.sessions) == 9
    run.until(60)
    assert run.outcomes() == ["query_wait_timeout", "connection_slots", "connection_slots"]
    first, *others_s = [(row.done_us - row.at_us) / S for row in sorted(run.rows, key=lambda row: row.number)]
    assert 5.0 <= first <= 5.34
    assert max(others_s) == 0.0


def test_a_trial_through_the_pooler_waits_for_a_server_of_its_own() -> None:
    """Whoever borrows stands in no queue meanwhile, so that giving up there can't lose the member."""
    bouncer = Bouncer(replace(SPEC, pool_size=1))
    holder = bouncer.begin(bouncer.client())
    spec = PoolSpec(size=1, to="pooler", validation="borrow")
    upkeep = Upkeep(bouncer.clock, spec, lambda: 0.5, lambda failure: pytest.fail(failure.text))
    pool = Pool(bouncer.clock, 1, PoolerSource(bouncer.pooler), timeout_us=30 * S, care=upkeep)
    pool.claim(first := Borrower())
    bouncer.at(1)
    pool.give_back(first.member)
    bouncer.at(2)
    pool.claim(second := Borrower())
    assert (second.member, second.waiting, pool.in_use, bouncer.pooler.waiting) == (None, None, 1, 1)
    bouncer.at(3)
    holder.member.committed()
    bouncer.at(4)
    assert (second.member, second.waited) == (first.member, 1 * S + 70)


def test_a_leak_through_the_pooler_pins_a_server_until_its_backend_is_terminated() -> None:
    """The pod's member stays lost: only its restart returns that."""
    api = replace(API, pools={"db": THROUGH}, endpoints=endpoint([*one_query(fixed(100 * MS))[:2], leaky()]))
    run = run_of(api, [0], replace(POOLER, pool_size=1)).until(10)
    pooler, world = pooler_of(run), run.world
    assert run.outcomes() == ["application_error"]
    assert world.database.states()["idle in transaction"] == 1
    assert (pooler.servers.in_use, world.deployments["api"].pods[0].pools[0].in_use) == (1, 1)
    (session,) = world.database.sessions.values()
    world.database.terminate(session)
    assert (pooler.servers.in_use, world.deployments["api"].pods[0].pools[0].in_use) == (0, 1)
    run.simulation.perform(Scale(deployment="api", replicas=0))
    run.until(20)
    assert pooler.clients == 0


def leaky() -> ReturnStep:
    return ReturnStep(returns="db", leak=1.0)


def test_a_share_of_requests_leaks_and_the_pool_runs_dry_at_its_size() -> None:
    """Measured with 2 % and a pool of 10: exhausted at the tenth leak, and 100 % checkout timeouts from then on."""
    pools = {"db": PoolSpec(size=10, startup="eager", checkout_timeout=2 * S)}
    program = [*one_query(fixed(50 * MS))[:2], ReturnStep(returns="db", leak=0.02)]
    run = run_of(replace(API, pools=pools, endpoints=endpoint(program)), [33 * MS * i for i in range(1_800)]).until(70)
    found = Counter(run.outcomes())
    assert found["application_error"] == 10
    dry_s = max(row.done_us for row in run.rows if row.outcome == "application_error") / S
    assert set(run.outcomes(dry_s)) == {"checkout_timeout"}
    # The tenth success of a coin of 2 %, thrown 30 times a second: mean 16.7 s, standard deviation 5.2 s.
    assert dry_s == pytest.approx(16.7, abs=3 * 5.2)


# Whatever clients do.


class Bouncing(RuleBasedStateMachine):
    """Clients that come, run transactions, go, and servers that die, while an administrator plays with the console."""

    def __init__(self) -> None:
        """Start with a small pool and a reserve."""
        super().__init__()
        spec = replace(
            SPEC,
            connect=0,
            pool_size=2,
            min_pool_size=1,
            reserve_pool_size=1,
            reserve_pool_timeout=400 * MS,
            query_wait_timeout=2 * S,
            server_lifetime=5 * S,
            server_idle_timeout=3 * S,
            server_login_retry=1 * S,
        )
        self.bouncer = Bouncer(spec)
        self.pooler = self.bouncer.pooler
        self.clients: list[PoolerClient] = []
        self.open: list[Borrower] = []

    @rule()
    def connect(self) -> None:
        self.pooler.connect(self.clients.append, lambda _: None)

    @precondition(lambda self: self.free())
    @rule(which=st.integers(0, 9))
    def begin(self, which: int) -> None:
        free = self.free()
        client = free[which % len(free)]
        borrower = self.bouncer.begin(client)
        borrower.demand = client  # type: ignore[attr-defined]  # who it is, also while it waits
        self.open.append(borrower)

    def free(self) -> list[PoolerClient]:
        busy = [borrower.demand for borrower in self.open]  # type: ignore[attr-defined]  # as above
        return [client for client in self.clients if client not in busy]

    @precondition(lambda self: any(borrower.member is not None for borrower in self.open))
    @rule(which=st.integers(0, 9), commits=st.booleans())
    def end(self, which: int, *, commits: bool) -> None:
        holding = [borrower for borrower in self.open if borrower.member is not None]
        borrower = holding[which % len(holding)]
        self.open.remove(borrower)
        if commits and borrower.member.session is not None and not borrower.member.session.broken:
            borrower.member.committed()
        else:
            borrower.member.rolled_back(self.bouncer.clock.t)

    @precondition(lambda self: self.free())
    @rule(which=st.integers(0, 9))
    def disconnect(self, which: int) -> None:
        free = self.free()
        client = free[which % len(free)]
        self.clients.remove(client)
        self.pooler.disconnect(client)

    @rule(refuses=st.booleans())
    def strike(self, *, refuses: bool) -> None:
        self.bouncer.server.stop(SLOTS_RESERVED)
        if not refuses:
            self.bouncer.server.refusal = None

    @rule()
    def mend(self) -> None:
        self.bouncer.server.refusal = None

    @rule(what=st.sampled_from(["pause", "resume", "kill", "reload"]), size=st.integers(1, 3))
    def administer(self, what: str, size: int) -> None:
        self.pooler.set(pool_size=size)
        getattr(self.pooler, what)()

    @rule(ms=st.sampled_from([1, 10, 400, 3_000]))
    def wait(self, ms: int) -> None:
        self.bouncer.clock.advance(self.bouncer.clock.t + ms * MS)

    @invariant()
    def nothing_is_lost(self) -> None:
        pooler, servers = self.pooler, self.pooler.servers
        self.open = [borrower for borrower in self.open if borrower.failure is None]
        for client in [client for client in self.clients if client.broken and client in self.free()]:
            self.clients.remove(client)
            pooler.disconnect(client)
        linked = [client.session for client in self.clients if client.session is not None]
        assert 0 <= servers.in_use <= 3 + 1
        assert servers.in_use == len(linked) == len(pooler.linked)
        assert set(servers.members) == set(self.bouncer.server.living) == {*linked, *servers.idle}
        assert pooler.clients >= len(linked) >= 0
        assert not (pooler.configuration.paused and servers.idle), "a paused pooler keeps a server"
        assert not (servers.idle and servers.queue.waiting)

    def teardown(self) -> None:
        self.bouncer.server.refusal = None
        self.pooler.resume()
        self.pooler.set(query_wait_timeout=600 * S)
        for borrower in self.open:
            if borrower.member is not None:
                borrower.member.rolled_back(self.bouncer.clock.t)
        self.bouncer.clock.advance(self.bouncer.clock.t + 5 * S)
        assert self.pooler.servers.queue.waiting == 0 or self.pooler.linked


def test_no_server_is_lost_whatever_clients_and_administrators_do() -> None:
    run_state_machine_as_test(Bouncing, settings=CASES)
