"""What is written in the tree holds on every machine and keeps its voice down."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOT_FOLDERS = {".ci", ".github"}
BUILT = {"__pycache__", "build", "dist"}

# Written so that no pattern matches itself.
BELONGS_TO_ONE_MACHINE = {
    "the host of a package registry": re.compile(r"\b(?:pypi|pythonhosted|npmjs|anaconda)\.(?:org|com)\b"),
    "a path of one machine": re.compile(r"/(?:root|work|Users)[/]"),
    "a folder outside the tree": re.compile(r"\bshared[/]"),
}
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def files() -> Iterator[Path]:
    """Yield every file of the project that is not the product of a tool."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name for name in folders if name not in BUILT and (name in DOT_FOLDERS or not name.startswith("."))
        )
        yield from (Path(folder, name) for name in sorted(names) if name != ".git")  # a file in a linked work tree


def lines_with(pattern: re.Pattern[str], path: Path, text: str) -> list[str]:
    """Return `file:line: text` for each line that matches."""
    numbered = enumerate(text.splitlines(), start=1)
    return [f"{path.relative_to(ROOT)}:{number}: {line}" for number, line in numbered if pattern.search(line)]


@pytest.mark.parametrize("what", BELONGS_TO_ONE_MACHINE)
def test_no_file_names(what: str) -> None:
    pattern = BELONGS_TO_ONE_MACHINE[what]
    found = [line for path in files() for line in lines_with(pattern, path, path.read_text("utf-8", errors="replace"))]
    assert not found, "\n".join([f"{what} is named:", *found])


def test_prose_has_no_exclamation_marks() -> None:
    found = []
    for path in files():
        if path.suffix == ".md":
            prose = CODE.sub(lambda code: "\n" * code[0].count("\n"), path.read_text("utf-8"))
            found += lines_with(re.compile(r"!(?!\[)"), path, prose)
    assert not found, "\n".join(found)
