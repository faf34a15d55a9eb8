"""What kube-state-metrics and cAdvisor export about limits, exits, autoscalers and nodes.

Separate from the sampler, which knows when to sample. A series appears when its part exists: a last exit once there was
one, nodes where they are described.
"""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from drill.sim.kubernetes.phases import BACKING_OFF, RUNNING, TERMINATING
from drill.sim.kubernetes.scheduler import Requests
from drill.telemetry.records import Sample, pod_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.pod import Pod
    from drill.sim.scrape import Block, Scrape
    from drill.sim.world import World
    from drill.telemetry.records import Series

_MILLI = 1_000
_STATE = attrgetter("name", "phase", "restarts", "last_exit")
"""All that decides what is exported of a pod here."""


class StateExporter:
    """What is exported of pods that hardly ever changes, and of what makes and holds pods."""

    def __init__(self, world: World) -> None:
        """Export the state of a world."""
        self._world = world
        self._states: list[tuple[Any, ...]] = []
        self._block: Block = ()
        self._values: list[float] = []
        """Of the pods, as long as they are in these states."""
        self._nodes = list(_nodes(world))

    def add(self, scrape: Scrape) -> None:
        """Add the values of now."""
        deployments = self._world.deployments.values()
        states = list(map(_STATE, chain.from_iterable([deployment.pods for deployment in deployments])))
        if states != self._states:
            self._states = states
            self._read()
        scrape.add(self._block, self._values)
        if self._world.autoscalers:
            scrape.add_samples(_autoscalers(self._world))
        scrape.add_samples(self._nodes)

    def _read(self) -> None:
        bounded = self._world.scheduler.bounded
        samples = [
            sample
            for deployment in self._world.deployments.values()
            for pod in deployment.pods
            for sample in _pod(pod, deployment.name, bounded=bounded)
        ]
        self._block = tuple([series for series, _ in samples])
        self._values = [value for _, value in samples]


def _autoscalers(world: World) -> Iterator[Sample]:
    for name, autoscaler in world.autoscalers.items():
        which = (("horizontalpodautoscaler", name),)
        spec = autoscaler.spec
        yield Sample("kube_horizontalpodautoscaler_spec_min_replicas", which, spec.lowest)
        yield Sample("kube_horizontalpodautoscaler_spec_max_replicas", which, spec.highest)
        yield Sample("kube_horizontalpodautoscaler_status_current_replicas", which, autoscaler.deployment.replicas)
        yield Sample("kube_horizontalpodautoscaler_status_desired_replicas", which, autoscaler.desired)


def _nodes(world: World) -> Iterator[Sample]:
    for node in world.scheduler.nodes:
        if node.spec is not None:
            sizes = (("cpu", node.spec.cores), ("memory", node.spec.memory), ("pods", node.spec.pods))
            for resource, size in sizes:
                labels = (("node", node.name), ("resource", resource))
                yield Sample("kube_node_status_allocatable", labels, size)


def _pod(pod: Pod, deployment: str, *, bounded: bool) -> Iterator[tuple[Series, float]]:
    where = pod_labels(deployment, pod.name)
    if pod.phase in (RUNNING, TERMINATING):
        yield ("container_spec_memory_limit_bytes", where), pod.service.spec.memory_limit
    if pod.phase == BACKING_OFF:
        yield ("kube_pod_container_status_waiting_reason", (*where, ("reason", BACKING_OFF))), 1
    if pod.last_exit is not None and pod.last_exit.reason:
        reason = ("reason", pod.last_exit.reason)
        yield ("kube_pod_container_status_last_terminated_reason", (*where, reason)), 1
    if bounded:
        requests = Requests.of(pod.service.spec)
        phases = {"Pending": int(pod.pending), "Running": int(not pod.pending)}
        for phase, value in phases.items():
            yield ("kube_pod_status_phase", (*where, ("phase", phase))), value
        for resource, size in (("cpu", requests.milli_cores / _MILLI), ("memory", requests.memory)):
            yield ("kube_pod_container_resource_requests", (*where, ("resource", resource))), size
