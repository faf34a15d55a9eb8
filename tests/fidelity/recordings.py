"""Recordings of a real server, the same workload for the simulation, and how closely the two agree."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from drill.scenario.topology import DatabaseSpec, GatewaySpec, PoolSpec, TopologySpec
from drill.scenario.traces import Trace
from tests.sim.worlds import API, MS, Run, S, endpoint, one_query, scenario

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec

FOLDER = Path(__file__).parent / "data"
OVERHEAD_US = 920
"""What a statement takes beyond the requested time; one constant for all experiments."""
OK, LEAKED = 0, 3


class Row(NamedTuple):
    """One recorded request; times in seconds."""

    at_s: float
    pod: int
    service_s: float
    wait_s: float | None
    hold_s: float | None
    done_s: float
    outcome: int


def read(name: str) -> list[Row]:
    """Return a recording."""
    with gzip.open(FOLDER / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [
            Row(
                float(row["at_s"]),
                int(row["pod"]),
                float(row["service_s"]),
                float(row["measured_wait_s"]) if row["measured_wait_s"] else None,
                float(row["measured_hold_s"]) if row["measured_hold_s"] else None,
                float(row["measured_done_s"]),
                int(row["measured_outcome"]),
            )
            for row in csv.DictReader(file)
        ]


def held(rows: list[Row]) -> Trace:
    """Return the workload with the measured times for which connections were held: tests the queueing alone."""
    return _trace(
        rows, [round((row.service_s + OVERHEAD_US / S if row.hold_s is None else row.hold_s) * S) for row in rows]
    )


def requested(rows: list[Row]) -> Trace:
    """Return the workload with the requested times in the database: tests the whole model."""
    return _trace(rows, [round(row.service_s * S) for row in rows])


def _trace(rows: list[Row], service_us: list[int]) -> Trace:
    return Trace(
        at_us=tuple(round(row.at_s * S) for row in rows),
        service_us=tuple(service_us),
        pod=tuple(row.pod for row in rows),
        endpoint=(),
        leak=tuple(row.outcome == LEAKED for row in rows),
    )


def fleet(pods: int, pool: PoolSpec, *, overhead_us: int = OVERHEAD_US, length_s: int = 100) -> ScenarioSpec:
    """Return pods that are ready at once, each with a pool, on the server of the recordings."""
    api = replace(API, replicas=pods, pools={"db": pool}, endpoints=endpoint(one_query()))
    topology = TopologySpec(
        deployments={}, database=DatabaseSpec(cores=2.0, round_trip=overhead_us), gateway=GatewaySpec(timeout=3_600 * S)
    )
    return scenario(api, length_s=length_s, topology=topology)


def pool(size: int, checkout_timeout_s: float) -> PoolSpec:
    """Return a pool that is full at the start."""
    return PoolSpec(size=size, startup="eager", checkout_timeout=round(checkout_timeout_s * S))


class Figures(NamedTuple):
    """What a run comes down to; waits and latencies are quantiles in milliseconds of correct answers."""

    success: float
    correct: int
    wait: dict[str, float]
    latency: dict[str, float]


def measured(rows: list[Row], warm_up_s: float) -> Figures:
    """Return what was measured for arrivals after a warm-up."""
    rows = [row for row in rows if row.at_s >= warm_up_s]
    ok = [row for row in rows if row.outcome == OK]
    waits = [1_000 * (row.wait_s or 0.0) for row in ok]
    return _figures(len(rows), waits, [1_000 * (row.done_s - row.at_s) for row in ok])


def simulated(run: Run, warm_up_s: float) -> Figures:
    """Return what was simulated for arrivals after a warm-up."""
    rows = [row for row in run.rows if row.at_us >= warm_up_s * S]
    ok = [row for row in rows if row.outcome == "ok"]
    return _figures(
        len(rows), [row.checkout_wait_us / MS for row in ok], [(row.done_us - row.at_us) / MS for row in ok]
    )


def _figures(offered: int, waits: list[float], latencies: list[float]) -> Figures:
    return Figures(len(waits) / offered, len(waits), quantiles(waits), quantiles(latencies))


def quantiles(values: list[float]) -> dict[str, float]:
    """Return the median and two quantiles of the tail, interpolated."""
    ordered, found = sorted(values), {}
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        at = share * (len(ordered) - 1)
        low = int(at)
        high = min(low + 1, len(ordered) - 1)
        found[name] = ordered[low] + (at - low) * (ordered[high] - ordered[low])
    return found


def within(expected: float, *, ms: float = 0.0, share: float = 0.0) -> object:
    """Return what compares equal to values within the larger of two tolerances."""
    return pytest.approx(expected, abs=max(ms, share * expected), rel=0.0)


def each_within(expected: dict[str, float], *, ms: float = 0.0, share: float = 0.0) -> dict[str, object]:
    """Return the same for every quantile."""
    return {name: within(value, ms=ms, share=share) for name, value in expected.items()}
