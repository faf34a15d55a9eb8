"""What a pod exports of its pools, under the names of HikariCP as micrometer writes them, and two sums of a team's own.

Separate because these answer the questions that the usual dashboards do not: how full a pool is, how long one waits for
it, how often connections are made, and how often a pool fails somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.meters import KINDS, Metered, TimedPool, Timer
from drill.telemetry.records import Sample
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.pod import Pod
    from drill.sim.pool import Pool

Labels = tuple[tuple[str, str], ...]


def metrics(pod: Pod, where: Labels) -> Iterator[Sample]:
    """Yield the samples of all pools of a pod; `where` are its own labels."""
    for name, pool in zip(pod.service.pool_names, pod.pools, strict=False):
        labels = (*where, ("pool", name))
        in_use = pool.in_use + pool.outside
        yield Sample("hikaricp_connections", labels, pool.open + pool.outside)
        yield Sample("hikaricp_connections_active", labels, in_use)
        yield Sample("hikaricp_connections_idle", labels, pool.spare)
        yield Sample("hikaricp_connections_pending", labels, pool.queue.waiting)
        yield Sample("hikaricp_connections_max", labels, pool.size)
        yield Sample("hikaricp_connections_timeout_total", labels, pool.queue.timed_out)
        yield Sample("pool_utilisation_ratio", labels, in_use / pool.size)
        yield from _timers(pool, labels)
        if isinstance(pool.source, Metered):
            yield from _errors(pool, pool.source, labels)


def _timers(pool: Pool, labels: Labels) -> Iterator[Sample]:
    now_us, waits = pool.clock.t, pool.waits
    if isinstance(waits, Timer):
        p95, longest = waits.sample(now_us, pool.queue.timed_out, pool.queue.timeout_us)
        yield Sample("hikaricp_connections_acquire_seconds_count", labels, waits.count)
        yield Sample("hikaricp_connections_acquire_seconds_sum", labels, waits.total_us / US_PER_S)
        yield Sample("hikaricp_connections_acquire_seconds_max", labels, longest / US_PER_S)
        yield Sample("hikaricp_connections_acquire_seconds", (*labels, ("quantile", "0.95")), p95 / US_PER_S)
    if isinstance(pool, TimedPool):
        usage, (_, longest) = pool.usage, pool.usage.sample(now_us)
        yield Sample("hikaricp_connections_usage_seconds_count", labels, usage.count)
        yield Sample("hikaricp_connections_usage_seconds_sum", labels, usage.total_us / US_PER_S)
        yield Sample("hikaricp_connections_usage_seconds_max", labels, longest / US_PER_S)
    if isinstance(pool.source, Metered):
        creation = pool.source.creation
        _, longest = creation.sample(now_us)
        yield Sample("hikaricp_connections_creation_seconds_count", labels, creation.count)
        yield Sample("hikaricp_connections_creation_seconds_sum", labels, creation.total_us / US_PER_S)
        yield Sample("hikaricp_connections_creation_seconds_max", labels, longest / US_PER_S)


def _errors(pool: Pool, source: Metered, labels: Labels) -> Iterator[Sample]:
    counts = {"checkout_timeout": pool.queue.timed_out, "rejected": pool.rejected, **source.refused}
    for kind in KINDS:
        yield Sample("pool_errors_total", (*labels[:-1], ("kind", kind), labels[-1]), counts[kind])
