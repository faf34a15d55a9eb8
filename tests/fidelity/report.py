"""A table of every experiment: what was measured, what the simulation gives, how far they may differ.

Print it with `python -m tests.fidelity.report`; it takes a few minutes. The tests of this folder hold the same figures,
and more of them, each beside its reason.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from drill.actions.catalogue import AddPooler, TerminateIdle
from drill.scenario.story import TrafficSpec
from drill.scenario.topology import DatabaseSpec, LockSpec, PoolerSpec, RolloutSpec
from drill.sim.clock import Clock
from drill.sim.database import Database
from tests.fidelity.recordings import LEAKED, OK, fleet, measured, pool, quantiles, read, requested, simulated
from tests.fidelity.test_connects import connects
from tests.fidelity.test_database_cpu import QUERY
from tests.fidelity.test_hot_row import closed_loop
from tests.fidelity.test_lost_connections import in_time, recovered_s
from tests.fidelity.test_one_pool import CONSTANT, CRITICAL, OVERLOAD, SEVERAL, STABLE, compared
from tests.fidelity.test_pooler import FIVE_AT_A_TIME, degraded
from tests.fidelity.test_pooler import recovered_s as switched_s
from tests.fidelity.test_probes import launched, probed
from tests.fidelity.test_scale_out import REAL, opened_on_demand, scaled
from tests.sim.worlds import MS, Run, S, endpoint, exponential, one_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Row(NamedTuple):
    """One figure of one experiment."""

    experiment: str
    figure: str
    measured: str
    simulated: str
    tolerance: str
    agrees: bool


def close(  # noqa: PLR0913 - a row has as many cells
    experiment: str, figure: str, real: float, found: float, *, share: float = 0.0, within: float = 0.0
) -> Row:
    """Return a row for a number that may differ by a share of what was measured or by an amount."""
    margin = max(share * abs(real), within)
    allowed = " or ".join(part for part in (f"{share:.0%}" if share else "", f"{within:g}" if within else "") if part)
    return Row(
        experiment, figure, f"{real:.4g}", f"{found:.4g}", allowed or "exact", abs(found - real) <= margin + 1e-9
    )


def between(  # noqa: PLR0913 - a row has as many cells
    experiment: str, figure: str, low: float, high: float, found: float, *, margin: float = 0.0
) -> Row:
    """Return a row for a number that several real runs bracket."""
    text = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    agrees = low - margin <= found <= high + margin
    return Row(experiment, figure, text, f"{found:.4g}", f"{margin:g}" if margin else "range", agrees)


def pools() -> Iterator[Row]:
    """One pool and four: B1, B2, B3, B5, with requested times and the one global overhead."""
    for name in STABLE + SEVERAL:
        real, found = compared(name)
        for tail in ("p95", "p99"):
            yield close(name, f"wait {tail}, ms", real.wait[tail], found.wait[tail], share=0.10, within=5)
        yield close(name, "latency p95, ms", real.latency["p95"], found.latency["p95"], share=0.03)
    for name in CONSTANT + CRITICAL:
        real, found = compared(name, overhead_us=1_400 if name in CONSTANT else 920)
        yield close(name, "wait p50, ms", real.wait["p50"], found.wait["p50"], share=0.10)
        for tail in ("p95", "p99"):
            yield close(name, f"wait {tail}, ms", real.wait[tail], found.wait[tail], share=0.04)
    for name in OVERLOAD:
        real, found = compared(name)
        yield close(name, "success", real.success, found.success, within=0.015)
        yield close(name, "wait p50, ms", real.wait["p50"], found.wait["p50"], share=0.01)


def scale_out() -> Iterator[Row]:
    """Ten pods become thirty: B6a, B6b and B6c."""
    for seed in (1, 2, 3):
        run = scaled("eager", seed, 60)
        pods = run.simulation.snapshot().pods
        name = f"B6a eager, seed {seed}"
        yield close(name, "pods ready", 19, sum(pod.ready for pod in pods))
        yield close(name, "pods in a crash loop", 11, sum(pod.phase == "CrashLoopBackOff" for pod in pods))
        yield close(name, "crashes in 45 s", 33, sum(pod.restarts for pod in pods))
        yield close(name, "user errors", 0, sum(outcome != "ok" for outcome in run.outcomes()))
    run = scaled("eager", 1, 60, max_lifetime=15 * S, lifetime_jitter=0.25)
    yield between("B6b recycled", "success", 0.991, 0.998, run.success(19, 60), margin=0.006)
    for name, success in REAL.items():
        yield close(f"B6c lazy, {name}", "success", success, opened_on_demand(name).success(19, 75), within=0.03)


def switches() -> Iterator[Row]:
    """Adding a pooler to a fleet that has run out of slots: B7."""
    for seed in (1, 2):
        run = degraded(RolloutSpec(), seed)
        run.simulation.perform(AddPooler(deployment="api", pool_size=20, rollout="recreate"))
        found = switched_s(run.until(101))
        yield between(f"B7 recreate, seed {seed}", "recovered, s", 0, 2, 999 if found is None else found)
        run = degraded(FIVE_AT_A_TIME, seed)
        run.simulation.perform(AddPooler(deployment="api", pool_size=20, rollout="surge"))
        found = switched_s(run.until(101))
        yield between(f"B7 surge, seed {seed}", "recovered, s (999: never)", 15, 999, 999 if found is None else found)


def losses() -> Iterator[Row]:
    """Leaks, backlogs, terminated sessions: B8, B12, B13b."""
    for number in range(1, 6):
        rows = read(f"leak-{number}")
        run = Run(fleet(1, pool(10, 2)), trace=requested(rows)).until(60)
        real_s = [row.done_s for row in rows if row.outcome == LEAKED][9]
        found_s = [row.done_us / S for row in run.rows if row.outcome == "application_error"][9]
        yield close(f"B8 leak {number}", "tenth leak, s", real_s, found_s, within=0.050)
        correct = sum(row.outcome == OK for row in rows)
        yield close(f"B8 leak {number}", "correct answers", correct, run.outcomes().count("ok"))
    for number in range(1, 4):
        rows = read(f"backlog-{number}")
        spec = fleet(1, pool(10, 30))
        spec = replace(spec, topology=replace(spec.topology, gateway=replace(spec.topology.gateway, timeout=2 * S)))
        run = Run(spec, trace=requested(rows)).until(100)
        real = recovered_s([in_time(row) for row in rows])
        found = recovered_s([(row.at_us / S, row.outcome == "ok") for row in run.rows])
        yield close(f"B13b backlog {number}", "recovered, s", real, found, within=3)
    for validation, most in (("none", None), ("borrow", 2)):
        spec = fleet(80, replace(pool(1, 5), validation=validation))  # type: ignore[arg-type]  # a literal
        api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(exponential(50 * MS))))
        topology = replace(spec.topology, deployments={"api": api})
        run = Run(replace(spec, traffic=TrafficSpec(rate=150.0), topology=topology)).until(15)
        killed = int(run.simulation.perform(TerminateIdle(older_than=0)).split()[0])
        errors = sum(outcome != "ok" for outcome in run.until(60).outcomes())
        if most is None:
            yield close("B12 terminate idle", "errors for sessions killed", killed, errors, within=1)
        else:
            yield between("B12 with a check before use", "errors", 0, most, errors)


def hot_row() -> Iterator[Row]:
    """One row that everybody updates: B10."""
    for sessions in (1, 2, 4, 8, 16, 32, 64):
        found = closed_loop(sessions, LockSpec(table="t", row="hot"), range(1, 4))
        yield close(f"B10 hot row, {sessions} sessions", "transactions per second", 47, found.tps, share=0.05)
        if sessions == 4:
            yield between("B10 hot row, 4 sessions", "p95, ms", 144, 161, found.p95, margin=8)
        if sessions in (8, 16, 32):
            share = found.transactions
            yield between(f"B10 hot row, {sessions} sessions", "Lock/transactionid", 0.90, 0.98, share, margin=0.01)
            yield between(f"B10 hot row, {sessions} sessions", "p95 / mean", 2.0, 2.9, found.p95 / found.mean)


def through_the_pooler() -> Iterator[Row]:
    """Four pods of twenty before five servers: B11."""
    for name in ("pooler-1", "pooler-3"):
        rows = read(name)
        spec = fleet(4, replace(pool(20, 5), to="pooler"))
        topology = replace(spec.topology, pooler=PoolerSpec(pool_size=5, max_client_conn=500))
        real = measured(rows, 10)
        found = simulated(Run(replace(spec, topology=topology), trace=requested(rows)).until(100), 10)
        yield close(f"B11 {name}", "checkout wait p95, ms", real.wait["p95"], found.wait["p95"], within=0.1)
        for tail in ("p50", "p95"):
            yield close(f"B11 {name}", f"latency {tail}, ms", real.latency[tail], found.latency[tail], share=0.06)


def probes() -> Iterator[Row]:
    """A probe through the pool that it judges: B14, shares of those that failed in 45 s."""
    for rate, timeout_s, low, high in ((95, 30, 0.0, 0.014), (150, 2, 1.0, 1.0), (150, 0.8, 0.0, 0.0)):
        _, failed = probed(rate, timeout_s, 1)
        tried = 45 if low else 90
        yield between(f"B14 {rate}/s, {timeout_s:g} s", "probes that failed", low, high, failed / tried, margin=0.03)
    for timeout_s, mean in ((2, 0.977), (1.2, 0.864)):
        found = fsum(launched(110, timeout_s, seed) for seed in range(1, 11)) / 10
        yield close(f"B14 110/s, {timeout_s:g} s, mean of runs", "probes that failed", mean, found, within=0.07)


def cores() -> Iterator[Row]:
    """CPU-bound queries on two cores: C."""
    for connections, per_s in ((1, 50.2), (2, 98.1), (4, 100.4), (8, 97.7), (16, 98.8), (32, 97.6), (64, 97.0)):
        spec = fleet(1, pool(connections, 600), overhead_us=0)
        api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(cpu=QUERY)))
        topology = replace(spec.topology, deployments={"api": api})
        run = Run(replace(spec, traffic=TrafficSpec(rate=130.0), topology=topology)).until(40)
        rows = [row for row in run.rows if row.done_us >= 10 * S]
        latency = quantiles([(row.done_us - row.at_us - row.checkout_wait_us) / MS for row in rows])
        yield close(f"C {connections} connections", "per second", per_s, len(rows) / 30, share=0.06)
        yield between(f"C {connections} connections", "p95 / p50", 1.1, 1.3, latency["p95"] / latency["p50"])


def storms() -> Iterator[Row]:
    """Simultaneous connects to a server of twenty slots: A1."""
    for count in (25, 50, 100):
        clock, told, opened = Clock(), Counter[str](), list[object]()
        server = Database(clock, DatabaseSpec(max_connections=20, cores=2.0))
        for _ in range(count):
            server.connect("storm", opened.append, lambda failure, told=told: told.update([failure.text]))  # type: ignore[misc]  # bound now
        clock.advance(10 * S)
        yield close(f"A1 storm of {count}", "sessions", 17, len(opened))
        sorry = told["FATAL:  sorry, too many clients already"] / told.total()
        yield between(f"A1 storm of {count}", "refused with `sorry`", 0.38, 0.93, sorry, margin=0.05)


def logins() -> Iterator[Row]:
    """Connects one after the other, and from twenty threads at once: A4."""
    for to, alone, crowd, rate in (
        ("database", (6.29, 6.68), (50, 95), (227, 276)),
        ("pooler", (5.33, 6.12), (50, 95), (197, 321)),
    ):
        yield between(f"A4 connect to the {to}", "alone p50, ms", *alone, connects(to, 1, 200).p50_ms, margin=0.12)
        found = connects(to, 20, 100)
        yield between(f"A4 connect to the {to}", "20 at once p50, ms", *crowd, found.p50_ms)
        yield between(f"A4 connect to the {to}", "20 at once, per second", *rate, found.per_s, margin=11)


PARTS: list[Callable[[], Iterator[Row]]] = [
    pools, scale_out, switches, losses, hot_row, through_the_pooler, probes, cores, storms, logins,
]  # fmt: skip


def rows() -> Iterator[Row]:
    """Yield every row."""
    for part in PARTS:
        yield from part()


def main() -> int:
    """Print the table as Markdown; return 1 if anything disagrees."""
    sys.stdout.write("| experiment | figure | measured | simulated | tolerance | |\n|---|---|---|---|---|---|\n")
    failed = 0
    for row in rows():
        failed += not row.agrees
        sys.stdout.write(f"| {' | '.join(row[:5])} | {'' if row.agrees else 'DIFFERS'} |\n")
        sys.stdout.flush()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
