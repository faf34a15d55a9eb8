"""What is exported of deployments and their pods: kube-state-metrics, cAdvisor, and the pods' own pools.

Separate because one reading of a pod serves metrics and figures alike. Most of what is read stays the same from sample
to sample: which series there are, what a pod's template says; so each pod has somebody who remembers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.kubernetes.phases import RUNNING, TERMINATING
from drill.sim.pool_views import PoolExporter
from drill.telemetry.records import pod_labels, pool_labels
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.sim.deployment import Deployment
    from drill.sim.pod import Pod
    from drill.sim.pool import Pool
    from drill.sim.scrape import Scrape

_RUNS = (RUNNING, TERMINATING)
_ALWAYS = ("kube_pod_status_ready", "kube_pod_container_status_restarts_total")
_RUNNING = (
    *_ALWAYS,
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_network_transmit_bytes_total",
)


class PodExporter:
    """What one pod exports, and what the latest sample found."""

    __slots__ = (
        *("_block", "_block_running", "_busy_us", "_deployment", "_idle_cores", "_pools", "_pools_of", "_spec"),
        *("cores", "pod", "share", "unconnected"),
    )

    def __init__(self, pod: Pod, deployment: str) -> None:
        """Export a pod of a deployment."""
        labels = pod_labels(deployment, pod.name)
        self.pod = pod
        self.cores = 0.0
        """Cores used over the last period."""
        self.share: float | None = None
        """That as a share of its limit; None while it does not run."""
        self.unconnected = False
        """Whether it is ready and has pools, but not one open connection."""
        self._deployment = deployment
        self._spec = spec = pod.service.spec
        self._idle_cores = spec.idle_cpu * spec.cores
        self._busy_us = 0.0
        self._block = tuple([(name, labels) for name in _ALWAYS])
        self._block_running = tuple([(name, labels) for name in _RUNNING])
        self._pools: list[PoolExporter] = []
        self._pools_of: list[Pool] = []
        """The list that those belong to; a container that starts again has another one."""

    def add(self, scrape: Scrape, now_us: int, period_us: int) -> None:
        """Add the values of now."""
        pod, phase, values = self.pod, self.pod.phase, scrape.values
        busy_us = pod.cpu.busy_us()
        self.cores = (busy_us - self._busy_us) / period_us
        self._busy_us = busy_us
        ready = 1 if pod.ready else 0
        if phase not in _RUNS:
            self.share, self.unconnected = None, False
            values += (ready, pod.restarts)
            scrape.blocks.append(self._block)
            return
        spec, idle_cores = self._spec, self._idle_cores
        self.cores += idle_cores
        self.share = self.cores / spec.cores if phase == RUNNING else None
        used_s = busy_us / US_PER_S + idle_cores * (now_us - pod.started) / US_PER_S
        memory = spec.memory + spec.memory_per_request * len(pod.running) + pod.kept_bytes
        values += (ready, pod.restarts, used_s, memory, pod.sent_bytes)
        scrape.blocks.append(self._block_running)
        if pod.pools is not self._pools_of:
            self._follow(pod.pools)
        connections = 0
        for pool in self._pools:
            connections += pool.add(scrape, now_us)
        self.unconnected = pod.ready and bool(self._pools) and not connections

    def _follow(self, pools: list[Pool]) -> None:
        """Export these pools from now on."""
        self._pools_of = pools
        self._pools = [
            PoolExporter(pool, pool_labels(self._deployment, self.pod.name, name), connects=spec.to != "nothing")
            for pool, (name, spec) in zip(pools, self._spec.pools.items(), strict=False)
        ]


class DeploymentExporter:
    """What one deployment exports, its pods included."""

    def __init__(self, deployment: Deployment) -> None:
        """Export a deployment."""
        labels = (("deployment", deployment.name),)
        self.pods: list[PodExporter] = []
        """One for each pod, in their order, as of the latest sample."""
        self._deployment = deployment
        self._block = (
            ("kube_deployment_spec_replicas", labels),
            ("kube_deployment_status_replicas_ready", labels),
        )
        self._pods_of: list[Pod] = []

    def add(self, scrape: Scrape, now_us: int, period_us: int) -> None:
        """Add the values of now."""
        deployment = self._deployment
        if deployment.pods != self._pods_of:
            self._follow(deployment.pods)
        scrape.add(self._block, (deployment.replicas, deployment.ready))
        for pod in self.pods:
            pod.add(scrape, now_us, period_us)

    def _follow(self, pods: list[Pod]) -> None:
        """Export these pods from now on."""
        known = {exporter.pod: exporter for exporter in self.pods}
        self._pods_of = list(pods)
        self.pods = [known.get(pod) or PodExporter(pod, self._deployment.name) for pod in pods]
