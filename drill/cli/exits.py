"""Exit codes and what they mean, as `drill --help` and the README show them.

Separate because scripts rely on these numbers. Which error leads to which code stands in `drill.cli.boundary`.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How drill ended."""

    FINE = 0
    DIFFERENT = 1
    USAGE = 2
    SCENARIO = 3
    RECORDING = 4
    CRASH = 70
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: dict[ExitCode, str] = {
    ExitCode.FINE: "fine",
    ExitCode.DIFFERENT: "the check or comparison failed",
    ExitCode.USAGE: "wrong usage, or a terminal is needed and there is none",
    ExitCode.SCENARIO: "invalid scenario",
    ExitCode.RECORDING: "invalid recording, or one of another engine version",
    ExitCode.CRASH: "drill itself crashed",
    ExitCode.INTERRUPTED: "ended by Ctrl+C",
    ExitCode.TERMINATED: "ended by SIGTERM",
}
"""What each code means, in a few words."""
