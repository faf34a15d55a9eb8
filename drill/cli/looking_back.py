"""From a recording to its debrief: read it, find its scenario, simulate the lanes.

Separate from the command because it loads the simulation.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from drill.cli.recorded import scenario_of
from drill.debrief.build import build
from drill.lanes.batch import default_jobs, run_lanes
from drill.lanes.comparison import alone_tasks, compare, main_tasks, turn_tasks, turns_of
from drill.recording.reader import read_recording
from drill.session.replay import require_same_engine, require_same_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from drill.cli.folders import Folders
    from drill.debrief.model import Debrief
    from drill.telemetry.lanes import LaneResult


def look_back(path: Path, scenario: str | None, folders: Folders, engine: str) -> Debrief:
    """Return the debrief of a recording; raise RecordingError, ScenarioError or UsageError."""
    recording = read_recording(path)
    require_same_engine(recording, engine)
    file = scenario_of(recording, scenario, folders)
    require_same_scenario(recording, file.digest)
    name, seed = str(file.path), recording.header.seed
    main = main_tasks(name, seed, recording.entries, list(file.spec.story.solutions))
    without = turn_tasks(name, seed, recording.entries)
    alone = alone_tasks(name, seed, recording.entries)
    tasks = [*main, *(task for _, task in (*without, *alone))]
    done: list[LaneResult] = []
    for lane in run_lanes(tasks, default_jobs()):
        done.append(lane)
        if sys.stderr.isatty():
            click.echo(f"\r{len(done)} of {len(tasks)} lanes simulated ", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo("", err=True)
    acted = [(entry, lane) for (entry, _), lane in zip((*without, *alone), done[len(main) :], strict=True)]
    turns = turns_of(recording.entries, acted[: len(without)], acted[len(without) :])
    left_us = recording.until_us if recording.until_us < file.spec.length else None
    lanes = compare(done[: len(main)], turns)
    return build(file, recording.header.player, recording.entries, lanes, left_us)
