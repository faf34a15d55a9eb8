"""Readiness and liveness probes.

Separate because a probe is a small client of its own: it may borrow from the very pool it is meant to judge, and then
waits in the same queue as the requests, but for as long as its own timeout says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from drill.scenario.topology import ProbeSpec
    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.journal import Journal
    from drill.sim.pod import Pod
    from drill.sim.pool import Pool
    from drill.sim.queue import Queue


class Probe:
    """One probe of one pod."""

    def __init__(self, clock: Clock, journal: Journal, pod: Pod, kind: str, spec: ProbeSpec) -> None:
        """Start probing; `kind` is `Readiness` or `Liveness`."""
        self._clock = clock
        self._journal = journal
        self._pod = pod
        self._kind = kind
        self._spec = spec
        self._stopped = False
        self._process = clock.process(self._watch())

    def stop(self) -> None:
        """Probe no more."""
        self._stopped = True
        if self._process.is_alive and self._process is not self._clock.active_process:
            self._process.interrupt()

    def _watch(self) -> Generator[Any, Any, Any]:
        spec, failures = self._spec, 0
        try:
            while not self._stopped:
                started = self._clock.t
                answered = spec.check == "process" or (yield self._clock.process(self._borrow()))
                if answered:
                    failures = 0
                    if self._kind == "Readiness":
                        self._pod.set_ready(ready=True)
                else:
                    failures += 1
                    self._journal.event(
                        "Pod", self._pod.name, "Unhealthy", f"{self._kind} probe failed: context deadline exceeded"
                    )
                    if failures >= spec.failures and self._act():
                        return
                if self._stopped:  # what came of the answer may have ended the pod
                    return
                yield self._clock.timeout(max(0, started + spec.period - self._clock.t))
        except simpy.Interrupt:
            return

    def _act(self) -> bool:
        """Draw the consequence of too many failures; return whether probing ends."""
        if self._kind == "Readiness":
            self._pod.set_ready(ready=False)
            return False
        self._pod.fail_liveness()
        return True

    def _borrow(self) -> Generator[Any, Any, bool]:
        """Give whether the pool lends a member in time."""
        pool = self._pod.pools[self._pod.service.pool_names.index(self._spec.check)]
        claim = _Claim(pool, self._clock.event())
        pool.claim(claim)
        yield claim.answer | self._clock.timeout(self._spec.timeout)
        if claim.member is not None:
            pool.give_back(claim.member)
            return True
        claim.given_up = True
        if claim.waiting is not None:
            claim.waiting.leave(claim)
        return False


class _Claim:
    """A probe's place in a pool's queue; see `pool.Claimant`."""

    patient = True
    since = 0
    waited = 0
    waiting: Queue | None = None

    def __init__(self, pool: Pool, answer: simpy.Event) -> None:
        self.pool = pool
        self.answer = answer
        self.member: Any = None
        self.given_up = False
        self.resume: Callable[[Any, Any], object] = self._granted
        self.refuse: Callable[[Any, Failure], object] = self._refused

    def _granted(self, _: object, member: Any) -> None:  # noqa: ANN401 - the pool's source knows the type
        if self.given_up:
            self.pool.give_back(member)
            return
        self.member = member
        self.answer.succeed()

    def _refused(self, _: object, failure: Failure) -> None:
        del failure
        if not self.answer.triggered:
            self.answer.succeed()
