"""A throttler: looks at how full a pool is and lets the gateway refuse part of the traffic.

Separate from the gateway's fixed limits because this one follows a signal of the system. With `start` and `full` both
at 100 % the signal is exhaustion, which is there or not and comes when somebody waits already; below, the share refused
grows with the utilisation and leaves room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.scenario.callers import ThrottleSpec
    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.gateway import Gateway


class Throttle:
    """One throttler."""

    def __init__(self, clock: Clock, gateway: Gateway, deployments: dict[str, Deployment]) -> None:
        """Be switched off."""
        self.spec: ThrottleSpec | None = None
        self._clock = clock
        self._gateway = gateway
        self._deployments = deployments

    def use(self, spec: ThrottleSpec | None) -> None:
        """Follow a signal from now on; None for none."""
        self.spec = spec
        self._gateway.limit(throttled_share=0.0)
        if spec is not None:
            self._look(spec)

    def utilisation(self, spec: ThrottleSpec) -> float:
        """Return the share of the pool's members that is borrowed, over all ready pods; 0 without any."""
        size = used = 0
        for pod in self._deployments[spec.deployment].router.pods:
            for name, pool in zip(pod.service.pool_names, pod.pools, strict=True):
                if name == spec.pool:
                    size += pool.size
                    used += pool.in_use
        return used / size if size else 0.0

    def _look(self, spec: ThrottleSpec) -> None:
        if spec is not self.spec:
            return
        used = self.utilisation(spec)
        if used >= spec.full:
            share = 1.0
        elif used <= spec.start:
            share = 0.0
        else:
            share = (used - spec.start) / (spec.full - spec.start)
        self._gateway.limit(throttled_share=share)
        self._clock.call_at(self._clock.t + spec.period, self._look, spec)
