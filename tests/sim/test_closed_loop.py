"""A closed population at one pool, as machines that run, fail and wait for a repairer: the machine repair model.

Scenario files know open arrivals only, so here callers of the pool's own interface think, claim, hold and give back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drill.sim.clock import Clock
from drill.sim.members import Tokens
from drill.sim.pool import Pool
from drill.sim.streams import Streams
from drill.telemetry.histogram import Histogram
from tests.sim.formulas import machine_repair
from tests.sim.worlds import MS, Borrower, S, exponential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.scenario.fields import DrawSpec

RUNNING, REPAIR = exponential(90 * MS), exponential(10 * MS)


class Machine(Borrower):
    """Runs until it fails, waits for a repairer, and runs again."""

    def __init__(self, pool: Pool, running: Iterator[int], repair: Iterator[int]) -> None:
        """Begin to run."""
        super().__init__()
        self.resume = self._repaired_by
        self._pool = pool
        self._running = running
        self._repair = repair
        self._run(None)

    def _run(self, member: object) -> None:
        if member is not None:
            self._pool.give_back(member)
        clock = self._pool.clock
        clock.call_at(clock.t + next(self._running), self._pool.claim, self)

    def _repaired_by(self, _: object, member: Any) -> None:  # noqa: ANN401 - anything may be lent
        clock = self._pool.clock
        clock.call_at(clock.t + next(self._repair), self._run, member)


def repaired(machines: int, repairers: int, length_s: int, repair: DrawSpec = REPAIR) -> tuple[float, float]:
    """Return repairs per second and the mean wait for one in seconds."""
    clock, streams, waits = Clock(), Streams(1), Histogram()
    pool = Pool(clock, repairers, Tokens(), timeout_us=3_600 * S, waits=waits)
    running, repairing = streams.draws("running", RUNNING), streams.draws("repair", repair)
    for _ in range(machines):
        Machine(pool, running, repairing)
    clock.advance(length_s * S)
    return waits.count / length_s, (waits.mean_us() or 0.0) / S


@pytest.mark.parametrize(("machines", "repairers"), [(8, 1), (30, 3)])
def test_short_machine_repair(machines: int, repairers: int) -> None:
    """100,000 repairs: seeds differ by 0.5 % of the rate and 1.5 % of the mean wait."""
    rate, wait_s = machine_repair(machines, repairers, 0.09, 0.01)
    found_rate, found_wait_s = repaired(machines, repairers, round(100_000 / rate))
    assert found_rate == pytest.approx(rate, rel=0.02)
    assert found_wait_s == pytest.approx(wait_s, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("machines", "repairers"), [(8, 1), (30, 3), (40, 3)])
def test_machine_repair(machines: int, repairers: int) -> None:
    """1,000,000 repairs: seeds differ by 0.2 % of the rate and 0.5 % of the mean wait."""
    rate, wait_s = machine_repair(machines, repairers, 0.09, 0.01)
    found_rate, found_wait_s = repaired(machines, repairers, round(1_000_000 / rate))
    assert found_rate == pytest.approx(rate, rel=0.02)
    assert found_wait_s == pytest.approx(wait_s, rel=0.02)
