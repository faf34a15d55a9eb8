"""The way of an ordinary request, in as few calls as it can do with.

Separate because it is the one place where the same is said twice, for speed: a request passes here thousands of times a
second, and most of what a step costs is to look things up that the step before it had in its hands. Whatever is out of
the ordinary is left to the rooms whose work is done here in short: the gateway, the steps of a program, the exchange. A
test runs scenarios with and without these ways and finds the same digest.
"""

from __future__ import annotations

from heapq import heappush
from math import floor
from typing import TYPE_CHECKING, Any

from drill.sim.borrowing import Borrow, Return
from drill.sim.clock import NEVER
from drill.sim.program import Commit, Query, Step
from drill.sim.request import Request
from drill.sim.sessions import ACTIVE, IDLE
from drill.sim.workload import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from drill.scenario.topology import Guarded
    from drill.sim.visits import Visits
    from drill.sim.workload import Row

Made = list[tuple["Guarded", Step]]
"""Steps in order, each with what the file says when it is done."""


def come(visits: Visits, arrivals: Iterator[Row]) -> Generator[None, None, None]:
    """Let one user in at each step, and set the clock to the next one.

    A generator, which keeps at hand what every user needs. It lets go of a row before it asks for the next, so that
    there is only one.
    """
    clock, gateway, new = visits.clock, visits.gateway, Request.__new__
    routers = [deployment.router for deployment in gateway.routes]
    for at, number, endpoint, uniform, demands, traced in arrivals:
        clock.due = at
        yield
        router = routers[endpoint]
        if traced is not None or not gateway.open or not router.pods:
            visits.arrive(Arrival(at, number, endpoint, uniform, demands, traced))
            continue
        request = new(Request)
        request.number = number
        request.at = at
        request.endpoint = endpoint
        request.demands = demands
        request.leaks = False
        request.member = request.others = request.branches = request.branch_of = request.caller = request.outcome = None
        request.ended = request.done = request.waiting = None
        request.waited = 0
        request.flags = gateway.flags
        even = router.even
        if even:
            request.pod = pod = router.pods[floor(uniform * even)]
            pod.outstanding += 1
        else:
            request.pod = pod = router.pick(uniform)
        pod.running[number] = request
        pod.service.programs[endpoint](request)
    clock.due = NEVER
    yield


def shorten(made: Made) -> Made:
    """Return a program in which one step does two where it can: borrow and query, query and query, commit or return.

    The second step stays in the program, for all cases that the first does not do in short.
    """
    found = list(made)
    for place in reversed(range(len(made) - 1)):
        (spec, step), (guard, following) = found[place : place + 2]
        both = None if guard.when or guard.unless else _both(step, following)
        if both is not None:
            found[place] = (spec, both)
    return found


def _both(step: Any, following: Any) -> Step | None:  # noqa: ANN401 - steps of the kinds in the table
    """Return a step that does both, None if there is none; connections are those of the first pool."""
    kind = _BOTH.get((type(step), type(following)))
    if kind is None or step.pool or following.pool or (kind is QueryAndReturn and not step.commits):
        return None
    return kind(step, following)


class BorrowAndQuery(Borrow):
    """Take a connection and run the first statement on it.

    In one call for the ordinary cases: a connection that is idle, leads to the server itself and whose states nobody
    watches; or a place in the line of a pool that has lent all it may open.
    """

    __slots__ = ("query",)

    def __init__(self, borrow: Borrow, query: Query) -> None:
        """Stand for both."""
        super().__init__(borrow.pool)
        self.query = query

    def run(self, request: Request) -> None:
        """Take an idle connection and start the statement."""
        pool = request.pod.pools[0]
        queue = pool.queue
        if not pool.idle or queue.waiting:
            request.resume = self.lent
            request.refuse = self.fail
            line = queue.line
            if line and pool.queues and pool.in_use >= pool.size:  # its timer is set
                request.since = pool.clock.t
                request.waiting = queue
                queue.waiting += 1
                line.append(request)
            else:
                pool.claim(request)
            return
        pool.in_use += 1
        pool.waits.at_once += 1  # type: ignore[union-attr]  # application pools have a timer of their waits
        self.granted(request, pool.idle.pop())

    def granted(self, request: Request, member: Any) -> None:  # noqa: ANN401 - the pool's source knows the type
        """Start the statement on a member, idle a moment ago or waited for."""
        request.member = member
        query = self.query
        if not member.straight:
            query.run(request)
            return
        clock = query.clock
        member.since = now = clock.t
        if member.state == IDLE:
            member.xact_since = now
        member.state = ACTIVE
        member.statement = query
        member.user = request
        database, demands = query.database, request.demands
        rest_us = demands[query.time_draw] + database.round_trip_us
        cpu_us = demands[query.cpu_draw]
        if cpu_us:
            database.cpu.submit(cpu_us, query.ended, request, rest_us)
        else:
            heappush(clock.heap, (now + rest_us, 1, next(clock.tickets), query.ended, request))


class _QueryAnd(Query):
    """A statement whose end does the work of the following step, too."""

    __slots__ = ("following",)

    def __init__(self, query: Query, following: Step) -> None:
        """Stand for both."""
        super().__init__(query.database, query.pool, query.text, (query.time_draw, query.cpu_draw))
        self.commits, self.after = query.commits, query.after
        self.following = following


class QueryAndQuery(_QueryAnd):
    """Run a statement and start the next one on the same connection.

    In one call for the ordinary case: a connection that leads to the server itself, and whose states nobody watches.
    """

    __slots__ = ()

    following: Query

    def done(self, request: Request) -> None:
        """Leave the session as the transaction needs it for no time at all, and start the next statement."""
        session = request.member if request.ended is None else None
        if session is None or not session.straight:
            super().done(request)
            return
        clock, query = self.clock, self.following
        session.since = now = clock.t
        if self.commits:
            session.tally.commits += 1
            session.xact_since = now
        session.statement = query
        database, demands = query.database, request.demands
        rest_us = demands[query.time_draw] + database.round_trip_us
        cpu_us = demands[query.cpu_draw]
        if cpu_us:
            database.cpu.submit(cpu_us, query.ended, request, rest_us)
        else:
            heappush(clock.heap, (now + rest_us, 1, next(clock.tickets), query.ended, request))


class QueryAndReturn(_QueryAnd):
    """Run the last statement of a transaction and give its connection back.

    In one call for the ordinary case: a connection that leads to the server itself, and whose states nobody watches.
    """

    __slots__ = ()

    def done(self, request: Request) -> None:
        """Commit, return the connection and go on."""
        session = request.member if request.ended is None and not request.leaks else None
        if session is None or not session.straight:
            super().done(request)
            return
        session.state = IDLE
        session.since = self.clock.t
        session.tally.commits += 1
        request.member = None
        pool = request.pod.pools[0]
        if pool.plain and not pool.queue.waiting:
            pool.in_use -= 1
            pool.idle.append(session)
        else:
            pool.give_back(session)
        then = self.following.next
        then(request)


class QueryAndCommit(_QueryAnd):
    """Run the last statement of a transaction block and commit.

    In one call for the ordinary case: a connection that leads to the server itself, and whose states nobody watches.
    """

    __slots__ = ()

    def done(self, request: Request) -> None:
        """Commit and go on."""
        session = request.member if request.ended is None else None
        if session is None or not session.straight:
            super().done(request)
            return
        if session.holds is not None:
            session.holds.end(committed=True)
        session.state = IDLE
        session.since = self.clock.t
        session.tally.commits += 1
        then = self.following.next
        then(request)


_BOTH: dict[tuple[type[Step], type[Step]], Callable[[Any, Any], Step]] = {
    (Query, Return): QueryAndReturn,
    (Query, Commit): QueryAndCommit,
    **{
        (first, query): both
        for query in (Query, QueryAndQuery, QueryAndCommit, QueryAndReturn)  # they differ only in how they end
        for first, both in ((Borrow, BorrowAndQuery), (Query, QueryAndQuery))
    },
}
"""Which step does the work of two."""
