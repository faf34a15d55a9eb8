"""Many lanes, in this process or in several.

Separate because how lanes are spread is a matter of machines, not of scenarios: anything that is a
`concurrent.futures.Executor` will do. Our own processes are spawned, never forked, so that nothing of a screen or a
running session leaks into them, and each ends with whoever started it, whatever ends that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from drill.lanes.lane import LaneTask, run_lane

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor
    from multiprocessing.connection import Connection

    from drill.telemetry.lanes import LaneResult

_ENDED = 1
"""Exit code of a process that was ended in the middle of a lane."""


def default_jobs() -> int:
    """Return the number of processes that this machine can keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_lanes(tasks: Sequence[LaneTask], jobs: int = 1) -> Iterator[LaneResult]:
    """Simulate lanes and give their results in the order of the tasks, each as soon as it and those before are done."""
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(run_lane, tasks)
        return
    with processes(min(jobs, len(tasks))) as executor:
        yield from spread(tasks, executor)


def spread(tasks: Sequence[LaneTask], executor: Executor) -> Iterator[LaneResult]:
    """Simulate lanes wherever an executor has them simulated, and give their results in the order of the tasks.

    What nobody asks for any more is left to the executor: a future that is cancelled here would make a pool of
    processes that are ended print an error (InvalidStateError in its own thread, CPython 3.11).
    """
    with _uninterrupted():
        futures = [executor.submit(run_lane, task) for task in tasks]
    for future in futures:
        yield future.result()


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Give an executor of so many spawned processes; at the end they are ended, in the middle of a lane, too.

    Those that have just been started know nothing of the pipe yet, so that they are ended by a signal; the pipe is for
    the day when there is nobody left to send one.
    """
    others = multiprocessing.active_children()
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(count, context, _end_with, (theirs,))
    try:
        yield executor
    finally:
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()
        executor.shutdown()
        ours.close()
        theirs.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl+C does not reach, from their first instruction on: it is for whoever started them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(pipe: Connection) -> None:
    """Have this process end as soon as the far end of a pipe is closed: nobody wants the answer any more."""
    Thread(target=_watch, args=(pipe,), daemon=True).start()


def _watch(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv_bytes()
    os._exit(_ENDED)
