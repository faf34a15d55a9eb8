"""The report that is left behind when drill itself fails: what failed, and the run that was going on.

Separate because it must work when nothing else does. It holds versions, the command and the stack, but no values of
variables, so that neither answers nor anybody's files end up in a bug report. What follows these remarks is the
recording of the run up to the crash, so that `drill replay` opens the report.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import drill
from drill.cli.folders import standard
from drill.recording.remarks import COMMENT

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 16 * 2**20
"""Most characters of a recording that go into a report; a run of an hour has about a tenth of that."""


class RunCrashedError(Exception):
    """Drill failed while a run was going on; the failure itself is the cause of this one."""

    def __init__(self, recording: Path | None) -> None:
        """Say where the run was recorded; None for nowhere."""
        super().__init__("a run crashed")
        self.recording = recording


def report(error: Exception) -> str:
    """Write a crash file and return the one line that tells people about it."""
    recording = error.recording if isinstance(error, RunCrashedError) else None
    failure = error.__cause__ if isinstance(error, RunCrashedError) and error.__cause__ is not None else error
    said = f"drill crashed ({type(failure).__name__}), which is a bug in drill"
    try:
        folder = standard().crashes
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
        text = describe(failure, now) + _recorded(recording)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except Exception as problem:  # noqa: BLE001 - a report that can't be written must not hide the crash
        return f"{said}; no report could be written ({type(problem).__name__})"
    return f"{said}; the report is in {path}"


def describe(error: BaseException, now: datetime) -> str:
    """Return what a crash file says of the failure, every line a remark."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    lines = [
        f"drill {drill.__version__}",
        f"time {now.isoformat(timespec='seconds')}",
        f"python {platform.python_version()} on {platform.system()} {platform.release()}",
        f"command {sys.argv[1:]!r}",
        f"terminal {_terminal()}",
        *"".join(stack).splitlines(),
    ]
    return "".join(f"{COMMENT} {line}\n" for line in lines)


def _terminal() -> str:
    """Return what the terminal says of itself."""
    try:
        columns, lines = os.get_terminal_size(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2)
        size = f"{columns} x {lines}"
    except OSError:
        size = "of unknown size"
    names = (os.environ.get(name, "-") for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR"))
    return f"{' '.join(names)}, {size}, {getattr(sys.stderr, 'encoding', 'unknown')}"


def _recorded(recording: Path | None) -> str:
    """Return the recording of the run; a remark where there is none."""
    if recording is None or not recording.is_file():  # a run that was not started leaves no file
        return f"{COMMENT} no run was recorded\n"
    return recording.read_text(encoding="utf-8", errors="backslashreplace")[:_LONGEST]
