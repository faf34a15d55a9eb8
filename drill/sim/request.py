"""One user request on its way through a program.

Separate because it is the record every part of the hot path touches; it has no behaviour of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.failures import Failure
    from drill.sim.pod import Pod
    from drill.sim.queue import Queue
    from drill.telemetry.outcomes import Outcome


class Request:
    """A user request. Times are whole microseconds."""

    __slots__ = (
        "at",
        "demands",
        "done",
        "ended",
        "endpoint",
        "flags",
        "held",
        "leaks",
        "number",
        "outcome",
        "pod",
        "refuse",
        "resume",
        "since",
        "waited",
        "waiting",
    )

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

    def __init__(self, number: int, at: int, endpoint: int, demands: tuple[int, ...]) -> None:
        """Arrive.

        Args:
            number: Position in the order of arrival.
            at: Time of arrival.
            endpoint: Index of the endpoint in the gateway's routes.
            demands: Times drawn for the steps of its program, shared by all lanes of a seed.
        """
        self.number = number
        self.at = at
        self.endpoint = endpoint
        self.demands = demands
        self.outcome: Outcome | None = None
        """How it ended for the user; None while the user waits."""
        self.ended: Callable[[Request], object] | None = None
        """Set when its program was cut short; called in place of what was still to come."""
        self.held: dict[int, Any] = {}
        """Borrowed members by the index of their pool."""
        self.done: int | None = None
        """When the user had an answer; None until then."""
        self.waited = 0
        self.waiting: Queue | None = None
        self.leaks = False
        """Whether its first borrow is never returned (trace workloads)."""
