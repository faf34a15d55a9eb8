"""Steps that do in one call what two do one after the other, for the ordinary request.

Separate because it is the one place where the same is said twice, for speed: a request passes here thousands of times a
second, and most of what a step costs is to look things up that the step before it had in its hands. Whatever is out of
the ordinary is left to the steps themselves, which stay in the program. A test runs scenarios with and without them and
finds the same digest.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from drill.sim.borrowing import Return
from drill.sim.program import Query, Step
from drill.sim.sessions import IDLE

if TYPE_CHECKING:
    from drill.scenario.topology import Guarded
    from drill.sim.request import Request

Made = list[tuple["Guarded", Step]]
"""Steps in order, each with what the file says when it is done."""


def shorten(made: Made) -> Made:
    """Return a program in which the last statement of a transaction also gives the connection back."""
    found = list(made)
    for place, ((spec, step), (guard, following)) in enumerate(pairwise(made)):
        if type(step) is not Query or type(following) is not Return or guard.when or guard.unless:
            continue
        if step.pool == following.pool and step.commits:
            found[place] = (spec, QueryAndReturn(step, following))
    return found


class QueryAndReturn(Query):
    """Run the last statement of a transaction and give its connection back.

    In one call for the ordinary case: a connection that leads to the server itself.
    """

    __slots__ = ("returning",)

    def __init__(self, query: Query, returning: Return) -> None:
        """Stand for both; `returning` comes next in the program, too, for all other cases."""
        super().__init__(query.database, query.pool, query.text, (query.time_draw, query.cpu_draw))
        self.returning = returning

    def done(self, request: Request) -> None:
        """Commit, return the connection and go on."""
        held = request.held
        if request.ended is not None or request.leaks:
            super().done(request)
            return
        session, pool = held[self.pool], request.pod.pools[self.pool]
        if session.session is not session:
            super().done(request)
            return
        session.state = IDLE
        session.since = self.clock.t
        watch = session.watches[IDLE]
        if watch is not None:
            watch.add(session)
        session.tally.commits += 1
        del held[self.pool]
        if pool.plain and not pool.queue.waiting and not pool.closed:
            pool.in_use -= 1
            pool.idle.append(session)
        else:
            pool.give_back(session)
        then = self.returning.next
        then(request)
