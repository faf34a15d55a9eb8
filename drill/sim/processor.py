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
without a comparison, and jobs that end together stay in the order of submission without a number that says so. While
they share, nearly all that happens is that one ends or that a user comes, so a timer that fired goes on with the clock
from end to end, and lets users in, until anything else is due.
"""

from __future__ import annotations

from bisect import bisect_right
from heapq import heapify, heappush, heapreplace
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from simpy.events import NORMAL

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
_TAKEN: list[Run] = [(_FAR, 0, _nothing, None, 0)]
"""Where there are no cores of one's own."""


class Processor:
    """Cores that run any number of jobs at once, each at most at the speed of one core."""

    __slots__ = (
        *("_armed", "_at", "_busy", "_ends", "_few", "_finish_call", "_fire_call", "_jobs", "_own"),
        *("_many", "_number", "_power", "_rate", "_since", "_stale", "_virtual", "_whole", "clock", "cores"),
    )

    def __init__(self, clock: Clock, cores: float) -> None:
        """Start idle with `cores` cores (may be a fraction)."""
        self.clock = clock
        self.cores = cores
        self._number = next(clock.tickets)
        """Stands for a ticket in all its timers, so that no order depends on when one was set."""
        self._whole = floor(cores)
        """More jobs than this are more than there are cores."""
        self._many = ceil(cores)
        """Among more jobs than this one more only slows the others down."""
        self._few = floor(cores / 2)
        """So many shared jobs get cores of their own again; changing over costs, so not as soon as there are enough."""
        self._own: list[Run] = [_FREE] * self._whole or _TAKEN
        """The latest job of each core, a heap: the first is over if a core is free. `_TAKEN` while they are shared."""
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
        self._since = clock.t
        """Since when they use so many."""
        self._at = clock.t
        """Up to when virtual time is known."""
        self._busy = 0.0
        """CPU time used, by shared jobs until `_since`; of jobs with cores of their own, what is still to come, too."""
        self._armed: int | None = _FAR
        """When the timer for the first end of a shared job fires; `_FAR` if none shares, None while it does."""
        self._finish_call: Call = self._finish
        self._fire_call: Call = self._fire

    def tags(self) -> list[Any]:
        """Return the arguments of the jobs that want CPU now; changes nothing."""
        return [*(run[3] for run in self._running()), *(job[1] for job in self._jobs)]

    def busy_us(self) -> float:
        """Return CPU time used since the start, in core-microseconds; changes nothing."""
        now = self.clock.t
        return self._busy + (now - self._since) * self._power - sum([run[0] - now for run in self._running()])

    def charge(self, cost_us: float) -> None:
        """Count CPU time that was used without competing for the cores."""
        self._busy += cost_us

    def submit(self, cost_us: int, done: Call, argument: object, rest_us: int = 0) -> None:
        """Call `done(argument)` when a job of `cost_us` microseconds on one core has run and `rest_us` have passed."""
        clock = self.clock
        ends, now = self._ends, clock.t
        if ends:
            self._virtual = virtual = self._virtual + self._rate * (now - self._at)
            self._at = now
            virtual_end = virtual + cost_us
            place = bisect_right(ends, virtual_end)
            ends.insert(place, virtual_end)
            self._jobs.insert(place, (done, argument, rest_us))
            count = len(ends)
            if count > self._many:
                self._rate = self.cores / count  # slower: the timer fires too early at worst
                if not place:
                    self._arm()
            else:
                self._arm()
        elif self._own[0][0] <= now:
            end, ticket = now + cost_us, next(clock.tickets)
            run = (end, ticket, done, argument, rest_us)
            heapreplace(self._own, run)
            self._busy += cost_us
            heappush(clock.heap, (end + rest_us, 1, ticket, self._finish_call, run))
        else:
            self._begin_sharing((now + cost_us, _FAR, done, argument, rest_us))

    def cancel(self, argument: object) -> None:
        """Drop the jobs of an argument that still want CPU; their `done` is not called."""
        now = self.clock.t
        dropped = {run[1]: run[0] - now for run in self._running() if run[3] is argument}
        if dropped:
            self._busy -= sum(dropped.values())
            self._stale.update(dropped)
            self._own = [_FREE if run[1] in dropped else run for run in self._own]
            heapify(self._own)
        if self._ends:
            self._virtual += self._rate * (now - self._at)
            self._at = now
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

    def _use(self, power: float) -> None:
        """Let shared jobs use so many cores from now on."""
        now = self.clock.t
        self._busy += self._power * (now - self._since)
        self._power, self._since = power, now

    def _arm(self) -> None:
        """Set the speed of shared jobs and wait for the first of them to end."""
        count = len(self._ends)
        power = self.cores if count > self._whole else float(count)
        if power != self._power:
            self._use(power)
        self._rate = rate = power / count
        if self._armed is None:
            return
        due = self._at + max(0, ceil((self._ends[0] - self._virtual - _ROUNDING) / rate))
        if due < self._armed:
            self._wait(due)

    def _settle(self) -> None:
        """Give every job a core of its own again if there are few, otherwise wait for the next end."""
        if len(self._ends) > self._few:
            self._arm()
            return
        shared = zip(self._ends, self._jobs, strict=True)
        self._ends, self._jobs = [], []
        self._own = [_FREE] * self._whole or _TAKEN
        self._armed, self._rate = _FAR, 1.0
        self._use(0.0)
        for virtual_end, job in shared:
            self.submit(max(0, ceil(virtual_end - self._virtual - _ROUNDING)), *job)

    def _fire(self, due: int) -> None:  # noqa: C901, PLR0912 - one loop, in which each call would cost a hundredth
        """Let the jobs end whose time has come, and go on as long as only ends and arrivals are due."""
        if due != self._armed:
            return  # another was set, for a job with less to do
        clock, many = self.clock, self._many
        heap, until, arrive = clock.heap, clock.until, clock.arrive
        self._armed = None
        while self._armed is None:
            ends, virtual = self._ends, self._virtual
            at, rate = self._at, self._rate
            due = at + ceil((ends[0] - virtual - _ROUNDING) / rate)
            arrival = clock.due
            if arrival < due:
                if arrival >= heap[0][0] or arrival >= until:
                    break
                clock.t = arrival
                arrive(None)
                continue
            if due > clock.t:
                if due >= heap[0][0] or due >= until:
                    break
                clock.t = due
            elif heap[0] < (clock.t, NORMAL, self._number):
                break  # what has just happened brought something else that comes before
            else:
                due = clock.t  # a job that came at this time made the others slower, but not what they did before
            self._virtual, self._at = virtual + rate * (due - at), due
            del ends[0]
            done, argument, rest_us = self._jobs.pop(0)
            if (count := len(ends)) > many:  # as in _arm, where the cores in use stay as they are
                self._rate = self.cores / count
            else:
                self._settle()
            if rest_us:
                heappush(heap, (due + rest_us, 1, next(clock.tickets), done, argument))
            else:
                done(argument)
        if self._armed is None:
            self._wait(due)

    def _wait(self, due: int) -> None:
        """Set the timer for the next end."""
        self._armed = due
        heappush(self.clock.heap, (due, NORMAL, self._number, self._fire_call, due))
