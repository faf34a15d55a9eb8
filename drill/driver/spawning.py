"""Starting a process of our own beside a screen.

Separate because both the worker and the other lanes need it, and because a screen gets in the way twice: it puts
something without a file descriptor in the place of stderr, and whatever a child prints would land on top of it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

CONTEXT = multiprocessing.get_context("spawn")


def spawn(name: str, target: Callable[..., None], *values: Any, nice: int = 0) -> BaseProcess:  # noqa: ANN401 - whatever the target takes
    """Start a process that ends with this one at the latest, and call a function in it."""
    process = CONTEXT.Process(target=_run, args=(target, values, nice), name=name, daemon=True)
    with redirect_stderr(sys.__stderr__):
        process.start()
    return process


def _run(target: Callable[..., None], values: tuple[Any, ...], nice: int) -> None:
    """Call a function out of sight: Ctrl+C is the screen's, and the terminal too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _step_back(nice)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    target(*values)


def _step_back(nice: int) -> None:
    """Leave the processor to the screen whenever it wants to draw.

    Linux divides processors among sessions before it looks at their processes. A simulation in the session of the
    screen would use up the screen's share, and keys would wait whenever another program is busy.
    """
    os.nice(nice)
    with suppress(OSError):
        os.setsid()
        share(nice)


def share(nice: int, pid: int | None = None) -> None:
    """Say how nice a whole session is: that of a process, or one's own; does nothing where nobody asks for it.

    See "The autogroup feature" in https://man7.org/linux/man-pages/man7/sched.7.html.
    """
    told = Path(f"/proc/{'self' if pid is None else pid}/autogroup")
    with suppress(OSError):
        if told.exists():
            told.write_text(str(nice))
