"""Lanes in several processes: wherever they are simulated they are the same, and none outlives who wanted them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from drill.cli.exits import ExitCode
from drill.errors import UsageError
from drill.lanes.batch import processes, run_lanes, spread
from drill.lanes.lane import LaneTask, run_lane
from tests.tui.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
STOPS_S = 1.0
"""How soon a check has to end after Ctrl+C."""
TASKS = [LaneTask(scenario=str(SHOP), seed=seed) for seed in (1, 2, 3)]


def alive(session: int) -> list[str]:
    """Return the commands of the processes of a session that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, leader = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if leader == str(session) and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def waited(session: int, count: int) -> bool:
    """Wait until at most so many processes of a session are left, or so many are there if it is more than none."""
    until_s = time.monotonic() + PATIENCE_S
    while (len(alive(session)) < count) if count else alive(session):
        if time.monotonic() > until_s:
            return False
        Event().wait(0.01)
    return True


@pytest.fixture
def check() -> Iterator[subprocess.Popen[bytes]]:
    """Give a check that simulates in two processes, and end whatever is left of it."""
    command = [sys.executable, "-m", "drill", "check", "--play", "--jobs", "2", "checkout-down"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs, and theirs, ignore it
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE) as program:
        assert waited(program.pid, 4), alive(program.pid)  # itself, what tracks its semaphores, and two that simulate
        yield program
        if alive(program.pid):
            os.killpg(program.pid, signal.SIGKILL)


@pytest.mark.parametrize("whole", [True, False], ids=["from-the-keyboard", "to-it-alone"])
def test_ctrl_c_ends_a_check_at_once_and_leaves_no_process_behind(
    check: subprocess.Popen[bytes], *, whole: bool
) -> None:
    """A terminal sends it to every process; a script to one. Nobody waits for lanes under way, which take seconds."""
    begun_s = time.monotonic()
    if whole:
        os.killpg(check.pid, signal.SIGINT)
    else:
        check.send_signal(signal.SIGINT)
    assert check.wait(PATIENCE_S) == ExitCode.INTERRUPTED
    assert time.monotonic() - begun_s < STOPS_S
    assert waited(check.pid, 0), alive(check.pid)
    assert check.stderr is not None
    assert check.stderr.read() == b""


def test_a_check_that_is_killed_leaves_no_process_behind(check: subprocess.Popen[bytes]) -> None:
    check.kill()
    assert waited(check.pid, 0), alive(check.pid)


def test_any_executor_will_do() -> None:
    """Threads here; a cluster elsewhere."""
    with ThreadPoolExecutor(2) as executor:
        assert list(spread(TASKS, executor)) == list(map(run_lane, TASKS))


def test_a_lane_that_can_not_be_simulated_says_why_and_ends_the_processes() -> None:
    broken = LaneTask(scenario=str(SHOP), seed=1, player="nobody")
    with processes(2) as executor:
        results = spread([TASKS[0], broken, TASKS[1]], executor)
        assert next(results) == run_lane(TASKS[0])
        with pytest.raises(UsageError, match="there is no player 'nobody'"):
            next(results)


def test_one_lane_needs_no_process() -> None:
    assert list(run_lanes(TASKS[:1], jobs=8)) == [run_lane(TASKS[0])]
