"""CPU time of pieces of work, each in processes of its own, several times; medians count.

Separate from what is measured. Machines are shared, and fast and slow by turns of a second, so that only ratios within
one run mean anything. Pieces that are compared therefore start together and run by turns of some milliseconds: one at a
time, and each meets what the others meet.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).parent / "peer.py"
TURN_S = 0.04
"""Wall clock of a turn: long beside the time it takes to fill caches, short beside a machine's changes of pace."""
Work = tuple[str, ...]
"""What to run, `engine` or `peer`, and the arguments of its program."""
Made = dict[str, float]
Found = dict[Work, list[Made]]
"""What each work came to, one answer a round."""


def measure(works: Sequence[Work], rounds: int, python: str, tell: Callable[[str], object]) -> Found:
    """Return what each work came to in each round, in which all run by turns; a work that can't run is left out.

    `python` is the interpreter of the peers, which has what they need.
    """
    found: Found = {}
    for turn in range(rounds):
        running = [work for work in works if not turn or work in found]
        tell(f"round {turn + 1} of {rounds}: {', '.join(' '.join(filter(None, work)) for work in running)}"[:70])
        for work, made in zip(running, _by_turns(running, python), strict=True):
            if made is None:
                found.pop(work, None)
            else:
                found.setdefault(work, []).append(made)
    return found


def middle(several: list[Made], key: str) -> float:
    """Return the median of a figure over all rounds."""
    return median(made[key] for made in several)


def _by_turns(works: Sequence[Work], python: str) -> list[Made | None]:
    """Start all works and let one run at a time until all have ended; None for one that failed."""
    running = [_start(work, python) for work in works]
    try:
        going = list(running)
        while going:
            going = [each for each in going if not _ends_in_turn(each)]
        return [_answer(work, each) for work, each in zip(works, running, strict=True)]
    finally:
        for each in running:
            each.kill()
            each.communicate()


def _start(work: Work, python: str) -> subprocess.Popen[str]:
    """Start a work and stop it at once."""
    kind, *arguments = work
    program = [python, str(PEER)] if kind == "peer" else [sys.executable, "-m", "tests.bench.work"]
    started = subprocess.Popen(
        [*program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.kill(started.pid, signal.SIGSTOP)
    return started


def _ends_in_turn(process: subprocess.Popen[str]) -> bool:
    """Let a stopped process run for a turn and return whether it ended."""
    os.kill(process.pid, signal.SIGCONT)
    try:
        process.wait(TURN_S)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGSTOP)
        return False
    return True


def _answer(work: Work, process: subprocess.Popen[str]) -> Made | None:
    answer, complaint = process.communicate()
    if process.returncode:
        last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        sys.stderr.write(f"not run: {' '.join(work)}: {last}\n")
        return None
    made: Made = json.loads(answer)
    return made
