"""One row that everybody updates, against PostgreSQL.

Measured with 1 to 64 sessions in a closed loop, each transaction holding the row for 20 ms, 4 s a level: throughput is
flat at 43 to 47.9 a second, the mean latency is the number of sessions over the throughput, and from 8 sessions on its
95th percentile is 2.0 to 2.9 times the mean, because the queue is not fair. A fair one would give 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest

from drill.scenario.story import RatePoint, TrafficSpec
from drill.scenario.topology import LockSpec, PoolSpec, QueryStep
from tests.fidelity.recordings import fleet, quantiles
from tests.sim.worlds import MS, Answered, Run, S, endpoint, fixed, one_transaction

HOLD_MS, WINDOW_S, SEEDS = 20, 4, range(1, 11)
USERS_PER_S = 4_000.0


class Loop(NamedTuple):
    """Figures of one level over all seeds; latencies in milliseconds."""

    tps: float
    mean: float
    p50: float
    p95: float
    transactions: float
    """Share of the waits that show Lock/transactionid."""


def closed_loop(
    sessions: int, locks: LockSpec | None, seeds: range = SEEDS, *, hold_ms: int = HOLD_MS, window_s: int = WINDOW_S
) -> Loop:
    """Return what a number of sessions do that always want to update, for a while, and then finish what they began.

    Users come far more often than a session gets free and leave at once when none is.
    """
    update = QueryStep(query="UPDATE t SET n = n + 1 WHERE id = 1", time=fixed(hold_ms * MS), locks=locks)
    spec = fleet(1, PoolSpec(size=sessions, startup="eager", on_full="reject"))
    api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_transaction(update)))
    topology = replace(spec.topology, deployments={"api": api})
    users = TrafficSpec(rate=USERS_PER_S, points=[RatePoint(at=window_s * S, rate=0.0)])
    spec = replace(spec, traffic=users, topology=topology)
    rows, events = list[Answered](), list[str]()
    for seed in seeds:
        run = Run(spec, seed)
        for tenth in range(1, 10 * window_s):
            run.until(tenth / 10)
            waits = [session.wait for session in run.world.database.sessions.values()]
            events.extend(wait.kind for wait in waits if wait is not None)
        run.until(window_s + 60)
        rows.extend(row for row in run.rows if row.outcome == "ok")
    latencies = [(row.done_us - row.at_us) / MS for row in rows]
    quantile = quantiles(latencies)
    return Loop(
        tps=sum(row.done_us <= window_s * S for row in rows) / len(seeds) / window_s,
        mean=sum(latencies) / len(latencies),
        p50=quantile["p50"],
        p95=quantile["p95"],
        transactions=events.count("transactionid") / max(1, len(events)),
    )


@pytest.mark.parametrize("sessions", [1, 2, 4, 8, 16, 32, 64])
def test_throughput_is_flat_whatever_the_number_of_sessions(sessions: int) -> None:
    found = closed_loop(sessions, LockSpec(table="t", row="hot"), range(1, 3))
    assert found.tps == pytest.approx(47, rel=0.05)


@pytest.mark.parametrize(
    ("sessions", "mean_ms", "p95_ms"),
    [(8, (167, 180), (339, 460)), (16, (325, 339), (836, 924)), (32, (629, 653), (1_624, 1_871))],
)
def test_the_wait_is_that_of_random_order(
    sessions: int, mean_ms: tuple[float, float], p95_ms: tuple[float, float]
) -> None:
    """Within 5 % of what three runs measured; random order without end gives a median of .69 of the mean."""
    found = closed_loop(sessions, LockSpec(table="t", row="hot"))
    assert mean_ms[0] * 0.95 <= found.mean <= mean_ms[1] * 1.05
    assert p95_ms[0] * 0.95 <= found.p95 <= p95_ms[1] * 1.05
    assert 2.0 <= found.p95 / found.mean <= 2.9
    assert 0.69 <= found.p50 / found.mean <= 0.89  # measured .72 to .89
    assert 0.9 <= found.transactions <= 0.98  # the others show Lock/tuple


def test_few_sessions_wait_in_nearer_to_fair_turns() -> None:
    """Measured with four: 95th percentile 144 to 161 ms; 5 % as above. All latencies are multiples of 21 ms."""
    found = closed_loop(4, LockSpec(table="t", row="hot"))
    assert 144 * 0.95 <= found.p95 <= 161 * 1.05


def test_distinct_rows_do_not_wait_for_each_other() -> None:
    """Measured: latency stays 21 ms and 32 sessions get 1467 a second, which is what 20 + 1.2 ms allow."""
    found = closed_loop(32, LockSpec(table="t", rows=1_000_000), range(1, 2))
    assert found.p50 == pytest.approx(21, rel=0.05)
    assert found.tps == pytest.approx(1_467, rel=0.05)
