"""The authoring guide is followed literally: its commands are run, its snippets are put into the shipped family."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from drill.cli.boundary import run as run_drill
from drill.errors import ScenarioError
from drill.scenario.library import find
from drill.scenario.loader import load
from drill.scenario.naming import misnamed

GUIDE = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8").partition("## Writing a scenario")[2]
GUIDE = GUIDE.partition("\n## ")[0]
CALLS = [
    (call, said)
    for example in re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for call, said in re.findall(r"^\$ (drill .*)\n((?:(?!\$ ).*\n)*)", example, re.MULTILINE)
]
SNIPPETS: list[dict[str, Any]] = [
    yaml.safe_load(each) for each in re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
]


def test_the_commands_print_what_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, as a newcomer would; a line of three dots stands for anything."""
    monkeypatch.chdir(tmp_path)
    assert len(CALLS) == 3
    for call, said in CALLS:
        assert run_drill(shlex.split(call)[1:]) == 0
        pattern = "".join(".*" if line == "…\n" else re.escape(line) for line in said.splitlines(keepends=True))
        assert re.fullmatch(pattern, capsys.readouterr().out, re.DOTALL), call


def test_the_redraw_snippet_stands_in_the_family() -> None:
    family = load(find("checkout-timeouts")).written.content
    assert family["redraw"]["evening"] == SNIPPETS[0]["redraw"]["evening"]


def test_the_variants_snippet_is_about_variants_of_the_family() -> None:
    written = SNIPPETS[1]["variants"]
    family = load(find("checkout-timeouts"))
    assert family.family is not None
    assert written["amber"]["redraw"] == family.written.content["variants"]["amber"]["redraw"]
    for name, variant in written.items():
        answer = variant["changes"]["story"]["answer"]
        assert family.written.content["variants"][name]["changes"]["story"]["answer"] == answer


def test_the_snippet_that_begins_from_another_file_is_a_scenario(tmp_path: Path) -> None:
    text = next(each for each in re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL) if "from:" in each)
    (tmp_path / "checkout-timeouts.yaml").write_text(find("checkout-timeouts").read_text("utf-8"), "utf-8")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    assert load(tmp_path / "own.yaml").spec.story.answer == "database-cpu"


def test_the_snippet_about_figures_is_valid_in_a_lesson() -> None:
    (snippet,) = [each for each in SNIPPETS if "story" in each]
    file = load(find("checkout-lesson-2")).patched(snippet)
    assert file.spec.story.debrief.tell == snippet["story"]["debrief"]["tell"]
    with pytest.raises(ScenarioError, match="there is no figure 'slot'"):
        file.patched({"story": {"debrief": {"tell": snippet["story"]["debrief"]["tell"].replace("slots}", "slot}")}}})


@pytest.mark.parametrize("name", ["evening-rush", "2026", "null", "true", "a", "x" * 40])
def test_a_new_scenario_is_valid_whatever_it_is_called(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not misnamed(name)
    monkeypatch.chdir(tmp_path)
    assert run_drill(["new", name]) == 0
    assert load(tmp_path / f"{name}.yaml").id == name


@pytest.mark.parametrize("name", ["Evening", "../evening", "", "x" * 41])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_drill(["new", name]) == 2
    assert not list(tmp_path.iterdir())


def test_a_file_that_exists_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evening.yaml").write_text("mine", "utf-8")
    assert run_drill(["new", "evening"]) == 2
    assert (tmp_path / "evening.yaml").read_text("utf-8") == "mine"
