"""A deployment: how many pods of which revision there are, and how one becomes the other.

Separate because it is the controller: it looks at the ReplicaSets there are and the pods wanted, and takes the next
step each time either changes. How large each ReplicaSet is next is decided by `kubernetes.rollout`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from drill.sim.by_hand import ByHand
from drill.sim.kubernetes.identity import ALPHABET, template, template_hash
from drill.sim.kubernetes.memory import Watch
from drill.sim.kubernetes.phases import GONE, TERMINATING
from drill.sim.kubernetes.progress import Progress
from drill.sim.kubernetes.replica_set import ReplicaSet, victims
from drill.sim.kubernetes.rollout import Size, grown, limits, proportional, shrunk
from drill.sim.pod import Pod
from drill.sim.routing import ROUTERS
from drill.sim.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import DeploymentSpec, PoolSpec
    from drill.sim.clock import Clock
    from drill.sim.exchange import Exchange
    from drill.sim.journal import Journal
    from drill.sim.kubernetes.scheduler import Scheduler
    from drill.sim.members import Source
    from drill.sim.service import Service
    from drill.sim.streams import Streams

KEPT_SETS = 10
"""ReplicaSets without pods that are kept to return to; revisionHistoryLimit."""


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
        scheduler: Scheduler,
        compile_service: Callable[[DeploymentSpec], Service],
        connect: Callable[[PoolSpec, str], Source],
    ) -> None:
        """Create the first pods; `connect` gives the source of a pool of a pod started from now on."""
        self.name = name
        self.spec = spec
        self.replicas = spec.replicas
        self.strategy: str = spec.rollout.strategy
        self.previous, self.fixes = spec.previous, spec.fixes
        """Revision that a roll-back returns to, None when there is none; changes that can be shipped."""
        self._by_hand = ByHand(spec)
        self.pods: list[Pod] = []
        """Pods that exist, in the order of creation."""
        self.sets: list[ReplicaSet] = []
        """ReplicaSets that exist, in the order of creation."""
        self.paused = spec.autoscaler is None or spec.autoscaler.paused
        """Whether the autoscaler is kept from changing the replicas."""
        self._clock, self._journal = clock, journal
        self._names, self._compile = streams.source(f"names/{name}"), compile_service
        self._reconciling, self._stamp, self._revisions = False, 0, 0
        self.router = ROUTERS[spec.routing]()
        start_up = iter(streams.draws(f"start-up/{name}", spec.start_up)).__next__
        uniform = partial(_uniform, streams, name)
        self._around = Surroundings(
            clock, exchange, journal, self.router, scheduler, connect, self._changed, start_up, uniform
        )
        self.progress = Progress()
        self.current = self._adopt(spec)
        self.reconcile()
        Watch(clock, self)

    @property
    def ready(self) -> int:
        """Pods that get requests."""
        return len(self.router.pods)

    def sizes(self) -> list[Size]:
        """Return every ReplicaSet's wanted and available pods."""
        return [each.size(self._clock.t, self.spec.rollout.min_ready) for each in self.sets]

    def scale(self, replicas: int) -> None:
        """Want another number of pods; in the middle of a roll-out every ReplicaSet gets its share."""
        if replicas == self.replicas:
            return
        most_before = self.replicas + limits(self.spec.rollout, self.replicas)[0]
        self.replicas = replicas
        surge, _ = limits(self.spec.rollout, replicas)
        active = [each for each in self.sets if each.replicas]
        if len(active) <= 1:
            self._resize(active[0] if active else self.current, replicas)
        elif self.strategy == "surge" and self.current.size(self._clock.t, 0) != (replicas, replicas):
            sizes = [each.replicas for each in active]
            wanted = proportional(sizes, replicas, surge, most_before)
            for each, size in zip(active, wanted, strict=True):
                self._resize(each, size)
        self.reconcile()

    def roll_out(self, spec: DeploymentSpec, rollout: str = "as-configured") -> None:
        """Replace every pod that is not of this revision."""
        if spec is not self.spec:
            self.previous = self.spec
        self.spec = spec
        self.strategy = spec.rollout.strategy if rollout == "as-configured" else rollout
        self.current = self._adopt(spec)
        self.progress.moved(self._clock.t)
        self.reconcile()

    def set_pools(self, changes: dict[str, dict[str, Any]], rollout: str = "as-configured") -> None:
        """Change settings of pools by hand and replace the pods; `changes` are values by setting by pool."""
        self.roll_out(self._by_hand.change(self.spec, changes), rollout)

    def ship(self, spec: DeploymentSpec) -> None:
        """Roll out a fix, which keeps what was changed by hand and does not itself change."""
        self.roll_out(self._by_hand.kept(spec))

    def restart(self, rollout: str = "as-configured") -> None:
        """Replace every pod by a new one of the same revision."""
        self._stamp = max(each.restarted for each in self.sets) + 1
        self.roll_out(self.spec, rollout)

    def roll_back(self, rollout: str = "as-configured") -> None:
        """Return to the revision before, which there must be; another roll-back returns from there."""
        if self.previous is not None:
            self._by_hand.take_back()
            self.roll_out(self.previous, rollout)

    def reconcile(self, _: object = None) -> None:
        """Take every step towards the wanted pods that can be taken now."""
        if self._reconciling:
            return
        self._reconciling = True
        while self._step():
            pass
        self._reconciling = False
        self.progress.note(self._clock.t, self.sizes(), self.sets.index(self.current), self.replicas)
        self._forget_old_sets()

    def _adopt(self, spec: DeploymentSpec) -> ReplicaSet:
        """Return the ReplicaSet of a template, which may be one that was there before."""
        text = template(spec)
        name = f"{self.name}-{template_hash(self.name, text, self._stamp)}"
        found = next((each for each in self.sets if each.name == name), None)
        if found is None:
            found = ReplicaSet(name, self._compile(spec), spec, self._stamp)
            self.sets.append(found)
        if found.revision < self._revisions or not found.revision:
            self._revisions += 1
            found.revision = self._revisions
        return found

    def _step(self) -> bool:
        """Resize ReplicaSets once; return whether anything was done."""
        new, old = self.current, [each for each in self.sets if each is not self.current and each.replicas]
        if self.strategy == "recreate":
            if any([self._resize(each, 0) for each in old]):  # noqa: C419 - every one of them
                return True
            waits = any(pod.replica_set is not new for pod in self.pods)
            return not waits and self._resize(new, self.replicas)
        surge, missing = limits(self.spec.rollout, self.replicas)
        total = sum(each.replicas for each in self.sets)
        now, min_ready = self._clock.t, self.spec.rollout.min_ready
        if self._resize(new, grown(new.size(now, min_ready), total, self.replicas, surge)):
            return True
        sizes = shrunk([each.size(now, min_ready) for each in old], new.size(now, min_ready), self.replicas, missing)
        return any([self._resize(each, size) for each, size in zip(old, sizes, strict=True)])  # noqa: C419 - as above

    def _resize(self, target: ReplicaSet, replicas: int) -> bool:
        """Let a ReplicaSet have so many pods; return whether that is new."""
        before = target.replicas
        if replicas == before:
            return False
        word = "up" if replicas > before else "down"
        text = f"Scaled {word} replica set {target.name} from {before} to {replicas}"
        self._journal.event("Deployment", self.name, "ScalingReplicaSet", text)
        target.replicas = replicas
        alive = target.alive()
        for _ in range(replicas - len(alive)):
            self._create(target)
        if len(alive) > replicas:
            nodes = [pod.node for pod in self.pods if pod.phase not in (TERMINATING, GONE)]
            neighbours = {node: nodes.count(node) for node in nodes}
            for pod in victims(alive, len(alive) - replicas, self._clock.t, neighbours):
                self._journal.event("ReplicaSet", target.name, "SuccessfulDelete", f"Deleted pod: {pod.name}")
                pod.stop()
        return True

    def _create(self, target: ReplicaSet) -> None:
        letters = (ALPHABET[int(self._names.random() * len(ALPHABET))] for _ in range(5))
        pod = Pod(f"{target.name}-{''.join(letters)}", target, self._around)
        target.pods.append(pod)
        self.pods.append(pod)
        self._journal.event("ReplicaSet", target.name, "SuccessfulCreate", f"Created pod: {pod.name}")

    def _forget_old_sets(self) -> None:
        idle = [each for each in self.sets if not each.replicas and not each.pods and each is not self.current]
        for each in idle[:-KEPT_SETS]:
            self.sets.remove(each)

    def _changed(self, pod: Pod) -> None:
        if pod.phase == GONE and pod in self.pods:
            self.pods.remove(pod)
            pod.replica_set.pods.remove(pod)
        min_ready = self.spec.rollout.min_ready
        if pod.ready and min_ready:
            self._clock.call_at(self._clock.t + min_ready, self.reconcile)
        self.reconcile()


def _uniform(streams: Streams, deployment: str, purpose: str) -> Callable[[], float]:
    return streams.source(f"{purpose}/{deployment}").random
