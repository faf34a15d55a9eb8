"""Requests in flight between callers and pods: answers, the gateway's timeout, and the books kept on both.

Separate from the gateway, which decides where a request goes, because pods answer here without knowing who routes or
who asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.patience import Patience
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from drill.sim.clock import Clock
    from drill.sim.ledger import Ledger
    from drill.sim.request import Request


class Exchange:
    """Gives each caller exactly one answer to a request."""

    near = True
    """Whether answers take no time to get to users."""

    def __init__(self, clock: Clock, ledger: Ledger, timeout_us: int) -> None:
        """Give up on a user's request after `timeout_us`; the pod does not notice."""
        self.clock = clock
        self.ledger = ledger
        self.set_timeout(timeout_us)

    def set_timeout(self, timeout_us: int) -> None:
        """Use another timeout for requests that arrive from now on."""
        self.timeout_us = timeout_us
        self.patience = Patience(self.clock, timeout_us, self.expired)
        """Whoever sends a user's request to a pod starts the clock here, unless the gateway makes rounds."""

    def answer(self, request: Request, outcome: Outcome = Outcome.OK) -> None:
        """Answer whoever asked, unless somebody has given up already."""
        pod = request.pod
        if request.outcome is None:
            request.outcome = outcome
            pod.router.release(pod)
            if request.caller is None:
                self.ledger.finish(request, self.clock.t)
            else:
                request.caller.answered(request)
        if pod.draining is not None and not pod.running:
            pod.drained()

    def reject(self, request: Request, outcome: Outcome) -> None:
        """Answer a caller whose request reached no pod."""
        request.outcome = outcome
        self._close(request)

    def give_up(self, request: Request, outcome: Outcome) -> None:
        """Wait no longer for a request that has no answer; the pod works on."""
        request.outcome = outcome
        request.pod.router.release(request.pod)
        self._close(request)

    def _close(self, request: Request) -> None:
        if request.caller is None:
            self.ledger.finish(request, self.clock.t)
        else:
            request.caller.answered(request)

    def expired(self, request: Request) -> None:
        """Wait no longer for a request that had its time."""
        self.give_up(request, Outcome.GATEWAY_TIMEOUT)
