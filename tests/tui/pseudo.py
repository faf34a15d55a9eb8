"""A program at the far end of a pseudo-terminal: keys go in, bytes come out.

Separate from the terminal that draws those bytes: drawing a large screen takes longer than a key may, so whoever
measures reads bytes alone.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


class Program:
    """A program in a terminal that shows nothing."""

    def __init__(self, command: tuple[str, ...], home: Path, size: tuple[int, int] = (80, 24), **given: str) -> None:
        """Start it in a terminal of so many columns and lines; `home` is where it keeps its files."""
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (size[1], size[0]))
        environment = {**os.environ, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", **given}
        environment.pop("XDG_DATA_HOME", None)
        self.attributes = termios.tcgetattr(self._theirs)
        self.started_s = time.monotonic()
        self.program = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
        )

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def read(self, patience_s: float = 0.05) -> bytes:
        """Return what was written lately, empty after waiting in vain."""
        ready, _, _ = select.select([self._ours], [], [], patience_s)
        return os.read(self._ours, 65_536) if ready else b""

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.program.send_signal(signal.SIGWINCH)

    def close(self) -> None:
        """End the program, if it is still there."""
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self._ours)
        os.close(self._theirs)
