"""The books: what became of every request, by the second of its arrival, and the digest of all of it.

Separate because results are counted by arrival time, whoever answers and whenever; and because the digest must see
every request in the order of its end and nothing that depends on how a run was sliced.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from struct import pack
from typing import TYPE_CHECKING, Any, Protocol

from drill.telemetry.histogram import Histogram
from drill.telemetry.outcomes import FAILURES, STATUS, Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OUTCOME_BITS = 5
"""The lowest bits of a mark in the trail, where the outcome stands; a good answer's are 0."""
_OUTCOME = (1 << OUTCOME_BITS) - 1


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
        self.timers: list[tuple[Settles, Closes]] = []
        """Whoever has waits of successful checkouts that are not counted here yet, with the pool they are of."""
        self.waits = Histogram()
        """Those that are counted; see `checkout`."""
        self.on_finish: Callable[[Any], object] | None = None
        """Called for every finished request or visit, for exports; None for nobody."""
        self.more_attempts = 0
        """Attempts of all finished requests after their first."""
        self.tried_again = [0] * len(Outcome)
        """Attempts that were followed by another one, by outcome."""
        self._counts = Counts(seconds, latency_slo_us)
        self.arrived: list[int] = []
        """When the requests arrived that have ended and are not counted yet."""
        self.trail: list[int] = []
        """What has become of them, and in between marks of attempts that were followed by another one."""
        self._digest = hashlib.sha256()

    @property
    def counts(self) -> Counts:
        """What became of all requests that have ended."""
        self._count()
        return self._counts

    @property
    def checkout(self) -> Histogram:
        """Waits of successful checkouts of application pools."""
        for timer, _ in self.timers:
            timer.settle()
        return self.waits

    def settle(self) -> None:
        """Count what was only noted, so that it takes no memory; the answers stay the same."""
        for histogram in (self.counts.latency, self.checkout):
            histogram.settle()
        self.timers = [entry for entry in self.timers if not entry[1].closed]

    def retried(self, outcome: Outcome) -> None:
        """Count an attempt that is followed by another one."""
        self.tried_again[outcome] += 1
        self.trail.append(-1 - outcome)

    def finish(self, request: Wish, now_us: int) -> None:
        """Note the end of a request or visit whose outcome is set; it is counted when somebody asks."""
        request.done = now_us
        at = request.at
        self.arrived.append(at)
        self.trail.append((now_us - at) << OUTCOME_BITS | (request.outcome or 0))
        if self.on_finish is not None:
            self.on_finish(request)

    def statuses(self) -> dict[str, int]:
        """Return answers to all attempts since the start by HTTP status; 499 is missing until the first one."""
        counts = dict.fromkeys(sorted(set(STATUS.values())), 0)
        ended = self.counts
        counts["200"] += ended.good
        for outcome in FAILURES:
            counts[STATUS[outcome]] += ended.failures[outcome] + self.tried_again[outcome]
        if not counts["499"]:
            del counts["499"]
        return counts

    def note(self, text: str, values: Iterable[float] = ()) -> None:
        """Let something else that was simulated count for the digest."""
        self._count()
        self._digest.update(text.encode())
        self._digest.update(_bytes(array("d", values)))

    def digest(self) -> str:
        """Return the digest of everything so far, as `sha256:` and 64 hex digits."""
        self._count()
        return "sha256:" + self._digest.hexdigest()

    def _count(self) -> None:
        trail = self.trail
        if not trail:
            return
        self._digest.update(pack(f"<{len(trail)}q", *trail))
        self._counts.add(self.arrived, [mark for mark in trail if mark >= 0])
        self.arrived.clear()  # and no new lists: whoever answers many requests keeps these at hand
        trail.clear()


class Counts:
    """What became of requests."""

    def __init__(self, seconds: int, latency_slo_us: int) -> None:
        """Count nothing yet of what arrives in so many seconds; an answer after `latency_slo_us` is late."""
        self.ok = [0] * seconds
        """Correct answers in time, by the second of arrival."""
        self.late = [0] * seconds
        """Correct answers after the latency objective, by the second of arrival."""
        self.failed = [0] * seconds
        """Failed requests by the second of arrival."""
        self.failures = [0] * len(Outcome)
        """Failed requests by outcome."""
        self.latency = Histogram()
        """Of correct answers in time."""
        self.recent: list[int] = []
        """Latency of each correct answer since the last sample, in microseconds; who samples empties it."""
        self.good = 0
        """Correct answers given since the start, late ones included."""
        self.bad = 0
        """Errors given since the start."""
        self._slo_us = latency_slo_us

    def add(self, arrived: list[int], ended: list[int]) -> None:
        """Count requests by their arrivals and what has become of them."""
        ok, slo_us = self.ok, self._slo_us
        in_time, bad = [], 0
        for at, mark in zip(arrived, ended, strict=True):
            latency_us, outcome = mark >> OUTCOME_BITS, mark & _OUTCOME
            if outcome:
                bad += 1
                self.failed[at // US_PER_S] += 1
                self.failures[outcome] += 1
            elif latency_us > slo_us:
                self.late[at // US_PER_S] += 1
                self.recent.append(latency_us)
            else:
                ok[at // US_PER_S] += 1
                in_time.append(latency_us)
        self.recent += in_time
        self.latency.record_all(in_time)
        self.good += len(ended) - bad
        self.bad += bad


def _bytes(numbers: array[float]) -> bytes:
    """Return numbers as every machine writes them here: the lowest byte first."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
