"""A pod's life: start, fill its pools, get ready, answer probes, crash and back off, drain, end.

Separate because pods are rare and slow beside requests, so they are ordinary SimPy processes. Defaults and wording
follow Kubernetes: crash-loop back-off 10, 20, 40 … 300 s, reset after ten minutes of running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

from drill.sim.failures import POD_LOST
from drill.sim.filling import fill, make_pools, top_up
from drill.sim.probes import Probe
from drill.sim.processor import Processor
from drill.sim.request import cut_short
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from drill.sim.calling import Call, Guards
    from drill.sim.failures import Failure
    from drill.sim.pool import Pool
    from drill.sim.request import Request
    from drill.sim.service import Service
    from drill.sim.surroundings import Surroundings

PENDING, STARTING, RUNNING, BACKING_OFF, TERMINATING, GONE = (
    "Pending",
    "ContainerCreating",
    "Running",
    "CrashLoopBackOff",
    "Terminating",
    "Gone",
)
_FIRST_BACK_OFF_US = 10 * US_PER_S
_LONGEST_BACK_OFF_US = 300 * US_PER_S
_BACK_OFF_RESET_US = 600 * US_PER_S


class Pod:
    """One pod of one revision."""

    def __init__(self, name: str, service: Service, around: Surroundings) -> None:
        """Start at once."""
        self.name = name
        self.service = service
        self.router = around.router
        self.phase = PENDING
        self.ready = False
        self.ready_since = 0
        """When it last became ready."""
        self.created = around.clock.t
        self.started = around.clock.t
        """When its process last started."""
        self.restarts = 0
        self.sent_bytes = 0
        """Bytes of good answers since the start."""
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
        self.cpu = Processor(around.clock, service.spec.cores)
        self._around = around
        self._probes: list[Probe] = []
        self._crashed: simpy.Event | None = None
        self.process = around.clock.process(self._live())

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
        spec = self.service.spec
        return spec.memory + spec.memory_per_request * len(self.running) if self.phase in (RUNNING, TERMINATING) else 0

    @property
    def connections(self) -> int:
        """Open members of its connection pools."""
        specs = self.service.spec.pools.values()
        return sum(
            pool.open + pool.outside for pool, spec in zip(self.pools, specs, strict=False) if spec.to != "nothing"
        )

    def report(self, failure: Failure) -> None:
        """Log why a request failed."""
        for text in (failure.text, *failure.detail):
            self._around.journal.log(self.name, "ERROR", text)

    def warn(self, text: str) -> None:
        """Log what a request was told besides its answer."""
        self._around.journal.log(self.name, "WARNING", text)

    def stop(self) -> None:
        """Drain: no new requests; end when the running ones are done or the grace period is over."""
        if self.phase in (TERMINATING, GONE):
            return
        served = self.phase == RUNNING
        self._quiesce()
        self.phase = TERMINATING
        self._around.journal.event("Pod", self.name, "Killing", "Stopping container app")
        if not served or not self.running:
            self._end()
            return
        self.draining = self._end
        clock = self._around.clock
        clock.call_at(clock.t + self.service.spec.grace, self._grace_over)

    def drained(self) -> None:
        """End a draining pod now that nothing runs any more."""
        if self.draining is not None:
            self.draining()

    def fail_liveness(self) -> None:
        """Be killed by a failed liveness probe and restart in place."""
        self._around.journal.event(
            "Pod", self.name, "Killing", "Container app failed liveness probe, will be restarted"
        )
        if self._crashed is not None:
            self._crashed.succeed(value=False)

    def set_ready(self, *, ready: bool) -> None:
        """Get requests, or no more."""
        if ready == self.ready or (ready and self.phase != RUNNING):
            return
        self.ready = ready
        if ready:
            self.ready_since = self._around.clock.t
            self.router.add(self)
        else:
            self.router.remove(self)
        self._around.changed(self)

    def _live(self) -> Generator[Any, Any, Any]:
        try:
            yield from self._lives()
        except simpy.Interrupt:
            return

    def _lives(self) -> Generator[Any, Any, Any]:
        clock, journal = self._around.clock, self._around.journal
        journal.event("Pod", self.name, "Scheduled", f"Successfully assigned default/{self.name}")
        self.phase = STARTING
        back_off_us = _FIRST_BACK_OFF_US
        while True:
            yield clock.timeout(self._around.start_up_us())
            journal.event("Pod", self.name, "Started", "Started container app")
            self.started = clock.t
            self.pools = make_pools(self.name, self.service.spec, self._around, timed=self.service.timed)
            filled = yield clock.process(fill(clock, self.pools, self.service.spec, self.report))
            if filled:
                self._serve()
                self._crashed = clock.event()
                yield self._crashed
                self._crashed = None
            self._lose_everything()
            if self.phase in (TERMINATING, GONE):
                return
            self.restarts += 1
            if clock.t - self.started >= _BACK_OFF_RESET_US:
                back_off_us = _FIRST_BACK_OFF_US
            if not filled or self.restarts > 1:
                self.phase = BACKING_OFF
                journal.event("Pod", self.name, "BackOff", "Back-off restarting failed container app")
                yield clock.timeout(back_off_us)
                back_off_us = min(2 * back_off_us, _LONGEST_BACK_OFF_US)
            self.phase = STARTING

    def _serve(self) -> None:
        self.phase = RUNNING
        spec = self.service.spec
        self._probes = [
            Probe(self._around.clock, self._around.journal, self, kind, probe)
            for kind, probe in (("Readiness", spec.readiness), ("Liveness", spec.liveness))
            if probe is not None
        ]
        clock = self._around.clock
        for pool, pool_spec in zip(self.pools, spec.pools.values(), strict=True):
            if pool_spec.top_up:
                clock.process(top_up(clock, pool, pool_spec.top_up, self.report))
        if spec.readiness is None:
            clock.call_at(clock.t, self._become_ready)

    def _become_ready(self, _: object) -> None:
        if self.phase == RUNNING:
            self.set_ready(ready=True)

    def _quiesce(self) -> None:
        for probe in self._probes:
            probe.stop()
        self._probes = []
        self.set_ready(ready=False)

    def _lose_everything(self) -> None:
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

    def _grace_over(self, _: object) -> None:
        if self.phase == TERMINATING:
            self.report(POD_LOST)
            self._end()

    def _end(self) -> None:
        self.draining = None
        # A pod may be stopped from within its own life, when losing readiness makes its deployment let it go.
        if self.process.is_alive and self.process is not self._around.clock.active_process:
            self.process.interrupt()
        self._lose_everything()
        self.phase = GONE
        self._around.changed(self)
