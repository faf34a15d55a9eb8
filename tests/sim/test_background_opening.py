"""Pools whose members a background task opens: callers wait where others would get the server's refusal."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import Scale, TerminateIdle
from drill.scenario.topology import PoolSpec
from drill.sim.clock import Clock
from drill.sim.failures import SLOTS_RESERVED
from drill.sim.opening import FIRST_PAUSE_US, LONGEST_PAUSE_US, Patient
from drill.sim.pool import Pool
from tests.sim.worlds import API, CASES, CHECKOUT, EXACT, MS, TOPOLOGY, Borrower, Run, S, Shelf, arrivals, scenario

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec
    from drill.sim.failures import Failure

TIMEOUT = 30 * S
SYSTEM = replace(TOPOLOGY, flags={"slow": False})
FULL = replace(SYSTEM, database=replace(EXACT, max_connections=4))
"""A database with one slot for applications."""


def pool_of(size: int) -> tuple[Clock, Shelf, Pool, list[int]]:
    """Return a pool that opens in the background, and the times of the refusals it reported."""
    clock, shelf, told = Clock(), Shelf(), []

    def report(failure: Failure) -> None:
        assert failure is SLOTS_RESERVED
        told.append(clock.t)

    return clock, shelf, Pool(clock, size, shelf, timeout_us=TIMEOUT, opener=Patient(clock, report)), told


def claim(pool: Pool) -> Borrower:
    """Return somebody who has just claimed a member."""
    borrower = Borrower()
    pool.claim(borrower)
    return borrower


def test_a_refusal_is_not_the_callers() -> None:
    clock, shelf, pool, told = pool_of(2)
    shelf.refusal = SLOTS_RESERVED
    borrower = claim(pool)
    clock.advance(1 * S)
    assert (borrower.member, borrower.failure) == (None, None)
    assert told


def test_pauses_double_up_to_five_seconds_while_somebody_waits() -> None:
    clock, shelf, pool, told = pool_of(2)
    shelf.refusal = SLOTS_RESERVED
    claim(pool)
    clock.advance(25 * S)
    pauses = [later - earlier for earlier, later in pairwise(told)]
    assert pauses[:4] == [2 * FIRST_PAUSE_US, 4 * FIRST_PAUSE_US, 8 * FIRST_PAUSE_US, 16 * FIRST_PAUSE_US]
    assert pauses[-1] == LONGEST_PAUSE_US


def test_nobody_asks_on_while_nobody_waits() -> None:
    clock, shelf, pool, told = pool_of(2)
    shelf.refusal = SLOTS_RESERVED
    claim(pool)
    clock.advance(TIMEOUT + 10 * S)
    known = len(told)
    clock.advance(TIMEOUT + 100 * S)
    assert len(told) == known


def test_whoever_waits_is_served_once_the_server_lets_in_and_pauses_are_short_again() -> None:
    clock, shelf, pool, told = pool_of(2)
    shelf.refusal = SLOTS_RESERVED
    waiting = [claim(pool), claim(pool), claim(pool)]
    clock.advance(12 * S)
    shelf.refusal = None
    clock.advance(18 * S)
    assert [each.member is not None for each in waiting] == [True, True, False]
    shelf.refusal = SLOTS_RESERVED
    told.clear()
    pool.discard(waiting[0].member)
    clock.advance(18 * S + 30 * MS)
    assert len(told) == 2


def outcomes(opens: Literal["caller", "background"]) -> tuple[list[str], list[float], list[str]]:
    """Return how three users fare who arrive at once where one connection is to be had."""
    pool = PoolSpec(size=3, opens=opens, checkout_timeout=2 * S)
    api = replace(API, replicas=1, pools={"db": pool})
    run = Run(scenario(api, topology=FULL), trace=arrivals([1 * S] * 3, service_us=10 * S)).until(20)
    return run.outcomes(), run.ended_s(), run.log()


def test_a_shortage_of_slots_looks_like_any_other_wait() -> None:
    """With callers that open, two fail within milliseconds, by the server's text; here they time out at the pool."""
    failed, ended, _ = outcomes("caller")
    assert failed.count("connection_slots") == 2
    assert sorted(ended)[1] < 1.1
    failed, ended, log = outcomes("background")
    assert failed.count("checkout_timeout") == 2
    assert min(ended) == pytest.approx(3.0)
    assert SLOTS_RESERVED.text in log


def contended() -> ScenarioSpec:
    """Return pods that together want more connections than there are."""
    pool = PoolSpec(size=5, startup="degraded", opens="background", checkout_timeout=1 * S)
    system = replace(SYSTEM, database=replace(EXACT, max_connections=23))
    return scenario(replace(CHECKOUT, pools={"db": pool}), rate=60.0, length_s=40, topology=system)


def run(slices: list[int]) -> Run:
    """Return a run in which pods and slots come and go, advanced in slices."""
    made = Run(contended())
    plan = {8 * S: Scale(deployment="api", replicas=9), 20 * S: TerminateIdle(older_than=0)}
    for at_us in sorted({*slices, *plan, 40 * S}):
        made.simulation.advance(at_us)
        if at_us in plan:
            made.simulation.perform(plan[at_us])
    return made


@settings(CASES, max_examples=10)
@given(st.lists(st.integers(1, 40 * S - 1)))
def test_slices_change_nothing(slices: list[int]) -> None:
    whole, sliced = run([]), run(slices)
    assert sliced.rows == whole.rows
    assert sliced.simulation.digest == whole.simulation.digest
    assert "checkout_timeout" in whole.outcomes()


def test_what_is_not_configured_changes_no_run() -> None:
    spec = contended()
    pool = replace(spec.topology.deployments["api"].pools["db"], opens="caller")
    named, default = (
        replace(CHECKOUT, pools={"db": each})
        for each in (pool, PoolSpec(size=5, startup="degraded", checkout_timeout=S))
    )
    digests = {
        Run(scenario(api, rate=60.0, length_s=20, topology=SYSTEM)).until(20).simulation.digest
        for api in (named, default)
    }
    assert len(digests) == 1
