"""What a recording consists of: a header, timed lines, checkpoints, an end.

Separate because writer and reader must agree on it. The timed lines are those of actions files; a checkpoint is the
digest of everything simulated and recorded so far, so that a changed line or another simulation shows at the next one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from drill.actions.entries import Entry, write_entry
from drill.units import format_duration

if TYPE_CHECKING:
    from drill.telemetry.summary import RunIdentity

FORMAT = "drill-recording/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: what was run. With the timed lines it is the whole truth of a run."""

    engine: str
    """Version of the engine."""
    scenario: str
    """Id of the scenario."""
    scenario_digest: str
    seed: int
    player: str
    """Who played: `cockpit`, `actions`, or the name of a scripted player."""
    started: str = ""
    """Date and time of the recording for people, ISO 8601; empty when a program recorded."""

    @classmethod
    def of(cls, run: RunIdentity, started: str = "") -> Self:
        """Return the header of a recording of a run."""
        return cls(
            engine=run.engine,
            scenario=run.scenario,
            scenario_digest=run.scenario_digest,
            seed=run.seed,
            player=run.player,
            started=started,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The digest of everything up to a moment."""

    at_us: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last line."""

    at_us: int
    digest: str
    reason: str
    """`finished`, or `left` when the responder left early."""


Line = Entry | Checkpoint | End


def header_line(header: Header) -> dict[str, object]:
    """Return the mapping written as the first line."""
    line: dict[str, object] = {
        "format": FORMAT,
        "engine": header.engine,
        "scenario": header.scenario,
        "scenario_digest": header.scenario_digest,
        "seed": header.seed,
        "player": header.player,
    }
    return line | ({"started": header.started} if header.started else {})


def line_of(line: Line) -> dict[str, object]:
    """Return the mapping written for a timed line, checkpoint or end."""
    if isinstance(line, Entry):
        return write_entry(line)
    at: dict[str, object] = {"at": format_duration(line.at_us)}
    if isinstance(line, End):
        return at | {"end": line.reason, "digest": line.digest}
    return at | {"checkpoint": line.digest}


def canonical(mapping: dict[str, object]) -> str:
    """Return one line of JSON, the same for equal mappings."""
    return json.dumps(mapping, ensure_ascii=False, separators=(", ", ": "))
