"""Whatever the rate, sizes, times and shares, each request fares to the microsecond as in another simulation.

The systems are those of experiments that were measured, with other numbers: a pool in overload, several pods, pods
before a pooler with fewer servers, pools that leak. Nothing is fitted: the same users meet both.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pytest

from drill.scenario.topology import PoolerSpec, PoolSpec
from drill.scenario.traces import Trace
from drill.sim.streams import Streams
from tests.sim.textbook import Customer, Fate, Tie, simulated
from tests.sim.worlds import (
    API,
    EXACT,
    MS,
    TOPOLOGY,
    Run,
    S,
    endpoint,
    exponential,
    fixed,
    lognormal,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.fields import DrawSpec


class Case(NamedTuple):
    """One experiment."""

    rate: float
    service: DrawSpec
    pods: int
    size: int
    servers: int = 0
    """Behind a pooler; 0 for none."""
    patience_us: int = 30 * S
    leaks: float = 0.0
    requests: int = 1_500


RUNS = 3

CASES = {
    "overload, short patience": Case(150, exponential(100 * MS), 1, 10, patience_us=500 * MS),
    "overload, long patience": Case(400, exponential(50 * MS), 1, 10, patience_us=7 * S),
    "overload, constant": Case(40, fixed(250 * MS), 1, 5, patience_us=1_300 * MS),
    "one server": Case(9, lognormal(100 * MS, 1.0), 1, 1, patience_us=4 * S),
    "wide and calm": Case(300, lognormal(200 * MS, 0.8), 3, 40),
    "patience below the service time": Case(60, fixed(200 * MS), 2, 4, patience_us=30 * MS),
    "pooler, few servers": Case(45, exponential(100 * MS), 4, 20, servers=5),
    "pooler, as many servers as one pod has": Case(70, lognormal(100 * MS, 0.5), 2, 8, servers=8, patience_us=2 * S),
    "pooler, both tiers short": Case(90, exponential(100 * MS), 3, 4, servers=8, patience_us=700 * MS),
    "pooler, one server": Case(12, fixed(70 * MS), 6, 2, servers=1, patience_us=900 * MS),
    "leaks of 1 %": Case(60, exponential(50 * MS), 1, 10, patience_us=2 * S, leaks=0.01),
    "leaks of 10 % in three pods": Case(60, exponential(80 * MS), 3, 20, patience_us=1 * S, leaks=0.10),
}


def customers(case: Case, seed: int) -> list[Customer]:
    streams = Streams(seed)
    gaps = streams.draws("gaps", exponential(round(S / case.rate)))
    holds, choices = streams.draws("holds", case.service), streams.source("choices").random
    at, found = 0, list[Customer]()
    for gap, hold in islice(zip(gaps, holds, strict=False), case.requests):
        at += gap + 1
        found.append(Customer(at, int(choices() * case.pods), hold + 1, choices() < case.leaks))
    return found


def in_the_engine(case: Case, users: list[Customer]) -> list[Fate]:
    """Return how requests with the same times fare; all connections, and the pooler's, are open before the first."""
    pool = PoolSpec(
        size=case.size, startup="eager", checkout_timeout=case.patience_us, to="pooler" if case.servers else "database"
    )
    api = replace(API, replicas=case.pods, pools={"db": pool}, endpoints=endpoint(one_query()))
    pooler = PoolerSpec(
        pool_size=max(1, case.servers), min_pool_size=case.servers, max_client_conn=1_000, round_trip=0,
        query_wait_timeout=0,
    )  # fmt: skip
    topology = replace(TOPOLOGY, database=replace(EXACT, max_connections=500), pooler=pooler)
    trace = Trace(
        at_us=tuple(user.at_us for user in users),
        service_us=tuple(user.hold_us for user in users),
        pod=tuple(user.pool for user in users),
        endpoint=(),
        leak=tuple(user.leaks for user in users),
    )
    length_s = users[-1].at_us // S + 120
    run = Run(scenario(api, length_s=length_s, topology=topology), trace=trace).until(length_s)
    return [
        Fate(row.outcome, row.checkout_wait_us, row.done_us) for row in sorted(run.rows, key=lambda row: row.number)
    ]


@pytest.mark.parametrize("name", CASES)
def test_each_request_fares_as_in_a_textbook(name: str) -> None:
    case, compared = CASES[name], 0
    for seed in range(20):
        users = customers(case, seed)
        try:
            expected = simulated(users, case.pods, case.size, case.servers, case.patience_us)
        except Tie:  # one run in three or so
            continue
        assert in_the_engine(case, users) == expected
        compared += 1
        if compared == RUNS:
            return
    pytest.fail("too many ties to compare anything")
