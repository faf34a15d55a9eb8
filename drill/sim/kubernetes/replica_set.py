"""A ReplicaSet: the pods of one template, and which of them are deleted first.

Separate because a deployment has several during a roll-out, and returns to an earlier one when it is rolled back. Order
of deletion is that of kube-controller-manager's `ActivePodsWithRanks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.kubernetes.phases import GONE, TERMINATING
from drill.sim.kubernetes.rollout import Size

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec
    from drill.sim.pod import Pod
    from drill.sim.service import Service


class ReplicaSet:
    """One template and its pods."""

    def __init__(self, name: str, service: Service, spec: DeploymentSpec, restarted: int) -> None:
        """Start without pods; `restarted` is the stamp of the template."""
        self.name = name
        self.service = service
        self.spec = spec
        self.restarted = restarted
        self.revision = 0
        """Number of the roll-out that brought it last."""
        self.replicas = 0
        """Wanted pods."""
        self.pods: list[Pod] = []
        """Pods that exist, in the order of creation."""

    def alive(self) -> list[Pod]:
        """Return the pods that are not being deleted."""
        return [pod for pod in self.pods if pod.phase not in (TERMINATING, GONE)]

    def size(self, now_us: int, min_ready_us: int) -> Size:
        """Return the wanted pods and how many are available: ready for long enough."""
        ready = [pod for pod in self.alive() if pod.ready]
        return Size(self.replicas, sum(now_us - pod.ready_since >= min_ready_us for pod in ready))


def victims(pods: list[Pod], count: int, now_us: int, neighbours: dict[str, int]) -> list[Pod]:
    """Return the pods to delete first; `neighbours` counts the deployment's pods by node.

    Not placed, then not started, then not ready, then on the fuller node, then ready for a shorter time, or when not
    ready restarted more often, then younger. Times count by powers of two; what is still equal goes by unique id.
    """
    return sorted(pods, key=lambda pod: _rank(pod, now_us, neighbours))[:count]


def _rank(pod: Pod, now_us: int, neighbours: dict[str, int]) -> tuple[bool | int | str, ...]:
    state = (bool(pod.node), not pod.pending, pod.ready, -neighbours.get(pod.node, 0))
    if pod.ready:
        return (*state, _magnitude(now_us - pod.ready_since), 0, pod.uid)
    return (*state, -pod.restarts, _magnitude(now_us - pod.created), pod.uid)


def _magnitude(time_us: int) -> int:
    """Return the whole binary logarithm of a time in nanoseconds, -1 for none."""
    return (time_us * 1_000).bit_length() - 1
