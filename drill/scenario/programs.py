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
    AllocateStep,
    BorrowStep,
    CallStep,
    ComputeStep,
    Guarded,
    HoldStep,
    LockSpec,
    ParallelStep,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)

MAX_FLAGS = 6
"""Most flags one program may depend on; each doubles the ways through it."""

MIN_PARTS, MAX_PARTS = 2, 50
"""Fewest and most parts that run side by side."""

Pools = Mapping[str, PoolSpec]


def programs(spec: ScenarioSpec) -> Iterator[tuple[Place, Sequence[Guarded], Pools]]:
    """Return every program with its place and the pools of its pods; a revision's only where it differs."""
    for place, deployment in revisions(spec):
        present = spec.topology.deployments[str(place[len(DEPLOYMENTS)])]
        for name, endpoint in deployment.endpoints.items():
            before = present.endpoints.get(name)
            same = before is not None and (before.program, present.pools) == (endpoint.program, deployment.pools)
            if deployment is present or not same:
                where = (*place, "endpoints", name, "program")
                for inside, program in parts(where, endpoint.program):
                    yield inside, program, deployment.pools


def parts(place: Place, program: Sequence[Guarded]) -> Iterator[tuple[Place, Sequence[Guarded]]]:
    """Return a program and all parts of it that run side by side, which are programs of their own, with places."""
    yield place, program
    for index, step in enumerate(program):
        if isinstance(step, ParallelStep):
            for position, part in enumerate(step.parallel):
                yield from parts((*place, index, "parallel", position), part)


def steps(place: Place, program: Sequence[Guarded]) -> Iterator[tuple[Place, Guarded]]:
    """Return every step with its place, those inside transactions included."""
    for index, step in enumerate(program):
        yield (*place, index), step
        if isinstance(step, TransactionStep):
            yield from steps((*place, index, "transaction"), step.transaction)


def steps_name_flags(spec: ScenarioSpec) -> Iterator[Finding]:
    """`when` and `unless` name flags of the topology; one program depends on at most 6 of them."""
    flags = spec.topology.flags
    for place, program, _ in programs(spec):
        for where, step in steps(place, program):
            for key, flag in (("when", step.when), ("unless", step.unless)):
                if flag and flag not in flags:
                    yield Finding(
                        (*where, key), f"there is no flag {flag!r}; known: {some(flags)}{suggest(flag, flags)}"
                    )
        if (used := len(_flags(program))) > MAX_FLAGS:
            yield Finding(place, f"the program depends on {used} flags; at most {MAX_FLAGS} are allowed")


def steps_name_pools(spec: ScenarioSpec) -> Iterator[Finding]:
    """`borrow`, `return` and `on` name pools of the deployment; statements run on pools that lead to the database."""
    for place, program, pools in programs(spec):
        for where, step in steps(place, program):
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


def locks_are_clear(spec: ScenarioSpec) -> Iterator[Finding]:
    """A lock is for one named row, for one of several rows, or for the table in a mode, and names its table."""
    for place, program, _ in programs(spec):
        for where, step in steps(place, program):
            if isinstance(step, QueryStep) and step.locks is not None:
                yield from _lock((*where, "locks"), step.locks)


def _lock(place: Place, lock: LockSpec) -> Iterator[Finding]:
    given = [key for key, value in (("row", lock.row), ("rows", lock.rows), ("mode", lock.mode)) if value]
    if not lock.table:
        yield Finding((*place, "table"), "the table has no name; write one, such as stock")
    if len(given) != 1:
        msg = f"a lock has exactly one of row, rows and mode; this one has {some(given)}"
        yield Finding(place, msg)
    if lock.by and not lock.rows:
        yield Finding((*place, "by"), "nothing is chosen here; `by` goes with `rows`")


def transactions_are_flat(spec: ScenarioSpec) -> Iterator[Finding]:
    """A transaction holds at least one step, only query, hold, call and compute, on one connection, with one guard."""
    for place, program, _ in programs(spec):
        for where, step in steps(place, program):
            if isinstance(step, TransactionStep):
                yield from _transaction(where, step)


def _transaction(place: Place, outer: TransactionStep) -> Iterator[Finding]:
    if not outer.transaction:
        yield Finding((*place, "transaction"), "the transaction is empty; it needs at least one step")
    for index, step in enumerate(outer.transaction):
        where = (*place, "transaction", index)
        if isinstance(step, TransactionStep):
            yield Finding(where, "a transaction can't hold another one; put its steps here")
        elif not isinstance(step, QueryStep | HoldStep | CallStep | ComputeStep | AllocateStep):
            yield Finding(
                where, "a transaction holds only query, hold, call and compute; borrow and return outside of it"
            )
        elif isinstance(step, QueryStep) and step.on not in {"", outer.on}:
            yield Finding((*where, "on"), f"{step.on!r} is not the transaction's pool; name it at the transaction")
        if (outer.when or outer.unless) and (step.when or step.unless):
            yield Finding(where, "the transaction has `when` or `unless` already; its steps can't have their own")


def parts_are_plain(spec: ScenarioSpec) -> Iterator[Finding]:
    """What runs side by side is at least two parts with steps, none of which forks again."""
    for place, program, _ in programs(spec):
        for where, step in steps(place, program):
            if not isinstance(step, ParallelStep):
                continue
            if not MIN_PARTS <= len(step.parallel) <= MAX_PARTS:
                said = f"there are {len(step.parallel)} parts; allowed are {MIN_PARTS} to {MAX_PARTS}"
                yield Finding((*where, "parallel"), said)
            for position, part in enumerate(step.parallel):
                if not part:
                    yield Finding((*where, "parallel", position), "this part is empty; it needs at least one step")
                for index, inner in enumerate(part):
                    if isinstance(inner, ParallelStep):
                        inside = (*where, "parallel", position, index)
                        yield Finding(inside, "a part can't fork again; put its parts beside the others")


def connections_are_borrowed(spec: ScenarioSpec) -> Iterator[Finding]:
    """On every way through a program a pool is borrowed before it is used, once, and returned at the end."""
    for place, program, pools in programs(spec):
        flags = _flags(program)
        known = all(name in pools for _, step in steps(place, program) for _, name in _pools_of(step))
        if known and len(flags) <= MAX_FLAGS:
            yield from _ways(place, program, pools, flags)


def _flags(program: Sequence[Guarded]) -> list[str]:
    return sorted({flag for _, step in steps((), program) for flag in (step.when, step.unless) if flag})


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
