"""Rules about programs: every step finds the pool, connection and flag it needs, whichever way the flags stand.

Separate because they are about what happens in sequence. A program is followed once for every setting of the flags in
it; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.revisions import DEPLOYMENTS, revisions
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    ComputeStep,
    Guarded,
    HoldStep,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)

MAX_FLAGS = 6
"""Most flags one program may depend on; each doubles the ways through it."""

Pools = Mapping[str, PoolSpec]


def _programs(spec: ScenarioSpec) -> Iterator[tuple[Place, list[Guarded], Pools]]:
    """Return every program with its place and the pools of its pods; a revision's only where it differs."""
    for place, deployment in revisions(spec):
        present = spec.topology.deployments[str(place[len(DEPLOYMENTS)])]
        for name, endpoint in deployment.endpoints.items():
            before = present.endpoints.get(name)
            same = before is not None and (before.program, present.pools) == (endpoint.program, deployment.pools)
            if deployment is present or not same:
                yield (*place, "endpoints", name, "program"), endpoint.program, deployment.pools


def _steps(place: Place, program: Sequence[Guarded]) -> Iterator[tuple[Place, Guarded]]:
    for index, step in enumerate(program):
        yield (*place, index), step
        if isinstance(step, TransactionStep):
            yield from _steps((*place, index, "transaction"), step.transaction)


def steps_name_flags(spec: ScenarioSpec) -> Iterator[Finding]:
    """`when` and `unless` name flags of the topology; one program depends on at most 6 of them."""
    flags = spec.topology.flags
    for place, program, _ in _programs(spec):
        for where, step in _steps(place, program):
            for key, flag in (("when", step.when), ("unless", step.unless)):
                if flag and flag not in flags:
                    yield Finding(
                        (*where, key), f"there is no flag {flag!r}; known: {some(flags)}{suggest(flag, flags)}"
                    )
        if (used := len(_flags(program))) > MAX_FLAGS:
            yield Finding(place, f"the program depends on {used} flags; at most {MAX_FLAGS} are allowed")


def steps_name_pools(spec: ScenarioSpec) -> Iterator[Finding]:
    """`borrow`, `return` and `on` name pools of the deployment; statements run on pools that lead to the database."""
    for place, program, pools in _programs(spec):
        for where, step in _steps(place, program):
            for key, name in _pools_of(step):
                if name not in pools:
                    known = some(pools) + suggest(name, pools)
                    yield Finding((*where, key), f"there is no pool {name!r}; known: {known}")
                elif key == "on" and pools[name].to == "nothing":
                    yield Finding((*where, key), f"pool {name!r} leads to nothing; a statement needs a database")


def _pools_of(step: Guarded) -> Iterator[tuple[str, str]]:
    if isinstance(step, BorrowStep):
        yield "borrow", step.borrow
    elif isinstance(step, ReturnStep):
        yield "returns", step.returns
    elif isinstance(step, QueryStep | TransactionStep) and step.on:
        yield "on", step.on


def transactions_are_flat(spec: ScenarioSpec) -> Iterator[Finding]:
    """A transaction holds at least one step, only query, hold, call and compute, on one connection, with one guard."""
    for place, program, _ in _programs(spec):
        for where, step in _steps(place, program):
            if isinstance(step, TransactionStep):
                yield from _transaction(where, step)


def _transaction(place: Place, outer: TransactionStep) -> Iterator[Finding]:
    if not outer.transaction:
        yield Finding((*place, "transaction"), "the transaction is empty; it needs at least one step")
    for index, step in enumerate(outer.transaction):
        where = (*place, "transaction", index)
        if isinstance(step, TransactionStep):
            yield Finding(where, "a transaction can't hold another one; put its steps here")
        elif not isinstance(step, QueryStep | HoldStep | CallStep | ComputeStep):
            yield Finding(
                where, "a transaction holds only query, hold, call and compute; borrow and return outside of it"
            )
        elif isinstance(step, QueryStep) and step.on not in {"", outer.on}:
            yield Finding((*where, "on"), f"{step.on!r} is not the transaction's pool; name it at the transaction")
        if (outer.when or outer.unless) and (step.when or step.unless):
            yield Finding(where, "the transaction has `when` or `unless` already; its steps can't have their own")


def connections_are_borrowed(spec: ScenarioSpec) -> Iterator[Finding]:
    """On every way through a program a pool is borrowed before it is used, once, and returned at the end."""
    for place, program, pools in _programs(spec):
        flags = _flags(program)
        known = all(name in pools for _, step in _steps(place, program) for _, name in _pools_of(step))
        if known and len(flags) <= MAX_FLAGS:
            yield from _ways(place, program, pools, flags)


def _flags(program: Sequence[Guarded]) -> list[str]:
    return sorted({flag for _, step in _steps((), program) for flag in (step.when, step.unless) if flag})


def _ways(place: Place, program: Sequence[Guarded], pools: Pools, flags: list[str]) -> Iterator[Finding]:
    found: dict[Finding, list[dict[str, bool]]] = {}
    candidates: dict[int, set[str]] = {}
    settings = [dict(zip(flags, values, strict=True)) for values in product((False, True), repeat=len(flags))]
    for setting in settings:
        for finding in _way(place, program, pools, setting, candidates):
            found.setdefault(finding, []).append(setting)
    for finding, when in found.items():
        yield finding if len(when) == len(settings) else finding._replace(message=f"{finding.message} ({_said(when)})")
    for index, names in candidates.items():
        if len(names) > 1:
            msg = f"several pools may be borrowed here ({', '.join(sorted(names))}); say with `on` which one is used"
            yield Finding((*place, index), msg)


def _said(settings: list[dict[str, bool]]) -> str:
    states = ", ".join(f"{flag} {'on' if on else 'off'}" for flag, on in settings[0].items())
    return f"with {states}"


def _way(
    place: Place, program: Sequence[Guarded], pools: Pools, setting: dict[str, bool], candidates: dict[int, set[str]]
) -> Iterator[Finding]:
    """Follow one way through a program; collect which pools a statement without `on` could mean."""
    borrowed: dict[str, int] = {}
    for index, step in enumerate(program):
        if (step.when and not setting[step.when]) or (step.unless and setting[step.unless]):
            continue
        where = (*place, index)
        if isinstance(step, BorrowStep):
            if step.borrow in borrowed:
                yield Finding((*where, "borrow"), f"borrows {step.borrow} twice; return it first")
            borrowed[step.borrow] = index
        elif isinstance(step, ReturnStep):
            if borrowed.pop(step.returns, None) is None:
                yield Finding((*where, "returns"), f"returns {step.returns}, which is not borrowed here")
        elif isinstance(step, QueryStep | TransactionStep):
            if not step.on:
                candidates.setdefault(index, set()).update(borrowed)
            yield from _connection(where, step, pools, list(borrowed))
    for name, index in borrowed.items():
        yield Finding((*place, index, "borrow"), f"borrows {name} and never returns it; add {{return: {name}}}")


def _connection(
    place: Place, step: QueryStep | TransactionStep, pools: Pools, borrowed: list[str]
) -> Iterator[Finding]:
    if not borrowed:
        yield Finding(place, "needs a connection; borrow a pool first")
    elif step.on and step.on not in borrowed:
        yield Finding((*place, "on"), f"pool {step.on} is not borrowed here; borrowed: {', '.join(borrowed)}")
    elif not step.on and len(borrowed) == 1 and pools[borrowed[0]].to == "nothing":
        yield Finding(place, f"the borrowed pool {borrowed[0]} leads to nothing; a statement needs a database")
