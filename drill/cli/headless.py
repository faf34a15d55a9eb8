"""A run without a screen: everything that can be wrong is found before anything is simulated.

Separate from the command because it loads the simulation, which `drill --help` must not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drill import __version__
from drill.cli.exports import Exports
from drill.cli.words import run_text
from drill.errors import ActionError, UsageError
from drill.players.player import Player, Script, play
from drill.players.roster import make_player
from drill.recording.actions_file import read_actions
from drill.recording.lines import Header
from drill.recording.writer import RecordingWriter
from drill.scenario.library import find
from drill.scenario.loader import load
from drill.session.session import Session
from drill.telemetry.summary import RunIdentity, summarise
from drill.units import format_duration

if TYPE_CHECKING:
    from pathlib import Path

    from drill.cli.folders import Folders


class HeadlessRun:
    """One `drill run`."""

    def __init__(  # noqa: PLR0913 - what the command line can say
        self,
        *,
        folders: Folders,
        scenario: str,
        player: str,
        actions: Path | None,
        seed: int,
        until_us: int | None,
        record: Path | None,
        requests: Path | None,
        metrics: Path | None,
    ) -> None:
        """Read and open everything; raise UsageError, ScenarioError or ActionsFileError."""
        self._file = load(find(scenario, folders.library)).for_seed(seed)
        self._until_us = until_us
        self._check_time(until_us or 0, "--until")
        self._responder = self._read_responder(player, actions)
        self.identity = RunIdentity(
            engine=__version__,
            scenario=self._file.id,
            scenario_digest=self._file.digest,
            seed=seed,
            player=self._responder.name,
        )
        self._exports = Exports(requests, metrics)
        writer = None if record is None else RecordingWriter(record, Header.of(self.identity))
        self._session = Session(self._file.spec, seed, trace=self._file.trace, writer=writer)

    def simulate(self) -> dict[str, Any]:
        """Run to the end and return the `drill-run/1` summary; raise UsageError for an action that can't be done."""
        session = self._session
        self._exports.attach(session.simulation)
        try:
            outcome = play(session, self._responder, self._until_us)
        except ActionError as error:
            msg = f"at {format_duration(session.now_us)}: {error}"
            raise UsageError(msg) from None
        self._exports.finish(session.simulation)
        return summarise(self.identity, outcome)

    def as_json(self, summary: dict[str, Any]) -> str:
        """Return a summary for programs."""
        return json.dumps(summary, indent=1)

    def as_text(self, summary: dict[str, Any]) -> str:
        """Return a summary for people."""
        return run_text(self._file.spec.card.title, self.identity, summary)

    def _read_responder(self, player: str, actions: Path | None) -> Player:
        if actions is None:
            return make_player(player, self._file.spec)
        entries = read_actions(actions)
        if entries:
            self._check_time(entries[-1].at_us, str(actions))
        return Script("actions", entries)

    def _check_time(self, at_us: int, what: str) -> None:
        if at_us > self._file.spec.length:
            at, end = format_duration(at_us), format_duration(self._file.spec.length)
            msg = f"{what}: {at} is after the end of the scenario at {end}"
            raise UsageError(msg)
