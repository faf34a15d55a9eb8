"""Calls from one deployment to another, or to the outside, with timeout, retries and circuit breaker.

Separate from other steps because a call is a caller of its own, and how it is made can be changed while it is. What
is called does not notice that a caller gave up; each pod has a breaker and a retry budget of its own. An answer goes on
from the clock and not from inside the called pod, so that its queues are never entered while they are being emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappush
from typing import TYPE_CHECKING

from drill.sim.breaker import Breaker
from drill.sim.failures import call_failed, call_timeout, circuit_open
from drill.sim.patience import Patience
from drill.sim.program import Hold
from drill.sim.retries import Retries
from drill.sim.streams import CHOICE_BITS, spread
from drill.telemetry.outcomes import STATUS, Outcome

if TYPE_CHECKING:
    from drill.scenario.callers import BreakerSpec, RetrySpec
    from drill.sim.failures import Failure
    from drill.sim.pod import Pod
    from drill.sim.request import Request
    from drill.sim.switchboard import Counts, Switchboard


@dataclass(frozen=True, slots=True, eq=False)
class CallPolicy:
    """How a call is made, as long as nobody changes it."""

    timeout_us: int
    """0 for never."""
    retry: RetrySpec | None
    breaker: BreakerSpec | None


class Guards:
    """What a pod remembers of one call under one policy."""

    def __init__(self, policy: CallPolicy, switchboard: Switchboard) -> None:
        """Remember nothing yet."""
        self.policy = policy
        self.retries = None if policy.retry is None else Retries(policy.retry, switchboard.uniform)
        self.breaker = None if policy.breaker is None else Breaker(policy.breaker)


class Call(Hold):
    """Call and wait."""

    __slots__ = (
        "_patience",
        "called",
        "counts",
        "deployment",
        "described",
        "endpoint",
        "key",
        "name",
        "plain",
        "policy",
        "switchboard",
    )

    def __init__(self, switchboard: Switchboard, name: str, endpoint: str, draws: tuple[int, int | None]) -> None:
        """Call `name`; `draws` are the demands for the time and for what is called, None for a call to the outside."""
        super().__init__(switchboard.clock, draws[0])
        self.switchboard = switchboard
        self.name = name
        self.endpoint = endpoint
        self.called = draws[1]
        self.counts: Counts
        self.deployment: str
        """Who calls."""
        self.key = self
        """What pods remember the call by; another form of the same call has the same."""
        self.described: BreakerSpec | None = None
        """The breaker that the scenario describes."""
        self.policy: CallPolicy
        self._patience: Patience | None

    def use(self, policy: CallPolicy) -> None:
        """Make calls in this way from now on."""
        self.policy = policy
        self.timeout_us = policy.timeout_us
        self.failure = call_timeout(self.name, policy.timeout_us)
        bare = policy.retry is None and policy.breaker is None
        self.plain = self.called is None and bare and self.switchboard.direct
        expired = self.switchboard.expired
        self._patience = Patience(self.clock, policy.timeout_us, expired) if policy.timeout_us else None

    def run(self, request: Request) -> None:
        """Call."""
        if self.plain:  # as a hold does it, without another call
            time_us, clock = request.demands[self.draw], self.clock
            if 0 < self.timeout_us < time_us:
                heappush(clock.heap, (clock.t + self.timeout_us, 1, next(clock.tickets), self.expired, request))
            else:
                heappush(clock.heap, (clock.t + time_us, 1, next(clock.tickets), self.ended, request))
            return
        ongoing = Ongoing(self, request)
        retries = ongoing.guards.retries
        if retries is not None:
            retries.began(self.clock.t)
        ongoing.attempt()

    def guards(self, pod: Pod) -> Guards:
        """Return what a pod remembers of this call."""
        found = pod.guards.get(self.key)
        if found is None or found.policy is not self.key.policy:
            found = pod.guards[self.key] = Guards(self.key.policy, self.switchboard)
        return found

    def wait(self, request: Request) -> None:
        """Begin to wait for an attempt."""
        if self._patience is not None:
            self._patience.start(request)


class Ongoing:
    """One call of one request, over all its attempts."""

    __slots__ = ("attempts", "failure", "guards", "permit", "request", "step", "wait_us")

    def __init__(self, step: Call, request: Request) -> None:
        """Have made no attempt."""
        self.step = step
        self.request = request
        self.guards = step.guards(request.pod)
        self.attempts = 0
        self.wait_us = 0
        self.permit: int | None = None
        self.failure: Failure | None = None

    def attempt(self, _: object = None) -> None:
        """Call, for the first time or again, if the breaker permits it."""
        step, parent = self.step, self.request
        if parent.ended is not None:
            parent.ended(parent)
            return
        switchboard, breaker = step.switchboard, self.guards.breaker
        now_us = switchboard.clock.t
        if breaker is not None:
            self.permit = breaker.permit(now_us)
            if self.permit is None:
                step.counts.refused += 1
                self._end(circuit_open(step.name, breaker.state))
                return
        step.counts.attempts += 1
        step.counts.retries += bool(self.attempts)
        self.attempts += 1
        request = switchboard.request(step.endpoint, () if step.called is None else parent.demands[step.called][1])
        request.caller = self
        request.flags = parent.flags
        step.wait(request)
        time_us = parent.demands[step.draw]
        if time_us or step.called is None:
            switchboard.clock.call_at(now_us + time_us, self.arrived, request)
        else:
            self.arrived(request)

    def arrived(self, request: Request) -> None:
        """Let an attempt reach what is called, unless it was given up on the way."""
        if request.outcome is not None:
            return
        step = self.step
        if step.called is None:
            step.switchboard.leave(step.deployment, request)
            return
        number = self.request.demands[step.called][0] / (1 << CHOICE_BITS)
        step.switchboard.send(request, step.name, spread(number, self.attempts - 1))

    def answered(self, request: Request) -> None:
        """Take an answer: go on, try again, or fail."""
        outcome, step = request.outcome, self.step
        clock, guards = step.switchboard.clock, self.guards
        if guards.breaker is not None and self.permit is not None:
            guards.breaker.record(self.permit, clock.t, failed=bool(outcome), took_us=clock.t - request.at)
        if not outcome:
            clock.call_at(clock.t, self.proceed)
            return
        wait_us = None
        if guards.retries is not None:
            wait_us = guards.retries.wait_us(outcome, self.attempts, self.wait_us, clock.t)
        if wait_us is not None:
            self.wait_us = wait_us
            clock.call_at(clock.t + wait_us, self.attempt)
        elif outcome is Outcome.CALL_TIMEOUT:
            step.counts.timeouts += 1
            self._end(call_timeout(step.name, guards.policy.timeout_us))
        else:
            self._end(call_failed(step.name, STATUS[outcome]))

    def _end(self, failure: Failure) -> None:
        self.failure = failure
        clock = self.step.switchboard.clock
        clock.call_at(clock.t, self.proceed)

    def proceed(self, _: object) -> None:
        """Go on with the program, unless the request was cut short meanwhile."""
        request = self.request
        if request.ended is not None:
            request.ended(request)
        elif self.failure is not None:
            self.step.fail(request, self.failure)
        else:
            self.step.next(request)
