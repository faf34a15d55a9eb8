"""Starting a process of our own beside a screen.

Separate because both the worker and the other lanes need it, and because a screen gets in the way twice: it puts
something without a file descriptor in the place of stderr, and whatever a child prints would land on top of it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from contextlib import redirect_stderr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

CONTEXT = multiprocessing.get_context("spawn")


def spawn(name: str, target: Callable[..., None], *values: Any) -> BaseProcess:  # noqa: ANN401 - whatever the target takes
    """Start a process that ends with this one at the latest, and call a function in it."""
    process = CONTEXT.Process(target=_run, args=(target, values), name=name, daemon=True)
    with redirect_stderr(sys.__stderr__):
        process.start()
    return process


def _run(target: Callable[..., None], values: tuple[Any, ...]) -> None:
    """Call a function out of sight: Ctrl+C is the screen's, and the terminal too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    target(*values)
