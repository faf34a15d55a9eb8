"""What to run: a scenario file, a seed and where to record; and how that becomes a session.

Separate and picklable, because a session may live in another process: an order names everything by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import drill
from drill.recording.lines import Header
from drill.recording.writer import RecordingWriter
from drill.scenario.loader import load
from drill.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from drill.scenario.loader import ScenarioFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run to be."""

    scenario: Path
    seed: int
    record: Path | None = None
    """Where to record; None for nowhere."""
    player: str = "cockpit"
    """Who plays, for the recording."""
    started: str = ""
    """Date and time for people, ISO 8601; empty when a program ordered the run."""


def open_session(order: Order, scenario: ScenarioFile | None = None) -> Session:
    """Return a session at time 0; `scenario` is the ordered one where it is loaded already.

    Raise UsageError if a file can't be opened, ScenarioError if the scenario is invalid.
    """
    scenario = (scenario or load(order.scenario)).for_seed(order.seed)
    header = Header(
        engine=drill.__version__,
        scenario=scenario.id,
        scenario_digest=scenario.digest,
        seed=order.seed,
        player=order.player,
        started=order.started,
    )
    writer = None if order.record is None else RecordingWriter(order.record, header)
    return Session(scenario.spec, order.seed, trace=scenario.trace, writer=writer)
