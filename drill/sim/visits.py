"""Users whose client software gives up or tries again: one wish, several attempts.

Separate from those who ask once and wait, who need none of this: for them a request is the wish. A pod that an attempt
was given up on works on, and the next attempt comes on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.patience import Patience
from drill.sim.request import Request
from drill.sim.retries import Retries
from drill.sim.streams import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.callers import RetrySpec
    from drill.sim.clock import Clock
    from drill.sim.exchange import Exchange
    from drill.sim.gateway import Gateway
    from drill.sim.pod import Pod
    from drill.sim.workload import Arrival, Traced
    from drill.telemetry.outcomes import Outcome

_FIRST_NUMBER = 1 << 40
"""Numbers of attempts are beyond those of users."""


class Visit:
    """What a user wants, until there is a good answer or the user's client has tried often enough."""

    __slots__ = (
        "_waited_us",
        "_wish",
        "at",
        "attempts",
        "done",
        "number",
        "outcome",
        "request",
        "then",
        "visits",
        "wait_us",
    )

    def __init__(self, visits: Visits, wish: Arrival, then: Callable[[Visit], object] | None) -> None:
        """Arrive; `then` is called at the end, None for nobody."""
        self.visits = visits
        self.number = wish.number
        self.at = wish.at
        self.attempts = 0
        self.outcome: Outcome | None = None
        self.done: int | None = None
        self.request: Request | None = None
        """The latest attempt."""
        self.then = then
        self.wait_us = 0
        """Wait before the latest attempt."""
        self._wish = wish
        self._waited_us = 0

    @property
    def endpoint(self) -> int:
        """Position of the endpoint in the routes."""
        return self._wish.endpoint

    @property
    def waited(self) -> int:
        """Time waited for pools, of checkouts that were granted before the attempt ended for the user."""
        return self._waited_us

    @property
    def pod(self) -> Pod | None:
        """Where the latest attempt went; None when it reached none."""
        return getattr(self.request, "pod", None)

    def attempt(self, _: object = None) -> None:
        """Ask, for the first time or again."""
        visits, wish = self.visits, self._wish
        request = self.request = Request(visits.next_number(), visits.clock.t, wish.endpoint, wish.demands)
        request.caller = self
        uniform = spread(wish.uniform, self.attempts)
        self.attempts += 1
        visits.send(request, uniform, wish.traced)
        if request.outcome is None and visits.patience is not None:
            visits.patience.start(request)

    def answered(self, request: Request) -> None:
        """Take an answer: be content, try again, or go."""
        self._waited_us += request.waited
        self.visits.answered(self, request)


class Visits:
    """Every visit, and the policy that all clients have in common."""

    def __init__(self, clock: Clock, exchange: Exchange, gateway: Gateway, uniform: Callable[[], float]) -> None:
        """Wait for ever and try once; `uniform` gives numbers that spread retries."""
        self.clock = clock
        self.gateway = gateway
        self._exchange = exchange
        self._uniform = uniform
        self.attempts = 0
        """Attempts of all visits, since the start."""
        self.timeout_us = 0
        """When clients give up on an attempt; 0 for never."""
        self.patience: Patience | None = None
        self.retries: Retries | None = None
        self.plain = gateway.plain
        """Whether clients wait for ever and try once, and get to pods directly, so that nobody needs a visit."""
        self._heed()
        self.retried = 0
        """Attempts after the first, since the start."""
        self.open: dict[int, Visit] = {}
        """Visits without an end, by number."""

    def set_timeout(self, timeout_us: int) -> None:
        """Use another timeout for attempts from now on; 0 for none."""
        self.timeout_us = timeout_us
        self.patience = Patience(self.clock, timeout_us, self._expired) if timeout_us else None
        self._heed()

    def set_retries(self, spec: RetrySpec | None) -> None:
        """Use another policy from now on, also for those who have failed attempts behind them; None for none."""
        self.retries = None if spec is None or spec.attempts == 1 else Retries(spec, self._uniform)
        self._heed()

    def _heed(self) -> None:
        self.plain = self.gateway.plain and self.patience is None and self.retries is None
        self.gateway.set_visited(visited=not self.plain)

    def next_number(self) -> int:
        """Return a number for an attempt."""
        self.attempts += 1
        return _FIRST_NUMBER + self.attempts

    def arrive(self, wish: Arrival) -> None:
        """Let a user of an open loop ask for something, who needs a visit or not."""
        if self.plain:
            self.send(Request(wish.number, wish.at, wish.endpoint, wish.demands), wish.uniform, wish.traced)
        else:
            self.enter(wish)

    def send(self, request: Request, uniform: float, traced: Traced | None) -> None:
        """Send a request by a user's random number, or as a trace says."""
        if traced is None:
            self.gateway.send(request, uniform)
        else:
            request.leaks = traced.leaks
            self.gateway.send(request, uniform, traced.pod)

    def enter(self, wish: Arrival, then: Callable[[Visit], object] | None = None) -> None:
        """Let a user ask for something, who may ask again."""
        visit = self.open[wish.number] = Visit(self, wish, then)
        if self.retries is not None:
            self.retries.began(self.clock.t)
        visit.attempt()

    def answered(self, visit: Visit, request: Request) -> None:
        """Let a visit go on or end after an attempt that has an outcome."""
        outcome, now_us = request.outcome, self.clock.t
        if outcome and self.retries is not None:
            wait_us = self.retries.wait_us(outcome, visit.attempts, visit.wait_us, now_us)
            if wait_us is not None:
                visit.wait_us = wait_us
                self.retried += 1
                self._exchange.ledger.retried(outcome)
                self.clock.call_at(now_us + wait_us, visit.attempt)
                return
        del self.open[visit.number]
        visit.outcome = outcome
        ledger = self._exchange.ledger
        ledger.more_attempts += visit.attempts - 1
        ledger.finish(visit, now_us)
        if visit.then is not None:
            visit.then(visit)

    def _expired(self, request: Request) -> None:
        self.gateway.abandon(request)
