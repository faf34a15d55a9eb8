"""Recordings and actions files are hostile input: one clear line for each thing that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import CATALOGUE, RateLimit, Scale, Shed
from drill.actions.entries import Entry, read_entry, write_entry
from drill.errors import ActionsFileError, Problem, RecordingError, UsageError
from drill.recording.actions_file import read_actions
from drill.recording.lines import Checkpoint, End, Header
from drill.recording.reader import read_recording
from drill.recording.writer import RecordingWriter

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {
    "format": "drill-recording/1",
    "engine": "0.1.0",
    "scenario": "x",
    "scenario_digest": "sha256:0",
    "seed": 1,
    "player": "idle",
}
DIGEST = "sha256:" + "a" * 64


def write(path: Path, *lines: object) -> Path:
    """Write lines as JSON, texts as they are."""
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Header, entries, checkpoints and end survive the way to disk and back."""
    header = Header(engine="0.1.0", scenario="x", scenario_digest=DIGEST, seed=7, player="me", started="2026-01-01")
    lines = (
        Entry(at_us=1, deed=Scale(deployment="api", replicas=3), by="cockpit"),
        Checkpoint(at_us=10_000_000, digest=DIGEST),
        End(at_us=10_000_001, digest=DIGEST, reason="left"),
    )
    with RecordingWriter(tmp_path / "a" / "r.jsonl", header) as writer:
        for line in lines:
            writer.write(line)
    recording = read_recording(tmp_path / "a" / "r.jsonl")
    assert (recording.header, recording.lines, recording.cut) == (header, lines, False)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], ":1: holds no run"),
        (["hello"], ":1: 'hello' is not a line of JSON"),
        (["[]"], ":1: '\\[\\]' is not a mapping"),
        ([{**HEADER, "format": "drill-recording/9"}], ":1: format is 'drill-recording/9'"),
        ([{**HEADER, "seed": "1"}], ":1: seed is '1'; the header needs a whole number"),
        ([{**HEADER, "seed": True}], ":1: seed is true"),
        ([{**HEADER, "scenario": None}], ":1: scenario is null; the header needs text"),
        ([HEADER, "{"], ":2: '{' is not a line of JSON"),
        ([HEADER, "[" * 60_000], ":2: .* is not a line of JSON"),
        ([HEADER, '{"at": NaN}'], ":2: .* is not a line of JSON"),
        ([HEADER, '{"at": "' + "x" * 70_000 + '"}'], ":2: has 70010 bytes"),
        ([HEADER, {"at": "1s", "do": "scale"}], ":2: scale needs the key deployment"),
        ([HEADER, {"at": "1s", "do": "explode"}], ":2: unknown action 'explode'"),
        ([HEADER, {"at": "1s", "checkpoint": "sha256:1"}], ":2: 'sha256:1' is not a digest"),
        ([HEADER, {"at": "-1s", "checkpoint": DIGEST}], ":2: at: '-1s' is not a duration"),
        ([HEADER, {"at": "1s", "end": "bored", "digest": DIGEST}], ":2: end is 'bored'"),
        ([HEADER, {"at": "9s", "look": "pods"}, {"at": "8s", "look": "pods"}], ":3: goes back in time, to 8s"),
        (
            [HEADER, {"at": "9s", "end": "left", "digest": DIGEST}, {"at": "9s", "look": "pods"}],
            ":3: stands after the end",
        ),
    ],
)
def test_each_kind_of_damage_is_named_with_its_line(tmp_path: Path, lines: list[object], says: str) -> None:
    """The message has file, line, what is wrong."""
    path = write(tmp_path / "r.jsonl", *lines)
    with pytest.raises(RecordingError, match=says):
        read_recording(path)


def test_a_file_that_is_not_text_is_no_recording(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 give an error, not a traceback."""
    (tmp_path / "r.jsonl").write_bytes(b"\xff\xfe\x00\n")
    with pytest.raises(RecordingError, match="not UTF-8"):
        read_recording(tmp_path / "r.jsonl")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A sparse file of a gigabyte costs nothing."""
    with (tmp_path / "r.jsonl").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(RecordingError, match="has 1073741824 bytes; a recording has at most"):
        read_recording(tmp_path / "r.jsonl")


@pytest.mark.parametrize("read", [read_recording, read_actions])
def test_a_file_that_can_not_be_opened_is_a_usage_error(tmp_path: Path, read: object) -> None:
    """A missing file and a folder are told apart from a bad recording."""
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(UsageError, match="can't read the"):
            read(path)  # type: ignore[operator]  # one of two functions of a path


def test_a_recording_that_can_not_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """The error comes before anything is simulated."""
    (tmp_path / "file").write_text("")
    header = Header(engine="0", scenario="x", scenario_digest=DIGEST, seed=1, player="p")
    with pytest.raises(UsageError, match="give another path with --record"):
        RecordingWriter(tmp_path / "file" / "r.jsonl", header)


def test_every_bad_line_of_an_actions_file_is_reported_at_once(tmp_path: Path) -> None:
    """Three bad lines, three problems with their numbers; blank lines do not count."""
    path = write(tmp_path / "a.jsonl", {"at": "1s", "look": "podz"}, "", "{", {"at": "1", "do": "scale"})
    with pytest.raises(ActionsFileError) as caught:
        read_actions(path)
    assert [problem.line for problem in caught.value.problems] == [1, 3, 4]


def test_lines_of_an_actions_file_are_put_in_order(tmp_path: Path) -> None:
    """An actions file may list its lines in any order."""
    path = write(tmp_path / "a.jsonl", {"at": "9s", "look": "pods"}, {"at": "1s", "look": "logs"})
    assert [entry.at_us for entry in read_actions(path)] == [1_000_000, 9_000_000]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_file_whatever_gives_anything_but_a_clear_error(tmp_path: Path, lines: list[bytes]) -> None:
    """Random bytes after a good header are a RecordingError or a recording."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(json.dumps(HEADER).encode() + b"\n" + b"\n".join(lines))
    problems: tuple[Problem, ...] = ()
    try:
        read_recording(path)
    except RecordingError as error:
        problems = error.problems
    assert all("\n" not in str(problem) for problem in problems)


@given(
    st.one_of(
        st.builds(RateLimit, rate=st.floats(0, 100_000).map(lambda x: round(x, 9))),
        st.builds(Shed, share=st.floats(0, 1).map(lambda x: round(x, 11))),
        st.builds(Scale, deployment=st.text("abc", min_size=1), replicas=st.integers(0, 500)),
    ),
    st.integers(0, 7 * 86_400 * 10**6),
)
def test_a_timed_line_survives_writing_and_reading(deed: RateLimit | Shed | Scale, at_us: int) -> None:
    """No value changes by a bit on the way through a recording."""
    entry = Entry(at_us=at_us, deed=deed)
    assert read_entry(json.loads(json.dumps(write_entry(entry)))) == entry


def test_every_action_says_what_it_changes_risks_and_how_to_undo_it() -> None:
    """The catalogue is complete and its texts fit a menu."""
    for name, action in CATALOGUE.items():
        assert action.do == name
        assert 0 < len(action.title) <= 40
        for text in (action.changes, action.risk, action.undo):
            assert text.endswith("."), f"{name}: {text}"
