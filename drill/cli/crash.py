"""The report that is left behind when drill itself fails.

Separate because it must work when nothing else does. It holds versions, the command and the stack, but no values of
variables, so that neither answers nor anybody's files end up in a bug report.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime

import drill
from drill.cli.folders import standard


def report(error: Exception) -> str:
    """Write a crash file and return the one line that tells people about it."""
    said = f"drill crashed ({type(error).__name__}), which is a bug in drill"
    try:
        folder = standard().crashes
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
        path.write_text(describe(error, now), encoding="utf-8", errors="backslashreplace")
    except Exception as problem:  # noqa: BLE001 - a report that can't be written must not hide the crash
        return f"{said}; no report could be written ({type(problem).__name__})"
    return f"{said}; the report is in {path}"


def describe(error: Exception, now: datetime) -> str:
    """Return what a crash file says."""
    lines = [
        f"drill {drill.__version__}",
        f"time {now.isoformat(timespec='seconds')}",
        f"python {platform.python_version()} on {platform.system()} {platform.release()}",
        f"command {sys.argv[1:]!r}",
        f"terminal {os.environ.get('TERM', 'unknown')}",
        "",
    ]
    return "\n".join(lines) + "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
