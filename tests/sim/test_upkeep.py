"""What a pool does to its members beyond lending them: extra ones, ages, idle times, trials before use."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from drill.scenario.pools import PoolSpec
from drill.scenario.topology import BorrowStep, CallStep, ProbeSpec, QueryStep, ReturnStep
from drill.sim.clock import Clock
from drill.sim.failures import SLOTS_RESERVED
from drill.sim.members import Tokens
from drill.sim.pool import Pool
from drill.sim.streams import Streams
from drill.sim.upkeep import HOUSEKEEPING_US, Upkeep
from tests.sim.worlds import (
    API,
    CASES,
    EXACT,
    MS,
    TOPOLOGY,
    Borrower,
    Run,
    S,
    Shelf,
    arrivals,
    endpoint,
    fixed,
    scenario,
)

if TYPE_CHECKING:
    from drill.sim.failures import Failure

SPEC = PoolSpec(size=3, checkout_timeout=2 * S)


class Tended:
    """A pool with upkeep before a stubbed source."""

    def __init__(self, spec: PoolSpec, *, answers: bool = True) -> None:
        """Start with nothing open."""
        self.clock = Clock()
        self.shelf = Shelf(answers=answers)
        self.reported: list[Failure] = []
        upkeep = Upkeep(self.clock, spec, Streams(1).source("lifetimes").random, self.reported.append)
        self.pool = Pool(
            self.clock,
            spec.size,
            self.shelf,
            timeout_us=spec.checkout_timeout,
            overflow=spec.overflow,
            care=upkeep,
        )

    def claim(self, count: int = 1) -> list[Borrower]:
        """Return new claimants, each of whom has just claimed."""
        borrowers = [Borrower() for _ in range(count)]
        for borrower in borrowers:
            self.pool.claim(borrower)
        return borrowers

    def give_back(self, *borrowers: Borrower) -> None:
        for borrower in borrowers:
            self.pool.give_back(borrower.member)

    def at(self, at_us: int) -> tuple[int, int]:
        """Return members in use and idle at a time, what happens then included."""
        self.clock.advance(at_us + 1)
        return self.pool.in_use, len(self.pool.idle)


# Beyond the size.


def test_a_pool_overflows_when_all_are_in_use_and_closes_the_extra_ones_on_return() -> None:
    tended = Tended(replace(SPEC, overflow=2))
    borrowers = tended.claim(6)
    assert [borrower.member is None for borrower in borrowers] == [False] * 5 + [True]
    tended.pool.queue.leave(borrowers[5])
    opens = []
    for borrower in borrowers[:5]:
        tended.give_back(borrower)
        opens.append(tended.pool.open)
    assert opens == [4, 3, 3, 3, 3]
    assert len(tended.shelf.living) == 3


def test_an_extra_member_goes_to_whoever_waits_before_it_is_closed() -> None:
    tended = Tended(replace(SPEC, size=1, overflow=1))
    first, _, waiter = tended.claim(3)
    tended.give_back(first)
    assert waiter.member is first.member
    tended.give_back(waiter)
    assert (tended.pool.in_use, tended.pool.open, len(tended.shelf.living)) == (1, 1, 1)


def test_a_pool_may_open_outside_of_itself_and_closes_that_on_return() -> None:
    tended = Tended(replace(SPEC, size=1, on_full="outside"))
    inside, *beyond = tended.claim(3)
    assert (tended.pool.in_use, tended.pool.outside, len(tended.shelf.living)) == (1, 2, 3)
    tended.give_back(beyond[0])
    tended.pool.discard(beyond[1].member)
    assert (tended.pool.outside, tended.pool.idle, len(tended.shelf.living)) == (0, [], 1)
    tended.give_back(inside)
    assert tended.pool.idle == tended.shelf.living


def test_a_refused_opening_outside_refuses_only_who_asked() -> None:
    tended = Tended(replace(SPEC, size=1, on_full="outside"))
    tended.claim()
    tended.shelf.refusal = SLOTS_RESERVED
    (refused,) = tended.claim()
    assert (refused.failure, tended.pool.outside) == (SLOTS_RESERVED, 0)


def test_a_pool_that_is_shut_closes_what_is_outside_too() -> None:
    tended = Tended(replace(SPEC, size=1, on_full="outside"), answers=False)
    tended.claim(3)
    tended.shelf.answer()
    tended.shelf.answer()
    tended.pool.shut()
    tended.shelf.answer()
    assert tended.shelf.living == []


# Ages and idle times.


def test_an_idle_member_is_closed_at_the_end_of_its_life_and_one_in_use_on_return() -> None:
    tended = Tended(replace(SPEC, max_lifetime=10 * S))
    first, second = tended.claim(2)
    tended.give_back(first)
    assert tended.at(10 * S - 2) == (1, 1)
    assert tended.at(10 * S) == (1, 0)
    tended.give_back(second)
    assert (tended.pool.open, tended.shelf.living) == (0, [])


def test_lifetimes_differ_by_their_jitter() -> None:
    tended = Tended(replace(SPEC, size=200, max_lifetime=100 * S, lifetime_jitter=0.25))
    tended.give_back(*tended.claim(200))
    assert tended.at(75 * S - 2) == (0, 200)
    # An even spread from 75 to 125 s: half are left after 100 s, with a standard deviation of 7.
    assert tended.at(100 * S)[1] == pytest.approx(100, abs=21)
    assert tended.at(125 * S) == (0, 0)


def test_whoever_waits_gets_a_new_member_in_place_of_one_whose_life_is_over() -> None:
    tended = Tended(replace(SPEC, size=1, max_lifetime=1 * S))
    (holder,) = tended.claim()
    (waiter,) = tended.claim()
    tended.clock.advance(2 * S - 1)
    tended.give_back(holder)
    assert waiter.member is not holder.member
    assert tended.shelf.living == [waiter.member]


def test_members_idle_for_too_long_are_closed_but_for_the_minimum() -> None:
    tended = Tended(replace(SPEC, idle_timeout=5 * S, min_idle=1))
    borrowers = tended.claim(3)
    for second, borrower in enumerate(borrowers):
        tended.clock.advance(second * S)
        tended.give_back(borrower)
    assert tended.at(5 * S - 2) == (0, 3)
    assert tended.at(5 * S) == (0, 2)
    assert tended.at(6 * S) == (0, 1)
    assert tended.at(60 * S) == (0, 1)
    assert tended.pool.idle == [borrowers[2].member]  # the one that was used last


def test_the_minimum_stays_though_all_have_been_idle_for_as_long() -> None:
    tended = Tended(replace(SPEC, idle_timeout=5 * S, min_idle=1))
    borrowers = tended.claim(3)
    tended.give_back(*borrowers)
    tended.at(6 * S)
    assert tended.pool.idle == [borrowers[2].member]


def test_a_minimum_of_idle_members_is_opened_in_the_background() -> None:
    tended = Tended(replace(SPEC, min_idle=2))
    assert tended.at(0) == (0, 2)
    tended.claim(2)
    assert tended.at(1 * S) == (2, 0)
    assert tended.at(HOUSEKEEPING_US) == (2, 1)  # never beyond the size


def test_a_closed_member_is_replaced_at_once_if_too_few_are_idle() -> None:
    tended = Tended(replace(SPEC, min_idle=2))
    tended.clock.advance(1)
    tended.pool.forget(tended.pool.idle[0])
    assert len(tended.pool.idle) == 1
    assert tended.at(1) == (0, 2)


def test_a_refused_background_opening_is_reported_and_tried_again_with_the_next_round() -> None:
    tended = Tended(replace(SPEC, min_idle=1))
    tended.shelf.refusal = SLOTS_RESERVED
    assert tended.at(HOUSEKEEPING_US - 2) == (0, 0)
    assert tended.reported == [SLOTS_RESERVED]
    tended.shelf.refusal = None
    assert tended.at(HOUSEKEEPING_US) == (0, 1)


# Trials.


def test_a_dead_idle_member_is_replaced_before_it_is_lent() -> None:
    tended = Tended(replace(SPEC, validation="borrow"))
    first, second = tended.claim(2)
    tended.give_back(first, second)
    second.member.broken = True
    tended.clock.advance(1)
    (third,) = tended.claim()
    assert third.member is first.member
    assert tended.shelf.living == [first.member]


def test_a_member_used_just_now_is_lent_untried() -> None:
    tended = Tended(replace(SPEC, validation="borrow", validation_bypass=500 * MS))
    (first,) = tended.claim()
    tended.give_back(first)
    first.member.broken = True
    tended.clock.advance(500 * MS)
    (second,) = tended.claim()
    assert second.member is first.member


def test_a_trial_takes_a_moment_and_counts_as_waiting() -> None:
    """SELECT 1 on a warm connection was measured to take 0.06 to 0.07 ms."""
    pools = {"db": PoolSpec(size=1, startup="eager", validation="borrow")}
    run = Run(scenario(replace(API, pools=pools)), trace=arrivals([0, 10 * S])).until(60)
    assert run.outcomes() == ["ok", "ok"]
    assert [row.checkout_wait_us for row in run.rows] == [70, 70]


# What else is a pool.


def test_a_pool_of_a_million_costs_what_is_used_of_it() -> None:
    sizes = []
    for size in (10, 1_000_000):
        tracemalloc.start()
        pool = Pool(Clock(), size, Tokens(), timeout_us=1 * S)
        for _ in range(3):
            pool.claim(Borrower())
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert sizes[1] <= sizes[0] + 512  # a few larger numbers
    assert pool.in_use == 3


def test_request_workers_are_a_pool_that_limits_what_reaches_the_next_one() -> None:
    program = [BorrowStep(borrow="workers"), *API.endpoints["q"].program, ReturnStep(returns="workers")]
    pools = {"workers": PoolSpec(size=2, to="nothing"), "db": PoolSpec(size=5, startup="eager")}
    run = Run(scenario(replace(API, pools=pools, endpoints=endpoint(program))), trace=arrivals([0] * 6, 1 * S)).until(1)
    states = {pool.name: (pool.in_use, pool.waiting) for pool in run.simulation.snapshot().pods[0].pools}
    assert states == {"workers": (2, 4), "db": (2, 0)}
    run.until(60)
    assert run.ended_s() == [1, 1, 2, 2, 3, 3]


def test_http_connections_are_a_pool_whose_members_take_time_to_open() -> None:
    program = [BorrowStep(borrow="http"), CallStep(call="bank", time=fixed(100 * MS)), ReturnStep(returns="http")]
    pools = {"http": PoolSpec(size=1, to="nothing", connect=20 * MS, idle_timeout=5 * S)}
    api = replace(API, pools=pools, endpoints=endpoint(program))
    run = Run(scenario(api), trace=arrivals([0, 1 * S, 20 * S])).until(60)
    # The second finds the connection of the first, which is closed before the third comes.
    assert [row.done_us - row.at_us for row in run.rows] == [120 * MS, 100 * MS, 120 * MS]


def test_a_health_check_with_a_pool_of_its_own_does_not_wait_behind_users() -> None:
    found = []
    for check in ("db", "health"):
        pools = {
            "db": PoolSpec(size=1, startup="eager", checkout_timeout=10 * S),
            "health": PoolSpec(size=1, startup="eager"),
        }
        probe = ProbeSpec(check=check, period=1 * S, timeout=1 * S)
        program = [BorrowStep(borrow="db"), QueryStep(query="SELECT", time=fixed(30 * S)), ReturnStep(returns="db")]
        api = replace(API, pools=pools, readiness=probe, endpoints=endpoint(program))
        run = Run(scenario(api, topology=replace(TOPOLOGY, database=EXACT)), trace=arrivals([0, 0])).until(20)
        found.append(run.simulation.snapshot().pods[0].ready)
    assert found == [False, True]


# Whatever borrowers do.


class Tending(RuleBasedStateMachine):
    """Random borrowers of a pool with every policy, whose source answers late or early, with a thing or a refusal."""

    spec = PoolSpec(
        size=3,
        overflow=2,
        min_idle=1,
        max_lifetime=40,
        lifetime_jitter=0.5,
        idle_timeout=15,
        validation="borrow",
        checkout_timeout=20,
    )

    def __init__(self) -> None:
        """Start with an empty pool."""
        super().__init__()
        self.tended = Tended(self.spec, answers=False)
        self.pool, self.shelf, self.clock = self.tended.pool, self.tended.shelf, self.tended.clock
        self.borrowers: list[Borrower] = []
        self.claims = 0
        self.returned = 0
        self.refused = 0

    @rule()
    def claim(self) -> None:
        self.claims += 1
        self.borrowers += self.tended.claim()

    @precondition(lambda self: any(borrower.member is not None for borrower in self.borrowers))
    @rule(which=st.integers(0, 9), broken=st.booleans())
    def return_one(self, which: int, *, broken: bool) -> None:
        holding = [borrower for borrower in self.borrowers if borrower.member is not None]
        borrower = holding[which % len(holding)]
        self.borrowers.remove(borrower)
        self.returned += 1
        if broken:
            self.pool.discard(borrower.member)
        else:
            self.pool.give_back(borrower.member)

    @precondition(lambda self: self.shelf.asked)
    @rule(refused=st.booleans())
    def answer(self, *, refused: bool) -> None:
        self.shelf.refusal = SLOTS_RESERVED if refused else None
        self.shelf.answer()

    @precondition(lambda self: self.pool.idle)
    @rule(which=st.integers(0, 9))
    def break_an_idle_one(self, which: int) -> None:
        self.pool.idle[which % len(self.pool.idle)].broken = True

    @rule(time=st.integers(1, 8))
    def wait(self, time: int) -> None:
        self.clock.advance(self.clock.t + time)

    @invariant()
    def nothing_is_lost(self) -> None:
        pool = self.pool
        refused = [borrower for borrower in self.borrowers if borrower.failure is not None]
        self.refused += len(refused)
        self.borrowers = [borrower for borrower in self.borrowers if borrower.failure is None]
        assert self.claims == self.returned + self.refused + len(self.borrowers)
        lent = {borrower.member for borrower in self.borrowers} - {None}
        assert 0 <= pool.in_use <= pool.size + pool.overflow
        assert pool.in_use + pool.outside == len(lent)
        assert set(pool.members) == set(self.shelf.living) == lent | set(pool.idle)
        assert pool.opener.count <= len(self.shelf.asked)
        assert not (pool.idle and pool.queue.waiting), "somebody waits beside an idle member"
        assert pool.queue.waiting == len([b for b in self.borrowers if b.waiting is pool.queue])

    def teardown(self) -> None:
        self.pool.shut()
        while self.shelf.asked:
            self.shelf.answer()
        self.clock.advance(self.clock.t + 2 * HOUSEKEEPING_US)
        assert self.shelf.living == []


class TendingOutside(Tending):
    spec = PoolSpec(size=2, on_full="outside", max_lifetime=30, checkout_timeout=20)

    @invariant()
    def nobody_waits_for_a_return(self) -> None:
        assert self.pool.queue.waiting <= self.pool.opener.count


@pytest.mark.parametrize("machine", [Tending, TendingOutside])
def test_nothing_leaks_whatever_borrowers_do(machine: type[Tending]) -> None:
    run_state_machine_as_test(machine, settings=CASES)
