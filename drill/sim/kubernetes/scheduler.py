"""The scheduler: places pods on nodes by what they request, and keeps those that fit nowhere pending.

Separate because nodes know nothing of deployments. Filters are those of NodeResourcesFit (cores, memory, number of
pods), the score is its LeastAllocated strategy; of equal nodes the one with fewest pods wins, then the first. Wording
is that of kube-scheduler's `FitError`, whose last sentence really ends in two full stops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.kubernetes import NodeSpec
    from drill.scenario.topology import DeploymentSpec
    from drill.sim.clock import Clock
    from drill.sim.journal import Journal

FLUSH_US = 300 * US_PER_S
"""After this long an unschedulable pod is tried again though nothing has changed."""
_MILLI = 1_000
_ADDRESSES = 254


@dataclass(frozen=True, slots=True)
class Requests:
    """What one pod asks of its node."""

    milli_cores: int
    memory: int

    @staticmethod
    def of(spec: DeploymentSpec) -> Requests:
        """Return a pod's requests; what is not requested is requested up to the limit, as the API server fills in."""
        cores = spec.cores if spec.cpu_request is None else spec.cpu_request
        return Requests(round(cores * _MILLI), spec.memory_request or spec.memory_limit)


@dataclass(slots=True, eq=False)
class Node:
    """One node; `spec` None for a node without bounds."""

    name: str
    index: int
    spec: NodeSpec | None
    pods: dict[str, Requests] = field(default_factory=dict)
    """Requests of the pods on it, by name."""
    milli_cores: int = 0
    """Requested in sum."""
    memory: int = 0
    """Requested in sum."""
    addresses: int = 0
    """How many were given out."""

    def lacks(self, wanted: Requests) -> list[str]:
        """Return why a pod does not fit."""
        spec = self.spec
        if spec is None:
            return []
        tests = (
            (len(self.pods) + 1 > spec.pods, "Too many pods"),
            (self.milli_cores + wanted.milli_cores > round(spec.cores * _MILLI), "Insufficient cpu"),
            (self.memory + wanted.memory > spec.memory, "Insufficient memory"),
        )
        return [reason for fails, reason in tests if fails]

    def score(self, wanted: Requests) -> int:
        """Return from 0 to 100 how much would be left."""
        if self.spec is None:
            return 100
        cores = round(self.spec.cores * _MILLI)
        left = (cores - self.milli_cores - wanted.milli_cores) * 100 // cores
        return (left + (self.spec.memory - self.memory - wanted.memory) * 100 // max(1, self.spec.memory)) // 2

    def address(self) -> str:
        """Return the address of the next pod: each node has a network of 254."""
        number, self.addresses = self.addresses % (_ADDRESSES - 1), self.addresses + 1
        return f"10.244.{self.index}.{number + 2}"


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    name: str
    wanted: Requests
    placed: Callable[[Node], object]


class Scheduler:
    """Places the pods of one cluster."""

    def __init__(self, clock: Clock, journal: Journal, specs: dict[str, NodeSpec]) -> None:
        """Know the nodes; without any there is a single one that everything fits on."""
        self._clock = clock
        self._journal = journal
        self.bounded = bool(specs)
        """Whether there are nodes that can be full."""
        names = [
            (name if spec.count == 1 else f"{name}-{number + 1}", spec)
            for name, spec in specs.items()
            for number in range(spec.count)
        ]
        self.nodes = [Node(name, index, spec) for index, (name, spec) in enumerate(names)] or [Node("node-1", 0, None)]
        self._pending: dict[str, _Waiting] = {}

    def place(self, name: str, wanted: Requests, placed: Callable[[Node], object]) -> None:
        """Call `placed` with a node, at once or when there is room."""
        waiting = _Waiting(name, wanted, placed)
        if not self._try(waiting):
            self._pending[name] = waiting
            self._refuse(waiting)

    def release(self, name: str) -> None:
        """Forget a pod that is gone, and place others where it was."""
        self._pending.pop(name, None)
        for node in self.nodes:
            gone = node.pods.pop(name, None)
            if gone is not None:
                node.milli_cores -= gone.milli_cores
                node.memory -= gone.memory
                for waiting in list(self._pending.values()):
                    self._try(waiting)

    def _try(self, waiting: _Waiting) -> bool:
        wanted = waiting.wanted
        fitting = [node for node in self.nodes if not node.lacks(wanted)]
        if not fitting:
            return False
        node = max(fitting, key=lambda node: (node.score(wanted), -len(node.pods), -node.index))
        node.pods[waiting.name] = wanted
        node.milli_cores += wanted.milli_cores
        node.memory += wanted.memory
        self._pending.pop(waiting.name, None)
        waiting.placed(node)
        return True

    def _refuse(self, waiting: _Waiting) -> None:
        counts: dict[str, int] = {}
        for node in self.nodes:
            for reason in node.lacks(waiting.wanted):
                counts[reason] = counts.get(reason, 0) + 1
        reasons = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
        none = f"0/{len(self.nodes)} nodes are available: "
        victims = f"{none}{len(self.nodes)} No preemption victims found for incoming pod."
        self._journal.event("Pod", waiting.name, "FailedScheduling", f"{none}{reasons}. preemption: {victims}.")
        self._clock.call_at(self._clock.t + FLUSH_US, self._flush, waiting)

    def _flush(self, waiting: _Waiting) -> None:
        if self._pending.get(waiting.name) is waiting and not self._try(waiting):
            self._refuse(waiting)
