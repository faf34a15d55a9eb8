"""What kube-state-metrics and cAdvisor export about limits, exits, autoscalers and nodes.

Separate from the sampler, which knows when to sample. A series appears when its part exists: a last exit once there was
one, nodes where they are described.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from drill.sim.kubernetes.phases import BACKING_OFF, RUNNING, TERMINATING
from drill.sim.kubernetes.scheduler import Requests
from drill.telemetry.records import PODS, Sample, pod_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.pod import Pod
    from drill.sim.scrape import Block, Scrape
    from drill.sim.world import World
    from drill.telemetry.records import Series

_MILLI = 1_000


def metrics(world: World, scrape: Scrape) -> None:
    """Add the values of one moment."""
    bounded = world.scheduler.bounded
    for deployment in world.deployments.values():
        for pod in deployment.pods:
            _pod(scrape, pod, deployment.name, bounded=bounded)
    scrape.add_samples(_autoscalers(world))
    scrape.add_samples(_nodes(world))


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


def _pod(scrape: Scrape, pod: Pod, deployment: str, *, bounded: bool) -> None:
    runs, waits = pod.phase in (RUNNING, TERMINATING), pod.phase == BACKING_OFF
    reason = "" if pod.last_exit is None else pod.last_exit.reason
    values: list[float] = [pod.service.spec.memory_limit] if runs else []
    if waits:
        values.append(1)
    if reason:
        values.append(1)
    if bounded:
        requests = Requests.of(pod.service.spec)
        values += (int(pod.pending), int(not pod.pending), requests.milli_cores / _MILLI, requests.memory)
    if values:
        scrape.add(_series(deployment, pod.name, reason, (runs, waits, bounded)), values)


@lru_cache(maxsize=PODS)
def _series(deployment: str, pod: str, reason: str, which: tuple[bool, bool, bool]) -> Block:
    runs, waits, bounded = which
    where = pod_labels(deployment, pod)
    series: list[Series] = [("container_spec_memory_limit_bytes", where)] if runs else []
    if waits:
        series.append(("kube_pod_container_status_waiting_reason", (*where, ("reason", BACKING_OFF))))
    if reason:
        series.append(("kube_pod_container_status_last_terminated_reason", (*where, ("reason", reason))))
    if bounded:
        series += (("kube_pod_status_phase", (*where, ("phase", phase))) for phase in ("Pending", "Running"))
        resources = ("cpu", "memory")
        series += (("kube_pod_container_resource_requests", (*where, ("resource", name))) for name in resources)
    return tuple(series)
