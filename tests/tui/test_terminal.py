"""The cockpit in a real terminal, byte by byte."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drill.cli.exits import ExitCode
from tests.tui.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
PLAY = (sys.executable, "-m", "drill", "play", str(SHOP))
SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COLOUR = re.compile(rb"(?:^|;)(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:[;:]|$)")
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h")
"""Back from the alternate screen, and the cursor shown."""


class Terminal:
    """A program in a terminal of 80 × 24."""

    def __init__(self, command: tuple[str, ...], home: Path, **environment: str) -> None:
        """Start it; `home` is where it keeps its files."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        given = {**os.environ, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
        given.pop("XDG_DATA_HOME", None)
        self.attributes = termios.tcgetattr(theirs)
        self.program = subprocess.Popen(command, cwd=ROOT, env=given, stdin=theirs, stdout=theirs, stderr=theirs)
        self.output = b""
        self._ours, self._theirs = ours, theirs

    def until(self, text: bytes) -> None:
        """Read until a text was written after all that was read before."""
        begun, until_s = len(self.output), time.monotonic() + PATIENCE_S
        while text not in self.output[begun:]:
            assert time.monotonic() < until_s, f"{text!r} never came; the end is {self.output[-500:]!r}"
            self._read()

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def ended(self) -> int:
        """Read to the end and return the exit code."""
        until_s = time.monotonic() + PATIENCE_S
        while self.program.poll() is None:
            assert time.monotonic() < until_s, f"it never ended; the end is {self.output[-500:]!r}"
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

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 0.05)
        if ready:
            self.output += os.read(self._ours, 65_536)
        return bool(ready)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Give a list whose terminals are closed at the end."""
    opened: list[Terminal] = []
    yield opened
    for each in opened:
        each.close()


def started(terminals: list[Terminal], home: Path, *options: str, **environment: str) -> Terminal:
    """Return a terminal in which a run is live."""
    terminal = Terminal((*PLAY, *options), home, **environment)
    terminals.append(terminal)
    terminal.until(b"The system stands at the moment")
    terminal.type(b"\r")
    terminal.until(b"FIRING")
    return terminal


def coloured(output: bytes) -> list[bytes]:
    """Return the codes that set a colour."""
    return [code for code in SGR.findall(output) if COLOUR.search(code)]


def last_line(home: Path) -> dict[str, object]:
    """Return the end of the only recording."""
    (record,) = home.rglob("*.jsonl")
    line: dict[str, object] = json.loads(record.read_text().splitlines()[-1])
    return line


@pytest.mark.slow
@pytest.mark.parametrize("term", ["xterm-256color", "linux"])
def test_no_color_means_no_colour_at_all(terminals: list[Terminal], tmp_path: Path, term: str) -> None:
    terminal = started(terminals, tmp_path, NO_COLOR="1", TERM=term)
    for keys, shown in (
        (b"3", b"pools"),
        (b"1", b"Done"),
        (b"a", b"What it does"),
        (b"\r", b"now 6"),
        (b"\r", b"do it"),
    ):
        terminal.type(keys)
        terminal.until(shown)
    terminal.type(b"\x03")
    terminal.until(b"once more")
    terminal.type(b"\x03")
    assert terminal.ended() == ExitCode.INTERRUPTED
    assert coloured(terminal.output) == []
    assert b"\x1b[" in terminal.output


@pytest.mark.slow
@pytest.mark.parametrize("value", [{}, {"NO_COLOR": ""}])
def test_otherwise_there_is_colour(terminals: list[Terminal], tmp_path: Path, value: dict[str, str]) -> None:
    terminal = started(terminals, tmp_path, **value)
    assert len(coloured(terminal.output)) > 100


@pytest.mark.slow
def test_plain_characters_for_a_terminal_that_takes_no_others(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path, PYTHONIOENCODING="ascii")
    assert terminal.output.isascii()
    assert b"# CRIT" in terminal.output


@pytest.mark.slow
def test_quitting_puts_the_terminal_back_and_leaves_a_recording(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path)
    terminal.type(b"q")
    terminal.until(b"Leave this run?")
    terminal.type(b"\r")
    assert terminal.ended() == ExitCode.FINE
    assert terminal.restored()
    assert last_line(tmp_path)["end"] == "left"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_puts_the_terminal_back_and_loses_nothing(
    terminals: list[Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = started(terminals, tmp_path)
    terminal.program.send_signal(number)
    assert terminal.ended() == 128 + number
    assert terminal.restored()
    assert last_line(tmp_path)["end"] == "left"


@pytest.mark.slow
def test_a_killed_cockpit_leaves_what_was_recorded(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path)
    terminal.program.kill()
    terminal.ended()
    (record,) = tmp_path.rglob("*.jsonl")
    assert '"update": "acknowledge"' in record.read_text()


@pytest.mark.slow
def test_a_crash_puts_the_terminal_back_and_says_where_the_report_is(terminals: list[Terminal], tmp_path: Path) -> None:
    crash = (
        "import sys; from drill.tui.run import LiveRun; from drill.cli import main\n"
        "def broken(self, step): secret = 'a value'; raise LookupError('broken')\n"
        f"LiveRun.change_speed = broken; sys.argv = ['drill', 'play', {str(SHOP)!r}]; main()"
    )
    terminal = Terminal((sys.executable, "-c", crash), tmp_path)
    terminals.append(terminal)
    terminal.until(b"The system stands at the moment")
    terminal.type(b"\r")
    terminal.until(b"FIRING")
    terminal.type(b"+")
    assert terminal.ended() == ExitCode.CRASH
    assert terminal.restored()
    end = terminal.output[terminal.output.rindex(b"\x1b[?") :].decode()
    assert "drill crashed (LookupError)" in end
    assert "Traceback" not in terminal.output.decode()
    (report,) = tmp_path.rglob("crash-*.txt")
    assert "in broken" in report.read_text()
    assert last_line(tmp_path)["end"] == "left"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("play",), ("play", str(SHOP)), ()])
def test_without_a_terminal_there_is_one_line_and_no_escape(arguments: tuple[str, ...]) -> None:
    command = (sys.executable, "-m", "drill", *arguments)
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == ExitCode.USAGE
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert b"needs a terminal" in done.stderr
    assert b"\x1b" not in done.stderr


@pytest.mark.slow
def test_a_terminal_that_can_not_move_its_cursor_is_refused(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = Terminal(PLAY, tmp_path, TERM="dumb")
    terminals.append(terminal)
    assert terminal.ended() == ExitCode.USAGE
    assert b"\x1b" not in terminal.output
    assert terminal.output.count(b"\n") == 1
