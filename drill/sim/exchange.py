"""Requests in flight between users and pods: answers, the gateway's timeout, and the books kept on both.

Separate from the gateway, which decides where a request goes, because pods answer here without knowing who routes.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from drill.sim.clock import Clock
    from drill.sim.ledger import Ledger
    from drill.sim.request import Request


class Exchange:
    """Keeps each user's clock and gives each user exactly one answer."""

    def __init__(self, clock: Clock, ledger: Ledger, timeout_us: int) -> None:
        """Give up on a request after `timeout_us`; the pod does not notice."""
        self.clock = clock
        self.ledger = ledger
        self.timeout_us = timeout_us
        self._lane = _Lane(self, timeout_us)

    def set_timeout(self, timeout_us: int) -> None:
        """Use another timeout for requests that arrive from now on."""
        self.timeout_us = timeout_us
        self._lane = _Lane(self, timeout_us)

    def sent(self, request: Request) -> None:
        """Start the clock of a request that was given to a pod."""
        self._lane.add(request)

    def answer(self, request: Request, outcome: Outcome = Outcome.OK) -> None:
        """Answer the user, unless the gateway has given up already."""
        pod = request.pod
        if request.outcome is None:
            request.outcome = outcome
            pod.router.release(pod)
            self.ledger.finish(request, self.clock.t)
        if pod.draining is not None and not pod.running:
            pod.drained()

    def reject(self, request: Request, outcome: Outcome) -> None:
        """Answer a user whose request reached no pod."""
        request.outcome = outcome
        self.ledger.finish(request, self.clock.t)

    def expire(self, request: Request) -> None:
        """Give up on a pod: the user gets an error, the pod works on."""
        request.outcome = Outcome.GATEWAY_TIMEOUT
        request.pod.router.release(request.pod)
        self.ledger.finish(request, self.clock.t)


class _Lane:
    """Requests with one timeout, in the order of arrival, with one timer for the oldest."""

    __slots__ = ("_armed", "_exchange", "_queue", "_timeout_us")

    def __init__(self, exchange: Exchange, timeout_us: int) -> None:
        self._exchange = exchange
        self._timeout_us = timeout_us
        self._queue: deque[Request] = deque()
        self._armed = False

    def add(self, request: Request) -> None:
        self._queue.append(request)
        if not self._armed:
            self._armed = True
            self._exchange.clock.call_at(request.at + self._timeout_us, self._fire)

    def _fire(self, _: object) -> None:
        exchange, queue = self._exchange, self._queue
        limit = exchange.clock.t - self._timeout_us
        while queue and (queue[0].outcome is not None or queue[0].at <= limit):
            request = queue.popleft()
            if request.outcome is None:
                exchange.expire(request)
        self._armed = bool(queue)
        if queue:
            exchange.clock.call_at(queue[0].at + self._timeout_us, self._fire)
