"""CPU cores shared equally by whoever wants them (processor sharing).

Separate because pods and the database use the same class. Measured on PostgreSQL 15.18 (2 cores, 1 to 64 CPU-bound
sessions): throughput saturates at the number of cores, latency grows with n, p95/p50 stays 1.15 to 1.25, as processor
sharing gives; FIFO would give 1.0, random order above 3. Virtual time makes a job cost one heap entry: it advances at
the rate at which each job progresses, and a job is done when it has grown by the job's cost.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.sim.clock import Call, Clock

_FAR = 1 << 62


class Processor:
    """Cores that run any number of jobs at once, each at most at the speed of one core."""

    __slots__ = ("_armed", "_at", "_busy", "_clock", "_jobs", "_rate", "_virtual", "cores")

    def __init__(self, clock: Clock, cores: float) -> None:
        """Start idle with `cores` cores (may be a fraction)."""
        self._clock = clock
        self.cores = cores
        self._jobs: list[tuple[float, int, Call, Any]] = []
        self._virtual = 0.0
        self._rate = min(1.0, cores)
        self._at = 0
        self._busy = 0.0
        self._armed = _FAR

    @property
    def jobs(self) -> int:
        """Number of jobs that want CPU now."""
        return len(self._jobs)

    def busy_us(self) -> float:
        """Return CPU time used since the start, in core-microseconds; changes nothing."""
        return self._busy + (self._clock.t - self._at) * min(float(len(self._jobs)), self.cores)

    def charge(self, cost_us: float) -> None:
        """Count CPU time that was used without competing for the cores."""
        self._busy += cost_us

    def submit(self, cost_us: int, done: Call, argument: object) -> None:
        """Call `done(argument)` once a job of `cost_us` microseconds on one core has run."""
        clock = self._clock
        jobs = self._jobs
        self._progress()
        heappush(jobs, (self._virtual + cost_us, clock.ticket(), done, argument))
        self._rate = min(1.0, self.cores / len(jobs))
        self._arm()

    def cancel(self, argument: object) -> None:
        """Drop the jobs of an argument; their `done` is not called."""
        self._progress()
        self._jobs = [job for job in self._jobs if job[3] is not argument]
        heapify(self._jobs)
        if self._jobs:
            self._rate = min(1.0, self.cores / len(self._jobs))
            self._arm()

    def _progress(self) -> None:
        now = self._clock.t
        if self._jobs:
            passed = now - self._at
            self._virtual += passed * self._rate
            self._busy += passed * min(float(len(self._jobs)), self.cores)
        else:
            self._virtual = 0.0
        self._at = now

    def _arm(self) -> None:
        # A timer that fires too early (more jobs came since) finds nothing due and is set again.
        clock = self._clock
        due = clock.t + max(0, ceil((self._jobs[0][0] - self._virtual) / self._rate))
        if due < self._armed:
            self._armed = due
            heappush(clock.heap, (due, 1, clock.ticket(), self._fire, due))

    def _fire(self, due: int) -> None:
        if due != self._armed:
            return
        self._armed = _FAR
        self._progress()
        jobs, reached = self._jobs, self._virtual + 1e-6
        finished = []
        while jobs and jobs[0][0] <= reached:
            finished.append(heappop(jobs))
        if jobs:
            self._rate = min(1.0, self.cores / len(jobs))
            self._arm()
        for _, _, done, argument in finished:
            done(argument)
