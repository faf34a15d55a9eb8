"""The other lanes of a run arrive by themselves while somebody plays."""

from __future__ import annotations

import time
from threading import Event

import pytest

from drill.driver.others import EXPERT, NOTHING, BackgroundLanes, ImmediateLanes, tasks
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from tests.tui.shop import SHOP

PATIENCE_S = 30.0


def test_nothing_done_and_the_expert_are_compared() -> None:
    assert [(task.player, task.seed) for task in tasks(SHOP, 7)] == [(NOTHING, 7), (EXPERT, 7)]


def test_lanes_come_one_by_one() -> None:
    lanes = ImmediateLanes(tasks(SHOP, 1))
    assert list(lanes.poll()) == [NOTHING]
    assert list(lanes.poll()) == [NOTHING, EXPERT]
    assert lanes.poll()[EXPERT] == run_lane(tasks(SHOP, 1)[1])


def test_a_lane_that_can_not_be_computed_says_why() -> None:
    known = ImmediateLanes([LaneTask(scenario=str(SHOP), seed=1, player="nobody")]).poll()
    assert "there is no player 'nobody'" in str(known["nobody"])


def test_closing_stops_what_is_left() -> None:
    lanes = ImmediateLanes(tasks(SHOP, 1))
    lanes.poll()
    lanes.close()
    assert list(lanes.poll()) == [NOTHING]


@pytest.mark.slow
def test_lanes_in_the_background_are_the_same() -> None:
    lanes = BackgroundLanes(tasks(SHOP, 1))
    until_s = time.monotonic() + PATIENCE_S
    while len(known := lanes.poll()) < 2:
        assert time.monotonic() < until_s
        Event().wait(0.01)
    assert known == {task.player: run_lane(task) for task in tasks(SHOP, 1)}
    lanes.close()
    lanes.close()


@pytest.mark.slow
def test_closing_does_not_wait_for_a_lane_under_way() -> None:
    """The shipped scenario takes seconds; closing takes none of them."""
    lanes = BackgroundLanes(tasks(find("checkout-down"), 1))
    begun_s = time.monotonic()
    lanes.close()
    assert time.monotonic() - begun_s < 1.0
    assert lanes.poll() == {}
