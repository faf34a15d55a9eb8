"""A gateway that does more than pass requests through: it tries other pods, or lies some way from users and pods.

Separate from the plain gateway, whose requests are what pods get: here the user's request stays at the gateway and each
pod that is tried gets one of its own. Which answers are tried again follows nginx
(https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream): each pod at most once, tries and time
looked at before each further one, and nothing that is not idempotent once it may have arrived. A pod that was given up
on works on, so that a timeout tried again is the same work twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.gateway import Gateway
from drill.sim.kubernetes.phases import RUNNING, TERMINATING
from drill.sim.request import Request
from drill.sim.retries import Budget
from drill.sim.streams import spread
from drill.telemetry.outcomes import STATUS, Outcome

if TYPE_CHECKING:
    from drill.scenario.topology import UpstreamRetrySpec
    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.exchange import Exchange
    from drill.sim.network_hop import Hop
    from drill.sim.pod import Pod

_FIRST_NUMBER = 1 << 45
"""Numbers of tries are beyond those of users and their attempts."""
_CONDITIONS = {Outcome.POD_LOST: "error", Outcome.GATEWAY_TIMEOUT: "timeout"}


class Proxy(Gateway):
    """What users reach first."""

    plain = False

    def __init__(  # noqa: PLR0913 - who it stands between, and how
        self,
        clock: Clock,
        exchange: Exchange,
        routes: list[Deployment],
        *,
        idempotent: list[bool],
        retry: UpstreamRetrySpec | None,
        ways: tuple[Hop, list[Hop]] | None,
    ) -> None:
        """Let everybody in; `idempotent` and the second of `ways` are by position, like `routes`.

        `ways` lead from users to here and from here to pods; None for none.
        """
        super().__init__(exchange, routes)
        self.clock = clock
        self.exchange = exchange
        self.idempotent = idempotent
        self.retry = retry
        self.budget = None if retry is None or retry.budget is None else Budget(retry.budget)
        self.users = None if ways is None else ways[0]
        self.pods = None if ways is None else ways[1]
        self.tries = 0
        """Requests sent to pods since the start."""
        self.retried = 0
        """Those after the first for the same user's request."""
        self._open: dict[int, Passing] = {}

    def send(self, request: Request, uniform: float, index: int = -1) -> None:
        """Take a request from a user who may be some way off."""
        passing = self._open[request.number] = Passing(self, request, uniform, index)
        if self.users is None:
            passing.arrived(None)
        else:
            self.users.send(passing.arrived, None, passing.lost)

    def abandon(self, request: Request) -> None:
        """Close a request whose client has given up; the gateway learns of it when the end has travelled there."""
        passing = self._open.pop(request.number)
        self.exchange.reject(request, Outcome.CLIENT_TIMEOUT)
        if self.users is None:
            passing.leave(None)
        else:
            self.users.send(passing.leave, None, passing.leave)

    def router_of(self, request: Request) -> Deployment:
        """Return the deployment that a request goes to."""
        return self.routes[request.endpoint]

    def next_number(self) -> int:
        """Return a number for a try."""
        self.tries += 1
        return _FIRST_NUMBER + self.tries

    def may_retry(self, passing: Passing, outcome: Outcome) -> bool:
        """Return whether nginx would pass the request on after this outcome."""
        retry, now_us = self.retry, self.clock.t
        if retry is None or _CONDITIONS.get(outcome, f"http_{STATUS[outcome]}") not in retry.on:
            return False
        if 0 < retry.tries <= len(passing.tried) or 0 < retry.timeout <= now_us - passing.since:
            return False
        if passing.sent and not (retry.non_idempotent or self.idempotent[passing.request.endpoint]):
            return False
        return self.budget is None or self.budget.withdraw(now_us)

    def close(self, passing: Passing, outcome: Outcome) -> None:
        """Give the user the answer, which is there now, unless the user's client has gone."""
        request = passing.request
        if request.outcome is None:
            del self._open[request.number]
            self.exchange.reject(request, outcome)


class Passing:
    """One user's request at the gateway, with all pods it is tried at."""

    __slots__ = ("_gateway", "_index", "_left", "_try", "_uniform", "request", "sent", "since", "tried")

    def __init__(self, gateway: Proxy, request: Request, uniform: float, index: int) -> None:
        """Be on the way to the gateway."""
        self.request = request
        self.since = gateway.clock.t
        """When the first pod was tried."""
        self.tried: list[Pod] = []
        self.sent = False
        """Whether the last pod that was tried may have seen it."""
        self._gateway = gateway
        self._uniform = uniform
        self._index = index
        self._left = False
        self._try: Request | None = None

    def arrived(self, _: object) -> None:
        """Be let in or not."""
        gateway = self._gateway
        if self._left:
            return
        refusal = gateway.refusal(gateway.clock.t)
        if refusal is not None:
            self._finish(refusal)
            return
        if gateway.budget is not None:
            gateway.budget.deposit(gateway.clock.t)
        self.since = gateway.clock.t
        self._pass_on(Outcome.NO_READY_POD)

    def _pass_on(self, otherwise: Outcome) -> None:
        """Try a pod that was not tried yet; without one `otherwise` is the answer."""
        gateway, tried = self._gateway, self.tried
        router = gateway.router_of(self.request).router
        left = [position for position, pod in enumerate(router.pods) if pod not in tried] if tried else []
        if not router.pods or (tried and not left):
            self._finish(otherwise)
            return
        if left:
            pod = router.pick_index(left[int(spread(self._uniform, len(tried)) * len(left))])
            gateway.retried += 1
        else:
            pod = router.pick(self._uniform) if self._index < 0 else router.pick_index(self._index)
        tried.append(pod)
        self._send(pod)

    def _send(self, pod: Pod) -> None:
        gateway, request = self._gateway, self.request
        inner = self._try = Request(gateway.next_number(), gateway.clock.t, request.endpoint, request.demands)
        inner.leaks = request.leaks
        inner.caller = self
        inner.pod = request.pod = pod
        inner.flags = gateway.flags
        self.sent = False
        gateway.exchange.patience.start(inner)
        if gateway.pods is None:
            self._deliver(inner)
        else:
            gateway.pods[request.endpoint].send(self._deliver, inner, self._cut)

    def _deliver(self, inner: Request) -> None:
        """Let a pod have it, unless the gateway has given it up on the way or the pod is gone."""
        if inner.outcome is not None:
            return
        pod = inner.pod
        if pod.phase not in (RUNNING, TERMINATING):
            self._cut(inner)
            return
        self.sent = True
        pod.running[inner.number] = inner
        pod.service.programs[inner.endpoint](inner)

    def _cut(self, inner: Request) -> None:
        if inner.outcome is None:
            self._gateway.exchange.give_up(inner, Outcome.POD_LOST)

    def answered(self, inner: Request) -> None:
        """Take a pod's answer, or the lack of one: pass it back, or try another pod."""
        outcome, gateway = inner.outcome, self._gateway
        self.request.waited += inner.waited
        if self._left or outcome is None:
            return
        if outcome and gateway.may_retry(self, outcome):
            # From the clock and not from inside the pod that has just failed.
            gateway.clock.call_at(gateway.clock.t, self._again, outcome)
        else:
            self._finish(outcome)

    def _again(self, outcome: Outcome) -> None:
        if not self._left:
            self._pass_on(outcome)

    def _finish(self, outcome: Outcome) -> None:
        gateway = self._gateway
        if gateway.users is None:
            gateway.close(self, outcome)
        else:
            gateway.users.send(self._home, outcome, self.lost, back=True)

    def _home(self, outcome: Outcome) -> None:
        self._gateway.close(self, outcome)

    def lost(self, _: object) -> None:
        """End for the user without an answer, because TCP has given up."""
        self._gateway.close(self, Outcome.CONNECTION_LOST)

    def leave(self, _: object) -> None:
        """Give up the try under way, because the client is gone; its pod works on."""
        self._left = True
        inner = self._try
        if inner is not None and inner.outcome is None:
            self._gateway.exchange.give_up(inner, Outcome.CLIENT_TIMEOUT)
