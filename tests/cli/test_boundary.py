"""What reaches the shell: exit codes, and nothing but results on stdout."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import pytest

from drill.cli import boundary
from drill.cli.exits import ExitCode
from drill.errors import (
    ActionError,
    DrillError,
    EngineVersionError,
    MismatchError,
    Problem,
    RecordingError,
    ScenarioError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "scenario" / "data" / "valid" / "small.yaml"
BAD = ROOT / "tests" / "scenario" / "data" / "invalid" / "several.yaml"


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run drill as a program of its own."""
    return subprocess.run(
        [sys.executable, "-m", "drill", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, BaseException]:
    """Make `drill where` raise what is put under `error`, with a data folder of the test's own."""
    raised: dict[str, BaseException] = {}

    @click.command("where")
    def command() -> NoReturn:
        secret = "hunter2"  # noqa: F841, S105 - must not reach the crash file
        raise raised["error"]

    monkeypatch.setattr("drill.cli.where.command", command)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return raised


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MismatchError("differs"), 1),
        (UsageError("wrong"), 2),
        (ActionError("wrong"), 2),
        (DrillError("wrong"), 2),
        (ScenarioError([Problem("wrong")]), 3),
        (RecordingError([Problem("wrong")]), 4),
        (EngineVersionError([Problem("wrong")]), 4),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_each_error_has_its_exit_code(failing: dict[str, BaseException], error: BaseException, code: int) -> None:
    failing["error"] = error
    assert boundary.run(["where"]) == code


def test_every_problem_has_its_line_on_stderr(
    failing: dict[str, BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing["error"] = ScenarioError([Problem("one\x1b[0m", "x\ny", 3, "a.b"), Problem("two")])
    assert boundary.run(["where"]) == ExitCode.SCENARIO
    assert capsys.readouterr() == ("", "x y:3: a.b: one\N{REPLACEMENT CHARACTER}[0m\ntwo\n")


def test_a_crash_leaves_a_report_without_values(
    failing: dict[str, BaseException], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    failing["error"] = ZeroDivisionError("division by zero")
    assert boundary.run(["where"]) == ExitCode.CRASH
    out, err = capsys.readouterr()
    (report,) = (tmp_path / "drill" / "crashes").iterdir()
    assert (out, err) == (
        "",
        f"drill crashed (ZeroDivisionError), which is a bug in drill; the report is in {report}\n",
    )
    text = report.read_text("utf-8")
    assert "ZeroDivisionError: division by zero" in text
    assert "test_boundary.py" in text
    assert "hunter2" not in text


def test_a_crash_whose_report_can_not_be_written_is_told_too(
    failing: dict[str, BaseException],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing["error"] = ZeroDivisionError()
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert boundary.run(["where"]) == ExitCode.CRASH
    assert "no report could be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "on_stdout", "on_stderr"),
    [
        (["--version"], 0, r"drill \d+\.\d+\.\d+\n", ""),
        (["check", str(SMALL)], 0, r".*small\.yaml: ok\n", ""),
        (["check", str(BAD)], 3, r".*several\.yaml: 7 problems\n", r"(.*several\.yaml:\d+: .*\n){7}"),
        (["show", str(BAD)], 3, "", r"(.*several\.yaml:\d+: .*\n){7}"),
        (["show", "no-such-scenario"], 2, "", r"there is no scenario 'no-such-scenario'.*\n"),
        (["check", "/nowhere/x.yaml"], 2, "", r"there is no file '/nowhere/x\.yaml'\n"),
        (["check", "/dev/null/x.yaml"], 2, "", r".*\n"),
        (["show"], 2, "", r"(?s)Usage: drill show .*Missing argument.*"),
        (["list", "--no-such-option"], 2, "", r"(?s)Usage: drill list .*No such option.*"),
        (["\udcff"], 2, "", r"(?s).*there is no command.*"),
    ],
)
def test_results_and_narration_stay_apart(
    arguments: list[str], code: int, on_stdout: str, on_stderr: str, tmp_path: Path
) -> None:
    done = shell(*arguments, XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == code, done.stderr
    assert re.fullmatch(on_stdout, done.stdout)
    assert re.fullmatch(on_stderr, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [["--help"], ["schema"], ["list"], ["check", str(SMALL)]])
def test_a_reader_who_leaves_early_hears_nothing(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "drill", *arguments],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_terminal_that_knows_only_ascii_gets_replacements(environment: Mapping[str, str], tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.read_text("utf-8").replace("Pay is slow.", "Zählwerk…"), encoding="utf-8")
    done = shell("show", str(path), **environment)
    assert done.returncode == 0, done.stderr
    assert "lwerk" in done.stdout


WAIT = """
import signal, sys
import click
from drill.cli import boundary, where
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children inherit that it is ignored
@click.command("where")
def command():
    print("ready", flush=True)
    signal.pause()
where.command = command
sys.argv = ["drill", "where"]
boundary.main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_it_with_their_code_and_no_traceback(number: int, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAIT], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        _, narration = running.communicate()
    assert (running.returncode, narration) == (code, "")


def loaded_by(*arguments: str) -> set[str]:
    """Return the top-level packages that a command loads."""
    code = (
        "import sys\nfrom drill.cli.boundary import run\n"
        f"run({list(arguments)!r})\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"], ["list", "--json"], ["where"]])
def test_what_must_be_quick_loads_little(arguments: list[str]) -> None:
    assert not loaded_by(*arguments) & {"textual", "rich", "simpy", "pydantic"}


def test_the_help_does_not_load_yaml() -> None:
    assert "yaml" not in loaded_by("--help")


def test_shells_get_completions() -> None:
    done = shell(_DRILL_COMPLETE="bash_complete", COMP_WORDS="drill sh", COMP_CWORD="1")
    assert "plain,show" in done.stdout
