"""The books: what became of every request, by the second of its arrival, and the digest of all of it.

Separate because results are counted by arrival time, whoever answers and whenever; and because the digest must see
every request in the order of its end and nothing that depends on how a run was sliced.
"""

from __future__ import annotations

import hashlib
import sys
from bisect import bisect_left, bisect_right
from itertools import compress
from struct import pack
from typing import TYPE_CHECKING, Any, Protocol

from drill.telemetry.histogram import Histogram, middle_us, rank
from drill.telemetry.outcomes import FAILURES, STATUS, Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable

OUTCOME_BITS = 5
"""The lowest bits of a mark in the trail, where the outcome stands; a good answer's are 0."""
MARK = 1 << OUTCOME_BITS
"""By what a latency is multiplied for its mark, which CPython does in half the time of a shift."""
_OUTCOME = (1 << OUTCOME_BITS) - 1
_STATUSES = sorted(set(STATUS.values()))
_GOOD = bytes(range(0, 256, _OUTCOME + 1))
"""What the lowest byte of a correct answer's mark may be; marks of all else have another one."""
_OUTCOMES = bytes(byte & _OUTCOME for byte in range(256))
"""The outcome by the lowest byte of a mark."""
_IS_GOOD = bytes([1, *[0] * 255])
"""Whether an outcome is that of a correct answer."""
_NEGATIVE = 0xFF
"""The highest byte of a mark that is not the end of a request."""


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
        """Requests by the second they arrived in; see `offered_by` for those who are expected besides."""
        self._expected: list[int] = []
        """When the next users of an open loop arrive, who are counted when somebody asks."""
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
        """What has become of them, and in between marks of attempts that were followed by another one.

        A mark is the latency times 32, and the outcome; that of an attempt is -1 less its outcome.
        """
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
        self._count()
        # Timers of open pools are settled by whoever samples them.
        closed = [timer for timer, pool in self.timers if pool.closed]
        if closed:
            for timer in closed:
                timer.settle()
            self.timers = [entry for entry in self.timers if not entry[1].closed]

    def expect(self, ats: list[int]) -> None:
        """Know when the next users arrive, in order; whoever was expected before has arrived."""
        _add_seconds(self.offered, self._expected)
        self._expected = ats

    def offered_by(self, now_us: int) -> list[int]:
        """Return the requests that have arrived before a time, by the second they arrived in."""
        offered, expected = self.offered.copy(), self._expected
        _add_seconds(offered, expected[: bisect_left(expected, now_us)])
        return offered

    def retried(self, outcome: Outcome) -> None:
        """Count an attempt that is followed by another one."""
        self.tried_again[outcome] += 1
        self.trail.append(-1 - outcome)

    def finish(self, request: Wish, now_us: int) -> None:
        """Note the end of a request or visit whose outcome is set; it is counted when somebody asks."""
        request.done = now_us
        at = request.at
        self.arrived.append(at)
        self.trail.append((now_us - at) * MARK + (request.outcome or 0))
        if self.on_finish is not None:
            self.on_finish(request)

    def statuses(self) -> dict[str, int]:
        """Return answers to all attempts since the start by HTTP status; 499 is missing until the first one."""
        ended = self.counts
        counts = dict.fromkeys(_STATUSES, 0)
        counts["200"] = ended.good
        if ended.bad or any(self.tried_again):
            for outcome in FAILURES:
                counts[STATUS[outcome]] += ended.failures[outcome] + self.tried_again[outcome]
        if not counts["499"]:
            del counts["499"]
        return counts

    def note(self, text: str, values: array[float] | None = None) -> None:
        """Let something else that was simulated count for the digest: a text and numbers of eight bytes."""
        self._count()
        self._digest.update(text.encode())
        if values:
            self._digest.update(_bytes(values))

    def digest(self) -> str:
        """Return the digest of everything so far, as `sha256:` and 64 hex digits."""
        self._count()
        return "sha256:" + self._digest.hexdigest()

    def _count(self) -> None:
        arrived, trail = self.arrived, self.trail
        if not trail:
            return
        written = pack(f"<{len(trail)}q", *trail)
        self._digest.update(written)
        if _NEGATIVE in written[7::8]:
            trail[:] = [mark for mark in trail if mark >= 0]
            written = pack(f"<{len(trail)}q", *trail)
        self._counts.add(arrived, trail, written[::8])
        arrived.clear()  # and no new lists: whoever answers many requests keeps these at hand
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
        self.latency = Histogram(OUTCOME_BITS)
        """Of correct answers in time."""
        self.good = 0
        """Correct answers given since the start, late ones included."""
        self.bad = 0
        """Errors given since the start."""
        self._last_mark = latency_slo_us << OUTCOME_BITS
        """Mark of the last answer that is in time."""
        self._recent: list[int] = []
        """Marks of correct answers since the last sample."""

    def add(self, arrived: list[int], marks: list[int], lows: bytes) -> None:
        """Count requests by their arrivals, the marks of what has become of them, and the lowest bytes of these.

        Everything is done column by column, so that hardly any Python code runs for a single request.
        """
        failures = lows.translate(_OUTCOMES, _GOOD)
        if failures:
            outcomes = lows.translate(_OUTCOMES)
            _add_seconds(self.failed, compress(arrived, outcomes))
            good = outcomes.translate(_IS_GOOD)
            arrived, marks = list(compress(arrived, good)), list(compress(marks, good))
            for outcome in FAILURES:
                self.failures[outcome] += failures.count(outcome)
            self.bad += len(failures)
        if marks:
            self._add_good(arrived, marks)

    def _add_good(self, arrived: list[int], marks: list[int]) -> None:
        """Count correct answers, of which some may be late."""
        ordered, last = sorted(marks), self._last_mark
        self._recent += ordered
        self.good += len(ordered)
        if ordered[-1] > last:
            _add_seconds(self.late, compress(arrived, map(last.__lt__, marks)))
            arrived = list(compress(arrived, map(last.__ge__, marks)))
            del ordered[bisect_right(ordered, last) :]
        _add_seconds(self.ok, arrived)
        self.latency.record_all(ordered)

    def recent_p95_us(self) -> float:
        """Return the 95 % quantile of the latency of correct answers since it was last asked for; 0 without any.

        Only who samples may ask.
        """
        recent = self._recent
        if not recent:
            return 0.0
        recent.sort()
        mark = recent[rank(len(recent), 0.95)]
        recent.clear()
        return middle_us(mark >> OUTCOME_BITS)


def _add_seconds(counts: list[int], arrived: Iterable[int]) -> None:
    """Count arrivals by their seconds."""
    ordered, first = sorted(arrived), 0
    while first < len(ordered):
        second = ordered[first] // US_PER_S
        after = bisect_left(ordered, (second + 1) * US_PER_S, first)
        counts[second] += after - first
        first = after


def _bytes(numbers: array[float]) -> bytes:
    """Return numbers as every machine writes them here: the lowest byte first."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
