"""CPU time of pieces of work, each in processes of its own, several times in turn; the median counts.

Separate from what is measured. Machines are shared and noisy, so that only ratios within one run mean anything, and
alternatives take turns within a round in place of running one after the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).parent / "peer.py"
Work = tuple[str, ...]
"""What to run, `engine` or `peer`, and the arguments of its program."""
Made = dict[str, float]


def measure(works: Sequence[Work], rounds: int, python: str, tell: Callable[[str], object]) -> dict[Work, Made]:
    """Return what each work came to, medians of several; a work that can't run is left out.

    `python` is the interpreter of the peers, which has what they need.
    """
    found: dict[Work, list[Made]] = {}
    failed: set[Work] = set()
    for turn in range(rounds):
        for work in works:
            if work in failed:
                continue
            tell(f"round {turn + 1} of {rounds}: {' '.join(work)}")
            made = _once(work, python)
            if made is None:
                failed.add(work)
            else:
                found.setdefault(work, []).append(made)
    return {work: _middle(several) for work, several in found.items()}


def _once(work: Work, python: str) -> Made | None:
    kind, *arguments = work
    program = [python, str(PEER)] if kind == "peer" else [sys.executable, "-m", "tests.bench.work"]
    command = [*program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        sys.stderr.write(f"not run: {' '.join(work)}: {last}\n")
        return None
    made: Made = json.loads(done.stdout)
    return made


def _middle(several: list[Made]) -> Made:
    return {key: median(made[key] for made in several) for key in several[0]}
