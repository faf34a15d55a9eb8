"""A real terminal for tests: a program at the far end of a pseudo-terminal, and the screen its bytes draw."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

from tests.tui.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
PLAY = (sys.executable, "-m", "drill", "play", str(SHOP))
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h")
"""Back from the alternate screen, and the cursor shown."""


class Terminal:
    """A program in a terminal."""

    def __init__(self, command: tuple[str, ...], home: Path, **given: str) -> None:
        """Start it at 80 columns and 24 lines; `home` is where it keeps its files."""
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (24, 80))
        environment = {**os.environ, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", **given}
        environment.pop("XDG_DATA_HOME", None)
        self.attributes = termios.tcgetattr(self._theirs)
        self.program = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
        )
        self.output = b""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """What the screen shows, line by line."""
        return [line.rstrip() for line in self._screen.display]

    def until(self, text: str) -> None:
        """Read until a text is on the screen."""
        self._until(lambda: any(text in line for line in self._screen.display), text)

    def until_wider(self, cells: int) -> None:
        """Read until a line is longer than so many cells."""
        self._until(lambda: max(map(len, self.lines)) > cells, f"a line of more than {cells} cells")

    def until_gone(self, text: str) -> None:
        """Read until a text is nowhere on the screen."""
        self._until(lambda: not any(text in line for line in self._screen.display), f"no {text}")

    def until_said(self, text: bytes) -> None:
        """Read until a text was written after all that was read before."""
        begun = len(self.output)
        self._until(lambda: text in self.output[begun:], repr(text))

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.program.send_signal(signal.SIGWINCH)

    def ended(self) -> int:
        """Read to the end and return the exit code."""
        until_s = time.monotonic() + PATIENCE_S
        while self.program.poll() is None:
            assert time.monotonic() < until_s, "it never ended; the screen shows\n" + "\n".join(self.lines)
            self._read()
        while self._read():
            pass
        return self.program.returncode

    def restored(self) -> bool:
        """Return whether the terminal is as it was."""
        kept = termios.tcgetattr(self._theirs) == self.attributes
        return kept and all(code in self.output for code in RESTORED)

    def close(self) -> None:
        """End the program, if it is still there."""
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not condition():
            shown = "\n".join(self.lines)
            assert time.monotonic() < until_s, f"{what} never came; the screen shows\n{shown}"
            if not self._read():
                assert self.program.poll() is None, f"{what} never came; the program ended and shows\n{shown}"

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 0.05)
        if ready:
            received = os.read(self._ours, 65_536)
            self.output += received
            self._stream.feed(received)
        return bool(ready)
