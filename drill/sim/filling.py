"""A pod's pools: made at start, filled as their policy says, topped up later.

Separate from the pod's life because these are the few lines on which an outage turns: `eager` pools refuse to start
half full, `degraded` ones take what they get, and a background task keeps asking for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.failures import Failure
from drill.sim.handshake import Handshake
from drill.sim.meters import Metered, TimedPool, Timer
from drill.sim.opening import Patient
from drill.sim.pool import Pool
from drill.sim.upkeep import Upkeep, needs_upkeep, times_members

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from drill.scenario.pools import PoolSpec
    from drill.scenario.topology import DeploymentSpec
    from drill.sim.clock import Clock
    from drill.sim.processor import Processor
    from drill.sim.surroundings import Surroundings


def make_pools(
    pod: str, spec: DeploymentSpec, cpu: Processor, around: Surroundings, *, timed: bool = False
) -> list[Pool]:
    """Return the pools of a pod with these cores, empty, in the order of the file.

    With `timed` they measure how long they lend.
    """
    made = TimedPool if timed else Pool
    return [_make(made, f"{pod}/{name}", pod, (pool, cpu), around) for name, pool in spec.pools.items()]


def _make(made: type[Pool], purpose: str, pod: str, what: tuple[PoolSpec, Processor], around: Surroundings) -> Pool:
    spec, cpu = what
    source, ledger = around.connect(spec, pod), around.exchange.ledger
    if source.client_cpu_us:
        source = Handshake(source, cpu)
    timer = Timer(ledger.waits)
    pool = made(
        around.clock,
        spec.size,
        source if spec.to == "nothing" else Metered(around.clock, source),
        timeout_us=spec.checkout_timeout,
        reject=spec.on_full == "reject",
        overflow=spec.overflow,
        opener=Patient(around.clock, _reporter(pod, around)) if spec.opens == "background" else None,
        care=_upkeep(purpose, pod, spec, around),
        waits=timer,
        stock=None if times_members(spec) else source.stock(),
    )
    ledger.timers.append((timer, pool))
    return pool


def _upkeep(purpose: str, pod: str, spec: PoolSpec, around: Surroundings) -> Upkeep | None:
    if not needs_upkeep(spec):
        return None

    return Upkeep(around.clock, spec, around.uniform(f"lifetimes/{purpose}"), _reporter(pod, around))


def _reporter(pod: str, around: Surroundings) -> Callable[[Failure], None]:
    def report(failure: Failure) -> None:
        around.journal.log(pod, "ERROR", failure.text)

    return report


def fill(
    clock: Clock, pools: list[Pool], spec: DeploymentSpec, report: Callable[[Failure], object]
) -> Generator[Any, Any, bool]:
    """Open connections one after the other; give False if an eager pool can't be filled."""
    for pool, pool_spec in zip(pools, spec.pools.values(), strict=True):
        if pool_spec.startup == "lazy" or pool_spec.to == "nothing":
            continue
        for _ in range(pool_spec.size):
            opened = yield from _open_one(clock, pool, report)
            if pool.closed or (not opened and pool_spec.startup == "eager"):
                return False
    return True


def top_up(clock: Clock, pool: Pool, period_us: int, report: Callable[[Failure], object]) -> Generator[Any, Any, None]:
    """Open what is missing from time to time, until one is refused or the pool is shut."""
    while not pool.closed:
        yield clock.timeout(period_us)
        while not pool.closed and pool.room():
            opened = yield from _open_one(clock, pool, report)
            if not opened:
                break


def _open_one(clock: Clock, pool: Pool, report: Callable[[Failure], object]) -> Generator[Any, Any, bool]:
    """Open one connection outside of a claim; give whether that worked, report why it did not."""
    answer = clock.event()
    pool.opener.count += 1  # its place is taken from now on
    pool.source.open(answer.succeed, answer.succeed)
    found = yield answer
    pool.opener.count -= 1
    if isinstance(found, Failure):
        report(found)
        pool.opener.freed(pool)
        return False
    pool.add(found)
    return True
