"""CPU cores shared equally by whoever wants them (processor sharing).

Separate because pods and the database use the same class. Measured on PostgreSQL 15.18 (2 cores, 1 to 64 CPU-bound
sessions): throughput saturates at the number of cores, latency grows with n, p95/p50 stays 1.15 to 1.25, as processor
sharing gives; FIFO would give 1.0, random order above 3.

While there is a core for every job, each just runs for its cost, which is one heap entry. Only when jobs outnumber
cores does virtual time take over: it advances at the rate at which each job progresses, and a job is done when it has
grown by the job's cost. What follows a job without using CPU may be told with it: then both are one heap entry.

Every statement and computation passes here, so `submit` and `_fire` hold the steps of their usual cases and call
nothing for them, and counts are compared with whole numbers only, never with fractions. Jobs that share stand in two
sorted lists and not on a heap: an end is found among numbers faster than an entry among entries, the first is taken off
without a comparison, and jobs that end together stay in the order of submission without a number that says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from heapq import heappush
from math import ceil, floor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.sim.clock import Call, Clock

_FAR = 1 << 62
_ROUNDING = 1e-6
Job = tuple["Call", Any, int]
"""What to call at the end, with what, and how long after the use of CPU."""
Run = tuple[int, int, "Call", Any, int]
"""A job with a core of its own: end of its use of CPU, ticket, then as in a job."""


def _nothing(_: object) -> None:
    """Stand for a job that never was; never called."""


_FREE: Run = (-_FAR, 0, _nothing, None, 0)
"""Stands for the latest job of a core that had none."""
_TAKEN: deque[Run] = deque([(_FAR, 0, _nothing, None, 0)])
"""Where there are no cores of one's own."""


def _idle_cores(count: int) -> deque[Run]:
    """Return places for jobs with cores of their own."""
    return deque([_FREE] * count, count) if count else _TAKEN


def _find_free(own: deque[Run], now: int) -> bool:
    """Let a core that is free be the next to take a job; return whether there is one."""
    for _ in range(len(own)):
        own.rotate(-1)
        if own[0][0] <= now:
            return True
    return False


class Processor:
    """Cores that run any number of jobs at once, each at most at the speed of one core."""

    __slots__ = (
        *("_armed", "_at", "_busy", "_ends", "_few", "_finish_call", "_fire_call", "_jobs", "_own"),
        *("_power", "_rate", "_stale", "_virtual", "_whole", "clock", "cores"),
    )

    def __init__(self, clock: Clock, cores: float) -> None:
        """Start idle with `cores` cores (may be a fraction)."""
        self.clock = clock
        self.cores = cores
        self._whole = floor(cores)
        """More jobs than this are more than there are cores."""
        self._few = floor(cores / 2)
        """So many shared jobs get cores of their own again; changing over costs, so not as soon as there are enough."""
        self._own = _idle_cores(self._whole)
        """The latest job of each core, in the order in which they came; `_TAKEN` while cores are shared.

        It changes only when a job comes, which takes the place of the one that came first: if any is over, that one
        is, nearly always. Nothing needs to be done here when a job ends.
        """
        self._stale: set[int] = set()
        """Tickets of runs whose heap entries count no more: they were cancelled, or share the cores by now."""
        self._ends: list[float] = []
        """Virtual ends of the jobs that share the cores, in order. None of these if any has a core of its own."""
        self._jobs: list[Job] = []
        """The jobs to these ends."""
        self._virtual = 0.0
        self._rate = 1.0
        """How fast virtual time goes."""
        self._power = 0.0
        """Cores that shared jobs use."""
        self._at = clock.t
        """Up to when virtual time and the busy time of shared cores are known."""
        self._busy = 0.0
        """CPU time used so far; of jobs with cores of their own, that which is still to come, too."""
        self._armed = _FAR
        """When the timer for the first end of a shared job fires; `_FAR` if none shares."""
        self._finish_call: Call = self._finish
        self._fire_call: Call = self._fire

    def tags(self) -> list[Any]:
        """Return the arguments of the jobs that want CPU now; changes nothing."""
        return [*(run[3] for run in self._running()), *(job[1] for job in self._jobs)]

    def busy_us(self) -> float:
        """Return CPU time used since the start, in core-microseconds; changes nothing."""
        now = self.clock.t
        return self._busy + (now - self._at) * self._power - sum([run[0] - now for run in self._running()])

    def charge(self, cost_us: float) -> None:
        """Count CPU time that was used without competing for the cores."""
        self._busy += cost_us

    def submit(self, cost_us: int, done: Call, argument: object, rest_us: int = 0) -> None:
        """Call `done(argument)` when a job of `cost_us` microseconds on one core has run and `rest_us` have passed."""
        clock, own = self.clock, self._own
        now = clock.t
        if own[0][0] <= now:
            end, ticket = now + cost_us, next(clock.tickets)
            run = (end, ticket, done, argument, rest_us)
            own.append(run)  # which lets go of the first
            self._busy += cost_us
            heappush(clock.heap, (end + rest_us, 1, ticket, self._finish_call, run))
            return
        ends = self._ends
        if not ends:
            if _find_free(own, now):
                self.submit(cost_us, done, argument, rest_us)
                return
            self._begin_sharing((now + cost_us, _FAR, done, argument, rest_us))
            return
        passed = now - self._at
        self._at = now
        self._busy += self._power * passed
        self._virtual = virtual = self._virtual + self._rate * passed
        virtual_end = virtual + cost_us
        place = bisect_right(ends, virtual_end)
        ends.insert(place, virtual_end)
        self._jobs.insert(place, (done, argument, rest_us))
        count = len(ends)
        if place and count > self._whole:
            self._power = cores = self.cores
            self._rate = cores / count  # slower: the timer fires too early at worst
        else:
            self._arm()

    def cancel(self, argument: object) -> None:
        """Drop the jobs of an argument that still want CPU; their `done` is not called."""
        now = self.clock.t
        dropped = {run[1]: run[0] - now for run in self._running() if run[3] is argument}
        if dropped:
            self._busy -= sum(dropped.values())
            self._stale.update(dropped)
            self._own = deque([_FREE if run[1] in dropped else run for run in self._own], self._whole)
        if self._ends:
            passed = now - self._at
            self._at = now
            self._busy += self._power * passed
            self._virtual += self._rate * passed
            left = [place for place, job in enumerate(self._jobs) if job[1] is not argument]
            self._ends = [self._ends[place] for place in left]
            self._jobs = [self._jobs[place] for place in left]
            self._settle()

    def _running(self) -> list[Run]:
        """Return the jobs that use a core of their own now."""
        now = self.clock.t
        return [] if self._own is _TAKEN else [run for run in self._own if run[0] > now]

    def _finish(self, run: Run) -> None:
        if self._stale and run[1] in self._stale:
            self._stale.discard(run[1])
        else:
            run[2](run[3])

    def _begin_sharing(self, added: Run) -> None:
        """Let the jobs that have cores of their own share them with one more."""
        running, now = self._running(), self.clock.t
        self._busy -= sum([run[0] - now for run in running])
        self._stale.update([run[1] for run in running])
        runs = sorted([*running, added])  # at equal ends the one that was submitted first
        self._ends = [float(run[0] - now) for run in runs]
        self._jobs = [run[2:] for run in runs]
        self._own, self._at, self._virtual = _TAKEN, now, 0.0
        self._arm()

    def _arm(self) -> None:
        """Set the speed of shared jobs and wait for the first of them to end."""
        count, clock = len(self._ends), self.clock
        self._power = power = self.cores if count > self._whole else float(count)
        self._rate = rate = power / count
        due = clock.t + max(0, ceil((self._ends[0] - self._virtual) / rate))
        if due < self._armed:
            self._armed = due
            heappush(clock.heap, (due, 1, next(clock.tickets), self._fire_call, due))

    def _settle(self) -> None:
        """Give every job a core of its own again if there are few, otherwise wait for the next end."""
        if len(self._ends) > self._few:
            self._arm()
            return
        shared = zip(self._ends, self._jobs, strict=True)
        self._ends, self._jobs = [], []
        self._own = _idle_cores(self._whole)
        self._armed, self._rate, self._power = _FAR, 1.0, 0.0
        for virtual_end, job in shared:
            self.submit(max(0, ceil(virtual_end - self._virtual)), *job)

    def _fire(self, due: int) -> None:
        """Let the jobs end whose time has come, and wait for the next.

        A timer that fires too early, because more jobs came since, finds nothing over and is set again.
        """
        if due != self._armed:
            return  # another was set, for a job with less to do
        passed = due - self._at
        self._at = due
        self._busy += self._power * passed
        self._virtual = virtual = self._virtual + self._rate * passed
        ends, clock, reached = self._ends, self.clock, virtual + _ROUNDING
        if ends[0] > reached:
            self._armed = due = due + ceil((ends[0] - virtual) / self._rate)
            heappush(clock.heap, (due, 1, next(clock.tickets), self._fire_call, due))
            return
        del ends[0]
        done, argument, rest_us = self._jobs.pop(0)
        more = self._take(reached) if ends and ends[0] <= reached else ()
        count = len(ends)
        if count > self._few:
            # As in _arm, for a timer that is not set.
            self._power = power = self.cores if count > self._whole else float(count)
            self._rate = rate = power / count
            wait = ceil((ends[0] - virtual) / rate)
            self._armed = following = due + wait if wait > 0 else due
            heappush(clock.heap, (following, 1, next(clock.tickets), self._fire_call, following))
        else:
            self._settle()
        if rest_us:
            heappush(clock.heap, (due + rest_us, 1, next(clock.tickets), done, argument))
        else:
            done(argument)
        for job in more:
            self._end(*job)

    def _take(self, reached: float) -> list[Job]:
        """Take those jobs out that end together with another."""
        count = bisect_right(self._ends, reached)
        taken = self._jobs[:count]
        del self._ends[:count], self._jobs[:count]
        return taken

    def _end(self, done: Call, argument: object, rest_us: int) -> None:
        clock = self.clock
        if rest_us:
            clock.call_at(clock.t + rest_us, done, argument)
        else:
            done(argument)
