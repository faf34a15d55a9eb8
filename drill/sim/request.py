"""One attempt at a request on its way through a program.

Separate because it is the record every part of the hot path touches; it has no behaviour but to stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.failures import Failure
    from drill.sim.forking import Forked
    from drill.sim.pod import Pod
    from drill.sim.queue import Queue
    from drill.telemetry.outcomes import Outcome


class Caller(Protocol):
    """Who waits for the answer to a request."""

    def answered(self, request: Request) -> None:
        """Take the outcome of the request, which is set; whatever comes after it is for nobody."""


class Request:
    """A request as a pod sees it. Times are whole microseconds."""

    __slots__ = (
        "at",
        "branch_of",
        "branches",
        "caller",
        "demands",
        "done",
        "ended",
        "endpoint",
        "flags",
        "leaks",
        "member",
        "number",
        "others",
        "outcome",
        "pod",
        "refuse",
        "resume",
        "since",
        "waited",
        "waiting",
    )

    attempts = 1
    """A user who tries again is a `visits.Visit`."""
    patient = False
    """See `members.Claimant`."""
    pod: Pod
    """Where it is served; unset until routed."""
    flags: dict[str, bool]
    """Feature flags as they were when it arrived; unset until routed."""
    resume: Callable[[Any, Any], object]
    """See `members.Claimant`."""
    refuse: Callable[[Any, Failure], object]
    """See `members.Claimant`."""
    since: int
    """See `members.Claimant`."""

    def __init__(self, number: int, at: int, endpoint: int, demands: tuple[Any, ...], leaks: bool = False) -> None:  # noqa: FBT001, FBT002 - by position, which is faster
        """Arrive.

        Args:
            number: Position in the order of arrival, or a number of its own for what is no user's first attempt.
            at: Time of arrival.
            endpoint: Index of the endpoint in the gateway's routes.
            demands: Times drawn for the steps of its program, shared by all lanes of a seed.
            leaks: Whether its first borrow is never returned (trace workloads).
        """
        self.number = number
        self.at = at
        self.endpoint = endpoint
        self.demands = demands
        self.branches: Forked | None = None
        """Its parts that run side by side, as long as there are any."""
        self.branch_of: Forked | None = None
        """Set for such a part, which nobody waits for but the rest of its request."""
        self.caller: Caller | None = None
        """Who waits for the answer; None for a user who tries only once."""
        self.outcome: Outcome | None = None
        """How it ended for whoever waits; None while somebody waits."""
        self.ended: Callable[[Request], object] | None = None
        """Set when its program was cut short; called in place of what was still to come."""
        self.member: Any = None
        """What it has borrowed from the first pool of its pod; None for nothing."""
        self.others: dict[int, Any] | None = None
        """What it has borrowed from the others, by their position; few programs need a second pool."""
        self.done: int | None = None
        """When the user had an answer; None until then."""
        self.waited = 0
        self.waiting: Queue | None = None
        self.leaks = leaks

    def held(self, pool: int) -> Any:  # noqa: ANN401 - the pool's source knows the type
        """Return the member that was borrowed from a pool, None if there is none."""
        if not pool:
            return self.member
        return None if self.others is None else self.others.get(pool)

    def hold(self, pool: int, member: Any) -> None:  # noqa: ANN401 - as above
        """Note the member that was borrowed from a pool; None for none."""
        if not pool:
            self.member = member
        elif self.others is None:
            self.others = {pool: member}
        else:
            self.others[pool] = member

    def let_go(self) -> list[tuple[int, Any]]:
        """Hold nothing from now on; return what was held, with the positions of the pools."""
        held = [(0, self.member), *(() if self.others is None else self.others.items())]
        self.member = self.others = None
        return [(pool, member) for pool, member in held if member is not None]


def cut_short(request: Request) -> None:
    """Stop a request's program where it is, as the end of its process does."""
    if request.waiting is not None:
        request.waiting.leave(request)
    request.ended = nothing
    request.pod.cpu.cancel(request)
    if request.branches is not None:
        for branch in request.branches.open.values():
            cut_short(branch)


def nothing(_: object) -> None:
    """Ignore what was still to come for a request that is over."""
