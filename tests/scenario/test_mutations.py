"""Whatever is done to a scenario file, it is valid or refused with a problem; nothing else ever comes out."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.errors import ScenarioError, UsageError
from drill.scenario.loader import ScenarioFile, load, loads
from drill.scenario.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (Path(__file__).parent / "data" / "valid" / "full.yaml").read_text("utf-8")
CONTENT = parse(TEXT, "full.yaml").content

Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:  # noqa: ANN401 - plain data
    """Yield the place of every value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*place, key)
        yield from places(inner, (*place, key))


PLACES = sorted(places(CONTENT), key=str)
WORDS = sorted({str(key) for place in PLACES for key in place})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from([*WORDS, "0s", "1us", "10m", "7d", "0/s", "99%", "nan%", "1e9%", "db", "idle", "-1", "1GiB"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner),
    max_leaves=8,
)


def attempt(text: str) -> ScenarioFile | None:
    """Return the scenario, or None when it was refused properly."""
    try:
        return loads(text, "mutated.yaml")
    except ScenarioError as error:
        problems = error.problems
    assert problems
    assert all(problem.file == "mutated.yaml" and problem.message for problem in problems)
    assert all("\n" not in str(problem) for problem in problems)
    return None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PLACES), VALUES, st.sampled_from(["set", "drop", "add"])), max_size=4), st.data()
)
def test_changed_values(changes: list[tuple[Place, object, str]], data: st.DataObject) -> None:
    content = copy.deepcopy(CONTENT)
    for (*above, last), value, kind in changes:
        container: Any = content
        for key in above:
            try:
                container = container[key]
            except (KeyError, IndexError, TypeError):
                container = None
        try:
            if kind == "drop":
                del container[last]
            elif kind == "add" and isinstance(container, dict):
                container[data.draw(st.sampled_from(WORDS))] = value
            else:
                container[last] = value
        except (KeyError, IndexError, TypeError):
            continue
    attempt(json.dumps(content))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TEXT)),
            st.integers(0, 30),
            st.text(max_size=4) | st.sampled_from("{}[]:,&*!|>-#%@`'\"\t\n\0"),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_changed_characters(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, length, put in changes:
        text = text[:start] + put + text[start + length :]
    attempt(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_changed_bytes(data: st.DataObject) -> None:
    raw = bytearray(TEXT.encode("utf-8"))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        text = bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return
    attempt(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    attempt(text)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(CONTENT)) | st.text(max_size=3), VALUES, max_size=3))
def test_any_changes(changes: dict[str, object]) -> None:
    with suppress(ScenarioError):
        loads(TEXT, "full.yaml").patched(changes)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_any_path(name: str) -> None:
    with pytest.raises((ScenarioError, UsageError)):
        load(Path("/nowhere") / name)
