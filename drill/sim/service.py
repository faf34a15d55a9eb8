"""One revision of a deployment, compiled: a program an endpoint, and what happens when a step fails.

Separate because pods of the old and the new revision run side by side during a roll-out, each with its own programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.compiling import Build
from drill.sim.demands import draw_keys
from drill.sim.kubernetes.memory import fitting
from drill.sim.ledger import MARK
from drill.sim.remnants import leaves_any
from drill.sim.request import nothing
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import CallStep, DeploymentSpec
    from drill.sim.calling import Call
    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.demands import Demands
    from drill.sim.exchange import Exchange
    from drill.sim.failures import Failure
    from drill.sim.network_steps import Transit
    from drill.sim.program import Step
    from drill.sim.request import Request

_OK = Outcome.OK


class Service:
    """What the pods of one revision do."""

    def __init__(  # noqa: PLR0913 - the parts a program acts on
        self,
        spec: DeploymentSpec,
        *,
        clock: Clock,
        database: Database,
        exchange: Exchange,
        demands: Demands,
        routes: list[str],
        call: Callable[[CallStep, tuple[int, int | None]], Call],
        transit: Transit | None = None,
        timed: bool = False,
    ) -> None:
        """Compile every endpoint; `routes` are the names of all endpoints, `call` makes the step of a call.

        `transit` makes the steps that carry statements over the network, None for none; with `timed` pools measure how
        long they lend, for which borrowers must always claim.
        """
        self.call, self.transit, self.timed = call, transit, timed
        self.spec, self.clock = spec, clock
        self.pool_names = list(spec.pools)
        """Names of the pools; steps and pods know them by position."""
        self.fitting = fitting(spec)
        """Requests that a new pod has memory for."""
        self.remnants = leaves_any(spec)
        """Whether any statement leaves something in its session."""
        self.database = database
        self.calls: dict[int, Call] = {}
        """The first form of each call, by the identity of its spec."""
        self._answer, self._ledger, self._near = exchange.answer, exchange.ledger, exchange.near
        self.demands = demands
        self.programs: dict[int, Callable[[Request], object]] = {}
        """First step of each endpoint's program, by the endpoint's position in the routes."""
        self._responses: dict[int, int] = {}
        for index, name in enumerate(routes):
            if name in spec.endpoints:
                self.programs[index] = self.compile(name)
                self._responses[index] = spec.endpoints[name].response

    def succeed(self, request: Request) -> None:
        """Answer the user."""
        pod = request.pod
        pod.sent_bytes += self._responses[request.endpoint]
        pod.running.pop(request.number, None)
        if self._near and request.caller is None and request.outcome is None and pod.draining is None:
            # What the exchange does for a user who waits, and the ledger for a good answer, without asking them.
            request.outcome = _OK
            if pod.router.ranks:
                pod.router.release(pod)
            else:
                pod.outstanding -= 1
            ledger, at = self._ledger, request.at
            request.done = now = self.clock.t
            ledger.arrived.append(at)
            ledger.trail.append((now - at) * MARK)
            if ledger.on_finish is not None:
                ledger.on_finish(request)
        else:
            self._answer(request)

    def fail(self, request: Request, failure: Failure) -> None:
        """End a request's program with an error: undo what it holds, log, answer the user."""
        pod, outcome = request.pod, failure.outcome
        request.ended = nothing
        if request.member is not None or request.others is not None:
            self._give_back(request)
        pod.cpu.charge(self.spec.error_cpu)
        pod.journal.failed(pod.name, failure)
        if request.branch_of is not None:
            request.branch_of.failed(request, outcome)
        elif request.branches is not None:
            self.end(request, outcome)
        else:
            pod.running.pop(request.number, None)
            if self._near and request.caller is None and request.outcome is None and pod.draining is None:
                request.outcome = outcome
                pod.router.release(pod)
                self._ledger.finish(request, self.clock.t)
            else:
                self._answer(request, outcome)

    def _give_back(self, request: Request) -> None:
        pools = request.pod.pools
        for index, member in request.let_go():
            member.rolled_back(self.clock.t)
            if member.broken:
                pools[index].discard(member)
            else:
                pools[index].give_back(member)

    def end(self, request: Request, outcome: Outcome) -> None:
        """Stop a program of which parts may still run side by side, and answer whoever waits for it."""
        request.ended = nothing
        self._give_back(request)
        if request.branches is None or not request.branches.open:
            request.pod.running.pop(request.number, None)
        self._answer(request, outcome)

    def branch_done(self, request: Request) -> None:
        """End a part of a request that ran side by side with others."""
        if request.branch_of is not None:
            request.branch_of.done(request)

    def compile(self, endpoint: str) -> Callable[[Request], object]:
        """Return the first call of an endpoint's program."""
        return self.build(endpoint, self.succeed)

    def build(
        self, endpoint: str, then: Callable[[Request], object], wrap: Callable[[Step], Step] | None = None
    ) -> Callable[[Request], object]:
        """Return the first call of an endpoint's program that ends with `then`; `wrap` puts each step into another."""
        steps = self.spec.endpoints[endpoint].program
        return Build(self, endpoint, iter(draw_keys(steps)), wrap).chain(steps, then)

    def pool_of(self, name: str, borrowed: list[str]) -> int:
        """Return the position of a named pool, or of the one that is borrowed."""
        return self.pool_names.index(name or borrowed[-1])
