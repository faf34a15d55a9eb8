"""The other lanes of a run, computed in the background while somebody plays: nothing done, and the expert.

Separate from `drill.lanes`, which computes lanes and waits for them: here nobody waits. One spawned process takes the
tasks in order, and is ended, not awaited, when nobody wants the answers any more.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from drill.driver.spawning import CONTEXT, spawn
from drill.errors import DrillError
from drill.lanes.lane import LaneTask, run_lane

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from drill.telemetry.lanes import LaneResult

_NICE = 10
"""What is being played goes first."""
NOTHING, EXPERT = "idle", "expert"
"""The players of the other lanes."""


class Lanes(Protocol):
    """Lanes that are being computed."""

    def poll(self) -> dict[str, LaneResult | str]:
        """Return what is known so far by player: a result, or why there is none. Never waits long."""

    def close(self) -> None:
        """Stop computing; a second call does nothing."""


def tasks(scenario: Path, seed: int) -> tuple[LaneTask, ...]:
    """Return the tasks of the other lanes of a run."""
    return tuple(LaneTask(scenario=str(scenario), seed=seed, player=player) for player in (NOTHING, EXPERT))


class BackgroundLanes:
    """Computes lanes in one spawned process."""

    def __init__(self, tasks: Sequence[LaneTask]) -> None:
        """Start at once."""
        self._pipe, theirs = CONTEXT.Pipe(duplex=False)
        self._process = spawn("drill-lanes", compute, theirs, tuple(tasks))
        theirs.close()
        self._waiting = [task.player for task in tasks]
        self._known: dict[str, LaneResult | str] = {}

    @property
    def pid(self) -> int | None:
        """Id of the process."""
        return self._process.pid

    def poll(self) -> dict[str, LaneResult | str]:
        """Return what has arrived."""
        try:
            while self._waiting and self._pipe.poll():
                self._known[self._waiting[0]] = self._pipe.recv()
                self._waiting.pop(0)
        except (EOFError, OSError):
            self._known.update(dict.fromkeys(self._waiting, "the process that computed it ended early"))
            self._waiting = []
        return dict(self._known)

    def close(self) -> None:
        """End the process, wherever it is."""
        self._waiting = []
        self._pipe.close()
        self._process.kill()
        self._process.join()


class ImmediateLanes:
    """Computes lanes in this process, one at each poll; for tests and where processes can't be started."""

    def __init__(self, tasks: Sequence[LaneTask]) -> None:
        """Compute nothing yet."""
        self._tasks = list(tasks)
        self._known: dict[str, LaneResult | str] = {}

    def poll(self) -> dict[str, LaneResult | str]:
        """Compute one more lane."""
        if self._tasks:
            task = self._tasks.pop(0)
            self._known[task.player] = _compute_one(task)
        return dict(self._known)

    def close(self) -> None:
        """Compute no more."""
        self._tasks = []


def compute(pipe: Connection, tasks: Sequence[LaneTask]) -> None:
    """Compute lanes and send each as soon as it is done."""
    os.nice(_NICE)
    with suppress(OSError):
        for task in tasks:
            pipe.send(_compute_one(task))


def _compute_one(task: LaneTask) -> LaneResult | str:
    try:
        return run_lane(task)
    except DrillError as error:
        return str(error)
