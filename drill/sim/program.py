"""Request programs at run time: each step is an object that knows the next one.

Separate because this is the hot path: compiled once per revision, run by every request, so a step costs one or two
plain calls and no generator. It knows resources, not scenarios: everything comes from the specs.
"""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from drill.sim.failures import Failure, call_timeout
from drill.sim.sessions import ACTIVE, IDLE, IN_TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.request import Request


class Step:
    """One step of a compiled program; `run(request)` starts it and it calls `next(request)` when done.

    What is called often and kept in an attribute is taken out first and then called: CPython looks a method up in a
    slow way when it turns out to be an attribute, which costs more than the rest of the call.
    """

    __slots__ = ("fail", "next")

    next: Callable[[Request], object]
    fail: Callable[[Request, Failure], object]

    def run(self, request: Request) -> None:
        """Start the step."""
        raise NotImplementedError


class Compute(Step):
    """Use the pod's CPU."""

    __slots__ = ("draw", "ended")

    def __init__(self, draw: int) -> None:
        """Take the CPU time from the request's demand number `draw`."""
        self.draw = draw
        self.ended: Callable[[Request], object] = self.done
        """As in `Query`."""

    def run(self, request: Request) -> None:
        """Compete for the pod's cores."""
        request.pod.cpu.submit(request.demands[self.draw], self.ended, request)

    def done(self, request: Request) -> None:
        """Go on, unless the request was cut short meanwhile."""
        if request.ended is not None:
            request.ended(request)
        else:
            then = self.next
            then(request)


class Hold(Step):
    """Let time pass, alone or waiting for something outside."""

    __slots__ = ("clock", "draw", "ended", "failure", "timeout_us")

    def __init__(self, clock: Clock, draw: int, name: str = "", timeout_us: int = 0) -> None:
        """Take the time from demand number `draw`; fail after `timeout_us` (0: never)."""
        self.clock = clock
        self.draw = draw
        self.timeout_us = timeout_us
        self.failure = call_timeout(name, timeout_us)
        self.ended: Callable[[Request], object] = self.done
        """As in `Query`."""

    def run(self, request: Request) -> None:
        """Wait."""
        time_us = request.demands[self.draw]
        clock = self.clock
        if 0 < self.timeout_us < time_us:
            heappush(clock.heap, (clock.t + self.timeout_us, 1, next(clock.tickets), self.expired, request))
        else:
            heappush(clock.heap, (clock.t + time_us, 1, next(clock.tickets), self.ended, request))

    def done(self, request: Request) -> None:
        """Go on, unless the request was cut short meanwhile."""
        if request.ended is not None:
            request.ended(request)
        else:
            then = self.next
            then(request)

    def expired(self, request: Request) -> None:
        """Fail, unless the request was cut short meanwhile."""
        if request.ended is not None:
            request.ended(request)
        else:
            self.fail(request, self.failure)


class Query(Step):
    """Run one statement on a borrowed connection: CPU first, then the time that uses none."""

    __slots__ = ("after", "clock", "commits", "cpu_draw", "database", "ended", "pool", "text", "time_draw")

    def __init__(self, database: Database, pool: int, text: str, draws: tuple[int, int]) -> None:
        """Run `text` over pool number `pool`; `draws` are the demands for time and CPU."""
        self.database = database
        self.clock = database.clock
        self.pool = pool
        self.text = text
        self.time_draw, self.cpu_draw = draws
        self.commits = True
        """Whether the transaction ends with it."""
        self.after = IDLE
        self.ended: Callable[[Request], object] = self.done
        """What is called at its end; kept because to make it anew takes time."""

    def run(self, request: Request) -> None:
        """Start the statement, over the pooler if there is one."""
        member = request.held(self.pool) if self.pool else request.member
        session = member.session
        if session is None:
            member.link(request, self.run, self.fail, block=not self.commits)
            return
        if session.closed is not None:
            self.fail(request, session.closed)
            return
        clock = self.clock
        session.since = now = clock.t
        if session.state == IDLE:
            session.xact_since = now
        session.state = ACTIVE
        session.statement = self
        session.user = request
        watch = session.watches[ACTIVE]
        if watch is not None:
            watch.add(session)
        database, demands = self.database, request.demands
        rest_us = demands[self.time_draw] + database.round_trip_us + member.extra_us
        cpu_us = demands[self.cpu_draw]
        if cpu_us:
            database.cpu.submit(cpu_us, self.ended, request, rest_us)
        else:
            heappush(clock.heap, (now + rest_us, 1, next(clock.tickets), self.ended, request))

    def done(self, request: Request) -> None:
        """Leave the session as the transaction needs it, and go on."""
        if request.ended is not None:
            request.ended(request)
            return
        member = request.held(self.pool) if self.pool else request.member
        session = member.session
        session.state = after = self.after
        session.since = self.clock.t
        watch = session.watches[after]
        if watch is not None:
            watch.add(session)
        if self.commits:
            member.committed()
        then = self.next
        then(request)


class Commit(Step):
    """End a transaction whose last step was not a statement."""

    __slots__ = ("database", "pool")

    def __init__(self, database: Database, pool: int) -> None:
        """Commit on the connection of pool number `pool`."""
        self.database = database
        self.pool = pool

    def run(self, request: Request) -> None:
        """Commit, or find the session gone."""
        member = request.held(self.pool)
        session = member.session
        if session is not None:
            if session.closed is not None:
                self.fail(request, session.closed)
                return
            if session.holds is not None:
                session.holds.end(committed=True)
            if session.state == IN_TRANSACTION:
                session.become(IDLE, self.database.clock.t)
            member.committed()
        elif member.failure is not None:
            self.fail(request, member.failure)
            return
        then = self.next
        then(request)


class Branch(Step):
    """Do a step only while a feature flag says so."""

    __slots__ = ("flag", "step", "wanted")

    def __init__(self, flag: str, step: Callable[[Request], object], *, wanted: bool) -> None:
        """Run `step` for requests that arrived while the flag was as `wanted`, otherwise go on."""
        self.flag = flag
        self.step = step
        self.wanted = wanted

    def run(self, request: Request) -> None:
        """Choose."""
        if request.flags[self.flag] is self.wanted:
            self.step(request)
        else:
            then = self.next
            then(request)
