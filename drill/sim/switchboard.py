"""How calls inside the system find their way: to a ready pod of the deployment they name, by its own routing.

Separate from the gateway, which only users pass: no rate limit, shedding or gateway timeout applies here. It also keeps
what was changed about calls by hand, because later revisions of a caller keep it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drill.sim.calling import Call, CallPolicy
from drill.sim.request import Request
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import CallStep
    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.exchange import Exchange

_FIRST_NUMBER = 1 << 50
"""Numbers of calls are beyond those of users and their attempts."""


@dataclass(slots=True)
class Counts:
    """What calls from one deployment to one name came to since the start."""

    attempts: int = 0
    retries: int = 0
    timeouts: int = 0
    """Calls that failed because their last attempt was given up."""
    refused: int = 0
    """Calls that a breaker did not permit."""


class Switchboard:
    """Connects callers and called."""

    direct = True
    """Whether a call that leaves the topology takes no longer than it says."""

    def __init__(
        self,
        clock: Clock,
        exchange: Exchange,
        deployments: dict[str, Deployment],
        endpoints: list[str],
        uniform: Callable[[], float],
    ) -> None:
        """Connect to `deployments`, which may still be filled; `uniform` gives numbers that spread retries."""
        self.clock = clock
        self.uniform = uniform
        self.counts: dict[tuple[str, str], Counts] = {}
        """By the names of the calling deployment and of what it calls, in the order of the scenario."""
        self.steps: dict[tuple[str, str], list[Call]] = {}
        """Every call of every revision that was compiled; keys as for `counts`."""
        self._changes: dict[tuple[str, str], dict[str, Any]] = {}
        self._exchange = exchange
        self._deployments = deployments
        self._endpoints = endpoints
        self._number = _FIRST_NUMBER

    def step(self, deployment: str, spec: CallStep, draws: tuple[int, int | None]) -> Call:
        """Return the step for a call of a deployment."""
        key = (deployment, spec.call)
        step = Call(self, spec.call, spec.endpoint, draws)
        step.deployment = deployment
        step.described = spec.breaker
        step.counts = self.counts.setdefault(key, Counts())
        step.use(replace(CallPolicy(spec.timeout, spec.retry, spec.breaker), **self._changes.get(key, {})))
        self.steps.setdefault(key, []).append(step)
        return step

    def change(self, deployment: str, call: str, **values: Any) -> None:  # noqa: ANN401 - fields of a policy
        """Change the policy of a call from now on, for all revisions."""
        key = (deployment, call)
        self._changes.setdefault(key, {}).update(values)
        for step in self.steps[key]:
            step.use(replace(step.policy, **values))

    def request(self, endpoint: str, demands: tuple[Any, ...]) -> Request:
        """Return a request for an attempt that starts now."""
        self._number += 1
        position = self._endpoints.index(endpoint) if endpoint else -1
        return Request(self._number, self.clock.t, position, demands)

    def send(self, request: Request, deployment: str, uniform: float) -> None:
        """Give a request to a ready pod of a deployment."""
        router = self._deployments[deployment].router
        if not router.pods:
            self._exchange.reject(request, Outcome.NO_READY_POD)
            return
        request.pod = router.pick(uniform)
        self.deliver(request)

    def deliver(self, request: Request) -> None:
        """Let the pod that was chosen have a request."""
        pod = request.pod
        pod.running[request.number] = request
        pod.service.programs[request.endpoint](request)

    def leave(self, caller: str, request: Request) -> None:
        """Answer a call of a deployment that left the topology."""
        del caller
        self._exchange.reject(request, Outcome.OK)

    def expired(self, request: Request) -> None:
        """Give up on an attempt, which may still be on its way."""
        if hasattr(request, "pod"):
            self._exchange.give_up(request, Outcome.CALL_TIMEOUT)
        else:
            self._exchange.reject(request, Outcome.CALL_TIMEOUT)
