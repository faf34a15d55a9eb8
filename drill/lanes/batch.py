"""Many lanes, in this process or in several.

Separate because how lanes are spread is a matter of machines, not of scenarios. Workers are spawned, never forked, so
that nothing of a screen or a running session leaks into them.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from drill.lanes.lane import LaneTask, run_lane

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.telemetry.lanes import LaneResult


def default_jobs() -> int:
    """Return the number of processes that this machine can keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_lanes(tasks: Sequence[LaneTask], jobs: int = 1) -> Iterator[LaneResult]:
    """Simulate lanes and give their results in the order of the tasks, each as soon as it and those before are done."""
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(run_lane, tasks)
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(max_workers=min(jobs, len(tasks)), mp_context=context)
    try:
        yield from executor.map(run_lane, tasks)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
