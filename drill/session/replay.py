"""Playing a recording back: the same scenario, seed and lines must give the same run, bit for bit.

Separate because it judges sessions and is not part of one. The first difference is named, with the stretch of time in
which it arose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.actions.entries import Entry
from drill.errors import ActionError, EngineVersionError, Problem, RecordingError
from drill.recording.lines import Checkpoint
from drill.session.session import Session, check_time
from drill.units import format_clock, format_duration

if TYPE_CHECKING:
    from drill.recording.reader import Recording
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.traces import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a re-simulation found."""

    checked_until_us: int
    """Time of the last checkpoint that agreed, 0 for none."""
    checkpoints: int
    """Checkpoints that agreed."""
    difference: str
    """The first difference in one sentence; empty when there is none."""
    session: Session
    """The run as simulated again, standing where the comparison stopped."""


def require_same_engine(recording: Recording, engine: str) -> None:
    """Raise EngineVersionError for a recording of another engine version: it can be read, not simulated again."""
    if recording.header.engine != engine:
        text = (
            f"was recorded by engine {recording.header.engine}; this is {engine}, which can show it but not re-simulate"
        )
        raise EngineVersionError([Problem(text, file=str(recording.path), line=1)])


def require_same_scenario(recording: Recording, digest: str) -> None:
    """Raise RecordingError when the scenario at hand is not the one that was recorded."""
    if recording.header.scenario_digest != digest:
        text = (
            f"was recorded on another version of the scenario {recording.header.scenario!r}; "
            "give the file it was recorded on with --scenario"
        )
        raise RecordingError([Problem(text, file=str(recording.path), line=1)])


def compare(recording: Recording, spec: ScenarioSpec, trace: Trace | None = None) -> Comparison:
    """Simulate a recording again and compare every checkpoint; raise RecordingError for a line that can't be done."""
    session = Session(spec, recording.header.seed, trace=trace)
    agreed, until_us = 0, 0
    for line in recording.lines:
        _reach(session, recording, line.at_us)
        if isinstance(line, Entry):
            _do(session, recording, line)
            continue
        simulated = session.checkpoints[-1] if isinstance(line, Checkpoint) and session.checkpoints else None
        digest = session.digest() if simulated is None or simulated.at_us != line.at_us else simulated.digest
        if digest != line.digest:
            first, last = format_clock(until_us), format_clock(line.at_us)
            text = f"the re-simulated run differs from the recording between {first} and {last}"
            return Comparison(checked_until_us=until_us, checkpoints=agreed, difference=text, session=session)
        agreed, until_us = agreed + 1, line.at_us
    return Comparison(checked_until_us=until_us, checkpoints=agreed, difference="", session=session)


def _reach(session: Session, recording: Recording, at_us: int) -> None:
    try:
        check_time(at_us, session.spec)
    except ActionError as error:
        raise RecordingError([Problem(str(error), file=str(recording.path))]) from None
    session.advance(at_us)


def _do(session: Session, recording: Recording, entry: Entry) -> None:
    try:
        session.do(entry.deed, entry.by)
    except ActionError as error:
        text = f"at {format_duration(entry.at_us)}: {error}; the recording was edited"
        raise RecordingError([Problem(text, file=str(recording.path))]) from None
