"""A pod: what it is and has, and how it is stopped.

Separate from its life (`kubernetes.life`), which is a process that goes on by itself; here is what others see of it and
do to it. Order and wording follow the kubelet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.failures import POD_LOST
from drill.sim.kubernetes.exits import KILLED, OUT_OF_MEMORY, STOPPED
from drill.sim.kubernetes.identity import NAMESPACE, uid
from drill.sim.kubernetes.life import Life
from drill.sim.kubernetes.phases import BACKING_OFF, GONE, PENDING, RUNNING, STARTING, TERMINATING
from drill.sim.probes import RELIST_US
from drill.sim.processor import Processor
from drill.sim.request import cut_short
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.calling import Call, Guards
    from drill.sim.failures import Failure
    from drill.sim.kubernetes.exits import Exit
    from drill.sim.kubernetes.replica_set import ReplicaSet
    from drill.sim.kubernetes.scheduler import Node
    from drill.sim.pool import Pool
    from drill.sim.request import Request
    from drill.sim.surroundings import Surroundings


class Pod:
    """One pod of one ReplicaSet."""

    def __init__(self, name: str, replica_set: ReplicaSet, around: Surroundings) -> None:
        """Start at once."""
        self.name = name
        self.uid = uid(name)
        self.replica_set = replica_set
        self.service = replica_set.service
        self.router = around.router
        self.journal = around.journal
        self.node = ""
        """Name of its node; empty while there is none with room."""
        self.ip = ""
        self.phase = PENDING
        self.ready = False
        self.ready_since = 0
        """When it last became ready."""
        self.ready_changed = self.created = self.assigned = self.started = around.clock.t
        """When readiness last changed; when it was created, when placed on a node, when its process last started."""
        self.restarts = 0
        self.last_exit: Exit | None = None
        """How its container ended last; None if it never did."""
        self.sent_bytes = 0
        """Bytes of good answers since the start."""
        self.kept_bytes = 0
        """Memory its process took for good."""
        self.outstanding = 0
        """Requests the gateway waits for."""
        self.level_index = -1
        """Kept by the router."""
        self.running: dict[int, Request] = {}
        """Requests in its programs by number, those the gateway gave up on included."""
        self.draining: Callable[[], object] | None = None
        """Set while it stops: what to do once nothing runs any more."""
        self.pools: list[Pool] = []
        self.guards: dict[Call, Guards] = {}
        """What it remembers of its calls."""
        self.cpu = Processor(around.clock, self.service.spec.cores)
        self._around = around
        self.life = Life(self, around)
        """The course of things in it."""

    @property
    def pending(self) -> bool:
        """Whether no container of it has run yet."""
        return self.phase == PENDING or (self.phase == STARTING and not self.restarts)

    @property
    def status(self) -> str:
        """What `kubectl get pods` says of it."""
        if self.phase == STARTING and self.restarts:
            return RUNNING
        if self.phase == BACKING_OFF and self.last_exit is not None:
            seen = self._around.clock.t - self.last_exit.ended_us >= RELIST_US
            return BACKING_OFF if seen else self.last_exit.reason
        return self.phase

    @property
    def idle_cores(self) -> float:
        """Cores it uses without requests, 0 while it does not run."""
        spec = self.service.spec
        return spec.idle_cpu * spec.cores if self.phase in (RUNNING, TERMINATING) else 0.0

    def age_us(self) -> int:
        """Return how long it exists."""
        return self._around.clock.t - self.created

    def ran_us(self) -> int:
        """Return how long its process has run."""
        return self._around.clock.t - self.started

    @property
    def memory_bytes(self) -> int:
        """Memory used now."""
        if self.phase not in (RUNNING, TERMINATING):
            return 0
        spec = self.service.spec
        return spec.memory + spec.memory_per_request * len(self.running) + self.kept_bytes

    @property
    def connections(self) -> int:
        """Open members of its connection pools."""
        specs = self.service.spec.pools.values()
        return sum(
            pool.open + pool.outside for pool, spec in zip(self.pools, specs, strict=False) if spec.to != "nothing"
        )

    def report(self, failure: Failure) -> None:
        """Log why a request failed."""
        self.journal.failed(self.name, failure)

    def warn(self, text: str) -> None:
        """Log what a request was told besides its answer."""
        self._around.journal.log(self.name, "WARNING", text)

    def stop(self) -> None:
        """Drain: no new requests; end when the running ones are done or the grace period is over."""
        if self.phase in (TERMINATING, GONE):
            return
        served = self.phase == RUNNING
        self.phase = TERMINATING
        self._quiesce()
        if self.node:
            self.event("Killing", "Stopping container app")
        self._drain(self._end, at_once=not served)

    def drained(self) -> None:
        """End a draining pod now that nothing runs any more."""
        if self.draining is not None:
            self.draining()

    def fail(self, probe: str) -> None:
        """Be killed because of a failed probe, and restart in place: the process drains within the grace period."""
        self.event("Killing", f"Container app failed {probe.lower()} probe, will be restarted")
        self._quiesce()
        self._drain(self._killed, at_once=False)

    def run_out_of_memory(self) -> None:
        """Lose the container to the out-of-memory killer."""
        self.life.exit(OUT_OF_MEMORY)

    def set_ready(self, *, ready: bool) -> None:
        """Get requests, or no more."""
        if ready == self.ready or (ready and self.phase != RUNNING):
            return
        self.ready = ready
        self.ready_changed = self._around.clock.t
        if ready:
            self.ready_since = self._around.clock.t
            self.router.add(self)
        else:
            self.router.remove(self)
        self._around.changed(self)

    def event(self, reason: str, message: str) -> None:
        """Write a Kubernetes event about it."""
        self._around.journal.event("Pod", self.name, reason, message)

    def be_placed(self, node: Node) -> None:
        """Get a node and an address on it."""
        self.node, self.ip, self.assigned = node.name, node.address(), self._around.clock.t
        self.event("Scheduled", f"Successfully assigned {NAMESPACE}/{self.name} to {node.name}")
        self.life.placed()

    def begin(self) -> None:
        """Have a process that has just started."""
        self.phase, self.started, self.kept_bytes, self.draining = RUNNING, self._around.clock.t, 0, None

    def lose_everything(self) -> None:
        """Drop every request and connection, as the end of a process does."""
        self._quiesce()
        self.guards = {}
        running, self.running = self.running, {}
        for request in running.values():
            cut_short(request)
        for pool in self.pools:
            pool.shut()
        for request in running.values():
            if request.outcome is None:
                self._around.exchange.answer(request, Outcome.POD_LOST)

    def _quiesce(self) -> None:
        self.life.stop_probing()
        self.set_ready(ready=False)

    def _drain(self, done: Callable[[], object], *, at_once: bool) -> None:
        if at_once or not self.running:
            done()
            return
        self.draining = done
        clock = self._around.clock
        clock.call_at(clock.t + self.service.spec.grace, self._grace_over, (done, self.started))

    def _grace_over(self, drain: tuple[Callable[[], object], int]) -> None:
        if (self.draining, self.started) != drain:
            return
        self.report(POD_LOST)
        if self.phase == TERMINATING:
            self._end()
        else:
            self.draining = None
            self.life.exit(KILLED)

    def _killed(self) -> None:
        self.draining = None
        self.life.exit(STOPPED)

    def _end(self) -> None:
        self.draining = None
        self.life.end()
        self.lose_everything()
        self.phase = GONE
        self._around.scheduler.release(self.name)
        self._around.changed(self)
