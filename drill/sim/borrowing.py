"""The steps of a program that take a member of a pool and give it back, or do not.

Separate from what is done with the member in between. Part of the hot path like all steps: a pool without special
policies lends an idle member, and takes it back while nobody waits, without a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.failures import APPLICATION_ERROR
from drill.sim.program import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.request import Request


class Borrow(Step):
    """Take a member of one of the pod's pools."""

    __slots__ = ("lent", "pool")

    def __init__(self, pool: int) -> None:
        """Borrow from the pod's pool number `pool`."""
        self.pool = pool
        self.lent: Callable[[Request, Any], object] = self.granted
        """As `ended` in `Query`."""

    def run(self, request: Request) -> None:
        """Take an idle member at once, or claim one."""
        pool = request.pod.pools[self.pool]
        if pool.idle and not pool.queue.waiting:
            pool.in_use += 1
            pool.waits.at_once += 1  # type: ignore[union-attr]  # application pools have a timer of their waits
            request.hold(self.pool, pool.idle.pop())
            then = self.next
            then(request)
            return
        request.resume = self.lent
        request.refuse = self.fail
        pool.claim(request)

    def granted(self, request: Request, member: Any) -> None:  # noqa: ANN401 - the pool's source knows the type
        """Go on with the member."""
        if self.pool:
            request.hold(self.pool, member)
        else:
            request.member = member
        then = self.next
        then(request)


class Checkout(Borrow):
    """Take a member of a pool that tries its members first."""

    __slots__ = ()

    def run(self, request: Request) -> None:
        """Claim one."""
        request.resume = self.lent
        request.refuse = self.fail
        request.pod.pools[self.pool].claim(request)


class Return(Step):
    """Give a member back."""

    __slots__ = ("pool",)

    def __init__(self, pool: int) -> None:
        """Return to the pod's pool number `pool`."""
        self.pool = pool

    def run(self, request: Request) -> None:
        """Return it, or lose it if this request leaks."""
        if request.leaks:
            self.lose(request)
            return
        pool, member = request.pod.pools[self.pool], request.held(self.pool)
        request.hold(self.pool, None)
        if pool.plain and not pool.queue.waiting:
            pool.in_use -= 1
            pool.idle.append(member)
        else:
            pool.give_back(member)
        then = self.next
        then(request)

    def lose(self, request: Request) -> None:
        """Fail in an open transaction, on an error path that returns nothing."""
        request.held(self.pool).pin(request, self.lost, self.fail)

    def lost(self, request: Request) -> None:
        """End the request without the member."""
        request.hold(self.pool, None)
        self.fail(request, APPLICATION_ERROR)


class LeakyReturn(Return):
    """Give a member back, but for a share of the requests."""

    __slots__ = ("draw", "limit")

    def __init__(self, pool: int, draw: int, limit: int) -> None:
        """Lose the member of requests whose demand number `draw` is below a limit."""
        super().__init__(pool)
        self.draw = draw
        self.limit = limit

    def run(self, request: Request) -> None:
        """Return it, or lose it."""
        if request.demands[self.draw] < self.limit:
            self.lose(request)
        else:
            super().run(request)
