"""A session in a process of its own gives the same run, and never outlives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import Scale
from drill.actions.entries import Update
from drill.driver.inprocess import InProcessDriver
from drill.driver.order import Order, open_session
from drill.driver.worker import SimulationLostError, WorkerDriver
from drill.errors import ActionError, UsageError
from drill.scenario.library import find
from drill.session.session import Session
from drill.units import US_PER_S
from tests.library import checkout
from tests.tui.shop import SHOP

if TYPE_CHECKING:
    from drill.driver.driver import Driver

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
ABANDON = """
import os, sys
from pathlib import Path
from drill.driver.order import Order
from drill.driver.worker import WorkerDriver
if __name__ == "__main__":
    driver = WorkerDriver(Order(scenario=Path(sys.argv[1]), seed=1, record=Path(sys.argv[2])), speed=1.0)
    driver.resume()
    os._exit(9)
"""


def order(record: Path | None = None) -> Order:
    """Return an order for the shipped scenario."""
    return Order(scenario=find("checkout-down"), seed=4, record=record)


def arrived(driver: Driver) -> Driver:
    """Wait until a hurry is over."""
    until_s = time.monotonic() + PATIENCE_S
    while driver.tick().hurrying:
        assert time.monotonic() < until_s
        Event().wait(0.005)
    return driver


@pytest.mark.slow
def test_a_run_in_a_worker_equals_one_here() -> None:
    driver = WorkerDriver(order())
    driver.hurry(20 * US_PER_S)
    arrived(driver)
    said = driver.perform(Scale(deployment="checkout", replicas=4))
    reading = driver.look("pods")
    driver.hurry(checkout().spec.length)
    ended = arrived(driver).finish()
    direct = Session(checkout().spec, seed=4)
    direct.advance(20 * US_PER_S)
    assert direct.perform(Scale(deployment="checkout", replicas=4)) == said
    assert direct.look("pods") == reading
    assert direct.finish().digest == ended.result.digest
    assert ended.entries == tuple(direct.entries)


@pytest.mark.slow
def test_what_is_refused_there_is_raised_here() -> None:
    driver = WorkerDriver(order())
    with pytest.raises(ActionError, match="no deployment"):
        driver.perform(Scale(deployment="nothing", replicas=1))
    assert driver.tick().snapshot.at_us == 0
    driver.leave()
    with pytest.raises(UsageError, match="can't write the recording"):
        WorkerDriver(order(Path(os.devnull) / "run.jsonl"))


@pytest.mark.slow
def test_leaving_closes_recording_and_process(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    driver = WorkerDriver(order(record), speed=10.0)
    driver.resume()
    driver.leave()
    driver.leave()
    assert '"end": "left"' in record.read_text().splitlines()[-1]


def test_the_same_is_done_and_recorded_as_in_this_process(tmp_path: Path) -> None:
    """Looks, an action and an update at the same moments: the recordings are the same, byte by byte."""
    drivers: list[Driver] = []
    for name in ("there", "here"):
        wanted = Order(scenario=SHOP, seed=4, record=tmp_path / f"{name}.jsonl")
        drivers.append(WorkerDriver(wanted) if name == "there" else InProcessDriver(open_session(wanted)))
    for driver in drivers:
        for at_s in (30, 41):
            driver.hurry(at_s * US_PER_S)
            arrived(driver)
            driver.do(Update(update="acknowledge"))
            driver.look("pods")
            driver.perform(Scale(deployment="till", replicas=2 + at_s % 2))
            assert driver.frame().snapshot.at_us == at_s * US_PER_S
    there, here = (driver.finish() for driver in drivers)
    assert there.result.digest == here.result.digest
    assert (tmp_path / "there.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()


def test_a_process_that_was_killed_is_told_with_the_signal_and_closing_waits_for_nobody(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    driver = WorkerDriver(Order(scenario=SHOP, seed=4, record=record), speed=10.0)
    driver.do(Update(update="acknowledge"))
    assert driver.pid is not None
    os.kill(driver.pid, signal.SIGKILL)
    with pytest.raises(SimulationLostError, match="signal 9"):
        driver.look("pods")
    with pytest.raises(SimulationLostError, match="signal 9"):
        driver.tick()
    driver.leave()
    driver.leave()
    assert '"update": "acknowledge"' in record.read_text()
    assert not Path(f"/proc/{driver.pid}").exists()


def test_what_fails_there_is_told_here_with_the_place_where_it_failed() -> None:
    driver = WorkerDriver(Order(scenario=SHOP, seed=4))
    with pytest.raises(RuntimeError, match="the simulation failed: TypeError") as caught:
        driver.look(["a table with a list for a name"])  # type: ignore[arg-type]  # what fails is beside the point
    assert any("drill/sim" in note for note in caught.value.__notes__)
    driver.leave()


@pytest.mark.slow
def test_a_worker_ends_when_whoever_started_it_dies(tmp_path: Path) -> None:
    """The screen is gone without a word; the worker closes the recording and ends."""
    script, record = tmp_path / "abandon.py", tmp_path / "run.jsonl"
    script.write_text(ABANDON)
    command = [sys.executable, str(script), str(find("checkout-down")), str(record)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 9
    until_s = time.monotonic() + PATIENCE_S
    while '"end": "left"' not in record.read_text():
        assert time.monotonic() < until_s
        Event().wait(0.02)
