"""The other lanes of a run, computed in the background: what nobody waits for while somebody plays.

Separate from `drill.lanes`, which computes lanes and waits for them. One spawned process takes the tasks in order, and
is ended, not awaited, when nobody wants the answers any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from drill.driver.spawning import CONTEXT, share, spawn
from drill.errors import DrillError
from drill.lanes.lane import LaneTask, run_lane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

    from drill.telemetry.lanes import LaneResult

Known = dict[str, "LaneResult | str"]
"""Lanes by the name they were asked for under: a result, or why there is none."""

_NICE = 10
"""What is being played goes first."""
_AHEAD = 2
"""Tasks handed to the process at a time: it never waits for work, and its pipe never fills up."""


class Lanes(Protocol):
    """Lanes that are being computed."""

    def ask(self, tasks: Mapping[str, LaneTask]) -> None:
        """Compute more lanes after those asked for before; names must be new."""

    def poll(self) -> Known:
        """Return what is known so far. Never waits long; call it often, it also hands out work."""

    def hasten(self) -> None:
        """Compute as fast as the machine can: the run is over, and somebody waits."""

    def close(self) -> None:
        """Stop computing; a second call does nothing."""


class BackgroundLanes:
    """Computes lanes in one spawned process."""

    def __init__(self) -> None:
        """Start the process."""
        self._pipe, theirs = CONTEXT.Pipe()
        self._process = spawn("drill-lanes", compute, theirs, nice=_NICE)
        theirs.close()
        self._waiting: dict[str, LaneTask] = {}
        self._handed: list[str] = []
        self._known: Known = {}

    @property
    def pid(self) -> int | None:
        """Id of the process."""
        return self._process.pid

    def ask(self, tasks: Mapping[str, LaneTask]) -> None:
        """Compute more lanes."""
        self._waiting.update(tasks)
        self.poll()

    def poll(self) -> Known:
        """Return what has arrived."""
        try:
            while self._handed and self._pipe.poll():
                self._known[self._handed[0]] = self._pipe.recv()
                self._handed.pop(0)
            while self._waiting and len(self._handed) < _AHEAD:
                name = next(iter(self._waiting))
                self._pipe.send(self._waiting.pop(name))
                self._handed.append(name)
        except (EOFError, OSError):
            lost = "the process that computed it ended early"
            self._known.update(dict.fromkeys((*self._handed, *self._waiting), lost))
            self._waiting, self._handed = {}, []
        return dict(self._known)

    def hasten(self) -> None:
        """Give its session the share of any other."""
        if self._process.pid is not None:
            share(0, self._process.pid)

    def close(self) -> None:
        """End the process, wherever it is."""
        self._waiting, self._handed = {}, []
        self._pipe.close()
        self._process.kill()
        self._process.join()


class ImmediateLanes:
    """Computes lanes in this process, one at each poll; for tests and where processes can't be started."""

    def __init__(self) -> None:
        """Compute nothing yet."""
        self._tasks: dict[str, LaneTask] = {}
        self._known: Known = {}

    def ask(self, tasks: Mapping[str, LaneTask]) -> None:
        """Compute more lanes."""
        self._tasks.update(tasks)

    def poll(self) -> Known:
        """Compute one more lane."""
        if self._tasks:
            name = next(iter(self._tasks))
            self._known[name] = _compute_one(self._tasks.pop(name))
        return dict(self._known)

    def hasten(self) -> None:
        """Do nothing: polls are as fast as they are."""

    def close(self) -> None:
        """Compute no more."""
        self._tasks = {}


def compute(pipe: Connection) -> None:
    """Compute the lanes that are asked for, one after the other, until the pipe closes."""
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_compute_one(pipe.recv()))


def _compute_one(task: LaneTask) -> LaneResult | str:
    try:
        return run_lane(task)
    except DrillError as error:
        return str(error)
