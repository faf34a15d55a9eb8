"""Where scenarios live, how one is found by its id, and the cards of all of them.

Separate from loading, because a list of titles must appear at once: a card is read without pydantic and no further into
the file than its end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import drill
from drill.actions.fields import read_fields
from drill.errors import ActionError, DrillError, Problem, ScenarioError, UsageError
from drill.scenario.card import CardSpec
from drill.scenario.files import read_text
from drill.scenario.findings import some, suggest
from drill.scenario.source import MAX_BYTES, parse_part
from drill.units import say

ENDINGS = (".yaml", ".yml")
"""How the path of a scenario ends; scenarios of the library end in the first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario of the library."""

    id: str
    path: Path
    card: CardSpec


def folder() -> Path:
    """Return the folder of the scenarios that come with drill: inside the package, or beside it in a working tree."""
    package = Path(drill.__file__).parent
    shipped = package / "shipped" / "scenarios"
    return shipped if shipped.is_dir() else package.parent / "scenarios"


def paths(library: Path) -> list[Path]:
    """Return the scenario files of a folder, ordered by id; empty if there is no such folder."""
    found = (path for path in library.glob(f"*{ENDINGS[0]}") if not path.name.startswith("."))
    return sorted(found, key=lambda path: path.stem)


def find(name: str, library: Path | None = None) -> Path:
    """Return the file of an id of the library, or of a path (which has a slash or ends in .yaml); raise UsageError."""
    if os.sep in name or name.endswith(ENDINGS):
        path = Path(name)
        if not os.path.lexists(name):
            msg = f"there is no file {say(name, 200)}"
            raise UsageError(msg)
        return path
    known = {path.stem: path for path in paths(library or folder())}
    if name not in known:
        msg = f"there is no scenario {say(name)}; known: {some(known)}{suggest(name, known)}"
        raise UsageError(msg)
    return known[name]


def cards(library: Path | None = None) -> tuple[list[Listed], list[DrillError]]:
    """Return every scenario with a readable card, ordered by id, and why the others have none."""
    listed, errors = [], []
    for path in paths(library or folder()):
        try:
            listed.append(Listed(path.stem, path, read_card(path)))
        except DrillError as error:
            errors.append(error)
    return listed, errors


def read_card(path: Path) -> CardSpec:
    """Return the card of a scenario file; raise UsageError or ScenarioError."""
    raw = parse_part(read_text(path, MAX_BYTES), str(path), "card")
    try:
        if not isinstance(raw, dict):
            msg = f"{say(raw)} is not a mapping with title, difficulty, minutes, family and summary"
            raise ScenarioError([Problem(msg, str(path), key="card")])
        return read_fields(CardSpec, raw, "the card")
    except ActionError as error:
        raise ScenarioError([Problem(str(error), str(path), key="card")]) from None
