"""The cockpit in a real terminal, byte by byte."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from drill.cli.exits import ExitCode
from tests.tui.shop import SHOP, shop
from tests.tui.terminal import PLAY, ROOT, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COLOUR = re.compile(rb"(?:^|;)(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:[;:]|$)")


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
    terminal.until("The system stands at the moment")
    terminal.type("\r")
    terminal.until("FIRING")
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
        ("3", "pools"),
        ("1", "Done"),
        ("d", "chips"),
        ("\x1b", "Done"),
        ("a", "What it does"),
        ("\r", "now 6"),
        ("\r", "do it"),
    ):
        terminal.type(keys)
        terminal.until(shown)
    terminal.type("\x03")
    terminal.until("once more")
    terminal.type("\x03")
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


def test_quitting_puts_the_terminal_back_and_leaves_a_recording(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path)
    terminal.type("q")
    terminal.until("Leave this run?")
    terminal.type("\r")
    assert terminal.ended() == ExitCode.FINE
    assert terminal.restored()
    assert last_line(tmp_path)["end"] == "left"


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


def test_a_crash_puts_the_terminal_back_and_says_where_the_report_is(terminals: list[Terminal], tmp_path: Path) -> None:
    crash = (
        "import sys; from drill.tui.run import LiveRun; from drill.cli import main\n"
        "def broken(self, step): secret = 'a value'; raise LookupError('broken')\n"
        f"LiveRun.change_speed = broken; sys.argv = ['drill', 'play', {str(SHOP)!r}]; main()"
    )
    terminal = Terminal((sys.executable, "-c", crash), tmp_path)
    terminals.append(terminal)
    terminal.until("The system stands at the moment")
    terminal.type("\r")
    terminal.until("FIRING")
    terminal.type("+")
    assert terminal.ended() == ExitCode.CRASH
    assert terminal.restored()
    end = terminal.output[terminal.output.rindex(b"\x1b[?") :].decode()
    assert "drill crashed (LookupError)" in end
    assert "Traceback" not in terminal.output.decode()
    (report,) = tmp_path.rglob("crash-*.txt")
    said = report.read_text()
    assert "in broken" in said
    assert "terminal xterm-256color" in said
    assert "a value" not in said
    assert shop().spec.story.debrief.tell not in said
    assert last_line(tmp_path)["end"] == "left"
    replay = (sys.executable, "-m", "drill", "replay", str(report), "--check", "--scenario", str(SHOP))
    done = subprocess.run(replay, cwd=ROOT, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout.split(":")[1].split()[0]) == (ExitCode.FINE, "identical"), done.stderr


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


def test_a_smaller_terminal_waits_and_a_larger_one_shows_more(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path)
    terminal.resize(70, 20)
    terminal.until("drill needs 80 x 24")
    terminal.until("70 x 20")
    terminal.resize(120, 40)
    terminal.until("Error budget used")
    terminal.until_wider(100)
    terminal.resize(80, 24)
    terminal.until_gone("Error budget used")
    terminal.until("FIRING")


def test_keys_reach_every_part_of_an_incident(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = started(terminals, tmp_path)
    for keys, shown in (
        ("2", "Metrics"),
        ("4", "pg_stat_activity"),
        ("p", "Pinned"),
        ("\x1b", "Done"),
        ("d", "chips"),
        ("\x1b", "Done"),
        ("u", "impact"),
        ("\x1b", "Done"),
        ("?", "TASK"),
        ("\x1b", "Done"),
        (" ", "paused"),
    ):
        terminal.type(keys)
        terminal.until(shown)
    terminal.type("\x03")
    terminal.until("once more")
    terminal.type("\x03")
    assert terminal.ended() == ExitCode.INTERRUPTED
    assert terminal.restored()
