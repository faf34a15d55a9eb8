"""What a pod exports of its pools, under the names of HikariCP as micrometer writes them, and two sums of a team's own.

Separate because these answer the questions that the usual dashboards do not: how full a pool is, how long one waits for
it, how often connections are made, and how often a pool fails somebody.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from drill.sim.meters import Metered, TimedPool, Timer
from drill.telemetry.records import PODS, pool_labels
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.sim.pod import Pod
    from drill.sim.pool import Pool
    from drill.sim.scrape import Block, Scrape

_SIZES = (
    "hikaricp_connections",
    "hikaricp_connections_active",
    "hikaricp_connections_idle",
    "hikaricp_connections_pending",
    "hikaricp_connections_max",
    "hikaricp_connections_timeout_total",
    "pool_utilisation_ratio",
)
_TIMERS = {
    "acquire": (
        "hikaricp_connections_acquire_seconds_count",
        "hikaricp_connections_acquire_seconds_sum",
        "hikaricp_connections_acquire_seconds_max",
        "hikaricp_connections_acquire_seconds",
    ),
    "usage": (
        "hikaricp_connections_usage_seconds_count",
        "hikaricp_connections_usage_seconds_sum",
        "hikaricp_connections_usage_seconds_max",
    ),
    "creation": (
        "hikaricp_connections_creation_seconds_count",
        "hikaricp_connections_creation_seconds_sum",
        "hikaricp_connections_creation_seconds_max",
    ),
}
_QUANTILE = ("quantile", "0.95")
"""Label of the one series that is a quantile: how long one waits."""


def metrics(scrape: Scrape, pod: Pod, deployment: str) -> None:
    """Add the values of all pools of a pod."""
    for name, pool in zip(pod.service.pool_names, pod.pools, strict=False):
        queue, spare, in_use = pool.queue, pool.spare, pool.in_use
        used = in_use + pool.outside
        values = [used + spare, used, spare, queue.waiting, pool.size, queue.timed_out, used / pool.size]
        timers = _timers(pool, values)
        failed = _errors(pool)
        scrape.add(_series(deployment, pod.name, name, timers, tuple(failed)), (*values, *failed.values()))


def _timers(pool: Pool, values: list[float]) -> tuple[str, ...]:
    """Add what a pool measures and return the names of that."""
    now_us, waits, source, names = pool.clock.t, pool.waits, pool.source, []
    if isinstance(waits, Timer):
        p95, longest = waits.sample(now_us, pool.queue.timed_out, pool.queue.timeout_us)
        values += (waits.count, waits.total_us / US_PER_S, longest / US_PER_S, p95 / US_PER_S)
        names.append("acquire")
    if isinstance(pool, TimedPool):
        _, longest = pool.usage.sample(now_us)
        values += (pool.usage.count, pool.usage.total_us / US_PER_S, longest / US_PER_S)
        names.append("usage")
    if isinstance(source, Metered):
        _, longest = source.creation.sample(now_us)
        values += (source.creation.count, source.creation.total_us / US_PER_S, longest / US_PER_S)
        names.append("creation")
    return tuple(names)


def _errors(pool: Pool) -> dict[str, int]:
    """Return errors by kind; a kind is missing until it happens, as with any labelled counter."""
    counts = {}
    if pool.queue.timed_out:
        counts["checkout_timeout"] = pool.queue.timed_out
    if pool.rejected:
        counts["rejected"] = pool.rejected
    if isinstance(pool.source, Metered):
        counts.update(pool.source.refused)
    return counts


@lru_cache(maxsize=PODS)
def _series(deployment: str, pod: str, pool: str, timers: tuple[str, ...], errors: tuple[str, ...]) -> Block:
    labels = pool_labels(deployment, pod, pool)
    names = [*_SIZES, *(name for timer in timers for name in _TIMERS[timer])]
    quantile = _TIMERS["acquire"][-1]
    series = [(name, (*labels, _QUANTILE) if name == quantile else labels) for name in names]
    where, last = labels[:-1], labels[-1]
    return (*series, *(("pool_errors_total", (*where, ("kind", kind), last)) for kind in errors))
