"""A pool lends at most its size, in order of arrival, and nothing it opened is ever lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from drill.sim.clock import Clock
from drill.sim.failures import POOL_FULL, SLOTS_RESERVED
from drill.sim.members import Tokens
from drill.sim.opening import ByCaller, InBackground
from drill.sim.pool import Pool
from drill.sim.queue import Queue
from drill.telemetry.histogram import Histogram
from tests.sim.worlds import CASES, MS, Borrower, S, Shelf

if TYPE_CHECKING:
    from drill.sim.failures import Failure

TIMEOUT = 2 * S


def pool_of(size: int, **policies: Any) -> tuple[Clock, Shelf, Pool]:  # noqa: ANN401 - whatever the pool takes
    clock, shelf = Clock(), Shelf()
    return clock, shelf, Pool(clock, size, shelf, timeout_us=TIMEOUT, **policies)


def claimed(pool: Pool, count: int = 1) -> list[Borrower]:
    """Return new claimants, each of whom has just claimed."""
    borrowers = [Borrower() for _ in range(count)]
    for borrower in borrowers:
        pool.claim(borrower)
    return borrowers


def test_members_are_opened_on_demand_and_kept() -> None:
    _, shelf, pool = pool_of(3)
    (first,) = claimed(pool)
    pool.give_back(first.member)
    (second,) = claimed(pool)
    assert second.member is first.member
    assert (len(shelf.living), pool.open, pool.in_use) == (1, 1, 1)


def test_the_member_returned_last_is_lent_first() -> None:
    _, _, pool = pool_of(3)
    borrowers = claimed(pool, 3)
    for borrower in borrowers:
        pool.give_back(borrower.member)
    assert claimed(pool)[0].member is borrowers[2].member


def test_a_full_pool_makes_claims_wait_in_order_of_arrival() -> None:
    clock, _, pool = pool_of(2)
    holders = claimed(pool, 2)
    waiters = claimed(pool, 2)
    assert [waiter.member for waiter in waiters] == [None, None]
    clock.advance(30 * MS)
    pool.give_back(holders[1].member)
    assert waiters[0].member is holders[1].member
    assert waiters[0].waited == 30 * MS
    assert waiters[1].member is None


def test_who_is_patient_is_not_refused_and_comes_first_in_turn() -> None:
    clock, _, pool = pool_of(1)
    (holder,) = claimed(pool)
    patient = Borrower()
    patient.patient = True
    pool.claim(patient)
    clock.advance(TIMEOUT + 1)
    (late,) = claimed(pool)
    pool.give_back(holder.member)
    assert (patient.failure, patient.member, late.member) == (None, holder.member, None)


def test_waits_may_be_looked_at_only_now_and_then() -> None:
    clock = Clock()
    queue = Queue(clock, TIMEOUT, POOL_FULL, lambda at_us: -(-at_us // S) * S)
    first, second = Borrower(), Borrower()
    clock.call_at(1, lambda _: queue.join(first))
    clock.call_at(1 * S + 1, lambda _: queue.join(second))
    clock.advance(3 * S)
    refused = [[borrower.failure is POOL_FULL for borrower in (first, second)]]
    for at_us in (3 * S + 2, 4 * S + 1):
        clock.advance(at_us)
        refused.append([borrower.failure is POOL_FULL for borrower in (first, second)])
    assert refused == [[False, False], [True, False], [True, True]]


def test_a_long_line_of_claimants_who_return_at_once_is_served_to_its_end() -> None:
    _, _, pool = pool_of(1)
    (holder,) = claimed(pool)
    waiters = claimed(pool, 2_000)
    for waiter in waiters:
        waiter.resume = lambda _, member: pool.give_back(member)
    pool.give_back(holder.member)
    assert (pool.queue.waiting, pool.in_use, pool.open) == (0, 0, 1)


def test_nobody_overtakes_the_queue() -> None:
    _, _, pool = pool_of(1)
    (holder,) = claimed(pool)
    (waiter,) = claimed(pool)
    pool.give_back(holder.member)
    (late,) = claimed(pool)
    assert (waiter.member, late.member) == (holder.member, None)


def test_a_wait_ends_exactly_at_its_timeout() -> None:
    clock, _, pool = pool_of(1)
    claimed(pool)
    clock.advance(300)
    (waiter,) = claimed(pool)
    clock.advance(300 + TIMEOUT)
    assert waiter.failure is None
    clock.advance(301 + TIMEOUT)
    assert waiter.failure is not None
    assert waiter.failure.text == "timed out after 2 s waiting for a connection from the pool"
    assert pool.queue.timed_out == 1


def test_each_waiter_has_its_own_timeout_though_the_queue_has_one_timer() -> None:
    clock, _, pool = pool_of(1)
    (holder,) = claimed(pool)
    waiters = []
    for at in (0, 500, 900):
        clock.advance(at)
        waiters += claimed(pool)
    pool.give_back(holder.member)  # the first waiter, whose timer is running, is served
    for waiter, at in zip(waiters[1:], (500, 900), strict=True):
        clock.advance(at + TIMEOUT)
        assert waiter.failure is None
        clock.advance(at + TIMEOUT + 1)
        assert waiter.failure is not None


def test_a_full_pool_that_rejects_refuses_at_once() -> None:
    _, _, pool = pool_of(1, reject=True)
    claimed(pool)
    (refused,) = claimed(pool)
    assert refused.failure is POOL_FULL


def test_a_claimant_waits_for_the_member_it_opens() -> None:
    clock, shelf, pool = pool_of(2)
    shelf.answers = False
    (borrower,) = claimed(pool)
    clock.advance(6 * MS)
    assert borrower.member is None
    shelf.answer()
    assert borrower.member is shelf.living[0]
    assert borrower.waited == 6 * MS


def test_a_claimant_takes_a_member_that_is_returned_before_its_own_is_open() -> None:
    clock, shelf, pool = pool_of(2)
    (holder,) = claimed(pool)
    shelf.answers = False
    (borrower,) = claimed(pool)
    clock.advance(2 * MS)
    pool.give_back(holder.member)
    assert (borrower.member, borrower.waited) == (holder.member, 2 * MS)
    shelf.answer()
    assert pool.idle == shelf.living[1:]  # what it asked for is there for the next one


def test_whoever_was_served_meanwhile_does_not_hear_that_its_opening_was_refused() -> None:
    clock, shelf, pool = pool_of(2)
    (holder,) = claimed(pool)
    shelf.answers = False
    first, second = claimed(pool, 2)
    clock.advance(2 * MS)
    pool.give_back(holder.member)
    shelf.refusal = SLOTS_RESERVED
    shelf.answer()
    assert (first.member, first.failure, second.failure) == (holder.member, None, None)
    assert len(shelf.asked) == 1  # the second waiter has an opening of its own now
    shelf.answer()
    assert second.failure is SLOTS_RESERVED


def test_a_connect_that_takes_too_long_ends_at_the_checkout_timeout() -> None:
    clock, shelf, pool = pool_of(2)
    shelf.answers = False
    (borrower,) = claimed(pool)
    clock.advance(TIMEOUT + 1)
    assert borrower.failure is not None
    shelf.answer()
    assert pool.idle == shelf.living


def test_a_refused_opening_refuses_the_claimant_that_asked() -> None:
    _, shelf, pool = pool_of(2)
    shelf.refusal = SLOTS_RESERVED
    (borrower,) = claimed(pool)
    assert borrower.failure is SLOTS_RESERVED
    assert (pool.open, pool.opener.count) == (0, 0)


def test_a_discarded_member_frees_its_place_for_the_longest_waiter() -> None:
    _, shelf, pool = pool_of(1)
    (holder,) = claimed(pool)
    first, second = claimed(pool, 2)
    pool.discard(holder.member)
    assert first.member is not None
    assert first.member is not holder.member
    assert second.member is None
    assert shelf.living == [first.member]


def test_a_refused_opening_lets_the_next_waiter_try() -> None:
    _, shelf, pool = pool_of(1)
    (holder,) = claimed(pool)
    waiters = claimed(pool, 2)
    shelf.refusal = SLOTS_RESERVED
    pool.discard(holder.member)
    assert [waiter.failure for waiter in waiters] == [SLOTS_RESERVED, SLOTS_RESERVED]


def test_a_waiter_that_left_gets_nothing_and_nobody_waits_for_it() -> None:
    clock, _, pool = pool_of(1)
    (holder,) = claimed(pool)
    gone, next_one = claimed(pool, 2)
    pool.queue.leave(gone)
    assert pool.queue.waiting == 1
    pool.give_back(holder.member)
    assert (gone.member, next_one.member) == (None, holder.member)
    clock.advance(2 * TIMEOUT)
    assert gone.failure is None


def test_whoever_left_the_queue_is_not_refused_when_its_time_is_up() -> None:
    clock, _, pool = pool_of(1)
    claimed(pool)
    gone, patient = claimed(pool, 2)
    pool.queue.leave(gone)
    clock.advance(2 * TIMEOUT)
    assert gone.failure is None
    assert patient.failure is not None
    assert (pool.queue.waiting, pool.queue.timed_out) == (0, 1)


def test_a_pool_that_is_shut_closes_everything_and_forgets_the_queue() -> None:
    clock, shelf, pool = pool_of(2)
    holders = claimed(pool, 2)
    (waiter,) = claimed(pool)
    assert pool.plain
    pool.shut()
    assert not pool.plain, "nobody may return a member without asking"
    pool.give_back(holders[0].member)
    pool.discard(holders[1].member)
    clock.advance(2 * TIMEOUT)
    assert (shelf.living, pool.open, pool.queue.waiting) == ([], 0, 0)
    assert (waiter.member, waiter.failure) == (None, None)


def test_a_member_that_arrives_after_the_pool_was_shut_is_closed() -> None:
    _, shelf, pool = pool_of(2)
    shelf.answers = False
    (borrower,) = claimed(pool)
    pool.shut()
    shelf.answer()
    assert (shelf.living, borrower.member) == ([], None)


def test_an_idle_member_closed_from_the_other_side_is_forgotten() -> None:
    _, shelf, pool = pool_of(2)
    borrowers = claimed(pool, 2)
    pool.give_back(borrowers[0].member)
    pool.forget(borrowers[0].member)
    pool.forget(borrowers[1].member)  # in use: whoever has it will notice
    assert (pool.open, shelf.living) == (1, [borrowers[1].member])


def test_waits_of_granted_claims_are_counted() -> None:
    waits = Histogram()
    clock, _, pool = pool_of(1, waits=waits)
    (holder,) = claimed(pool)
    claimed(pool, 2)
    clock.advance(50)
    pool.give_back(holder.member)
    clock.advance(2 * TIMEOUT)
    assert (waits.count, waits.total) == (2, 50)


def test_places_can_be_counted_without_members() -> None:
    pool = Pool(Clock(), 2, Tokens(), timeout_us=1)
    assert [pool.take(), pool.take(), pool.take()] == [True, True, False]
    pool.put()
    assert pool.take()


def background(size: int) -> tuple[Clock, Shelf, Pool]:
    clock, shelf = Clock(), Shelf(answers=False)
    return clock, shelf, Pool(clock, size, shelf, timeout_us=60 * S, opener=InBackground(clock, 15 * S))


def test_opened_in_the_background_members_come_one_at_a_time() -> None:
    _, shelf, pool = background(3)
    waiters = claimed(pool, 3)
    assert len(shelf.asked) == 1
    shelf.answer()
    assert len(shelf.asked) == 1
    shelf.answer()
    assert [waiter.member for waiter in waiters] == [*shelf.living, None]


def test_opened_in_the_background_a_claim_takes_whatever_comes_first() -> None:
    _, shelf, pool = background(3)
    first, second = claimed(pool, 2)
    shelf.answer()
    pool.give_back(first.member)
    assert second.member is first.member


def test_opened_in_the_background_a_refusal_is_followed_by_a_pause() -> None:
    clock, shelf, pool = background(3)
    shelf.refusal = SLOTS_RESERVED
    (waiter,) = claimed(pool)
    shelf.answer()
    claimed(pool)
    clock.advance(15 * S)
    assert shelf.asked == []
    clock.advance(15 * S + 1)
    assert len(shelf.asked) == 1
    shelf.refusal = None
    shelf.answer()
    assert (waiter.member, waiter.failure) == (shelf.living[0], None)


class Patient(Borrower):
    """A claimant that looks at the clock when it is refused."""

    def __init__(self, clock: Clock) -> None:
        """Want nothing yet."""
        super().__init__()
        self.clock = clock
        self.refused_at = -1

    def _refused(self, _: object, failure: Failure) -> None:
        super()._refused(_, failure)
        self.refused_at = self.clock.t


class Borrowing(RuleBasedStateMachine):
    """Random borrowers of a pool whose source answers late or early, with a thing or a refusal."""

    opener: type[ByCaller | InBackground] = ByCaller

    def __init__(self) -> None:
        """Start with an empty pool of three."""
        super().__init__()
        self.clock = Clock()
        self.shelf = Shelf(answers=False)
        opener = InBackground(self.clock, 5) if self.opener is InBackground else ByCaller()
        self.pool = Pool(self.clock, 3, self.shelf, timeout_us=20, opener=opener)
        self.line: list[Patient] = []
        """Claimants that joined the queue, in order."""
        self.holding: list[Patient] = []
        self.claiming: list[Patient] = []
        """Claimants without an answer."""

    def settle(self) -> None:
        """Move whoever got an answer, and check that nobody was overtaken."""
        for borrower in [borrower for borrower in self.claiming if borrower.member is not None]:
            if borrower in self.line:
                ahead = self.line[: self.line.index(borrower)]
                assert not [other for other in ahead if other.waiting is self.pool.queue], "overtaken"
            self.claiming.remove(borrower)
            self.holding.append(borrower)
        for borrower in [borrower for borrower in self.claiming if borrower.failure is not None]:
            self.claiming.remove(borrower)
            if borrower.failure is not SLOTS_RESERVED:
                assert borrower.refused_at == borrower.since + 20

    @rule()
    def claim(self) -> None:
        borrower = Patient(self.clock)
        self.claiming.append(borrower)
        self.pool.claim(borrower)
        if borrower.waiting is not None:
            self.line.append(borrower)

    @precondition(lambda self: self.holding)
    @rule(which=st.integers(0, 9), broken=st.booleans())
    def return_one(self, which: int, *, broken: bool) -> None:
        borrower = self.holding.pop(which % len(self.holding))
        if broken:
            self.pool.discard(borrower.member)
        else:
            self.pool.give_back(borrower.member)

    @precondition(lambda self: self.line)
    @rule(which=st.integers(0, 9))
    def leave(self, which: int) -> None:
        borrower = self.line[which % len(self.line)]
        if borrower.waiting is not None:
            self.pool.queue.leave(borrower)
            self.claiming.remove(borrower)

    @precondition(lambda self: self.shelf.asked)
    @rule(refused=st.booleans())
    def answer(self, *, refused: bool) -> None:
        self.shelf.refusal = SLOTS_RESERVED if refused else None
        self.shelf.answer()

    @precondition(lambda self: self.pool.idle)
    @rule(which=st.integers(0, 9))
    def lose_an_idle_one(self, which: int) -> None:
        self.pool.forget(self.pool.idle[which % len(self.pool.idle)])

    @rule(time=st.integers(1, 8))
    def wait(self, time: int) -> None:
        self.clock.advance(self.clock.t + time)

    @invariant()
    def nothing_is_lost(self) -> None:
        self.settle()
        pool = self.pool
        assert 0 <= pool.in_use <= pool.size
        assert pool.in_use + len(pool.idle) + pool.opener.count <= pool.size
        assert pool.in_use == len(self.holding)
        assert pool.opener.count == len(self.shelf.asked)
        assert set(pool.members) == set(self.shelf.living) == {b.member for b in self.holding} | set(pool.idle)
        assert pool.queue.waiting == len([b for b in self.claiming if b.waiting is pool.queue])
        assert not (pool.idle and pool.queue.waiting), "somebody waits beside an idle member"

    def teardown(self) -> None:
        self.pool.shut()
        self.shelf.refusal = None
        while self.shelf.asked:
            self.shelf.answer()
        assert self.shelf.living == []


class BorrowingInBackground(Borrowing):
    opener = InBackground


@pytest.mark.parametrize("machine", [Borrowing, BorrowingInBackground])
def test_nothing_leaks_whatever_borrowers_do(machine: type[Borrowing]) -> None:
    run_state_machine_as_test(machine, settings=CASES)
