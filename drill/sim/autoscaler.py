"""The horizontal pod autoscaler.

Separate because it is one of the well-meaning helpers: it follows one number and knows nothing of what pods share.
Algorithm and defaults are those of the Kubernetes documentation: desired = ceil(current × metric ÷ target), no change
within 10 %, scaling down only to the highest recommendation of the stabilisation window, at most doubling (or + 4) per
sync when scaling up.
"""

from __future__ import annotations

from collections import deque
from math import ceil, fsum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from drill.scenario.topology import AutoscalerSpec
    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment

TOLERANCE = 0.1


class Autoscaler:
    """Changes the replicas of one deployment."""

    def __init__(self, clock: Clock, deployment: Deployment, spec: AutoscalerSpec) -> None:
        """Start following."""
        self._clock = clock
        self._deployment = deployment
        self._spec = spec
        self._recommended: deque[tuple[int, int]] = deque()
        self._busy: dict[str, float] = {}
        clock.process(self._follow())

    def _follow(self) -> Generator[Any, Any, Any]:
        while True:
            yield self._clock.timeout(self._spec.period)
            metric = self._measure()
            if metric is not None and not self._deployment.paused:
                self._deployment.scale(self.decide(metric))

    def _measure(self) -> float | None:
        """Return the metric per ready pod, None without ready pods."""
        spec, pods = self._spec, self._deployment.router.pods
        busy = {pod.name: pod.cpu.busy_us() for pod in self._deployment.pods}
        used = fsum((busy[pod.name] - self._busy.get(pod.name, 0.0)) / spec.period for pod in pods)
        self._busy = busy
        if not pods:
            return None
        total = used if spec.metric == "cpu" else float(sum(pod.outstanding for pod in pods))
        return total / len(pods)

    def decide(self, metric: float) -> int:
        """Return the number of replicas for a metric per pod."""
        spec, current, now = self._spec, self._deployment.replicas, self._clock.t
        ratio = metric / spec.target
        wanted = current if abs(ratio - 1) <= TOLERANCE else ceil(current * ratio)
        self._recommended.append((now, wanted))
        while len(self._recommended) > 1 and self._recommended[0][0] <= now - spec.stabilisation:
            self._recommended.popleft()
        if wanted < current:
            wanted = min(current, max(count for _, count in self._recommended))
        wanted = min(wanted, max(2 * current, current + 4))
        return max(spec.lowest, min(spec.highest, wanted))
