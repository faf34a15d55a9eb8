"""What a connect takes, alone and with others, against PostgreSQL 15.18 and PgBouncer 1.18.0."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from drill.scenario.topology import PoolerSpec
from tests.fidelity.recordings import fleet, pool, quantiles
from tests.sim.worlds import MS, Run, S

if TYPE_CHECKING:
    from drill.sim.failures import Failure

TO = ("database", "pooler")


class Connects(NamedTuple):
    """What a number of connects came to."""

    p50_ms: float
    per_s: float


def connects(to: str, threads: int, total: int) -> Connects:
    """Let threads of one client connect again and again, each as soon as it has closed its last connection."""
    spec = fleet(1, replace(pool(1, 60), to=to))  # type: ignore[arg-type]  # a literal
    run = Run(replace(spec, topology=replace(spec.topology, pooler=PoolerSpec(max_client_conn=100))))
    source, clock = run.world.deployments["api"].pods[0].pools[0].source, run.world.clock
    taken: list[float] = []
    begun = 0

    def begin() -> None:
        nonlocal begun
        if begun == total:
            return
        begun += 1
        started = clock.t

        def opened(member: object) -> None:
            taken.append((clock.t - started) / MS)
            source.close(member)
            begin()

        source.open(opened, refused)

    def refused(failure: Failure) -> None:
        raise AssertionError(failure.text)

    for _ in range(threads):
        begin()
    while len(taken) < total:
        clock.step()
    return Connects(quantiles(taken)["p50"], total / (clock.t / S))


@pytest.mark.parametrize(("to", "low", "high"), [("database", 6.29, 6.68), ("pooler", 5.33, 6.12)])
def test_a_connect_alone_takes_what_it_takes(to: str, low: float, high: float) -> None:
    """Medians of three runs of 200 connects one after the other; 2 % for round figures."""
    assert low * 0.98 <= connects(to, 1, 200).p50_ms <= high * 1.02


@pytest.mark.parametrize("to", TO)
def test_twenty_connects_at_once_take_ten_times_as_long_each(to: str) -> None:
    """100 connects from 20 threads of one process: p50 50 to 95 ms, directly and through PgBouncer."""
    assert 50 <= connects(to, 20, 100).p50_ms <= 95


@pytest.mark.parametrize(("to", "low", "high"), [("database", 227, 276), ("pooler", 197, 321)])
def test_how_many_connects_a_second_one_client_gets(to: str, low: float, high: float) -> None:
    """Same experiment; 5 % for the other work of the machine, which the client shared with the server."""
    assert low * 0.95 <= connects(to, 20, 100).per_s <= high * 1.05
