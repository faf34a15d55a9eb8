"""Circles of waits are found after deadlock_timeout, and the one who began to wait first is the victim.

Texts and times are those of PostgreSQL 15.18: the error came 1.00 s after the victim's wait began.
"""

from __future__ import annotations

import pytest

from drill.sim.deadlocks import context
from tests.sim.lockers import Lockers
from tests.sim.worlds import MS, S


def opposite_order() -> Lockers:
    """Return two sessions of which each holds what the other wants, since 100 ms and since 400 ms."""
    lockers = Lockers()
    lockers.update(1, row=1)
    lockers.update(2, row=6)
    lockers.clock.advance(100 * MS)
    lockers.update(1, row=6)
    lockers.clock.advance(400 * MS)
    lockers.update(2, row=1)
    return lockers


def test_the_victim_is_told_one_second_after_its_wait_began_and_the_other_goes_on() -> None:
    lockers = opposite_order()
    lockers.clock.advance(1_100 * MS)
    assert (lockers.cut, lockers.granted) == ([], [1, 2])
    lockers.clock.advance(1_100 * MS + 1)
    assert [pid for pid, _ in lockers.cut] == [1]
    assert lockers.granted == [1, 2, 2]
    assert lockers.locks.deadlocks == 1
    lockers.clock.advance(10 * S)
    assert (len(lockers.cut), lockers.waits()) == (1, {})


def test_the_texts_of_a_deadlock() -> None:
    lockers = opposite_order()
    wait = lockers.sessions[1].wait
    assert wait is not None
    assert context(wait) == ('CONTEXT:  while updating tuple (0,7) in relation "t"',)
    lockers.clock.advance(2 * S)
    ((_, failure),) = lockers.cut
    assert (failure.text, failure.sqlstate) == ("ERROR:  deadlock detected", "40P01")
    assert failure.detail == (
        "DETAIL:  Process 1 waits for ShareLock on transaction 732; blocked by process 2.",
        "Process 2 waits for ShareLock on transaction 731; blocked by process 1.",
        "HINT:  See server log for query details.",
    )
    assert lockers.logged == [
        "deadlock detected",
        *failure.detail[:2],
        "Process 1: UPDATE t",
        "Process 2: UPDATE t",
        "HINT:  See server log for query details.",
        'CONTEXT:  while updating tuple (0,7) in relation "t"',
        "STATEMENT:  UPDATE t",
    ]


@pytest.mark.parametrize("length", [2, 3, 5])
def test_circles_of_any_length_are_found_and_cost_one_victim(length: int) -> None:
    lockers = Lockers(length)
    for pid in lockers.sessions:
        lockers.update(pid, row=pid)
    for pid in lockers.sessions:
        lockers.clock.advance(pid * MS)
        lockers.update(pid, row=pid % length + 1)
    lockers.clock.advance(10 * S)
    assert [pid for pid, _ in lockers.cut] == [1]
    assert lockers.waits().keys() == set(range(2, length))  # the last one got the victim's row


def test_a_long_wait_without_a_circle_is_no_error() -> None:
    lockers = Lockers()
    for pid in (1, 2, 3):
        lockers.update(pid, row=0)
    lockers.clock.advance(100 * S)
    assert (lockers.cut, lockers.locks.deadlocks) == ([], 0)


def test_a_circle_through_the_tuple_lock_is_found() -> None:
    """3 waits for the tuple lock of 2, who waits for 1, who waits for a row of 3."""
    lockers = Lockers()
    lockers.update(1, row=0)
    lockers.update(3, row=5)
    lockers.update(2, row=0)
    lockers.clock.advance(2 * S)  # the wait of 2 was checked, and is not again
    lockers.update(3, row=0)
    lockers.clock.advance(2 * S + 1 * MS)
    lockers.update(1, row=5)
    lockers.clock.advance(10 * S)
    ((pid, failure),) = lockers.cut
    assert pid == 3
    assert failure.detail[0] == (
        "DETAIL:  Process 3 waits for ExclusiveLock on tuple (0,1) of relation 16385 of database 16384; "
        "blocked by process 2."
    )


def test_a_circle_between_tables_is_found() -> None:
    lockers = Lockers()
    lockers.lock(1, "AccessExclusiveLock", "users")
    lockers.lock(2, "RowExclusiveLock", "orders")
    lockers.lock(1, "AccessExclusiveLock", "orders")
    lockers.lock(2, "AccessShareLock", "users")
    lockers.clock.advance(10 * S)
    ((pid, failure),) = lockers.cut
    assert pid == 1
    assert failure.detail[:2] == (
        "DETAIL:  Process 1 waits for AccessExclusiveLock on relation 16386 of database 16384; blocked by process 2.",
        "Process 2 waits for AccessShareLock on relation 16385 of database 16384; blocked by process 1.",
    )


def test_a_circle_that_only_a_queue_closes_is_solved_by_another_order() -> None:
    """2 waits for the reader 1; 3 stands behind 2 though it could read as well; 1 waits for a row of 3."""
    lockers = Lockers()
    lockers.lock(1, "AccessShareLock", "t")
    lockers.update(3, row=0, table="other")
    lockers.lock(2, "AccessExclusiveLock", "t")
    lockers.lock(3, "AccessShareLock", "t")
    lockers.update(1, row=0, table="other")
    assert lockers.waits() == {1: "transactionid", 2: "relation", 3: "relation"}
    lockers.clock.advance(10 * S)
    assert lockers.cut == []
    assert lockers.waits() == {1: "transactionid", 2: "relation"}
