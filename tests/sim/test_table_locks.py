"""Table locks: the eight modes, and the fair queue before a table."""

from __future__ import annotations

import pytest

from drill.sim.relations import MODES, conflict
from tests.sim.lockers import Lockers

CONFLICTS = {
    "AccessShareLock": "AccessExclusiveLock",
    "RowShareLock": "ExclusiveLock AccessExclusiveLock",
    "RowExclusiveLock": "ShareLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock",
    "ShareUpdateExclusiveLock": (
        "ShareUpdateExclusiveLock ShareLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock"
    ),
    "ShareLock": ("RowExclusiveLock ShareUpdateExclusiveLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock"),
    "ShareRowExclusiveLock": (
        "RowExclusiveLock ShareUpdateExclusiveLock ShareLock ShareRowExclusiveLock ExclusiveLock AccessExclusiveLock"
    ),
    "ExclusiveLock": " ".join(MODES[1:]),
    "AccessExclusiveLock": " ".join(MODES),
}
"""Table 13.2 of the PostgreSQL 15 manual."""


@pytest.mark.parametrize("mode", MODES)
def test_modes_conflict_as_in_the_manual_and_both_ways(mode: str) -> None:
    number = MODES.index(mode)
    assert {other for other in MODES if conflict(number, MODES.index(other))} == set(CONFLICTS[mode].split())
    assert all(conflict(number, other) == conflict(other, number) for other in range(len(MODES)))


def test_one_alter_table_behind_a_long_reader_stops_every_later_reader() -> None:
    lockers = Lockers()
    lockers.lock(1, "AccessShareLock")
    lockers.lock(2, "AccessExclusiveLock")
    lockers.lock(3, "AccessShareLock")
    lockers.update(4, row=0)
    assert (lockers.granted, lockers.waits()) == ([1], {2: "relation", 3: "relation", 4: "relation"})
    lockers.leave(2)
    assert (lockers.granted, lockers.waits()) == ([1, 3, 4], {})


def test_the_queue_is_fair() -> None:
    lockers = Lockers()
    for pid in (1, 2, 3, 4):
        lockers.lock(pid, "ExclusiveLock")
    for pid in (1, 2, 3):
        lockers.commit(pid)
    assert lockers.granted == [1, 2, 3, 4]


def test_whoever_holds_a_table_goes_before_those_who_wait_for_it() -> None:
    lockers = Lockers()
    lockers.lock(1, "RowShareLock")
    lockers.lock(2, "ExclusiveLock")
    lockers.update(1, row=0)
    assert lockers.granted == [1, 1]


def test_writers_of_different_rows_do_not_wait_for_each_other() -> None:
    lockers = Lockers()
    for pid in lockers.sessions:
        lockers.update(pid, row=pid)
    assert lockers.granted == list(lockers.sessions)
