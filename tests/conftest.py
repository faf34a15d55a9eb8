"""What every test gets: a hard time limit.

A test that hangs would stop the whole run without a word. After the limit the stacks of all threads are printed and the
run ends, even when the test is stuck in C code or has swallowed an exception. The limit guards against hanging, not
against slowness: machines are shared, and a test that takes 15 s alone may take a minute beside others.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from typing import TYPE_CHECKING, TextIO

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

LIMIT_S = 180
SLOW_LIMIT_S = 600

STDERR = pytest.StashKey[TextIO]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real stderr: during a test, file descriptor 2 is a file of pytest's."""
    config.stash[STDERR] = os.fdopen(os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2), "w")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the copy; left to the garbage collector it would be a ResourceWarning."""
    config.stash[STDERR].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """End the run when one test with its fixtures takes too long."""
    limit_s = SLOW_LIMIT_S if item.get_closest_marker("slow") else LIMIT_S
    faulthandler.dump_traceback_later(limit_s, exit=True, file=item.config.stash[STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
