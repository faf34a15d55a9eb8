"""Rules about the policies of pools and of the pooler, and about what sessions keep.

Separate because these compare keys of one pool, or steps that meet in one session; which pool a step uses is checked
with the programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.pools import PoolSpec
from drill.scenario.programs import parts
from drill.scenario.revisions import revisions
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import DeploymentSpec, Guarded, QueryStep, TransactionStep

_POOLER: Place = ("topology", "pooler")


def pool_policies_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """The policies of a pool fit each other and what its members are."""
    for place, deployment in revisions(spec):
        for name, pool in deployment.pools.items():
            for key, message in _misfits(pool):
                yield Finding((*place, "pools", name, key), message)


def _misfits(pool: PoolSpec) -> Iterator[tuple[str, str]]:
    if pool.min_idle > pool.size:
        yield "min_idle", f"{pool.min_idle} is above size, {pool.size}; no more than size can be idle"
    if pool.overflow and pool.on_full == "outside":
        yield "overflow", "a pool that opens outside of itself never overflows; remove this key or change on_full"
    if pool.lifetime_jitter and not pool.max_lifetime:
        yield "lifetime_jitter", "there is no max_lifetime that it could vary; give one or remove this key"
    if pool.validation_bypass and pool.validation == "none":
        yield "validation_bypass", "nothing is tried that could be passed over; write validation: borrow"
    if pool.validation == "borrow" and pool.to == "nothing":
        yield "validation", "a pool that leads to nothing has no connection to try; remove this key"
    if pool.connect and pool.to != "nothing":
        yield "connect", f"the {pool.to} says how long a connect takes; only a pool that leads to nothing has this key"


def pooler_sizes_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """The pooler's minimum is within its pool size, and a reserve comes to be used."""
    pooler = spec.topology.pooler
    if pooler is None:
        return
    if pooler.min_pool_size > pooler.pool_size:
        msg = f"{pooler.min_pool_size} is above pool_size, {pooler.pool_size}; PgBouncer never opens more than that"
        yield Finding((*_POOLER, "min_pool_size"), msg)
    if pooler.reserve_pool_size and not pooler.reserve_pool_timeout:
        msg = "with a reserve_pool_timeout of 0s the reserve is never used; give it a time or remove the reserve"
        yield Finding((*_POOLER, "reserve_pool_timeout"), msg)


def states_are_left(spec: ScenarioSpec) -> Iterator[Finding]:
    """What a statement needs or drops is left by some statement of the same deployment."""
    for place, deployment in revisions(spec):
        left = {query.leaves for _, query in _queries(place, deployment)} - {""}
        for where, query in _queries(place, deployment):
            for key, state in (("needs", query.needs), ("drops", query.drops)):
                if state and state not in left:
                    msg = f"no statement leaves {state!r}; left are: {some(sorted(left))}{suggest(state, left)}"
                    yield Finding((*where, key), msg)


def _queries(place: Place, deployment: DeploymentSpec) -> Iterator[tuple[Place, QueryStep]]:
    for name, endpoint in deployment.endpoints.items():
        for where, part in parts((*place, "endpoints", name, "program"), endpoint.program):
            yield from _among(where, part)


def _among(place: Place, steps: Sequence[Guarded]) -> Iterator[tuple[Place, QueryStep]]:
    for index, step in enumerate(steps):
        if isinstance(step, QueryStep):
            yield (*place, index), step
        elif isinstance(step, TransactionStep):
            yield from _among((*place, index, "transaction"), step.transaction)
