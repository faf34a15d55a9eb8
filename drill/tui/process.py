"""The cockpit as a process: signals that end it, Ctrl+C pressed twice, and a garbage collector that keeps out of sight.

Separate from the app, which only says what ending means.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from functools import partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.tui.app import DrillApp

LATER_S = 0.2
"""Wall clock after which a new screen is drawn, whatever else there is to do."""
TWICE_S = 2.0
"""Longest time between two Ctrl+C that mean leaving."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128
"""A program that ends because of a signal exits with this and the signal's number."""
INTERRUPTED = _SIGNALLED + signal.SIGINT
"""Exit code after Ctrl+C."""


def end_on_signals(app: DrillApp) -> None:
    """Have every signal that ends a program end the app with its exit code; call it from within the event loop."""
    if not app.is_headless:
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, partial(app.end, _SIGNALLED + number))


def freeze(app: DrillApp) -> None:
    """Take what is there a moment later out of the garbage collector's sight: its pauses would show."""
    if not app.is_headless:
        app.set_timer(LATER_S, _freeze)


def _freeze() -> None:
    if gc.isenabled():  # otherwise this is the start, after which nearly all is still in use
        gc.collect()
    gc.freeze()
    gc.enable()


def preload(app: DrillApp, modules: Iterable[str]) -> None:
    """Load modules beside what is drawn, a moment later: the first screen is there before them."""
    if not app.is_headless:
        app.set_timer(LATER_S, Thread(target=_load, args=(tuple(modules),), daemon=True).start)


def _load(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)


class Twice:
    """Whether something was done twice in a row."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Read seconds of wall clock from a clock."""
        self._clock = clock
        self._before_s: float | None = None

    def again(self) -> bool:
        """Take note of one more time, and return whether the one before was not long ago."""
        before_s, self._before_s = self._before_s, self._clock()
        return before_s is not None and self._before_s - before_s <= TWICE_S
