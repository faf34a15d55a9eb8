"""A lane plays timed lines; what builds on a line that was left out is left out, too, and not an error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import RollBack, Scale, SetPoolSize
from drill.actions.entries import Entry, Pin, Unpin
from drill.driver.inprocess import InProcessDriver
from drill.errors import ActionError
from drill.lanes.comparison import MAX_TURNS, Turn, alone_tasks, turn_tasks, turns_of
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from drill.scenario.notation import merged
from drill.session.session import Session
from drill.units import US_PER_S
from tests.library import SHORT, checkout

PATH = str(find("checkout-down"))
SMALLER = Entry(at_us=25 * US_PER_S, deed=SetPoolSize(deployment="checkout", pool="db", size=3))
UNDONE = Entry(at_us=35 * US_PER_S, deed=RollBack(deployment="checkout"))
BACK = Entry(at_us=45 * US_PER_S, deed=Scale(deployment="checkout", replicas=10))
TASK = LaneTask(scenario=PATH, seed=3, player="you", changes=SHORT)


def test_an_action_that_builds_on_one_that_is_missing_is_an_error() -> None:
    with pytest.raises(ActionError, match="no earlier revision"):
        run_lane(replace(TASK, entries=(UNDONE, BACK)))


def test_it_is_skipped_where_that_was_left_out_on_purpose_and_the_rest_is_done() -> None:
    skipping = run_lane(replace(TASK, entries=(UNDONE, BACK), skips=True))
    assert skipping == run_lane(replace(TASK, entries=(BACK,)))


def test_skipping_changes_nothing_where_everything_can_be_done() -> None:
    entries = (SMALLER, UNDONE, BACK)
    whole = run_lane(replace(TASK, entries=entries))
    assert run_lane(replace(TASK, entries=entries, skips=True)) == whole
    assert whole.bad != run_lane(replace(TASK, entries=(BACK,))).bad


def test_a_reading_dropped_without_having_been_pinned_is_skipped_as_well() -> None:
    entries = (Entry(at_us=25 * US_PER_S, deed=Unpin(unpin="nothing")), BACK)
    with pytest.raises(ActionError, match="not pinned"):
        run_lane(replace(TASK, entries=entries))
    assert run_lane(replace(TASK, entries=entries, skips=True)) == run_lane(replace(TASK, entries=(BACK,)))


def test_a_lane_reads_the_same_metrics_as_a_run_that_is_driven_to_its_end() -> None:
    """Texts of a debrief set the two beside each other."""
    figure = {"metric": "pg_stat_database_numbackends", "stat": "max", "start": "40s", "end": "50s"}
    changes = merged(SHORT, {"story": {"figures": {"sessions": figure}}})
    lane = run_lane(replace(TASK, player="idle", entries=(), changes=changes))
    ((name, value),) = lane.readings
    assert name == "sessions"
    assert value is not None
    assert value > 0
    session = Session(checkout().patched(changes).spec, 3)
    assert InProcessDriver(session).finish().result.readings == lane.readings


def test_every_action_is_left_out_once_and_in_lanes_that_skip() -> None:
    entries = (SMALLER, Entry(at_us=30 * US_PER_S, deed=Pin(pin="a")), UNDONE, BACK)
    tasks = turn_tasks(PATH, 3, entries)
    assert [left for left, _ in tasks] == [SMALLER, UNDONE, BACK]
    assert all(task.skips for _, task in tasks)
    assert tasks[0][1].entries == entries[1:]
    assert len(turn_tasks(PATH, 3, (BACK,) * (MAX_TURNS + 3))) == MAX_TURNS


def test_every_action_is_done_once_with_nothing_else_where_there_are_several() -> None:
    entries = (SMALLER, Entry(at_us=30 * US_PER_S, deed=Pin(pin="a")), UNDONE, BACK)
    tasks = alone_tasks(PATH, 3, entries)
    assert [kept for kept, _ in tasks] == [SMALLER, UNDONE, BACK]
    assert [task.entries for _, task in tasks] == [(SMALLER,), (UNDONE,), (BACK,)]
    assert all(task.skips for _, task in tasks)
    assert len(alone_tasks(PATH, 3, (BACK,) * (MAX_TURNS + 3))) == MAX_TURNS
    assert alone_tasks(PATH, 3, entries[:2]) == []


def test_both_lanes_of_an_action_are_put_together_as_far_as_they_are_known() -> None:
    """Two of the same lane stand for two of different ones: which belongs to which is what counts."""
    lane = run_lane(replace(TASK, entries=(BACK,)))
    worse = replace(lane, bad=lane.bad + 70)
    entries = (SMALLER, UNDONE, BACK)
    turns = turns_of(entries, [(SMALLER, worse), (BACK, lane)], [(SMALLER, lane)])
    assert turns == [Turn(entry=SMALLER, without=worse, alone=lane), Turn(entry=BACK, without=lane)]
    assert (turns[0].spared(lane), turns[0].spared_alone(worse)) == (70, 70)
    assert turns[1].spared_alone(worse) is None
