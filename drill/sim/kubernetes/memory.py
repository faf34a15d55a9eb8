"""The out-of-memory killer: a container that uses more memory than its limit is killed at once.

Separate because it is looked at on the side, so that a request costs nothing more: what requests in flight use is
compared with the limit ten times a second, and what a program takes for good when it takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.program import Step
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Generator

    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.request import Request

_LOOK_US = US_PER_S // 10


class Watch:
    """Looks at the memory of a deployment's containers."""

    def __init__(self, clock: Clock, deployment: Deployment) -> None:
        """Look from now on."""
        self._clock = clock
        self._deployment = deployment
        clock.process(self._look())

    def _look(self) -> Generator[Any, Any, Any]:
        while True:
            yield self._clock.timeout(_LOOK_US)
            for pod in list(self._deployment.pods):
                if pod.memory_bytes > pod.service.spec.memory_limit:
                    pod.run_out_of_memory()


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
