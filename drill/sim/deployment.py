"""A deployment: how many pods of which revision there are, and how one becomes the other.

Separate because it is the controller: it looks at the pods there are and the pods wanted, and takes the next step each
time either changes. Rules follow Kubernetes' Deployment and ReplicaSet controllers (surge rounded up, unavailable
rounded down; on scaling down, pods that are not ready go first, then those that became ready last).
"""

from __future__ import annotations

import hashlib
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from drill.sim.by_hand import ByHand
from drill.sim.pod import GONE, TERMINATING, Pod
from drill.sim.routing import ROUTERS
from drill.sim.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import DeploymentSpec, PoolSpec
    from drill.sim.clock import Clock
    from drill.sim.exchange import Exchange
    from drill.sim.journal import Journal
    from drill.sim.members import Source
    from drill.sim.service import Service
    from drill.sim.streams import Streams

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters and digits of generated Kubernetes names."""


class Deployment:
    """One deployment and its pods."""

    def __init__(  # noqa: PLR0913 - the parts pods stand on
        self,
        name: str,
        spec: DeploymentSpec,
        *,
        clock: Clock,
        streams: Streams,
        exchange: Exchange,
        journal: Journal,
        compile_service: Callable[[DeploymentSpec], Service],
        connect: Callable[[PoolSpec, str], Source],
    ) -> None:
        """Create the first pods; `connect` gives the source of a pool of a pod started from now on."""
        self.name = name
        self.spec = spec
        self.replicas = spec.replicas
        self.strategy: str = spec.rollout.strategy
        self.previous = spec.previous
        """Revision that a roll-back returns to; None when there is none."""
        self.fixes = spec.fixes
        """Changes that can be shipped."""
        self._by_hand = ByHand(spec)
        self.pods: list[Pod] = []
        """Pods that exist, in the order of creation."""
        self.generation = 0
        self.paused = spec.autoscaler is None or spec.autoscaler.paused
        """Whether the autoscaler is kept from changing the replicas."""
        self._clock = clock
        self._journal = journal
        self._names = streams.source(f"names/{name}")
        start_ups = iter(streams.draws(f"start-up/{name}", spec.start_up))
        self._compile = compile_service
        self._service = compile_service(spec)
        self._reconciling = False
        self.router = ROUTERS[spec.routing]()
        self._streams = streams
        self._around = Surroundings(
            clock, exchange, journal, self.router, connect, self._changed, start_ups.__next__, self._uniform
        )
        self.reconcile()

    @property
    def ready(self) -> int:
        """Pods that get requests."""
        return len(self.router.pods)

    def scale(self, replicas: int) -> None:
        """Want another number of pods."""
        if replicas != self.replicas:
            word = "up" if replicas > self.replicas else "down"
            self._journal.event(
                "Deployment",
                self.name,
                "ScalingReplicaSet",
                f"Scaled {word} replica set {self._set_name()} to {replicas} from {self.replicas}",
            )
            self.replicas = replicas
            self.reconcile()

    def roll_out(self, spec: DeploymentSpec, rollout: str = "as-configured") -> None:
        """Replace every pod by one of another revision, or of the same one."""
        if spec is not self.spec:
            self.previous = self.spec
        self.spec = spec
        self._service = self._compile(spec)
        self.generation += 1
        self.strategy = spec.rollout.strategy if rollout == "as-configured" else rollout
        self._journal.event(
            "Deployment",
            self.name,
            "ScalingReplicaSet",
            f"Scaled up replica set {self._set_name()} to {self.replicas}",
        )
        self.reconcile()

    def set_pools(self, changes: dict[str, dict[str, Any]], rollout: str = "as-configured") -> None:
        """Change settings of pools by hand and replace the pods; `changes` are values by setting by pool."""
        self.roll_out(self._by_hand.change(self.spec, changes), rollout)

    def ship(self, spec: DeploymentSpec) -> None:
        """Roll out a fix, which keeps what was changed by hand and does not itself change."""
        self.roll_out(self._by_hand.kept(spec))

    def restart(self, rollout: str = "as-configured") -> None:
        """Replace every pod by a new one of the same revision."""
        self.roll_out(self.spec, rollout)

    def roll_back(self, rollout: str = "as-configured") -> None:
        """Return to the revision before, which there must be; another roll-back returns from there."""
        if self.previous is not None:
            self._by_hand.take_back()
            self.roll_out(self.previous, rollout)

    def reconcile(self) -> None:
        """Take every step towards the wanted pods that can be taken now."""
        if self._reconciling:
            return
        self._reconciling = True
        while self._step():
            pass
        self._reconciling = False

    def _step(self) -> bool:
        """Create or stop pods once; return whether anything was done."""
        alive = [pod for pod in self.pods if pod.phase not in (TERMINATING, GONE)]
        new = [pod for pod in alive if pod.service is self._service]
        old = [pod for pod in alive if pod.service is not self._service]
        if len(new) > self.replicas:
            self._stop(_victims(new, len(new) - self.replicas))
            return True
        if not old:
            return self._create(self.replicas - len(new))
        if self.strategy == "recreate":
            self._stop(old)
            return True
        rollout = self.spec.rollout
        surge, missing = ceil(rollout.surge * self.replicas), floor(rollout.unavailable * self.replicas)
        if not surge and not missing:
            missing = 1
        if self._create(min(self.replicas - len(new), self.replicas + surge - len(alive))):
            return True
        spare = sum(pod.ready for pod in alive) - (self.replicas - missing)
        unready = [pod for pod in old if not pod.ready]
        removable = unready or [pod for pod in old if pod.ready][: max(0, spare)]
        self._stop(removable)
        return bool(removable)

    def _create(self, count: int) -> bool:
        waits = self.strategy == "recreate" and any(
            pod.phase == TERMINATING and pod.service is not self._service for pod in self.pods
        )
        if count <= 0 or waits:
            return False
        for _ in range(count):
            pod = Pod(self._pod_name(), self._service, self._around)
            self.pods.append(pod)
            self._journal.event("ReplicaSet", self._set_name(), "SuccessfulCreate", f"Created pod: {pod.name}")
        return True

    def _stop(self, pods: list[Pod]) -> None:
        for pod in pods:
            self._journal.event("ReplicaSet", self._set_name(), "SuccessfulDelete", f"Deleted pod: {pod.name}")
            pod.stop()

    def _uniform(self, purpose: str) -> Callable[[], float]:
        return self._streams.source(f"{purpose}/{self.name}").random

    def _changed(self, pod: Pod) -> None:
        if pod.phase == GONE and pod in self.pods:
            self.pods.remove(pod)
        self.reconcile()

    def _set_name(self) -> str:
        digest = hashlib.sha256(f"{self.name}/{self.spec.revision}/{self.generation}".encode()).digest()
        return f"{self.name}-" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:9])

    def _pod_name(self) -> str:
        letters = (_ALPHABET[int(self._names.random() * len(_ALPHABET))] for _ in range(5))
        return f"{self._set_name()}-{''.join(letters)}"


def _victims(pods: list[Pod], count: int) -> list[Pod]:
    """Return the pods a ReplicaSet deletes first."""
    order = sorted(range(len(pods)), key=lambda i: (pods[i].ready, -pods[i].ready_since, -pods[i].restarts, -i))
    return [pods[i] for i in order[:count]]
