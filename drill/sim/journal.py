"""What the system writes down by itself: application logs and Kubernetes events.

Separate because every part writes here and only views read it. The newest lines are kept; the counts are complete.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drill.telemetry.records import EventRecord

if TYPE_CHECKING:
    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.telemetry.records import LogLine

KEPT_LINES = 5_000
KEPT_EVENTS = 2_000


class Journal:
    """Logs and events of one run."""

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self._clock = clock
        self.lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self.events: deque[EventRecord] = deque(maxlen=KEPT_EVENTS)
        self.logged = 0
        """Log lines since the start."""
        self.happened = 0
        """Events since the start."""

    def log(self, source: str, level: str, text: str) -> None:
        """Write one log line."""
        self.logged += 1
        self.lines.append((self._clock.t, source, level, text))

    def failed(self, source: str, failure: Failure) -> None:
        """Write why a request failed, as many log lines as that takes."""
        self.logged += 1
        self.lines.append((self._clock.t, source, "ERROR", failure.text))
        if failure.detail:
            for text in failure.detail:
                self.log(source, "ERROR", text)

    def event(self, kind: str, name: str, reason: str, message: str) -> None:
        """Write one Kubernetes event."""
        self.happened += 1
        self.events.append(EventRecord(self._clock.t, kind, name, reason, message))
