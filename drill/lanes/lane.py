"""One lane: a scenario, a seed and a responder, simulated to the end.

Separate and picklable, because lanes run in other processes: a task names everything by value, and the answer is plain
data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drill import __version__
from drill.players.player import Script, play
from drill.players.roster import make_player
from drill.scenario.loader import load_for
from drill.session.session import Session
from drill.telemetry.lanes import LaneResult
from drill.telemetry.summary import RunIdentity, summarise

if TYPE_CHECKING:
    from drill.actions.entries import Entry
    from drill.scenario.loader import ScenarioFile
    from drill.telemetry.results import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTask:
    """What to simulate."""

    scenario: str
    """Path of the scenario file."""
    seed: int
    player: str = "idle"
    """Name of a player; with `entries` only a name for the result."""
    entries: tuple[Entry, ...] | None = None
    """Timed lines to play in place of a player."""
    changes: dict[str, Any] = field(default_factory=dict)
    """What is changed in the scenario file."""
    skips: bool = False
    """Whether lines that can't be done are left out; otherwise they are an error."""


def run_lane(task: LaneTask) -> LaneResult:
    """Simulate one lane to the end of the scenario; raise ScenarioError, UsageError or ActionError."""
    scenario = load_for(Path(task.scenario), task.seed)
    if task.changes:
        scenario = scenario.patched(task.changes)
    spec = scenario.spec
    player = make_player(task.player, spec) if task.entries is None else Script(task.player, task.entries)
    result = play(Session(spec, task.seed, trace=scenario.trace), player, skips=task.skips)
    return lane_of(scenario, task.player, result)


def lane_of(scenario: ScenarioFile, name: str, result: RunResult) -> LaneResult:
    """Return a finished run of a scenario as a lane."""
    identity = RunIdentity(
        engine=__version__,
        scenario=scenario.id,
        scenario_digest=scenario.digest,
        seed=result.seed,
        player=name,
    )
    return LaneResult(
        name=name,
        seed=result.seed,
        bad=result.bad,
        offered=result.offered,
        ok=result.ok,
        bad_by_second=tuple(late + failed for late, failed in zip(result.late, result.failed, strict=True)),
        figures=result.figures,
        summary=summarise(identity, result),
        readings=result.readings,
    )
