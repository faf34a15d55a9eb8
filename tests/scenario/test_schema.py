"""The JSON Schema describes files as people write them."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from drill.actions.catalogue import CATALOGUE
from drill.scenario import library
from drill.scenario.schema import schema
from drill.scenario.source import parse
from tests.scenario.json_schema import breaches

DATA = Path(__file__).parent / "data"
SCHEMA = schema()
VALID = [
    *(path for kind in ("valid", "families") for path in sorted((DATA / kind).glob("*.yaml"))),
    *library.paths(library.folder()),
]
FORM = [path for path in sorted((DATA / "invalid").glob("*.yaml")) if path.stem.startswith(("form-", "notation-"))]

BEYOND = {
    "form-chips": "the sum of chips",
    "form-duration-too-long": "the bounds of durations",
    "notation-changes-reach-far": "what changes lead to",
    "notation-fix-changes": "what changes lead to",
    "notation-fix-in-fix": "what changes lead to",
    "notation-previous-changes": "what changes lead to",
}
"""What a schema can't say, and the bad files that show it."""


def content(path: Path) -> dict[str, Any]:
    """Return what a file says."""
    return parse(path.read_text("utf-8"), path.name).content


def test_it_is_json_without_hosts_but_for_the_dialect() -> None:
    text = json.dumps(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert re.findall(r"https?://", text) == ["https://"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_files_fit(path: Path) -> None:
    assert list(breaches(SCHEMA, content(path), SCHEMA)) == []


@pytest.mark.parametrize("path", FORM, ids=lambda path: path.stem)
def test_files_of_a_wrong_form_do_not_fit(path: Path) -> None:
    assert any(breaches(SCHEMA, content(path), SCHEMA)) is (path.stem not in BEYOND)


def test_every_action_is_described_with_its_keys() -> None:
    for name, action in CATALOGUE.items():
        described = SCHEMA["$defs"][f"do-{name}"]
        assert described["properties"].keys() == {"at", "by", "do", *(each.name for each in fields(action))}
        assert described["description"] == action.changes


def test_every_reference_leads_somewhere() -> None:
    names = re.findall(r'"#/\$defs/([^"]+)"', json.dumps(SCHEMA))
    assert set(names) <= SCHEMA["$defs"].keys()


def test_the_words_of_the_model_do_not_show() -> None:
    for described in SCHEMA["$defs"].values():
        assert not {"returns", "becomes"} & set(described.get("properties", {}))


def test_defaults_are_written_as_in_a_file() -> None:
    deployment = SCHEMA["$defs"]["DeploymentSpec"]["properties"]
    assert deployment["grace"]["default"] == "30s"
    assert deployment["start_up"]["default"] == "5s"
    assert deployment["idle_cpu"]["default"] == "2%"
    for described in (SCHEMA, *SCHEMA["$defs"].values()):
        for name, each in described.get("properties", {}).items():
            if "default" in each:
                assert list(breaches({**each, "description": ""}, each["default"], SCHEMA)) == [], name
