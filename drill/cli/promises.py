"""Holding scenarios to what they promise, for `drill check --play`.

Separate from the command because it loads the simulation, which validating a file must not.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from drill.cli.printing import narrate
from drill.lanes.batch import default_jobs, run_lanes
from drill.lanes.expects import promises
from drill.scenario.loader import load

if TYPE_CHECKING:
    from pathlib import Path

    from drill.telemetry.lanes import LaneResult


def broken_promises(path: Path, seeds: int) -> tuple[int, list[str]]:
    """Simulate what a valid scenario promises on seeds 1 to `seeds`; return how many promises, and the broken ones."""
    wanted = list(promises(str(path), load(path).spec.expects, list(range(1, seeds + 1))))
    tasks = {repr(promise.task): promise.task for promise in wanted}
    lanes: dict[str, LaneResult] = {}
    for key, lane in zip(tasks, run_lanes(list(tasks.values()), default_jobs()), strict=True):
        lanes[key] = lane
        if sys.stderr.isatty():
            click.echo(f"\r{path.stem}: {len(lanes)} of {len(tasks)} runs simulated ", nl=False, err=True)
    if sys.stderr.isatty():
        narrate("")
    verdicts = [promise.judge(lanes[repr(promise.task)]) for promise in wanted]
    return len(verdicts), [str(verdict) for verdict in verdicts if not verdict.kept]
