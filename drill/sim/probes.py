"""Start-up, readiness and liveness probes.

Separate because a probe is a small client of its own: it may borrow from the very pool it is meant to judge, and then
waits in the same queue as the requests, but for as long as its own timeout says. Rules and wording are those of the
kubelet's prober (`worker.go`, `prober.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from drill.scenario.topology import DeploymentSpec, ProbeSpec
    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.pod import Pod
    from drill.sim.pool import Pool
    from drill.sim.queue import Queue

STARTUP, READINESS, LIVENESS = "Startup", "Readiness", "Liveness"
RELIST_US = US_PER_S
"""The kubelet sees within a second that a container runs (its relist period), and probes from then on."""
PORT = 8080
_PATHS = {STARTUP: "started", READINESS: "ready", LIVENESS: "live"}


class Probing:
    """The probes of one process."""

    def __init__(self, clock: Clock, pod: Pod, spec: DeploymentSpec) -> None:
        """Begin once the process listens, but not later than the kubelet notices it."""
        self.pod = pod
        self._clock = clock
        self._spec = spec
        self._since = clock.t
        self._begun = False
        self._started = False
        self._stopped = False
        self._probes: list[Probe] = []
        self.listens = False
        """Whether the process answers at all; until then its probes are refused."""
        clock.call_at(clock.t + RELIST_US, self._begin)

    def listening(self) -> None:
        """Answer from now on: the pools are filled as their policy says."""
        self.listens = True
        if self._started:
            self._serve()
        self._begin()

    def stop(self) -> None:
        """Probe no more."""
        self._stopped = True
        for probe in self._probes:
            probe.stop()

    def started(self) -> None:
        """Let the other probes begin: there is no start-up probe, or it has succeeded."""
        if self._spec.readiness is not None:
            self._add(READINESS, self._spec.readiness)
        if self._spec.liveness is not None:
            self._add(LIVENESS, self._spec.liveness)
        self._started = True
        if self.listens:
            self._serve()

    def _serve(self) -> None:
        """Be ready if nobody asks whether it is."""
        if self._spec.readiness is None:
            self._clock.call_at(self._clock.t, self._become_ready)

    def _begin(self, _: object = None) -> None:
        if self._begun or self._stopped:
            return
        self._begun = True
        if self._spec.startup is None:
            self.started()
        else:
            self._add(STARTUP, self._spec.startup)

    def _add(self, kind: str, spec: ProbeSpec) -> None:
        delay = max(0, self._since + spec.initial_delay - self._clock.t)
        self._probes.append(Probe(self._clock, self, kind, spec, delay))

    def _become_ready(self, _: object) -> None:
        if not self._stopped:
            self.pod.set_ready(ready=True)


class Probe:
    """One probe of one process; as there are many, only one that borrows is a SimPy process, and only for that long."""

    def __init__(self, clock: Clock, probing: Probing, kind: str, spec: ProbeSpec, delay_us: int) -> None:
        """Start probing after a delay."""
        self._clock = clock
        self._pod = probing.pod
        self._probing = probing
        self._kind = kind
        self._spec = spec
        self._stopped = False
        self._began = clock.t
        """When the latest answer was asked for."""
        self._failures = self._successes = 0
        """Answers of the same kind in a row."""
        clock.call_at(clock.t, self._start, delay_us, first=True)

    def stop(self) -> None:
        """Probe no more."""
        self._stopped = True

    def _start(self, delay_us: int) -> None:
        if delay_us:
            self._clock.call_at(self._clock.t + delay_us, self._ask)
        else:
            self._ask()

    def _ask(self, _: object = None) -> None:
        if self._stopped:
            return
        self._began = self._clock.t
        if not self._probing.listens:
            self._judge(f"{self._request()}: dial tcp {self._pod.ip}:{PORT}: connect: connection refused")
        elif self._spec.check == "process":
            self._judge("")
        else:
            borrowing = self._clock.process(self._borrow())
            borrowing.callbacks.append(self._answer)

    def _answer(self, borrowing: simpy.Event) -> None:
        """Judge the status that the application answered with."""
        status = borrowing.value
        if self._stopped:
            return
        if not status:
            why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            self._judge(f"{self._request()}: {why}")
        else:
            self._judge("" if status == _OK else f"HTTP probe failed with statuscode: {status}")

    def _request(self) -> str:
        return f'Get "http://{self._pod.ip}:{PORT}/{_PATHS[self._kind]}"'

    def _judge(self, refusal: str) -> None:
        """Draw the consequence of what the kubelet writes down about an answer, which is empty for a good one."""
        spec = self._spec
        if refusal:
            self._failures, self._successes = self._failures + 1, 0
            self._pod.event("Unhealthy", f"{self._kind} probe failed: {refusal}")
            ends = self._failures >= spec.failures and self._failed()
        else:
            self._failures, self._successes = 0, self._successes + 1
            ends = self._successes >= spec.successes and self._succeeded()
        if not ends:
            clock = self._clock
            clock.call_at(max(clock.t, self._began + spec.period), self._ask)

    def _succeeded(self) -> bool:
        """Draw the consequence of enough successes; return whether probing ends."""
        if self._kind == READINESS:
            self._pod.set_ready(ready=True)
        elif self._kind == STARTUP:
            self._probing.started()
            return True
        return False

    def _failed(self) -> bool:
        """Draw the consequence of too many failures; return whether probing ends."""
        if self._kind == READINESS:
            self._pod.set_ready(ready=False)
            return False
        self._pod.fail(self._kind)
        return True

    def _borrow(self) -> Generator[Any, Any, int]:
        """Give the status the application answers with: 200 with a member of the pool, 503 without, 0 for too late."""
        pool = self._pod.pools[self._pod.service.pool_names.index(self._spec.check)]
        claim = _Claim(pool, self._clock.event())
        pool.claim(claim)
        yield claim.answer | self._clock.timeout(self._spec.timeout)
        if claim.member is not None:
            pool.give_back(claim.member)
            return _OK
        if claim.answer.triggered:
            return _UNAVAILABLE
        claim.given_up = True
        if claim.waiting is not None:
            claim.waiting.leave(claim)
        return 0


_OK, _UNAVAILABLE = 200, 503


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
