"""One bad file per rule: exactly the problems its first lines announce are found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.errors import ScenarioError
from drill.scenario.loader import load
from drill.scenario.rules import RULES

FOLDER = Path(__file__).parent / "data" / "invalid"
FILES = sorted(FOLDER.glob("*.yaml"))
MARK = "# expect: "


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_exactly_the_announced_problems_are_found(path: Path) -> None:
    lines = path.read_text("utf-8", errors="replace").splitlines()
    expected = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    with pytest.raises(ScenarioError) as caught:
        load(path)
    found = [f"{problem.line}: {problem.key}: {problem.message}" for problem in caught.value.problems]
    assert expected
    assert len(found) == len(expected), "\n".join(found)
    assert all(part in whole for part, whole in zip(expected, found, strict=True)), "\n".join(found)


@pytest.mark.parametrize("rule", [rule.__name__ for _, rule in RULES])
def test_every_rule_has_a_bad_file(rule: str) -> None:
    assert [path for path in FILES if path.stem.partition("-")[0] == rule]


def test_every_bad_file_names_its_rule() -> None:
    kinds = {"source", "form", "notation", "patches", "several", "several-rules"} | {
        "family",
        "redraw",
        "sealing",
        "from",
    }
    known = kinds | {rule.__name__ for _, rule in RULES}
    assert {path.stem.partition("-")[0] for path in FILES} <= known


def test_problems_of_one_file_come_at_once_and_in_its_order() -> None:
    with pytest.raises(ScenarioError) as caught:
        load(FOLDER / "several.yaml")
    problems = caught.value.problems
    assert len(problems) > 5
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert {problem.file for problem in problems} == {str(FOLDER / "several.yaml")}
