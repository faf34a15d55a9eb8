"""Holding scenarios to what they promise and letting the players play them, for `drill check --play`.

Separate from the command because it loads the simulation, which validating a file must not.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from drill.cli.kept import Kept
from drill.cli.printing import columns, narrate
from drill.cli.sparks import spark
from drill.lanes.batch import run_lanes
from drill.lanes.judging import Fault, broken, unplayable
from drill.lanes.proof import STEP_S, Outcome, Trial, outcome, trials
from drill.scenario.loader import load
from drill.units import format_clock, format_count

if TYPE_CHECKING:
    from pathlib import Path

    from drill.lanes.lane import LaneTask

US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check by playing came to."""

    promises: int
    """Promises that were looked at, on all seeds."""
    broken: int
    """Those that were not kept."""
    faults: tuple[Fault, ...]
    """Broken promises, and what makes the scenario not worth playing."""
    table: str
    """Bad requests by seed and player."""


def examine(path: Path, seeds: int, *, full: bool, jobs: int, cache: Path | None) -> Report:
    """Simulate what a valid scenario promises and the players in it, on so many seeds of each of its variants."""
    file = load(path)
    wanted = trials(str(path), file, seeds, full=full)
    kept = Kept(cache, file.digest)
    try:
        outcomes = _outcomes(path.stem, wanted, kept, jobs)
    finally:
        kept.close()
    lost = [fault for trial in wanted for fault in broken(trial, outcomes)]
    poor = [fault for trial in wanted for fault in unplayable(trial, outcomes)]
    count = sum(len(trial.promises) for trial in wanted)
    return Report(promises=count, broken=len(lost), faults=(*lost, *poor), table=_table(wanted, outcomes))


def shown(fault: Fault) -> list[str]:
    """Return a fault in lines: what it is, and how users fared in that run."""
    until = format_clock(len(fault.failing) * STEP_S * US_PER_S)
    ascii_only = not (sys.stderr.encoding or "").lower().startswith("utf")
    lines = [fault.text, f"    users failing, 00:00 to {until}: |{spark(fault.failing, ascii_only=ascii_only)}|"]
    if fault.window_s is not None:
        first, last = (at // STEP_S for at in fault.window_s)
        lines.append(" " * (lines[-1].index("|") + 1 + first) + "^" * max(1, last - first))
    return lines


def _outcomes(name: str, wanted: list[Trial], kept: Kept, jobs: int) -> dict[str, Outcome]:
    runs = {key: trial for trial in wanted for key in trial.tasks}
    known = {key: found for key, trial in runs.items() if (found := kept.get(_asked(key, trial))) is not None}
    left: dict[str, LaneTask] = {key: trial.tasks[key] for key, trial in runs.items() if key not in known}
    for key, lane in zip(left, run_lanes(list(left.values()), jobs), strict=True):
        known[key] = outcome(runs[key], key, lane)
        kept.add(_asked(key, runs[key]), known[key])
        if sys.stderr.isatty():
            click.echo(f"\r{name}: {len(known)} of {len(runs)} runs ", nl=False, err=True)
    if sys.stderr.isatty():
        narrate("")
    return known


def _asked(key: str, trial: Trial) -> str:
    """Return the key under which a run is kept: the same wherever the file lies."""
    return key.replace(repr(trial.tasks[key].scenario), "here", 1)


def _table(wanted: list[Trial], outcomes: dict[str, Outcome]) -> str:
    """Return a line a seed: bad requests of nothing done and of the best solution, and what share others avoid."""
    rows: list[tuple[str, ...]] = [("SEED", "IDLE", "BEST", "OTHERS AVOID OF WHAT THE BEST DOES")]
    for trial in wanted:
        bad = {part: outcomes[repr(trial.task(part))].bad for part in trial.parts}
        idle = next(each for part, each in bad.items() if part.role == "idle")
        best = min(each for part, each in bad.items() if part.role == "solution")
        others = [(part.name, each) for part, each in bad.items() if part.role != "idle" and each != best]
        room = max(1, idle - best)
        said = ", ".join(f"{name} {(idle - each) / room:.0%}" for name, each in others)
        rows.append((str(trial.seed), format_count(idle), format_count(best), said))
    return columns(rows)
