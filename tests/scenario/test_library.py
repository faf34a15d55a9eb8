"""Finding scenarios and their cards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drill.errors import UsageError
from drill.scenario import library

VALID = Path(__file__).parent / "data" / "valid"


def test_ids_are_the_names_of_files_in_order() -> None:
    assert [path.stem for path in library.paths(VALID)] == ["full", "small"]


def test_an_id_leads_to_its_file() -> None:
    assert library.find("small", VALID) == VALID / "small.yaml"


@pytest.mark.parametrize("name", ["smal", "Small", "small.yml2", "", "..", "\x1b[31m"])
def test_an_unknown_id_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match=r"there is no scenario .*; known: full, small"):
        library.find(name, VALID)


def test_the_nearest_id_is_suggested() -> None:
    with pytest.raises(UsageError, match=r"did you mean small\?"):
        library.find("smal", VALID)


def test_a_path_is_a_path() -> None:
    assert library.find(str(VALID / "small.yaml"), Path("/nowhere")) == VALID / "small.yaml"
    with pytest.raises(UsageError, match=r"there is no file '\./small'"):
        library.find("./small", VALID)


def test_cards_are_read_without_the_rest(tmp_path: Path) -> None:
    text = (VALID / "small.yaml").read_text("utf-8")
    (tmp_path / "b.yaml").write_text(text.split("topology:")[0] + "topology: [")
    (tmp_path / "a.yaml").write_text("format: drill-scenario/1\n")
    (tmp_path / "c.yaml").write_text(text.replace("difficulty: 1", "difficulty: hard"))
    (tmp_path / ".hidden.yaml").write_text(text)
    (tmp_path / "d.yaml").mkdir()
    listed, errors = library.cards(tmp_path)
    assert [(each.id, each.card.title) for each in listed] == [("b", "Small")]
    assert [str(error).removeprefix(f"{tmp_path}/") for error in errors] == [
        "a.yaml: card: null is not a mapping with title, difficulty, minutes, family and summary",
        "c.yaml: card: difficulty: 'hard' is not a whole number; allowed is 1 to 5",
        "d.yaml is a directory; name a file",
    ]


def test_a_library_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert library.cards(tmp_path / "none") == ([], [])


def test_scenarios_inside_the_package_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "drill"
    shutil.copytree(VALID, tmp_path / "scenarios")
    monkeypatch.setattr("drill.__file__", str(package / "__init__.py"))
    assert library.folder() == tmp_path / "scenarios"
    (package / "shipped" / "scenarios").mkdir(parents=True)
    assert library.folder() == package / "shipped" / "scenarios"
