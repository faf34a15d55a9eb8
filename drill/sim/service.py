"""One revision of a deployment, compiled: a program an endpoint, and what happens when a step fails.

Separate because pods of the old and the new revision run side by side during a roll-out, each with its own programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.scenario.topology import (
    AllocateStep,
    BorrowStep,
    CallStep,
    ComputeStep,
    DeploymentSpec,
    Guarded,
    HoldStep,
    ParallelStep,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from drill.sim.borrowing import Borrow, Checkout, LeakyReturn, Return
from drill.sim.demands import Key, chance, draw_keys
from drill.sim.express import shorten
from drill.sim.forking import Fork
from drill.sim.kubernetes.memory import Allocate, fitting
from drill.sim.ledger import MARK
from drill.sim.locking import LockingQuery
from drill.sim.program import Branch, Commit, Compute, Hold, Query, Step
from drill.sim.remnants import Remnants, leaves_any
from drill.sim.request import nothing
from drill.sim.sessions import IN_TRANSACTION
from drill.telemetry.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sim.calling import Call
    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.demands import Demands
    from drill.sim.exchange import Exchange
    from drill.sim.failures import Failure
    from drill.sim.network_steps import Transit
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
        self._database = database
        self.calls: dict[int, Call] = {}
        """The first form of each call, by the identity of its spec."""
        self._answer, self._ledger, self._near = exchange.answer, exchange.ledger, exchange.near
        self._demands = demands
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
                request.outcome = outcome  # as in `succeed`: in an outage errors are as frequent as answers
                if pod.router.ranks:
                    pod.router.release(pod)
                else:
                    pod.outstanding -= 1
                ledger, at = self._ledger, request.at
                request.done = now = self.clock.t
                ledger.arrived.append(at)
                ledger.trail.append((now - at) * MARK + outcome)
                if ledger.on_finish is not None:
                    ledger.on_finish(request)
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
        return _Build(self, endpoint, iter(draw_keys(steps)), wrap).chain(steps, then)

    def pool_of(self, name: str, borrowed: list[str]) -> int:
        """Return the position of a named pool, or of the one that is borrowed."""
        return self.pool_names.index(name or borrowed[-1])


class _Build:
    """Compiles one program from its last step to its first."""

    def __init__(
        self, service: Service, endpoint: str, keys: Iterator[Key], wrap: Callable[[Step], Step] | None
    ) -> None:
        self._service = service
        self._wrap = wrap
        self._endpoint = endpoint
        self._keys = keys
        self._borrowed: list[str] = []

    def chain(self, steps: list[Guarded], then: Callable[[Request], object]) -> Callable[[Request], object]:
        """Return the first call of a program that ends with `then`."""
        made: list[tuple[Guarded, Step]] = []
        for each in steps:
            made.extend(self._make(each))
        if self._wrap is None:
            made = shorten(made)
        for guard, made_step in reversed(made):
            made_step.fail = self._service.fail
            step = made_step if self._wrap is None else self._wrap(made_step)
            step.next = then
            then = self._guard(guard, step, then)
        return then

    def _guard(self, spec: Guarded, step: Step, then: Callable[[Request], object]) -> Callable[[Request], object]:
        start: Callable[[Request], object] = step.run
        for flag, wanted in ((spec.when, True), (spec.unless, False)):
            if flag:
                branch = Branch(flag, start, wanted=wanted)
                branch.next = then
                start = branch.run
        return start

    def _draw(self) -> int:
        return self._service._demands.index(self._endpoint, next(self._keys))  # noqa: SLF001 - one module, one room

    def _make(self, spec: Guarded) -> list[tuple[Guarded, Step]]:  # noqa: PLR0911 - one kind of step a line
        service = self._service
        if isinstance(spec, ComputeStep | AllocateStep):
            return [(spec, Compute(self._draw()) if isinstance(spec, ComputeStep) else Allocate(spec.allocate))]
        if isinstance(spec, HoldStep):
            return [(spec, Hold(service.clock, self._draw()))]
        if isinstance(spec, CallStep):
            return [(spec, self._call(spec))]
        if isinstance(spec, BorrowStep):
            self._borrowed.append(spec.borrow)
            claims = service.timed or service.spec.pools[spec.borrow].validation == "borrow"
            take = Checkout if claims else Borrow
            return [(spec, take(service.pool_of(spec.borrow, [])))]
        if isinstance(spec, ReturnStep):
            if not (spec.when or spec.unless) and spec.returns in self._borrowed:
                self._borrowed.remove(spec.returns)
            pool = service.pool_of(spec.returns, [])
            return [(spec, LeakyReturn(pool, self._draw(), chance(spec.leak)) if spec.leak else Return(pool))]
        if isinstance(spec, QueryStep):
            return [(spec, step) for step in self._statement(spec, spec.on, block=False)]
        if isinstance(spec, TransactionStep):
            return self._transaction(spec)
        if isinstance(spec, ParallelStep):
            return [(spec, self._fork(spec))]
        msg = f"no step for {type(spec).__name__}"
        raise TypeError(msg)

    def _call(self, spec: CallStep) -> Step:
        time, service = self._draw(), self._service
        step = service.call(spec, (time, self._draw() if spec.endpoint else None))
        step.key = service.calls.setdefault(id(spec), step)
        return step

    def _fork(self, spec: ParallelStep) -> Fork:
        fork = Fork(self._service, spec.limit)
        outside = self._borrowed
        for branch in spec.parallel:
            self._borrowed = []
            fork.branches.append(self.chain(branch, self._service.branch_done))
        self._borrowed = outside
        return fork

    def _statement(self, spec: QueryStep, on: str, *, block: bool) -> list[Step]:
        """Return a statement with what happens before and after it."""
        before, query = self._before(spec, on, block=block), self._query(spec, on)
        if block:
            query.commits, query.after = False, IN_TRANSACTION
        return [*self._there(on, block=block), *before, query, *self._back(on)]

    def _there(self, on: str, *, block: bool) -> list[Step]:
        service, pool = self._service, self._service.pool_of(on, self._borrowed)
        found = service.spec.pools[service.pool_names[pool]]
        return [] if service.transit is None else service.transit.there(found, pool, block=block)

    def _back(self, on: str) -> list[Step]:
        service, pool = self._service, self._service.pool_of(on, self._borrowed)
        found = service.spec.pools[service.pool_names[pool]]
        return [] if service.transit is None else service.transit.back(found, pool)

    def _query(self, spec: QueryStep, on: str) -> Query:
        service = self._service
        draws, pool = (self._draw(), self._draw()), service.pool_of(on, self._borrowed)
        database = service._database  # noqa: SLF001 - one module, one room
        if spec.locks is None:
            return Query(database, pool, spec.query, draws)
        row = self._draw() if spec.locks.rows else None
        return LockingQuery(database, pool, spec.query, draws, (spec.locks, row))

    def _before(self, spec: QueryStep, on: str, *, block: bool) -> list[Step]:
        """Return what happens in the session before a statement, if any statement here leaves something in one."""
        service = self._service
        if not service.remnants:
            return []
        return [Remnants(service._database, service.pool_of(on, self._borrowed), spec, block=block)]  # noqa: SLF001 - one room

    def _transaction(self, spec: TransactionStep) -> list[tuple[Guarded, Step]]:
        made: list[tuple[Guarded, Step]] = []
        for inner in spec.transaction:
            guard = inner if inner.when or inner.unless else spec  # its own flag, or else the transaction's
            if isinstance(inner, QueryStep):
                made.extend((guard, step) for step in self._statement(inner, inner.on or spec.on, block=True))
            else:
                made.extend((guard, step) for _, step in self._make(inner))
        service = self._service
        commit = Commit(service._database, service.pool_of(spec.on, self._borrowed))  # noqa: SLF001 - one module, one room
        back = self._back(spec.on)
        if isinstance(spec.transaction[-1], QueryStep):  # COMMIT is there already, behind the last statement
            made.insert(len(made) - len(back), (spec, commit))
        else:
            made.extend((spec, step) for step in (*self._there(spec.on, block=True), commit, *back))
        return made
