"""The other lanes of a run arrive by themselves while somebody plays."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from threading import Event

import pytest

from drill.driver.others import BackgroundLanes, ImmediateLanes
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from tests.tui.shop import SHOP

PATIENCE_S = 30.0
TASKS = {name: LaneTask(scenario=str(SHOP), seed=1, player=name) for name in ("idle", "fewer-tills", "scale-up")}
LOST = "the process that computed it ended early"


def arrived(lanes: BackgroundLanes, count: int) -> dict[str, object]:
    """Wait until so many lanes are known."""
    until_s = time.monotonic() + PATIENCE_S
    while len(known := lanes.poll()) < count:
        assert time.monotonic() < until_s
        Event().wait(0.01)
    return dict(known)


def test_lanes_come_one_by_one_in_the_order_they_were_asked_for() -> None:
    lanes = ImmediateLanes()
    lanes.ask({"idle": TASKS["idle"]})
    lanes.ask({"turn": TASKS["fewer-tills"]})
    assert list(lanes.poll()) == ["idle"]
    assert list(lanes.poll()) == ["idle", "turn"]
    assert lanes.poll()["turn"] == run_lane(TASKS["fewer-tills"])


def test_a_lane_that_can_not_be_computed_says_why() -> None:
    lanes = ImmediateLanes()
    lanes.ask({"nobody": LaneTask(scenario=str(SHOP), seed=1, player="nobody")})
    assert "there is no player 'nobody'" in str(lanes.poll()["nobody"])


def test_closing_stops_what_is_left() -> None:
    lanes = ImmediateLanes()
    lanes.ask(TASKS)
    lanes.poll()
    lanes.close()
    assert list(lanes.poll()) == ["idle"]


@pytest.mark.slow
def test_lanes_in_the_background_are_the_same() -> None:
    """More of them than are handed out at a time, asked for in two steps; order and results are those of here."""
    lanes = BackgroundLanes()
    lanes.ask(TASKS)
    assert next(iter(arrived(lanes, 1))) == "idle"
    lanes.ask({"again": TASKS["idle"]})
    known = arrived(lanes, 4)
    lanes.close()
    lanes.close()
    assert list(known) == [*TASKS, "again"]
    assert known == {name: run_lane(task) for name, task in (TASKS | {"again": TASKS["idle"]}).items()}


@pytest.mark.slow
def test_a_task_that_fails_leaves_the_others_alone() -> None:
    lanes = BackgroundLanes()
    lanes.ask({"nobody": LaneTask(scenario=str(SHOP), seed=1, player="nobody"), "idle": TASKS["idle"]})
    known = arrived(lanes, 2)
    lanes.close()
    assert "there is no player 'nobody'" in str(known["nobody"])
    assert known["idle"] == run_lane(TASKS["idle"])


@pytest.mark.slow
def test_lanes_of_a_process_that_died_say_so() -> None:
    lanes = BackgroundLanes()
    lanes.ask({str(seed): LaneTask(scenario=str(find("checkout-down")), seed=seed) for seed in range(4)})
    assert lanes.pid is not None
    os.kill(lanes.pid, signal.SIGKILL)
    known = arrived(lanes, 4)
    lanes.close()
    assert set(known.values()) == {LOST}


@pytest.mark.slow
def test_closing_does_not_wait_for_a_lane_under_way() -> None:
    """The shipped scenario takes seconds; closing takes none of them."""
    lanes = BackgroundLanes()
    lanes.ask({"idle": LaneTask(scenario=str(find("checkout-down")), seed=1)})
    begun_s = time.monotonic()
    lanes.close()
    assert time.monotonic() - begun_s < 1.0
    assert lanes.poll() == {}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="only Linux divides processors among sessions")
def test_lanes_step_back_until_somebody_waits_for_them() -> None:
    lanes = BackgroundLanes()
    lanes.ask(TASKS)
    arrived(lanes, 1)
    told = Path(f"/proc/{lanes.pid}/autogroup")
    assert told.read_text().split()[-1] == "10"
    lanes.hasten()
    assert told.read_text().split()[-1] == "0"
    lanes.close()
