"""Nodes, autoscalers and ReplicaSets as frozen states and tables.

Separate from the other views because these exist only where a scenario describes them, or change only in a roll-out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.telemetry.snapshot import NodeState, ReplicaSetState
from drill.units import format_size

if TYPE_CHECKING:
    from drill.sim.deployment import Deployment
    from drill.sim.world import World
    from drill.telemetry.snapshot import Snapshot

_MILLI = 1_000
Cell = str | int | float | None


def nodes(world: World) -> tuple[NodeState, ...]:
    """Return the nodes that can be full."""
    return tuple(
        NodeState(
            name=node.name,
            cores=node.spec.cores,
            memory_bytes=node.spec.memory,
            pods_limit=node.spec.pods,
            pods=len(node.pods),
            requested_cores=node.milli_cores / _MILLI,
            requested_bytes=node.memory,
        )
        for node in world.scheduler.nodes
        if node.spec is not None
    )


def replica_sets(deployment: Deployment) -> tuple[ReplicaSetState, ...]:
    """Return the ReplicaSets of a deployment, oldest first."""
    return tuple(
        ReplicaSetState(
            name=each.name,
            revision=each.revision,
            label=each.spec.revision,
            replicas=each.replicas,
            pods=len(each.pods),
            ready=sum(pod.ready for pod in each.pods),
        )
        for each in deployment.sets
    )


def node_rows(world: World, now: Snapshot) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Return the nodes as a table; usage is that of their pods."""
    del world
    rows: list[tuple[Cell, ...]] = []
    for node in now.nodes:
        here = [pod for pod in now.pods if pod.node == node.name]
        cores, memory = sum(pod.cpu_cores for pod in here), sum(pod.memory_bytes for pod in here)
        rows.append(
            (
                node.name,
                "Ready",
                f"{node.pods}/{node.pods_limit}",
                _of(f"{node.requested_cores * _MILLI:.0f}m", node.requested_cores, node.cores),
                _of(format_size(node.requested_bytes), node.requested_bytes, node.memory_bytes),
                f"{cores * _MILLI:.0f}m",
                format_size(memory),
            )
        )
    return ("NAME", "STATUS", "PODS", "CPU_REQUESTS", "MEMORY_REQUESTS", "CPU", "MEMORY"), rows


def _of(said: str, part: float, whole: float) -> str:
    return f"{said} ({int(part * 100 / whole) if whole else 0}%)"
