"""Answers and calls that travel: from pods back to whoever asked, and between deployments.

Separate from the exchange and the switchboard, which hand over at once: with a network an answer counts when it has
arrived, so that whoever waits may have given up by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.scenario.network import GATEWAY, OUTSIDE
from drill.sim.calling import Ongoing
from drill.sim.exchange import Exchange
from drill.sim.kubernetes.phases import RUNNING, TERMINATING
from drill.sim.switchboard import Switchboard
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.ledger import Ledger
    from drill.sim.network import Network
    from drill.sim.network_hop import Hop
    from drill.sim.pod import Pod
    from drill.sim.request import Request

Answer = tuple["Request", Outcome]


class DistantExchange(Exchange):
    """Gives each caller exactly one answer to a request, when it has got there."""

    near = False

    def __init__(
        self, clock: Clock, ledger: Ledger, timeout_us: int, network: Network, owner: Callable[[Pod], str]
    ) -> None:
        """Give up on a user's request after `timeout_us`; `owner` gives the name of a pod's deployment."""
        super().__init__(clock, ledger, timeout_us)
        self._network = network
        self._owner = owner

    def answer(self, request: Request, outcome: Outcome = Outcome.OK) -> None:
        """Send an answer to whoever asked, unless somebody has given up already."""
        pod = request.pod
        if request.outcome is None:
            self.way(request).send(self._arrived, (request, outcome), self._never, back=True)
        if pod.draining is not None and not pod.running:
            pod.drained()

    def way(self, request: Request) -> Hop:
        """Return the way over which a pod got a request."""
        caller = request.caller
        source = self._owner(caller.request.pod) if isinstance(caller, Ongoing) else GATEWAY
        return self._network.hop(source, self._owner(request.pod))

    def _arrived(self, answer: Answer) -> None:
        super().answer(*answer)

    def _never(self, answer: Answer) -> None:
        super().answer(answer[0], Outcome.POD_LOST)


class DistantSwitchboard(Switchboard):
    """Connects callers and called over the network."""

    direct = False

    def __init__(  # noqa: PLR0913 - as for a switchboard
        self,
        clock: Clock,
        exchange: DistantExchange,
        deployments: dict[str, Deployment],
        endpoints: list[str],
        uniform: Callable[[], float],
        *,
        network: Network,
    ) -> None:
        """Connect to `deployments`, which may still be filled; `uniform` gives numbers that spread retries."""
        super().__init__(clock, exchange, deployments, endpoints, uniform)
        self._way = exchange.way
        self._network = network

    def deliver(self, request: Request) -> None:
        """Send a request to the pod that was chosen for it."""
        self._way(request).send(self._arrived, request, self._never)

    def _arrived(self, request: Request) -> None:
        if request.outcome is not None:  # given up on the way
            return
        if request.pod.phase in (RUNNING, TERMINATING):
            super().deliver(request)
        else:
            self._never(request)

    def _never(self, request: Request) -> None:
        if request.outcome is None:
            self._exchange.give_up(request, Outcome.POD_LOST)

    def leave(self, caller: str, request: Request) -> None:
        """Send a call out of the topology and back."""
        hop = self._network.hop(caller, OUTSIDE)

        def lost(_: object) -> None:
            if request.outcome is None:
                self._exchange.reject(request, Outcome.POD_LOST)

        def back(_: object) -> None:
            if request.outcome is None:
                super(DistantSwitchboard, self).leave(caller, request)

        hop.send(lambda _: hop.send(back, None, lost, back=True), None, lost)
