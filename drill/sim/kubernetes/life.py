"""A pod's life: be placed, start, fill its pools, get ready, answer probes, exit, back off, start again.

Separate from the pod, whose facts everybody reads: this is the one process that drives it. Pods are rare and slow
beside requests, so it is an ordinary SimPy process. Order and wording follow the kubelet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

from drill.sim.filling import fill, make_pools, top_up
from drill.sim.kubernetes.backoff import BackOff
from drill.sim.kubernetes.exits import FAILED, Exit
from drill.sim.kubernetes.identity import NAMESPACE
from drill.sim.kubernetes.phases import BACKING_OFF, GONE, STARTING, TERMINATING
from drill.sim.kubernetes.scheduler import Requests
from drill.sim.probes import Probing

if TYPE_CHECKING:
    from collections.abc import Generator

    from drill.sim.pod import Pod
    from drill.sim.surroundings import Surroundings


class Life:
    """The course of things in one pod."""

    def __init__(self, pod: Pod, around: Surroundings) -> None:
        """Start at once."""
        self._pod = pod
        self._around = around
        self._probing: Probing | None = None
        self._exited: simpy.Event | None = None
        self._placed: simpy.Event | None = None
        self._process = around.clock.process(self._live())

    def placed(self) -> None:
        """Go on with a node."""
        if self._placed is not None:
            self._placed.succeed()

    def exit(self, how: tuple[str, int]) -> None:
        """End the process that runs, if one does."""
        if self._exited is not None and not self._exited.triggered:
            self._exited.succeed(how)

    def stop_probing(self) -> None:
        """Probe the process no more."""
        if self._probing is not None:
            self._probing.stop()
        self._probing = None

    def end(self) -> None:
        """End with the pod."""
        # A pod may be stopped from within its own life, when losing readiness makes its deployment let it go.
        if self._process.is_alive and self._process is not self._around.clock.active_process:
            self._process.interrupt()

    def _live(self) -> Generator[Any, Any, Any]:
        try:
            yield from self._lives()
        except simpy.Interrupt:
            return

    def _lives(self) -> Generator[Any, Any, Any]:
        pod, clock, back_off = self._pod, self._around.clock, BackOff()
        self._around.scheduler.place(pod.name, Requests.of(pod.service.spec), pod.be_placed)
        if not pod.node:
            self._placed = clock.event()
            yield self._placed
        while True:
            pod.phase = STARTING
            yield clock.timeout(self._around.start_up_us())
            pod.last_exit = yield from self._run()
            pod.lose_everything()
            if pod.phase in (TERMINATING, GONE):
                pod.drained()
                return
            restart = back_off.restart_at(clock.t)
            if restart > clock.t:
                pod.phase = BACKING_OFF
                where = f"{pod.name}_{NAMESPACE}({pod.uid})"
                pod.event("BackOff", f"Back-off restarting failed container app in pod {where}")
                yield clock.timeout(restart - clock.t)
            pod.restarts += 1

    def _run(self) -> Generator[Any, Any, Exit]:
        """Run the process until it ends, and give how."""
        pod, clock, spec = self._pod, self._around.clock, self._pod.service.spec
        pod.event("Started", "Started container app")
        pod.begin()
        pod.pools = make_pools(pod.name, spec, pod.cpu, self._around, timed=pod.service.timed)
        exited = self._exited = clock.event()
        self._probing = Probing(clock, pod, spec)
        filling = clock.process(fill(clock, pod.pools, spec, pod.report))
        yield filling | exited
        if not exited.triggered and not filling.value:
            self.exit(FAILED)
        elif self._probing is not None and not exited.triggered:
            self._probing.listening()
            for pool, pool_spec in zip(pod.pools, spec.pools.values(), strict=True):
                if pool_spec.top_up:
                    clock.process(top_up(clock, pool, pool_spec.top_up, pod.report))
        how: tuple[str, int] = yield exited
        self._exited = None
        return Exit(*how, pod.started, clock.t)
