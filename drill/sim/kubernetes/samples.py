"""What kube-state-metrics and cAdvisor export about limits, exits, autoscalers and nodes.

Separate from the sampler, which knows when to sample. A series appears when its part exists: a last exit once there was
one, nodes where they are described.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.kubernetes.phases import BACKING_OFF, RUNNING, TERMINATING
from drill.sim.kubernetes.scheduler import Requests
from drill.telemetry.records import Sample, pod_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.pod import Pod
    from drill.sim.world import World

_MILLI = 1_000


def metrics(world: World) -> Iterator[Sample]:
    """Yield the samples of one moment."""
    for deployment in world.deployments.values():
        for pod in deployment.pods:
            yield from _pod(pod, deployment.name, bounded=world.scheduler.bounded)
    for name, autoscaler in world.autoscalers.items():
        which = (("horizontalpodautoscaler", name),)
        spec = autoscaler.spec
        yield Sample("kube_horizontalpodautoscaler_spec_min_replicas", which, spec.lowest)
        yield Sample("kube_horizontalpodautoscaler_spec_max_replicas", which, spec.highest)
        yield Sample("kube_horizontalpodautoscaler_status_current_replicas", which, autoscaler.deployment.replicas)
        yield Sample("kube_horizontalpodautoscaler_status_desired_replicas", which, autoscaler.desired)
    for node in world.scheduler.nodes:
        if node.spec is not None:
            sizes = (("cpu", node.spec.cores), ("memory", node.spec.memory), ("pods", node.spec.pods))
            for resource, size in sizes:
                labels = (("node", node.name), ("resource", resource))
                yield Sample("kube_node_status_allocatable", labels, size)


def _pod(pod: Pod, deployment: str, *, bounded: bool) -> Iterator[Sample]:
    where = pod_labels(deployment, pod.name)
    if pod.phase in (RUNNING, TERMINATING):
        yield Sample("container_spec_memory_limit_bytes", where, pod.service.spec.memory_limit)
    if pod.phase == BACKING_OFF:
        labels = (*where, ("reason", BACKING_OFF))
        yield Sample("kube_pod_container_status_waiting_reason", labels, 1)
    if pod.last_exit is not None:
        labels = (*where, ("reason", pod.last_exit.reason))
        yield Sample("kube_pod_container_status_last_terminated_reason", labels, 1)
    if bounded:
        for phase, holds in (("Pending", pod.pending), ("Running", not pod.pending)):
            yield Sample("kube_pod_status_phase", (*where, ("phase", phase)), int(holds))
        requests = Requests.of(pod.service.spec)
        for resource, value in (("cpu", requests.milli_cores / _MILLI), ("memory", requests.memory)):
            yield Sample("kube_pod_container_resource_requests", (*where, ("resource", resource)), value)
