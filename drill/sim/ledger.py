"""The books: what became of every request, by the second of its arrival, and the digest of all of it.

Separate because results are counted by arrival time, whoever answers and whenever; and because the digest must see
every request in the order of its end and nothing that depends on how a run was sliced.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from typing import TYPE_CHECKING, Any, Protocol

from drill.telemetry.histogram import Histogram
from drill.telemetry.outcomes import FAILURES, STATUS, Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OUTCOME_BITS = 5


class Wish(Protocol):
    """What a user asked for, in one attempt or several."""

    at: int
    done: int | None
    outcome: Outcome | None


class Settles(Protocol):
    """What notes durations and counts them later."""

    def settle(self) -> None:
        """Count them."""


class Closes(Protocol):
    """What ends one day."""

    closed: bool


class Ledger:
    """Counts and histograms of one run."""

    def __init__(self, length_us: int, latency_slo_us: int) -> None:
        """Keep books for arrivals before `length_us`; an answer after `latency_slo_us` is late."""
        seconds = -(-length_us // US_PER_S) + 1
        self.offered = [0] * seconds
        """Requests by the second they arrived in."""
        self.ok = [0] * seconds
        """Correct answers in time, by the second of arrival."""
        self.late = [0] * seconds
        """Correct answers after the latency objective, by the second of arrival."""
        self.failures = [0] * len(Outcome)
        """Failed requests by outcome."""
        self.failed = [0] * seconds
        """Failed requests by the second of arrival."""
        self.latency = Histogram()
        """Of correct answers in time."""
        self.timers: list[tuple[Settles, Closes]] = []
        """Whoever has waits of successful checkouts that are not counted here yet, with the pool they are of."""
        self.waits = Histogram()
        """Those that are counted; see `checkout`."""
        self.on_finish: Callable[[Any], object] | None = None
        """Called for every finished request or visit, for exports; None for nobody."""
        self.good = 0
        """Correct answers given since the start, late ones included."""
        self.bad = 0
        """Errors given since the start."""
        self.more_attempts = 0
        """Attempts of all finished requests after their first."""
        self.tried_again = [0] * len(Outcome)
        """Attempts that were followed by another one, by outcome."""
        self.recent: list[int] = []
        """Latency of each correct answer since the last sample, in microseconds; who samples empties it."""
        self._slo_us = latency_slo_us
        self._trail = array("q")
        self._digest = hashlib.sha256()

    @property
    def checkout(self) -> Histogram:
        """Waits of successful checkouts of application pools."""
        for timer, _ in self.timers:
            timer.settle()
        return self.waits

    def settle(self) -> None:
        """Count what was only noted, so that it takes no memory; the answers stay the same."""
        for histogram in (self.latency, self.checkout):
            histogram.settle()
        self.timers = [entry for entry in self.timers if not entry[1].closed]

    def retried(self, outcome: Outcome) -> None:
        """Count an attempt that is followed by another one."""
        self.tried_again[outcome] += 1
        self._trail.append(-1 - outcome)

    def finish(self, request: Wish, now_us: int) -> None:
        """Count the end of a request or visit whose outcome is set."""
        request.done = now_us
        outcome = request.outcome
        latency_us = now_us - request.at
        second = request.at // US_PER_S
        if outcome:
            self.bad += 1
            self.failed[second] += 1
            self.failures[outcome] += 1
        else:
            self.good += 1
            self.recent.append(latency_us)
            if latency_us > self._slo_us:
                self.late[second] += 1
            else:
                self.ok[second] += 1
                self.latency.record(latency_us)
        self._trail.append((latency_us << _OUTCOME_BITS) | (outcome or 0))
        if self.on_finish is not None:
            self.on_finish(request)

    def statuses(self) -> dict[str, int]:
        """Return answers to all attempts since the start by HTTP status; 499 is missing until the first one."""
        counts = dict.fromkeys(sorted(set(STATUS.values())), 0)
        counts["200"] += self.good
        for outcome in FAILURES:
            counts[STATUS[outcome]] += self.failures[outcome] + self.tried_again[outcome]
        if not counts["499"]:
            del counts["499"]
        return counts

    def note(self, text: str, values: Iterable[float] = ()) -> None:
        """Let something else that was simulated count for the digest."""
        self._flush()
        self._digest.update(text.encode())
        self._digest.update(_bytes(array("d", values)))

    def digest(self) -> str:
        """Return the digest of everything so far, as `sha256:` and 64 hex digits."""
        self._flush()
        return "sha256:" + self._digest.hexdigest()

    def _flush(self) -> None:
        if self._trail:
            trail, self._trail = self._trail, array("q")
            self._digest.update(_bytes(trail))


def _bytes(numbers: array[Any]) -> bytes:
    """Return numbers as every machine writes them here: the lowest byte first."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
