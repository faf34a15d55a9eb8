"""A recording simulates again to the same run, and tells where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from drill import __version__
from drill.errors import EngineVersionError, RecordingError
from drill.players.player import Script, play
from drill.recording.lines import Header
from drill.recording.reader import read_recording
from drill.recording.writer import RecordingWriter
from drill.session.replay import compare, require_same_engine, require_same_scenario
from drill.session.session import Session
from tests.library import short

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Return a recording of the short scenario with its solution played."""
    file = short()
    header = Header(engine=__version__, scenario=file.id, scenario_digest=file.digest, seed=4, player="expert")
    path = tmp_path / "run.jsonl"
    session = Session(file.spec, 4, writer=RecordingWriter(path, header))
    session.advance(12_345_678)
    session.look("pods")
    play(session, Script("expert", file.spec.story.solutions["scale-back"].entries))
    return path


def edit(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Rewrite the lines of a recording."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_recording_simulates_to_the_same_run(recorded: Path) -> None:
    """Every checkpoint and the end agree."""
    comparison = compare(read_recording(recorded), short().spec)
    assert comparison.difference == ""
    assert comparison.checkpoints == 7, "six checkpoints and the end"
    assert comparison.checked_until_us == 60_000_000


def test_a_changed_action_shows_at_the_next_checkpoint(recorded: Path) -> None:
    """Scaling to another number is found, with the stretch of time in which it differs."""

    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if line.get("do") == "scale")["replicas"] = 11

    edit(recorded, change)
    comparison = compare(read_recording(recorded), short().spec)
    assert comparison.difference == "the re-simulated run differs from the recording between 00:30 and 00:40"


def test_a_changed_look_shows_although_it_changed_nothing(recorded: Path) -> None:
    """Looks are evidence: an edited one is found."""
    edit(recorded, lambda lines: next(line for line in lines if line.get("look")).update(look="logs"))
    assert compare(read_recording(recorded), short().spec).difference.endswith("between 00:10 and 00:20")


def test_a_changed_seed_shows_at_once(recorded: Path) -> None:
    """Another seed is another run."""
    edit(recorded, lambda lines: lines[0].update(seed=5))
    assert compare(read_recording(recorded), short().spec).difference.endswith("between 00:00 and 00:10")


def test_a_recording_cut_anywhere_checks_up_to_there(recorded: Path) -> None:
    """Whatever byte a killed process stopped at, what is there opens and agrees."""
    whole = recorded.read_bytes()
    header_end = whole.index(b"\n") + 1
    for length in [*range(header_end, len(whole), 97), len(whole) - 1]:
        recorded.write_bytes(whole[:length])
        recording = read_recording(recorded)
        assert recording.cut == (whole[length - 1 : length] != b"\n")
        assert recording.end is None
        if length % 5 == 0:
            assert compare(recording, short().spec).difference == ""


def test_another_engine_can_be_read_and_not_simulated(recorded: Path) -> None:
    """The version in the header decides."""
    edit(recorded, lambda lines: lines[0].update(engine="0.0.9"))
    recording = read_recording(recorded)
    assert recording.entries
    with pytest.raises(EngineVersionError, match=r"recorded by engine 0\.0\.9"):
        require_same_engine(recording, __version__)


def test_another_scenario_is_refused(recorded: Path) -> None:
    """A recording fits only the file it was made on."""
    with pytest.raises(RecordingError, match="another version of the scenario"):
        require_same_scenario(read_recording(recorded), "sha256:" + "0" * 64)


def test_an_action_that_can_not_be_done_is_an_edited_recording(recorded: Path) -> None:
    """A deployment that does not exist can't have been scaled."""

    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if line.get("do") == "scale")["deployment"] = "nope"

    edit(recorded, change)
    with pytest.raises(RecordingError, match="the recording was edited"):
        compare(read_recording(recorded), short().spec)


def test_a_line_after_the_end_of_the_scenario_is_refused(recorded: Path) -> None:
    """Time beyond the scenario does not exist."""
    edit(recorded, lambda lines: lines.__setitem__(-1, {"at": "2m", "look": "pods"}))
    with pytest.raises(RecordingError, match="after the end of the scenario at 1m"):
        compare(read_recording(recorded), short().spec)
