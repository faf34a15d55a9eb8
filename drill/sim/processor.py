"""CPU cores shared equally by whoever wants them (processor sharing).

Separate because pods and the database use the same class. Measured on PostgreSQL 15.18 (2 cores, 1 to 64 CPU-bound
sessions): throughput saturates at the number of cores, latency grows with n, p95/p50 stays 1.15 to 1.25, as processor
sharing gives; FIFO would give 1.0, random order above 3.

While there is a core for every job, each just runs for its cost, which is one heap entry. Only when jobs outnumber
cores does virtual time take over: it advances at the rate at which each job progresses, and a job is done when it has
grown by the job's cost. What follows a job without using CPU may be told with it: then both are one heap entry.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.sim.clock import Call, Clock

_FAR = 1 << 62
_ROUNDING = 1e-6
Run = tuple[int, int, int, "Call", Any, int]
"""A job with a core of its own: end of its use of CPU, ticket, start, what to call, with what, how long after that."""
Share = tuple[float, int, "Call", Any, int]
"""A job that shares the cores: virtual end, ticket, what to call, with what, how long after that."""


class Processor:
    """Cores that run any number of jobs at once, each at most at the speed of one core."""

    __slots__ = (
        *("_armed", "_at", "_busy", "_few", "_finish_call", "_fire_call", "_power", "_rate", "_running", "_shared"),
        *("_most", "_stale", "_virtual", "clock", "cores"),
    )

    def __init__(self, clock: Clock, cores: float) -> None:
        """Start idle with `cores` cores (may be a fraction)."""
        self.clock = clock
        self.cores = cores
        self._running: list[Run] = []
        """Jobs with a core of their own; those whose end has passed leave the list when it seems full."""
        self._stale: set[int] = set()
        """Tickets of heap entries that count no more: of jobs that were cancelled, or that share the cores by now."""
        self._shared: list[Share] = []
        """Jobs that share the cores, a heap. One of both is empty."""
        self._most = cores - 1
        """So many jobs with cores of their own leave one for another."""
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
        self._finish_call: Call = self._finish
        self._fire_call: Call = self._fire

    def tags(self) -> list[Any]:
        """Return the arguments of the jobs that want CPU now; changes nothing."""
        now = self.clock.t
        return [*(run[4] for run in self._running if run[0] > now), *(share[3] for share in self._shared)]

    def busy_us(self) -> float:
        """Return CPU time used since the start, in core-microseconds; changes nothing."""
        now = self.clock.t
        if self._shared:
            return self._busy + (now - self._at) * self._power
        return self._busy + sum([min(now, run[0]) - run[2] for run in self._running])

    def charge(self, cost_us: float) -> None:
        """Count CPU time that was used without competing for the cores."""
        self._busy += cost_us

    def submit(self, cost_us: int, done: Call, argument: object, rest_us: int = 0) -> None:
        """Call `done(argument)` when a job of `cost_us` microseconds on one core has run and `rest_us` have passed."""
        running = self._running
        if self._shared or (len(running) > self._most and self._full()):
            self._share(cost_us, done, argument, rest_us)
            return
        clock = self.clock
        now, ticket = clock.t, next(clock.tickets)
        end = now + cost_us
        run = (end, ticket, now, done, argument, rest_us)
        self._running.append(run)
        heappush(clock.heap, (end + rest_us, 1, ticket, self._finish_call, run))

    def cancel(self, argument: object) -> None:
        """Drop the jobs of an argument that still want CPU; their `done` is not called."""
        now = self.clock.t
        self._progress()
        dropped = [run for run in self._running if run[4] is argument and run[0] > now]
        if dropped:
            self._stale.update(run[1] for run in dropped)
            self._busy += sum(now - run[2] for run in dropped)
            self._running[:] = [run for run in self._running if run not in dropped]
        if self._shared:
            self._shared = [share for share in self._shared if share[3] is not argument]
            heapify(self._shared)
            self._settle()

    def _full(self) -> bool:
        """Let go of the jobs that are over, and return whether the others leave no core for another."""
        now, busy, left = self.clock.t, self._busy, []
        for run in self._running:
            if run[0] > now:
                left.append(run)
            else:
                busy += run[0] - run[2]
        self._busy, self._running = busy, left
        return len(left) > self._most

    def _finish(self, run: Run) -> None:
        if self._stale and run[1] in self._stale:
            self._stale.discard(run[1])
            return
        running = self._running
        if running and running[0] is run:  # mostly, and then it need not be looked for
            del running[0]
            self._busy += run[0] - run[2]
        run[3](run[4])

    def _share(self, cost_us: int, done: Call, argument: object, rest_us: int) -> None:
        """Add a job to those that share the cores; those that have cores of their own do so from now on, too."""
        shared, clock = self._shared, self.clock
        now = clock.t
        if shared:  # as _progress does it
            passed = now - self._at
            self._at = now
            self._busy += passed * self._power
            self._virtual += passed * self._rate
        else:
            self._begin_sharing(now)
        share = (self._virtual + cost_us, next(clock.tickets), done, argument, rest_us)
        heappush(shared, share)
        count, cores = len(shared), self.cores
        if count > cores and shared[0] is not share and self._armed < _FAR:
            self._rate, self._power = cores / count, cores  # slower: what is armed comes too early at worst
        else:
            self._arm(count)

    def _begin_sharing(self, now: int) -> None:
        """Let the jobs that have cores of their own share them."""
        running, shared = self._running, self._shared
        self._at, self._virtual = now, 0.0
        self._busy += sum([now - run[2] for run in running])
        self._stale.update([run[1] for run in running])
        shared += [(float(run[0] - now), run[1], *run[3:]) for run in running]
        heapify(shared)
        running.clear()

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

    def _arm(self, count: int) -> None:
        """Set the speed of shared jobs and wait for the first of them to end.

        A timer that fires too early, because more jobs came since, finds nothing due and is set again.
        """
        cores, clock = self.cores, self.clock
        if count > cores:
            rate = cores / count
            self._power = cores
        else:
            rate = 1.0
            self._power = float(count)
        self._rate = rate
        wait = ceil((self._shared[0][0] - self._virtual) / rate)
        due = clock.t + wait if wait > 0 else clock.t
        if due < self._armed:
            self._armed = due
            heappush(clock.heap, (due, 1, next(clock.tickets), self._fire_call, due))

    def _settle(self) -> None:
        """Give every job a core of its own again if there are few, otherwise wait for the next end."""
        shared, clock = self._shared, self.clock
        if len(shared) > self._few:
            self._arm(len(shared))
            return
        now = clock.t
        self._shared, self._armed, self._rate, self._power = [], _FAR, 1.0, 0.0
        for virtual_end, _, done, argument, rest_us in sorted(shared):
            end, ticket = now + max(0, ceil(virtual_end - self._virtual)), next(clock.tickets)
            run = (end, ticket, now, done, argument, rest_us)
            self._running.append(run)
            heappush(clock.heap, (end + rest_us, 1, ticket, self._finish_call, run))

    def _fire(self, due: int) -> None:
        if due != self._armed:
            return
        self._armed = _FAR
        passed = due - self._at
        self._at = due
        self._busy += passed * self._power
        self._virtual = virtual = self._virtual + passed * self._rate
        shared, reached = self._shared, virtual + _ROUNDING
        if shared[0][0] > reached:
            self._arm(len(shared))
            return
        first = heappop(shared)
        finished = []
        while shared and shared[0][0] <= reached:
            finished.append(heappop(shared))
        if len(shared) > self._few:
            self._arm(len(shared))
        else:
            self._settle()
        for share in (first, *finished):
            self._end(share)

    def _end(self, share: Share) -> None:
        _, _, done, argument, rest_us = share
        if rest_us:
            clock = self.clock
            heappush(clock.heap, (clock.t + rest_us, 1, next(clock.tickets), done, argument))
        else:
            done(argument)
