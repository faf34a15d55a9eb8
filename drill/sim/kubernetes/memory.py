"""The out-of-memory killer: a container that uses more memory than its limit is killed at once.

Separate because it is looked at on the side, so that a request costs nothing more: what requests in flight use is
compared with the limit ten times a second, and what a program takes for good when it takes it.
"""

from __future__ import annotations

from heapq import heappush
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING

from drill.scenario.topology import AllocateStep
from drill.sim.demands import flat
from drill.sim.program import Step
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.scenario.topology import DeploymentSpec, Guarded
    from drill.sim.clock import Call, Clock
    from drill.sim.deployment import Deployment
    from drill.sim.request import Request

_LOOK_US = US_PER_S // 10
_RUNNING, _FITTING = attrgetter("running"), attrgetter("service.fitting")


class Watch:
    """Looks at the memory of a deployment's containers."""

    def __init__(self, clock: Clock, deployment: Deployment) -> None:
        """Look from now on."""
        self._clock = clock
        self._deployment = deployment
        self._look_call: Call = self._look
        clock.call_at(clock.t + _LOOK_US, self._look_call)

    def _look(self, _: object) -> None:
        clock, pods = self._clock, self._deployment.pods
        heappush(clock.heap, (clock.t + _LOOK_US, 1, next(clock.tickets), self._look_call, None))
        # All pods together first: hardly ever has one so many requests that it could be over its limit.
        if max(map(len, map(_RUNNING, pods)), default=0) <= min(map(_FITTING, self._deployment.sets), default=inf):
            return
        for pod in [pod for pod in pods if pod.memory_bytes > pod.service.spec.memory_limit]:
            pod.run_out_of_memory()


def fitting(spec: DeploymentSpec) -> float:
    """Return how many requests a container of a deployment surely has memory for; infinity for any number.

    It is -1 where programs take memory for good: how much a container has then says only a look at it.
    """
    if spec.memory > spec.memory_limit or any(_takes_memory(endpoint.program) for endpoint in spec.endpoints.values()):
        return -1
    each = spec.memory_per_request
    return (spec.memory_limit - spec.memory) // each if each else inf


def _takes_memory(program: Sequence[Guarded]) -> bool:
    return any(isinstance(step, AllocateStep) for step in flat(program))


class Allocate(Step):
    """Take memory for good."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        """Take `size` bytes."""
        self.size = size

    def run(self, request: Request) -> None:
        """Take it and go on; a container that is over its limit is killed, which ends the request with the others."""
        pod = request.pod
        pod.kept_bytes += self.size
        if pod.memory_bytes > pod.service.spec.memory_limit:
            pod.run_out_of_memory()
        self.next(request)
