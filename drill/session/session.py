"""One drill in progress: the simulation, what was done in it, and the recording of both.

Separate because screens, players and replay all drive a run through here and nowhere else, so that whatever happens is
recorded in one order. Looks are recorded like actions and change nothing in the simulation.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from drill.actions.catalogue import Action
from drill.actions.entries import Entry, Look, write_entry
from drill.errors import ActionError
from drill.recording.lines import Checkpoint, End, canonical
from drill.session.readings import readings
from drill.session.rules import check
from drill.sim.simulation import Simulation
from drill.units import US_PER_S, format_duration

if TYPE_CHECKING:
    from drill.actions.entries import Deed
    from drill.recording.writer import RecordingWriter
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.traces import Trace
    from drill.telemetry.results import RunResult
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading, Snapshot

CHECKPOINT_US = 10 * US_PER_S


class Session:
    """One run by one or more responders."""

    def __init__(
        self, spec: ScenarioSpec, seed: int, *, trace: Trace | None = None, writer: RecordingWriter | None = None
    ) -> None:
        """Stand at time 0; `writer` gets every line as it happens, None records nothing."""
        self.spec = spec
        self.simulation = Simulation(spec, seed, trace)
        self.entries: list[Entry] = []
        """What was done so far, in order."""
        self.checkpoints: list[Checkpoint] = []
        """One every 10 simulated seconds."""
        self.ended = False
        """Whether the end was written."""
        self._writer = writer
        self._chain = hashlib.sha256()

    @property
    def now_us(self) -> int:
        """Simulated time in microseconds."""
        return self.simulation.now_us

    def advance(self, to_us: int) -> None:
        """Simulate up to a time, at most to the scenario's length; how it is sliced changes nothing."""
        to_us = min(to_us, self.spec.length)
        while self.now_us < to_us:
            following = (self.now_us // CHECKPOINT_US + 1) * CHECKPOINT_US
            self.simulation.advance(min(following, to_us))
            if self.now_us == following:
                self._checkpoint()

    def perform(self, action: Action, by: str = "") -> str:
        """Carry out an action now, record it and return what was done; raise ActionError if it can't be."""
        done = self.simulation.perform(action)
        self._record(Entry(at_us=self.now_us, deed=action, by=by))
        return done

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Return a view as it is now and record the look."""
        reading = self.simulation.look(view, target)
        self._record(Entry(at_us=self.now_us, deed=Look(look=view, target=target), by=by))
        return reading

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside; records nothing, as whoever shows it records the look."""
        return self.simulation.inspect()

    def do(self, deed: Deed, by: str = "") -> str:
        """Do and record anything that can stand on a timed line; return what was done, if that needs saying."""
        if isinstance(deed, Action):
            return self.perform(deed, by)
        check(deed, self.entries, self.spec.story)
        self._record(Entry(at_us=self.now_us, deed=deed, by=by))
        return ""

    def snapshot(self) -> Snapshot:
        """Return the state of now."""
        return self.simulation.snapshot()

    def finish(self, reason: str = "finished") -> RunResult:
        """Simulate silently to the end, write the last line, and return what the run adds up to."""
        self.advance(self.spec.length)
        self.end(reason)
        return self.result()

    def result(self) -> RunResult:
        """Return what the run adds up to so far, with what the story's figures read of metrics."""
        return replace(self.simulation.result(), readings=readings(self.spec.story.figures, self.simulation.history))

    def end(self, reason: str) -> None:
        """Write the last line where the run stands now; a second call does nothing."""
        if not self.ended:
            self.ended = True
            if self._writer is not None:
                self._writer.write(End(at_us=self.now_us, digest=self.digest(), reason=reason))
                self._writer.close()

    def digest(self) -> str:
        """Return the digest of everything simulated and recorded so far."""
        chain = self._chain.copy()
        chain.update(self.simulation.digest.encode())
        return "sha256:" + chain.hexdigest()

    def _checkpoint(self) -> None:
        checkpoint = Checkpoint(at_us=self.now_us, digest=self.digest())
        self.checkpoints.append(checkpoint)
        if self._writer is not None:
            self._writer.write(checkpoint)

    def _record(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._chain.update(canonical(write_entry(entry)).encode())
        if self._writer is not None:
            self._writer.write(entry)


def check_time(at_us: int, spec: ScenarioSpec) -> None:
    """Raise ActionError when a timed line stands after the end of the scenario."""
    if at_us > spec.length:
        msg = f"{format_duration(at_us)} is after the end of the scenario at {format_duration(spec.length)}"
        raise ActionError(msg)
