"""Who waits for a row, how PostgreSQL shows it, and who is next.

The queue before a static holder, what pg_blocking_pids says of it and all texts are those of PostgreSQL 15.18.
"""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.deadlocks import blocking_pids
from drill.sim.relations import MODES
from drill.sim.streams import Streams
from tests.sim.lockers import Lockers
from tests.sim.worlds import CASES, MS, S


def queue(waiters: int = 3) -> Lockers:
    """Return session 1 holding a row, with others behind it in order."""
    lockers = Lockers(waiters + 1)
    for pid in lockers.sessions:
        lockers.update(pid, row=0)
    return lockers


def test_the_first_waiter_waits_for_the_transaction_and_those_behind_it_for_the_tuple() -> None:
    lockers = queue(3)
    assert lockers.granted == [1]
    assert lockers.waits() == {2: "transactionid", 3: "tuple", 4: "tuple"}


def test_only_the_first_waiter_names_the_root_blocker() -> None:
    lockers = queue(3)
    found = {pid: blocking_pids(session) for pid, session in lockers.sessions.items()}
    assert found == {1: [], 2: [1], 3: [2], 4: [2, 3]}


def test_the_first_waiter_is_next_after_a_static_holder_and_the_others_then_wait_for_its_transaction() -> None:
    lockers = queue(3)
    lockers.commit(1)
    assert lockers.granted == [1, 2]
    assert lockers.waits() == {3: "transactionid", 4: "transactionid"}


def test_a_newcomer_has_the_same_chance_as_those_who_have_waited_for_long() -> None:
    wins = dict.fromkeys((3, 4, 5), 0)
    source = Streams(1).source("test")
    for _ in range(3_000):
        lockers = Lockers(5, uniforms=iter(source.random, None))
        for pid in (1, 2, 3, 4):
            lockers.update(pid, row=0)
        lockers.commit(1)
        lockers.update(5, row=0)  # 3 and 4 have waited twice by now
        lockers.commit(2)
        wins[lockers.granted[2]] += 1
    assert all(won == pytest.approx(1_000, abs=100) for won in wins.values())  # four standard deviations


def test_a_rollback_leaves_the_tuple_lock_with_its_owner_and_the_line_behind_it_in_order() -> None:
    lockers = queue(3)
    lockers.roll_back(1)
    assert lockers.granted == [1, 2]
    assert lockers.waits() == {3: "transactionid", 4: "tuple"}


def test_when_the_first_waiter_gives_up_the_next_one_gets_its_tuple_lock() -> None:
    lockers = queue(3)
    lockers.leave(2)
    assert lockers.waits() == {3: "transactionid", 4: "tuple"}
    lockers.commit(1)
    assert lockers.granted == [1, 3]


def test_a_transaction_never_waits_for_its_own_row() -> None:
    lockers = queue(1)
    lockers.update(1, row=0)
    assert lockers.granted == [1, 1]


def test_rows_are_kept_until_the_transaction_ends_and_rows_nobody_wants_are_forgotten() -> None:
    lockers = Lockers()
    lockers.update(1, row=0)
    lockers.update(1, row=1)
    lockers.update(2, row=1)
    assert len(lockers.locks.rows) == 2
    lockers.commit(1)
    assert [(key[1], row.holder.session.pid) for key, row in lockers.locks.rows.items()] == [(1, 2)]
    lockers.commit(2)
    assert lockers.locks.rows == {}


def test_lock_timeout_ends_a_wait_exactly_then() -> None:
    lockers = Lockers(lock_timeout_us=300 * MS)
    lockers.update(1, row=0)
    lockers.clock.advance(1 * S)
    lockers.update(2, row=0)
    lockers.clock.advance(1 * S + 300 * MS)
    assert lockers.cut == []
    lockers.clock.advance(1 * S + 300 * MS + 1)
    ((pid, failure),) = lockers.cut
    assert (pid, failure.sqlstate, failure.text) == (2, "55P03", "ERROR:  canceling statement due to lock timeout")
    assert lockers.waits() == {}


def test_lock_timeout_starts_anew_with_each_holder() -> None:
    """It "applies separately to each lock acquisition attempt" (manual, Client Connection Defaults)."""
    lockers = Lockers(lock_timeout_us=300 * MS)
    for pid in (1, 2, 3):
        lockers.update(pid, row=0)
    lockers.clock.advance(200 * MS)
    lockers.commit(1)  # 3 now waits for the transaction of 2
    lockers.clock.advance(500 * MS)
    assert lockers.cut == []
    lockers.clock.advance(500 * MS + 1)
    assert [pid for pid, _ in lockers.cut] == [3]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["update", "update", "update", "table", "commit", "roll back", "leave", "pass"]),
        st.integers(1, 6),
        st.integers(0, 3),
    ),
    max_size=60,
)


def check(lockers: Lockers) -> None:
    """Check that every row has one holder that knows it, and that nobody waits for nothing or for itself."""
    for (_, number), row in lockers.locks.rows.items():
        assert row.number == number
        assert row in row.holder.rows
        assert row.holder.session.holds is row.holder
        waiting = [wait for wait in (row.first, *row.line, *row.followers) if wait is not None]
        assert all(wait.session.wait is wait and wait.row is row for wait in waiting)
        assert len({wait.session.pid for wait in waiting} | {row.holder.session.pid}) == len(waiting) + 1
        assert row.first is not None or not row.line
    for session in lockers.sessions.values():
        if session.wait is not None:
            assert blocking_pids(session)
            assert session.pid not in blocking_pids(session)


def step(lockers: Lockers, what: str, pid: int, number: int) -> None:
    """Let a session do something, if it is not waiting."""
    if what == "leave":
        lockers.leave(pid)
    elif lockers.sessions[pid].wait is not None:
        return
    elif what == "update":
        lockers.update(pid, number % 3, table="users" if number else "orders")
    elif what == "table":
        lockers.lock(pid, MODES[2 * number + 1], table="users")
    else:
        lockers.sessions[pid].end_transaction(committed=what == "commit")


@CASES
@given(steps=STEPS, seed=st.integers(0, 9))
def test_whatever_is_locked_and_given_up_in_whatever_order_nothing_is_left(
    steps: list[tuple[str, int, int]], seed: int
) -> None:
    lockers, at = Lockers(uniforms=iter(Streams(seed).source("test").random, None)), count(1)
    for what, pid, number in steps:
        if what == "pass":
            lockers.clock.advance(next(at) * 700 * MS)
        else:
            step(lockers, what, pid, number)
        check(lockers)
    lockers.clock.advance(200 * S)  # whoever is in a circle by now is found
    check(lockers)
    for _ in lockers.sessions:
        for session in lockers.sessions.values():
            if session.wait is None:
                session.end_transaction(committed=True)
    assert (lockers.waits(), lockers.locks.rows) == ({}, {})
    for name in ("users", "orders"):
        relation = lockers.locks.relation(name)
        assert (relation.granted, relation.line) == ({}, [])


def test_lock_timeout_counts_each_attempt_anew_and_not_the_whole_statement() -> None:
    """PostgreSQL's manual, lock_timeout: the limit applies separately to each attempt to get a lock."""
    lockers = Lockers(4, lock_timeout_us=1 * S)
    for pid in lockers.sessions:
        lockers.update(pid, row=0)
    for pid in (1, 2):
        lockers.clock.advance(lockers.clock.t + 700 * MS)
        lockers.commit(pid)
    assert lockers.clock.t == 1_400 * MS
    assert len(lockers.granted) == 3
    assert lockers.cut == []
    lockers.clock.advance(2_399 * MS)
    assert lockers.cut == []
    lockers.clock.advance(2_401 * MS)
    assert [failure.sqlstate for _, failure in lockers.cut] == ["55P03"]
