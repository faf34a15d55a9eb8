"""The gateway: lets users in, or not, and sends each to a pod.

Separate from the exchange, which answers them: here stand the limits and the choice of a pod.
"""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from drill.sim.request import Request
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.exchange import Exchange
    from drill.sim.workload import Arrival

_BURST_US = US_PER_S // 10
"""How far requests may run ahead of a rate limit: a tenth of a second's worth."""


class Gateway:
    """What users reach first."""

    def __init__(
        self, clock: Clock, exchange: Exchange, arrivals: Iterator[Arrival], routes: list[Deployment], until_us: int
    ) -> None:
        """Let users in who arrive before `until_us`; `routes` gives the deployment of each endpoint by position."""
        self._clock = clock
        self._exchange = exchange
        self._arrivals = arrivals
        self._routes = routes
        self._until_us = until_us
        self._number = 0
        self.rate_limit_per_s = 0.0
        """Most requests a second; 0 for no limit."""
        self.shed_share = 0.0
        """Share of requests refused at once."""
        self.flags: dict[str, bool] = {}
        """Feature flags as requests that arrive now see them; replaced as a whole, never changed in place."""
        self._shed_due = 0.0
        self._admitted_until = 0.0
        self._schedule()

    def _schedule(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is not None and arrival.at < self._until_us:
            clock = self._clock
            heappush(clock.heap, (arrival.at, 1, clock.ticket(), self._arrive, arrival))

    def _arrive(self, arrival: Arrival) -> None:
        at, endpoint, uniform, demands, index, leaks = arrival
        self._schedule()
        exchange = self._exchange
        exchange.ledger.offered[at // US_PER_S] += 1
        request = Request(self._number, at, endpoint, demands)
        self._number += 1
        if (self.rate_limit_per_s or self.shed_share) and not self._admit(request):
            return
        router = self._routes[endpoint].router
        if not router.pods:
            exchange.reject(request, Outcome.NO_READY_POD)
            return
        pod = router.pick(uniform) if index < 0 else router.pick_index(index)
        request.pod = pod
        request.leaks = leaks
        request.flags = self.flags
        pod.running[request.number] = request
        exchange.sent(request)
        pod.service.programs[endpoint](request)

    def _admit(self, request: Request) -> bool:
        """Apply shedding, then the rate limit; return whether the request may pass."""
        self._shed_due += self.shed_share
        if self._shed_due >= 1.0:
            self._shed_due -= 1.0
            self._exchange.reject(request, Outcome.SHED)
            return False
        if not self.rate_limit_per_s:
            return True
        if self._admitted_until - request.at > _BURST_US:
            self._exchange.reject(request, Outcome.RATE_LIMITED)
            return False
        self._admitted_until = max(self._admitted_until, float(request.at)) + US_PER_S / self.rate_limit_per_s
        return True
