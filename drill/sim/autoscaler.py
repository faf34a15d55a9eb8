"""The horizontal pod autoscaler.

Separate because it is one of the well-meaning helpers: it follows one number and knows nothing of what pods share.
Algorithm, defaults and wording are those of kube-controller-manager's `horizontal.go`: what a metric asks for is worked
out in `kubernetes.replica_calculator`, how fast that is followed in `kubernetes.behaviour`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.kubernetes.behaviour import Behaviour
from drill.sim.kubernetes.metrics_server import MetricsServer, Usage
from drill.sim.kubernetes.phases import RUNNING, TERMINATING
from drill.sim.kubernetes.replica_calculator import PodFacts, Rules, average, grouped, replicas, utilisation
from drill.sim.kubernetes.scheduler import Requests

if TYPE_CHECKING:
    from collections.abc import Generator

    from drill.scenario.topology import AutoscalerSpec
    from drill.sim.clock import Clock
    from drill.sim.deployment import Deployment
    from drill.sim.journal import Journal
    from drill.sim.pod import Pod

_MILLI = 1_000
_NAMES = {
    "cpu": "cpu resource",
    "cpu_utilisation": "cpu resource utilization (percentage of request)",
    "in_flight": "pods metric http_requests_in_flight",
}
"""Metrics as events call them."""


class Autoscaler:
    """Changes the replicas of one deployment."""

    def __init__(self, clock: Clock, deployment: Deployment, spec: AutoscalerSpec, journal: Journal) -> None:
        """Start following."""
        self._clock = clock
        self.deployment = deployment
        self.spec = spec
        self._journal = journal
        self._rules = Rules(spec.tolerance, spec.cpu_initialization, spec.initial_readiness_delay)
        self._behaviour = Behaviour(spec)
        self._server = MetricsServer(clock, deployment.pods, spec.metrics_resolution)
        self.desired = deployment.replicas
        """Replicas after the latest look."""
        clock.process(self._follow())

    def _follow(self) -> Generator[Any, Any, Any]:
        while True:
            yield self._clock.timeout(self.spec.period)
            if not self.deployment.paused:
                self._look()

    def _look(self) -> None:
        """Take one look at the metric and follow it."""
        current, spec, now = self.deployment.replicas, self.spec, self._clock.t
        self._behaviour.first(now, current)
        wanted, reason = current, ""
        if current > spec.highest:
            wanted, reason = spec.highest, "Current number of replicas above Spec.MaxReplicas"
        elif 0 < current < spec.lowest:
            wanted, reason = spec.lowest, "Current number of replicas below Spec.MinReplicas"
        elif current:
            asked = self._asked(current)
            if asked is None:
                self._fail()
                return
            reason = f"{_NAMES[spec.metric]} above target" if asked > current else "All metrics below target"
            wanted = self._behaviour.decide(now, current, asked)
        self.desired = wanted
        if wanted != current:
            self._event("SuccessfulRescale", f"New size: {wanted}; reason: {reason}")
            self._behaviour.changed(now, current, wanted)
            self.deployment.scale(wanted)

    def _asked(self, current: int) -> int | None:
        """Return the replicas that the metric asks for, None without a metric of any pod."""
        spec = self.spec
        alive = [pod for pod in self.deployment.pods if pod.phase != TERMINATING]
        facts = [_facts(pod) for pod in alive]
        cpu = spec.metric != "in_flight"
        metrics = self._server.usage() if cpu else self._in_flight(alive)
        groups = grouped(facts, metrics, self._rules, self._clock.t, cpu=cpu)
        requests = {fact.name: fact.request_milli for fact in facts}
        if spec.metric == "cpu_utilisation":
            target = utilisation(max(1, round(spec.target * 100)), requests)
        else:
            target = average(max(1, round(spec.target * _MILLI)), requests)
        return replicas(current, groups, metrics, target, spec.tolerance)

    def _in_flight(self, pods: list[Pod]) -> dict[str, Usage]:
        return {pod.name: Usage(pod.outstanding * _MILLI, self._clock.t) for pod in pods if pod.phase == RUNNING}

    def _fail(self) -> None:
        kind, what = (
            ("Pods", "pods metric value") if self.spec.metric == "in_flight" else ("Resource", "cpu utilization")
        )
        text = f"failed to get {what}: did not receive metrics for targeted pods (pods might be unready)"
        self._event(f"FailedGet{kind}Metric", text)

    def _event(self, reason: str, message: str) -> None:
        self._journal.event("HorizontalPodAutoscaler", self.deployment.name, reason, message)


def _facts(pod: Pod) -> PodFacts:
    request = Requests.of(pod.service.spec).milli_cores
    return PodFacts(pod.name, pod.pending, pod.ready, pod.assigned, pod.ready_changed, request)
