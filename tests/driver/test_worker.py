"""A session in a process of its own gives the same run, and never outlives whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from drill.actions.catalogue import Scale
from drill.driver.order import Order
from drill.driver.worker import WorkerDriver
from drill.errors import ActionError, UsageError
from drill.scenario.library import find
from drill.session.session import Session
from drill.units import US_PER_S
from tests.library import checkout

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


def arrived(driver: WorkerDriver) -> WorkerDriver:
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
