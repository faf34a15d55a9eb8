"""What many runs and their recordings cost: start-up, processes, bytes.

Separate from the engine's bench, which asks what one run costs once everything is there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from threading import Event
from typing import TYPE_CHECKING

from drill.actions.catalogue import Scale
from drill.actions.entries import Diagnosis, Remark, Update
from drill.driver.order import Order, open_session
from drill.lanes.batch import processes
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.telemetry.lanes import LaneResult

ROOT = Path(__file__).parents[2]
SCENARIO = "checkout-down"
TASK_S = 1.0
"""How long a lane takes whose cost does not count."""
JOBS, FEW, MANY = 2, 4, 20
_IMPORT = """
import time
began = time.process_time()
import drill.session.session
print(time.process_time() - began)
"""


def import_s(rounds: int) -> float:
    """Return the CPU time of importing what a session needs, in a fresh interpreter."""
    command = [sys.executable, "-c", _IMPORT]
    return median(float(subprocess.check_output(command, cwd=ROOT)) for _ in range(rounds))


def recorded_mb_per_h() -> float:
    """Return the size of an hour's recording at the pace of somebody who looks every 4 s and acts twice a minute."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "run.jsonl"
        session = open_session(Order(scenario=find(SCENARIO), seed=1, record=path))
        views = ("pods", "pools", "pg_stat_activity", "logs", "metrics", "overview")
        length_s = session.spec.length // US_PER_S
        for at_s in range(300, length_s, 4):
            session.advance(at_s * US_PER_S)
            reading = session.look(views[at_s // 4 % len(views)])
            if at_s % 20 == 0 and reading.rows:
                row = reading.rows[0]
                text = " ".join(str(cell) for cell in row)[:200]
                session.do(Remark(note=f"{reading.view}: {text}"))
            if at_s % 32 == 0:
                session.perform(Scale(deployment="checkout", replicas=10 + at_s // 32 % 2))
            if at_s % 120 == 0:
                session.do(Diagnosis(diagnose=(("slots-by-pods", 60), ("network", 40))))
                session.do(Update(update="acknowledge"))
        session.finish()
        return path.stat().st_size / 2**20 * 3600 / (length_s - 300)


def waited(lane: LaneResult) -> LaneResult:
    """Take as long as a lane and return one: what is left is what processes cost."""
    Event().wait(TASK_S)
    return lane


def overhead() -> float:
    """Return how much longer lanes of a second take in processes, in percent, once these have been started."""
    lane = run_lane(LaneTask(scenario=str(find(SCENARIO)), seed=1))
    with processes(JOBS) as executor:
        took_s = []
        for count in (FEW, MANY):
            began_s = time.monotonic()
            list(executor.map(waited, [lane] * count))
            took_s.append(time.monotonic() - began_s)
    return (took_s[1] / (MANY / JOBS * TASK_S) - 1) * 100
