"""CPU-bound queries on two cores, against PostgreSQL.

Measured with 1 to 64 connections that always want to run a query of 20 ms: throughput is 50, then 95 to 101 per second,
latency grows with the number of connections, and its p95 is 1.1 to 1.3 times its median: cores are shared. First come,
first served would give 1.0 beyond the spread of the query itself, random order above 3.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from drill.scenario.story import TrafficSpec
from tests.fidelity.recordings import fleet, pool, quantiles
from tests.sim.worlds import MS, Run, S, endpoint, lognormal, one_query

QUERY = lognormal(20 * MS, 0.08)
"""The server's own scheduling spreads equal queries; here their cost does, by 8 %."""


@pytest.mark.parametrize(
    ("connections", "per_s"), [(1, 50.2), (2, 98.1), (4, 100.4), (8, 97.7), (16, 98.8), (32, 97.6), (64, 97.0)]
)
def test_two_cores(connections: int, per_s: float) -> None:
    """Means of three measured runs; a queue before the pool keeps every connection at work."""
    spec = fleet(1, pool(connections, 600), overhead_us=0)
    api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(cpu=QUERY)))
    spec = replace(spec, traffic=TrafficSpec(rate=130.0), topology=replace(spec.topology, deployments={"api": api}))
    run = Run(spec).until(40)
    reading = run.simulation.look("pg_stat_activity")
    found = Counter(
        (row["state"], row["wait_event_type"], row["wait_event"])
        for row in (dict(zip(reading.columns, cells, strict=True)) for cells in reading.rows)
    )
    assert found == {("active", None, None): connections}  # many active and none waiting: the CPU is saturated
    rows = [row for row in run.rows if row.done_us >= 10 * S]
    latency = quantiles([(row.done_us - row.at_us - row.checkout_wait_us) / MS for row in rows])
    assert len(rows) / 30 == pytest.approx(per_s, rel=0.06)
    assert latency["p50"] == pytest.approx(20 * max(1, connections / 2), rel=0.06)
    assert 1.1 <= latency["p95"] / latency["p50"] <= 1.3
    assert run.simulation.snapshot().database.cpu_share == pytest.approx(min(1.0, connections / 2), abs=0.001)
