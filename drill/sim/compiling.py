"""Programs compiled: what an endpoint's file says becomes steps that know each other.

Separate from the service, which runs them, because here is the only place that knows every kind of step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.scenario.topology import (
    AllocateStep,
    BorrowStep,
    CallStep,
    ComputeStep,
    Guarded,
    HoldStep,
    ParallelStep,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from drill.sim.borrowing import Borrow, Checkout, LeakyReturn, Return
from drill.sim.demands import Key, chance
from drill.sim.express import shorten
from drill.sim.forking import Fork
from drill.sim.kubernetes.memory import Allocate
from drill.sim.locking import LockingQuery
from drill.sim.program import Branch, Commit, Compute, Hold, Query, Step
from drill.sim.remnants import Remnants
from drill.sim.sessions import IN_TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sim.request import Request
    from drill.sim.service import Service


class Build:
    """Compiles one program from its last step to its first."""

    def __init__(
        self, service: Service, endpoint: str, keys: Iterator[Key], wrap: Callable[[Step], Step] | None
    ) -> None:
        """Compile for a service; `keys` are those of the endpoint's draws, `wrap` puts each step into another."""
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
        return self._service.demands.index(self._endpoint, next(self._keys))

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
        database = service.database
        if spec.locks is None:
            return Query(database, pool, spec.query, draws)
        row = self._draw() if spec.locks.rows else None
        return LockingQuery(database, pool, spec.query, draws, (spec.locks, row))

    def _before(self, spec: QueryStep, on: str, *, block: bool) -> list[Step]:
        """Return what happens in the session before a statement, if any statement here leaves something in one."""
        service = self._service
        if not service.remnants:
            return []
        return [Remnants(service.database, service.pool_of(on, self._borrowed), spec, block=block)]

    def _transaction(self, spec: TransactionStep) -> list[tuple[Guarded, Step]]:
        made: list[tuple[Guarded, Step]] = []
        for inner in spec.transaction:
            guard = inner if inner.when or inner.unless else spec  # its own flag, or else the transaction's
            if isinstance(inner, QueryStep):
                made.extend((guard, step) for step in self._statement(inner, inner.on or spec.on, block=True))
            else:
                made.extend((guard, step) for _, step in self._make(inner))
        service = self._service
        commit = Commit(service.database, service.pool_of(spec.on, self._borrowed))
        back = self._back(spec.on)
        if isinstance(spec.transaction[-1], QueryStep):  # COMMIT is there already, behind the last statement
            made.insert(len(made) - len(back), (spec, commit))
        else:
            made.extend((spec, step) for step in (*self._there(spec.on, block=True), commit, *back))
        return made
