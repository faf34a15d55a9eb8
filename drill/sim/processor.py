"""CPU cores shared equally by whoever wants them (processor sharing).

Separate because pods and the database use the same class. Measured on PostgreSQL 15.18 (2 cores, 1 to 64 CPU-bound
sessions): throughput saturates at the number of cores, latency grows with n, p95/p50 stays 1.15 to 1.25, as processor
sharing gives; FIFO would give 1.0, random order above 3.

While there is a core for every job, each just runs for its cost, which is one heap entry. Only when jobs outnumber
cores does virtual time take over: it advances at the rate at which each job progresses, and a job is done when it has
grown by the job's cost.
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

    __slots__ = (
        "_armed",
        "_at",
        "_busy",
        "_few",
        "_power",
        "_rate",
        "_running",
        "_shared",
        "_virtual",
        "clock",
        "cores",
    )

    def __init__(self, clock: Clock, cores: float) -> None:
        """Start idle with `cores` cores (may be a fraction)."""
        self.clock = clock
        self.cores = cores
        self._running: dict[int, tuple[int, int, Call, Any]] = {}
        """Jobs with a core of their own: start, end, what to call, with what; by the ticket of their heap entry."""
        self._shared: list[tuple[float, int, Call, Any]] = []
        """Jobs that share the cores: virtual end, ticket, what to call, with what; a heap. One of both is empty."""
        self._few = cores / 2
        """So many shared jobs get cores of their own again; changing over costs, so not as soon as there are enough."""
        self._virtual = 0.0
        self._rate = 1.0
        """How fast virtual time goes."""
        self._power = 0.0
        """Cores that shared jobs use."""
        self._at = clock.t
        self._busy = 0.0
        self._armed = _FAR

    @property
    def jobs(self) -> int:
        """Number of jobs that want CPU now."""
        return len(self._running) + len(self._shared)

    def tags(self) -> list[Any]:
        """Return the arguments of the jobs that want CPU now; changes nothing."""
        return [job[3] for job in (*self._running.values(), *self._shared)]

    def busy_us(self) -> float:
        """Return CPU time used since the start, in core-microseconds; changes nothing."""
        now = self.clock.t
        if self._shared:
            return self._busy + (now - self._at) * self._power
        return self._busy + sum(now - job[0] for job in self._running.values())

    def charge(self, cost_us: float) -> None:
        """Count CPU time that was used without competing for the cores."""
        self._busy += cost_us

    def submit(self, cost_us: int, done: Call, argument: object) -> None:
        """Call `done(argument)` once a job of `cost_us` microseconds on one core has run."""
        running = self._running
        if self._shared or len(running) + 1 > self.cores:
            self._submit_shared(cost_us, done, argument)
            return
        clock = self.clock
        now, ticket = clock.t, clock.ticket()
        running[ticket] = (now, now + cost_us, done, argument)
        heappush(clock.heap, (now + cost_us, 1, ticket, self._finish, ticket))

    def cancel(self, argument: object) -> None:
        """Drop the jobs of an argument; their `done` is not called."""
        self._progress()
        for ticket, job in list(self._running.items()):
            if job[3] is argument:
                self._busy += self.clock.t - job[0]
                del self._running[ticket]
        if self._shared:
            self._shared = [job for job in self._shared if job[3] is not argument]
            heapify(self._shared)
            self._settle()

    def _finish(self, ticket: int) -> None:
        job = self._running.pop(ticket, None)
        if job is None:  # cancelled, or it shares the cores by now
            return
        start, end, done, argument = job
        self._busy += end - start
        done(argument)

    def _submit_shared(self, cost_us: int, done: Call, argument: object) -> None:
        clock, shared = self.clock, self._shared
        self._progress()
        if self._running:
            now = clock.t
            for ticket, (start, end, call, held) in self._running.items():
                self._busy += now - start
                shared.append((float(end - now), ticket, call, held))
            heapify(shared)
            self._running = {}
        heappush(shared, (self._virtual + cost_us, clock.ticket(), done, argument))
        count, cores = len(shared), self.cores
        if count > cores:
            self._rate, self._power = cores / count, cores
        else:
            self._power = float(count)
        # A timer that fires too early (more jobs came since) finds nothing due and is set again.
        due = clock.t + ceil((shared[0][0] - self._virtual) / self._rate)
        if due < self._armed:
            self._armed = due
            heappush(clock.heap, (due, 1, clock.ticket(), self._fire, due))

    def _progress(self) -> None:
        """Bring the busy time of shared cores and virtual time up to now."""
        now = self.clock.t
        passed = now - self._at
        self._at = now
        if self._shared:
            self._busy += passed * self._power
            self._virtual += passed * self._rate
        else:
            self._virtual = 0.0

    def _settle(self) -> None:
        """Give every job a core of its own again if there are few, otherwise wait for the next end."""
        shared, clock, cores = self._shared, self.clock, self.cores
        count = len(shared)
        if count > self._few:
            if count > cores:
                self._rate, self._power = cores / count, cores
            else:
                self._rate, self._power = 1.0, float(count)
            due = clock.t + max(0, ceil((shared[0][0] - self._virtual) / self._rate))
            if due < self._armed:
                self._armed = due
                heappush(clock.heap, (due, 1, clock.ticket(), self._fire, due))
            return
        self._shared, self._armed, self._rate, self._power = [], _FAR, 1.0, 0.0
        for end, _, call, held in sorted(shared):
            at, ticket = clock.t + max(0, ceil(end - self._virtual)), clock.ticket()
            self._running[ticket] = (clock.t, at, call, held)
            heappush(clock.heap, (at, 1, ticket, self._finish, ticket))

    def _fire(self, due: int) -> None:
        if due != self._armed:
            return
        self._armed = _FAR
        passed = due - self._at
        self._at = due
        self._busy += passed * self._power
        self._virtual += passed * self._rate
        shared, reached = self._shared, self._virtual + 1e-6
        finished = []
        while shared and shared[0][0] <= reached:
            finished.append(heappop(shared))
        self._settle()
        for _, _, done, argument in finished:
            done(argument)
