"""What each command prints."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from drill.cli.exits import MEANINGS
from drill.cli.folders import Folders
from drill.cli.root import root
from drill.cli.table import COMMANDS
from drill.errors import UsageError

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "scenario" / "data"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Return folders with a library of two scenarios."""
    library = tmp_path / "library"
    shutil.copytree(DATA / "valid", library)
    return Folders(library=library, config=tmp_path / "config", data=tmp_path / "data", cache=tmp_path / "cache")


def drill(folders: Folders, *arguments: str) -> Result:
    """Run a command; errors of drill's own stay in `exception`."""
    return CliRunner().invoke(root, list(arguments), obj=folders)


def test_help_has_every_command_and_exit_code(folders: Folders) -> None:
    shown = drill(folders, "--help").stdout
    assert all(name in shown for name in COMMANDS)
    assert all(f"  {int(code):<3}  {meaning}\n" in shown for code, meaning in MEANINGS.items())


def test_the_readme_has_the_same_exit_codes() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert all(f"\n| {int(code)} | {meaning} |\n" in readme for code, meaning in MEANINGS.items())


def test_help_of_every_command(folders: Folders) -> None:
    for name in COMMANDS:
        shown = drill(folders, name, "--help")
        assert shown.exit_code == 0
        assert shown.stdout.startswith(f"Usage: root {name}")
        assert "!" not in shown.stdout


def test_without_a_command_there_is_help_until_there_is_play(folders: Folders) -> None:
    if "play" not in COMMANDS:
        assert drill(folders).stdout == drill(folders, "--help").stdout


def test_an_unknown_command_gets_the_nearest(folders: Folders) -> None:
    done = drill(folders, "shwo")
    assert done.exit_code == 2
    assert "there is no command 'shwo'; did you mean show?" in done.stderr
    assert done.stdout == ""


def test_list_is_a_table(folders: Folders) -> None:
    done = drill(folders, "list")
    assert done.stdout.splitlines() == [
        "ID     TITLE        DIFFICULTY  MINUTES  FAMILY",
        "full   A small one  1           10       small",
        "small  Small        1           5        small",
    ]


def test_list_as_json(folders: Folders) -> None:
    listed = json.loads(drill(folders, "list", "--json").stdout)
    assert listed["format"] == "drill-list/1"
    assert listed["scenarios"][1] == {
        "id": "small",
        "title": "Small",
        "difficulty": 1,
        "minutes": 5,
        "family": "small",
        "summary": "As short as the format permits.",
    }


def test_list_tells_about_broken_cards_and_goes_on(folders: Folders) -> None:
    (folders.library / "broken.yaml").write_text("card: 5\n")
    done = drill(folders, "list")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 3
    assert "broken.yaml: card: 5 is not a mapping" in done.stderr


def test_show_has_the_card_and_not_the_answer(folders: Folders) -> None:
    path = folders.library / "small.yaml"
    text = path.read_text("utf-8")
    lists = "  prerequisites: [Pools]\n  objectives: [Find it, Mend it]\n"
    path.write_text(text.replace("  dashboard:", f"{lists}  dashboard:"))
    shown = drill(folders, "show", "small").stdout
    assert shown.splitlines() == [
        "Small",
        "small, family small, difficulty 1 of 5, 5 minutes",
        "",
        "As short as the format permits.",
        "",
        "Page",
        "  Pay is slow.",
        "",
        "Know before",
        "  - Pools",
        "",
        "Objectives",
        "  - Find it",
        "  - Mend it",
    ]


def test_check_without_arguments_checks_the_library(folders: Folders) -> None:
    done = drill(folders, "check")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "full: ok\nsmall: ok\n", "")


@pytest.mark.parametrize("option", [("--seeds", "5"), ("--jobs", "1"), ("--full",)])
def test_check_does_not_take_options_of_a_simulation_for_one(folders: Folders, option: tuple[str, ...]) -> None:
    """Without --play nothing is simulated, so that `ok` would be said of something that was never tried."""
    done = drill(folders, "check", "small", *option)
    assert isinstance(done.exception, UsageError)
    assert f"{option[0]} goes with --play" in str(done.exception)
    assert done.stdout == ""


def test_check_goes_on_after_a_bad_file(folders: Folders) -> None:
    bad = str(DATA / "invalid" / "several.yaml")
    done = drill(folders, "check", bad, "small", str(folders.library))
    assert done.exit_code == 3
    assert done.stdout.splitlines() == [
        f"{bad}: 7 problems",
        "small: ok",
        f"{folders.library}/full.yaml: ok",
        f"{folders.library}/small.yaml: ok",
    ]
    assert len(done.stderr.splitlines()) == 7
    assert all(line.startswith(f"{bad}:") for line in done.stderr.splitlines())


def test_schema_is_json(folders: Folders) -> None:
    assert json.loads(drill(folders, "schema").stdout)["title"] == "drill scenario"


def test_where_names_every_folder(folders: Folders) -> None:
    shown = dict(line.split() for line in drill(folders, "where").stdout.splitlines())
    assert shown == {
        "scenarios": str(folders.library),
        "config": str(folders.config),
        "data": str(folders.data),
        "recordings": str(folders.data / "recordings"),
        "exports": str(folders.data / "exports"),
        "cache": str(folders.cache),
        "crashes": str(folders.data / "crashes"),
    }


@pytest.mark.parametrize("command", [["list"], ["show", "small"]])
def test_text_from_files_can_not_steer_the_terminal(folders: Folders, command: list[str]) -> None:
    path = folders.library / "small.yaml"
    text = path.read_text("utf-8")
    steering = r'"a\e[2Jb\x9bc\u202Ed\u0007e\r\x7F"'
    path.write_text(text.replace("title: Small", f"title: {steering}").replace("Pay is slow.", steering))
    shown = drill(folders, *command).stdout
    assert not [character for character in shown if character != "\n" and not character.isprintable()]
    assert "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c" in shown
