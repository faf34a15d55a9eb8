"""A real terminal for tests: the screen that the bytes of a program draw."""

from __future__ import annotations

import sys
import termios
import time
from typing import TYPE_CHECKING

import pyte

from tests.tui.pseudo import PATIENCE_S, ROOT, Program
from tests.tui.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PLAY", "ROOT", "Terminal"]

PLAY = (sys.executable, "-m", "drill", "play", str(SHOP))
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h")
"""Back from the alternate screen, and the cursor shown."""


class Terminal(Program):
    """A program in a terminal of 80 columns and 24 lines, and what that shows."""

    def __init__(self, command: tuple[str, ...], home: Path, **given: str) -> None:
        """Start it; `home` is where it keeps its files."""
        super().__init__(command, home, (80, 24), **given)
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

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self._screen.resize(lines, columns)
        super().resize(columns, lines)

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

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not condition():
            shown = "\n".join(self.lines)
            assert time.monotonic() < until_s, f"{what} never came; the screen shows\n{shown}"
            if not self._read():
                assert self.program.poll() is None, f"{what} never came; the program ended and shows\n{shown}"

    def _read(self) -> bool:
        received = self.read()
        self.output += received
        self._stream.feed(received)
        return bool(received)
