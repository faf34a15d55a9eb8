"""Every example in the README is run, and prints what stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from drill.cli.boundary import run as run_drill
from drill.cli.exits import MEANINGS
from drill.cli.table import COMMANDS
from drill.tui.commands import of

README = (Path(__file__).parents[2] / "README.md").read_text()
EXAMPLES = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
CALLS = [
    (call, said)
    for example in EXAMPLES
    for call, said in re.findall(r"^\$ (drill .*)\n((?:(?!\$ ).*\n)*)", example, re.MULTILINE)
]


def test_there_are_examples() -> None:
    """The pattern above finds them."""
    assert len(CALLS) >= 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder for all examples: later ones read what earlier ones wrote."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize(("call", "said"), CALLS, ids=[call for call, _ in CALLS])
def test_an_example_prints_what_stands_there(
    call: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Output and exit code 0; a line of three dots stands for anything."""
    monkeypatch.chdir(folder)
    assert run_drill(shlex.split(call.partition("  #")[0])[1:]) == 0
    printed = capsys.readouterr().out
    pattern = "".join(".*" if line == "…\n" else re.escape(line) for line in said.splitlines(keepends=True))
    assert re.fullmatch(pattern, printed, re.DOTALL), printed


def test_every_command_and_exit_code_is_listed() -> None:
    """The tables of the README are those of the program."""
    for command in COMMANDS:
        assert f"| `drill {command}" in README, command
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in README, meaning


def test_both_make_targets_exist() -> None:
    """`make play` and `make test` are what a newcomer types."""
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    for target in ("play", "test"):
        assert f"$ make {target}" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_key_that_is_listed_works_in_a_run() -> None:
    """The keys of the README are those of the cockpit's own table."""
    table = README.partition("### Keys in the cockpit")[2].partition("\n\n80 columns")[0]
    listed = set(re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))))
    known = {command.shown for command in of("live", "view", "table", "app")} | {"G", "g", "j", "k"}
    assert len(listed) > 15
    assert listed <= known
    assert {command.shown for command in of("live") if command.label} <= listed


def test_every_picture_is_there() -> None:
    """A picture that the README names was drawn."""
    names = re.findall(r"!\[[^\]]+\]\((assets/[^)]+)\)", README)
    assert len(names) >= 2
    for name in names:
        assert (Path(__file__).parents[2] / name).read_text().startswith("<svg")
