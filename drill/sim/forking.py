"""Parts of a program that run side by side: as many as are allowed at once, and all must end before it goes on.

Separate because a branch is a request of its own inside a request: it borrows and returns by itself and waits in every
queue by itself. When one fails the request fails at once; branches under way go on and nobody waits for them, as with
`Promise.all` and `asyncio.gather`, and branches that have not begun never do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.program import Step
from drill.sim.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.service import Service
    from drill.telemetry.outcomes import Outcome


class Fork(Step):
    """Run branches side by side."""

    __slots__ = ("branches", "limit", "service")

    def __init__(self, service: Service, limit: int) -> None:
        """Run at most `limit` branches at once; 0 for all."""
        self.service = service
        self.limit = limit
        self.branches: list[Callable[[Request], object]] = []
        """First step of each."""

    def run(self, request: Request) -> None:
        """Begin as many as are allowed."""
        request.branches = Forked(self, request)
        request.branches.more()


class Forked:
    """The branches of one request."""

    __slots__ = ("_begun", "_fork", "_waited_us", "open", "parent")

    def __init__(self, fork: Fork, parent: Request) -> None:
        """Have begun none."""
        self._fork = fork
        self.parent = parent
        """The request they are parts of."""
        self._begun = 0
        self._waited_us = 0
        self.open: dict[int, Request] = {}
        """Branches under way, by position."""

    def more(self) -> None:
        """Begin further branches as far as allowed."""
        fork, parent = self._fork, self.parent
        while parent.ended is None and self._begun < len(fork.branches):
            if fork.limit and len(self.open) >= fork.limit:
                return
            position = self._begun
            self._begun += 1
            branch = self.open[position] = Request(position, parent.at, parent.endpoint, parent.demands)
            branch.pod = parent.pod
            branch.flags = parent.flags
            branch.branch_of = self
            fork.branches[position](branch)

    def done(self, branch: Request) -> None:
        """End a branch; go on with the request after the last one."""
        del self.open[branch.number]
        self._waited_us = max(self._waited_us, branch.waited)
        parent = self.parent
        if parent.ended is not None:
            self._left()
        elif self._begun < len(self._fork.branches):
            self.more()
        elif not self.open:
            parent.branches = None
            parent.waited += self._waited_us
            self._fork.next(parent)

    def failed(self, branch: Request, outcome: Outcome) -> None:
        """End a branch that failed, and the request unless it is over already."""
        del self.open[branch.number]
        parent = self.parent
        if parent.ended is None:
            self._fork.service.end(parent, outcome)
        else:
            self._left()

    def _left(self) -> None:
        """Let go of a request that was answered, once nothing of it runs any more."""
        parent = self.parent
        if self.open:
            return
        pod = parent.pod
        pod.running.pop(parent.number, None)
        if pod.draining is not None and not pod.running:
            pod.drained()
