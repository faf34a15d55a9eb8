"""The gateway: lets requests in, or not, and sends each to a pod.

Separate from the exchange, which answers them: here stand the limits and the choice of a pod.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from drill.sim.patience import Rounds
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.deployment import Deployment
    from drill.sim.exchange import Exchange
    from drill.sim.request import Request

_BURST_US = US_PER_S // 10
"""How far requests may run ahead of a rate limit: a tenth of a second's worth."""
_ROUNDS_US = US_PER_S
"""Shortest timeout for which there are rounds; more of them cost more than they save."""


class Gateway:
    """What users reach first."""

    plain = True
    """Whether a request of a user who tries once may be the request its pod gets."""

    def __init__(self, exchange: Exchange, routes: list[Deployment]) -> None:
        """Let everybody in; `routes` gives the deployment of each endpoint by position."""
        self.exchange = exchange
        self.routes = routes
        self.rate_limit_per_s = 0.0
        """Most requests a second; 0 for no limit. Set by `limit`, as are both shares."""
        self.shed_share = 0.0
        """Share of requests refused at once."""
        self.throttled_share = 0.0
        """Share of the other requests refused by the throttler."""
        self.limited = False
        """Whether there is any limit."""
        self.open = False
        """Whether a user's request may go to its pod without a word to anybody.

        There are no limits, there are rounds, and users ask once and wait.
        """
        self._visited = False
        self._rounds: Rounds | None = None
        self.flags: dict[str, bool] = {}
        """Feature flags as requests that arrive now see them; replaced as a whole, never changed in place."""
        self._shed_due = 0.0
        self._throttle_due = 0.0
        self._admitted_until = 0.0
        self._begin_rounds()

    def set_timeout(self, timeout_us: int) -> None:
        """Use another timeout for requests that arrive from now on."""
        self.exchange.set_timeout(timeout_us)
        self._begin_rounds()

    def _begin_rounds(self) -> None:
        exchange = self.exchange
        if self._rounds is not None:
            self._rounds.end()
        self._rounds = None
        if self.plain and exchange.timeout_us >= _ROUNDS_US:
            self._rounds = Rounds(exchange.clock, exchange.timeout_us, self._running, exchange.expired)
        self._heed()

    def set_visited(self, *, visited: bool) -> None:
        """Know whether users need visits."""
        self._visited = visited
        self._heed()

    def _heed(self) -> None:
        self.open = self._rounds is not None and not self.limited and not self._visited

    def _running(self) -> Iterator[Request]:
        """Return the requests that run in pods to which users are sent."""
        deployments = dict.fromkeys(self.routes)
        return chain.from_iterable(pod.running.values() for deployment in deployments for pod in deployment.pods)

    def limit(
        self, *, rate_per_s: float | None = None, shed_share: float | None = None, throttled_share: float | None = None
    ) -> None:
        """Change those limits that are given; 0 for none."""
        if rate_per_s is not None:
            self.rate_limit_per_s = rate_per_s
        if shed_share is not None:
            self.shed_share = shed_share
        if throttled_share is not None:
            self.throttled_share = throttled_share
        self.limited = bool(self.rate_limit_per_s or self.shed_share or self.throttled_share)
        self._heed()

    def send(self, request: Request, uniform: float, index: int = -1) -> None:
        """Refuse a request or give it to a ready pod: by its random number, or that at a position from 0."""
        exchange = self.exchange
        if self.limited:
            refusal = self.refusal(request.at)
            if refusal is not None:
                exchange.reject(request, refusal)
                return
        router = self.routes[request.endpoint].router
        if not router.pods:
            exchange.reject(request, Outcome.NO_READY_POD)
            return
        pod = router.pick(uniform) if index < 0 else router.pick_index(index)
        request.pod = pod
        request.flags = self.flags
        pod.running[request.number] = request
        exchange.patience.start(request)
        pod.service.programs[request.endpoint](request)

    def abandon(self, request: Request) -> None:
        """Wait no longer for a request whose client has given up; its pod works on."""
        self.exchange.give_up(request, Outcome.CLIENT_TIMEOUT)

    def refusal(self, now_us: int) -> Outcome | None:
        """Apply shedding, the throttler, then the rate limit; return why a request may not pass, None if it may."""
        self._shed_due += self.shed_share
        if self._shed_due >= 1.0:
            self._shed_due -= 1.0
            return Outcome.SHED
        self._throttle_due += self.throttled_share
        if self._throttle_due >= 1.0:
            self._throttle_due -= 1.0
            return Outcome.THROTTLED
        if not self.rate_limit_per_s:
            return None
        if self._admitted_until - now_us > _BURST_US:
            return Outcome.RATE_LIMITED
        self._admitted_until = max(self._admitted_until, float(now_us)) + US_PER_S / self.rate_limit_per_s
        return None
