"""Waits for a pool are, to the microsecond, those of a textbook queue: first come, first served, a fixed patience."""

from __future__ import annotations

from dataclasses import replace
from heapq import heapify, heapreplace

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.scenario.topology import PoolSpec
from drill.scenario.traces import Trace
from tests.sim.worlds import API, CASES, MS, Run, S, endpoint, one_query, scenario

REQUESTS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300)), min_size=1, max_size=60)
"""Times in milliseconds between arrivals, and for which a connection is held."""


def textbook(servers: int, patience_us: int, at_us: list[int], hold_us: list[int]) -> list[int | None]:
    """Return each wait, None for whoever gave up; no two things happen at the same time."""
    free, waits = [0] * servers, list[int | None]()
    heapify(free)
    for at, hold in zip(at_us, hold_us, strict=True):
        start = max(at, free[0])
        if start - at < patience_us:
            waits.append(start - at)
            heapreplace(free, start + hold)
        else:
            waits.append(None)
    return waits


@settings(CASES, max_examples=150)
@given(requests=REQUESTS, servers=st.integers(1, 4), patience_ms=st.sampled_from([30, 200, 100_000]))
def test_each_request_waits_as_long_as_in_a_textbook(
    requests: list[tuple[int, int]], servers: int, patience_ms: int
) -> None:
    # Microseconds that differ from request to request keep ends and arrivals from meeting.
    at_us, now = [], 0
    for position, (gap_ms, _) in enumerate(requests):
        now += gap_ms * MS + position % 3
        at_us.append(now)
    hold_us = [hold_ms * MS + 7 * position + 1 for position, (_, hold_ms) in enumerate(requests)]
    patience_us = patience_ms * MS + 500
    trace = Trace(at_us=tuple(at_us), service_us=tuple(hold_us), pod=(), endpoint=(), leak=())
    pool = PoolSpec(size=servers, startup="eager", checkout_timeout=patience_us)
    run = Run(scenario(replace(API, pools={"db": pool}, endpoints=endpoint(one_query()))), trace=trace)
    run.simulation.advance(599 * S)
    found = [
        row.checkout_wait_us if row.outcome == "ok" else None for row in sorted(run.rows, key=lambda row: row.number)
    ]
    assert found == textbook(servers, patience_us, at_us, hold_us)
