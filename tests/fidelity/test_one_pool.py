"""One pool, and four, against recordings of the same users: idle, near its limit and far beyond it.

Tolerances: with measured holding times only the queueing is tried, so waits and latencies agree within 4 ms or 3 %.
With requested times the one global overhead takes the place of the real one, whose error grows as the utilisation nears
1. Two real runs of the same users differ by 1 % at 0.7, 0.3 % at 0.96, and one point of success in overload.
"""

from __future__ import annotations

import pytest

from tests.fidelity.recordings import (
    Figures,
    each_within,
    fleet,
    held,
    measured,
    pool,
    read,
    requested,
    simulated,
    within,
)
from tests.sim.worlds import MS, Run

WARM_UP_S = {"stable": 5, "constant": 5, "critical": 10, "overload": 6, "pods": 5}
PODS = {"pods": (4, pool(20, 5))}
PATIENCE_S = {"overload": 2}


def compared(name: str, *, holding: bool = False, overhead_us: int = 920) -> tuple[Figures, Figures]:
    """Return what was measured and what the same users meet in the simulation."""
    kind = name.partition("-")[0]
    rows = read(name)
    pods, size = PODS.get(kind, (1, pool(10, PATIENCE_S.get(kind, 30))))
    spec = fleet(pods, size, overhead_us=0 if holding else overhead_us)
    run = Run(spec, trace=held(rows) if holding else requested(rows)).until(100)
    assert len(run.rows) == len(rows)
    return measured(rows, WARM_UP_S[kind]), simulated(run, WARM_UP_S[kind])


STABLE = ["stable-1", "stable-2", "stable-3"]
CONSTANT = ["constant-1", "constant-3"]
CRITICAL = ["critical-1", "critical-2", "critical-3"]
OVERLOAD = ["overload-1", "overload-2"]
SEVERAL = ["pods-1"]


@pytest.mark.parametrize("name", STABLE + CONSTANT + CRITICAL + SEVERAL)
def test_queueing_below_the_limit(name: str) -> None:
    real, found = compared(name, holding=True)
    assert found.success == real.success == 1.0
    assert found.wait == each_within(real.wait, ms=4, share=0.03)
    assert found.latency == each_within(real.latency, ms=4, share=0.03)


@pytest.mark.parametrize("name", OVERLOAD)
def test_queueing_in_overload(name: str) -> None:
    real, found = compared(name, holding=True)
    assert found.success == pytest.approx(real.success, abs=0.015)
    assert found.correct == pytest.approx(real.correct, rel=0.02)
    assert found.wait == each_within(real.wait, ms=4, share=0.03)
    assert found.latency == each_within(real.latency, ms=4, share=0.03)


@pytest.mark.parametrize("name", STABLE + SEVERAL)
def test_the_whole_model_at_a_utilisation_up_to_080(name: str) -> None:
    real, found = compared(name)
    assert found.success == 1.0
    for tail in ("p95", "p99"):
        assert found.wait[tail] == within(real.wait[tail], ms=5, share=0.10)
    assert found.latency == each_within(real.latency, share=0.03)


@pytest.mark.parametrize("name", CRITICAL)
def test_the_whole_model_near_the_limit(name: str) -> None:
    real, found = compared(name)
    assert found.wait["p50"] == within(real.wait["p50"], share=0.10)
    for tail in ("p95", "p99"):
        assert found.wait[tail] == within(real.wait[tail], share=0.04)
    assert found.latency == each_within(real.latency, share=0.05)


@pytest.mark.parametrize("name", CONSTANT)
def test_the_whole_model_with_constant_times(name: str) -> None:
    """A sleep ends on a whole millisecond, so a requested 100 ms take 101 and a connection is held for 101.4."""
    real, found = compared(name, overhead_us=1_400)
    assert found.wait["p50"] == within(real.wait["p50"], share=0.10)
    for tail in ("p95", "p99"):
        assert found.wait[tail] == within(real.wait[tail], share=0.04)
    assert found.latency == each_within(real.latency, share=0.05)


@pytest.mark.parametrize("name", OVERLOAD)
def test_the_whole_model_in_overload(name: str) -> None:
    """Success is what the capacity allows, and waits stick just below the timeout."""
    real, found = compared(name)
    assert found.success == pytest.approx(real.success, abs=0.015)
    timeout_ms = PATIENCE_S["overload"] * 1_000
    assert found.wait["p50"] == within(timeout_ms, share=0.01)
    assert found.wait["p99"] <= timeout_ms + 1 / MS
