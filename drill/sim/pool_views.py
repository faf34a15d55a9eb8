"""What a pod exports of its pools, under the names of HikariCP as micrometer writes them, and two sums of a team's own.

Separate because these answer the questions that the usual dashboards do not: how full a pool is, how long one waits for
it, how often connections are made, and how often a pool fails somebody.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from drill.sim.meters import Metered, TimedPool, Timer
from drill.telemetry.records import Sample, pool_labels
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.sim.pod import Pod
    from drill.sim.pool import Pool
    from drill.telemetry.records import Labels


def metrics(pod: Pod, deployment: str) -> list[Sample]:
    """Return the samples of all pools of a pod."""
    found: list[Sample] = []
    for name, pool in zip(pod.service.pool_names, pod.pools, strict=False):
        labels = pool_labels(deployment, pod.name, name)
        in_use = pool.in_use + pool.outside
        found += (
            Sample("hikaricp_connections", labels, pool.open + pool.outside),
            Sample("hikaricp_connections_active", labels, in_use),
            Sample("hikaricp_connections_idle", labels, pool.spare),
            Sample("hikaricp_connections_pending", labels, pool.queue.waiting),
            Sample("hikaricp_connections_max", labels, pool.size),
            Sample("hikaricp_connections_timeout_total", labels, pool.queue.timed_out),
            Sample("pool_utilisation_ratio", labels, in_use / pool.size),
        )
        found += _waits(pool, labels)
        if isinstance(pool, TimedPool):
            found += _usage(pool, labels)
        if isinstance(pool.source, Metered):
            found += _connects(pool.source, labels)
        found += _errors(pool, labels)
    return found


@lru_cache(maxsize=1_000)
def _p95(labels: Labels) -> Labels:
    return (*labels, ("quantile", "0.95"))


def _waits(pool: Pool, labels: Labels) -> tuple[Sample, ...]:
    waits = pool.waits
    if not isinstance(waits, Timer):
        return ()
    p95, longest = waits.sample(pool.clock.t, pool.queue.timed_out, pool.queue.timeout_us)
    return (
        Sample("hikaricp_connections_acquire_seconds_count", labels, waits.count),
        Sample("hikaricp_connections_acquire_seconds_sum", labels, waits.total_us / US_PER_S),
        Sample("hikaricp_connections_acquire_seconds_max", labels, longest / US_PER_S),
        Sample("hikaricp_connections_acquire_seconds", _p95(labels), p95 / US_PER_S),
    )


def _usage(pool: TimedPool, labels: Labels) -> tuple[Sample, ...]:
    _, longest = pool.usage.sample(pool.clock.t)
    return (
        Sample("hikaricp_connections_usage_seconds_count", labels, pool.usage.count),
        Sample("hikaricp_connections_usage_seconds_sum", labels, pool.usage.total_us / US_PER_S),
        Sample("hikaricp_connections_usage_seconds_max", labels, longest / US_PER_S),
    )


def _connects(source: Metered, labels: Labels) -> tuple[Sample, ...]:
    _, longest = source.creation.sample(source.clock.t)
    return (
        Sample("hikaricp_connections_creation_seconds_count", labels, source.creation.count),
        Sample("hikaricp_connections_creation_seconds_sum", labels, source.creation.total_us / US_PER_S),
        Sample("hikaricp_connections_creation_seconds_max", labels, longest / US_PER_S),
    )


def _errors(pool: Pool, labels: Labels) -> list[Sample]:
    """Return errors by kind; a kind has no series until it happens, as with any labelled counter."""
    timed_out, rejected, source = pool.queue.timed_out, pool.rejected, pool.source
    counts = [("checkout_timeout", timed_out)] if timed_out else []
    if rejected:
        counts.append(("rejected", rejected))
    if isinstance(source, Metered):
        counts += source.refused.items()
    where = labels[:-1]
    return [Sample("pool_errors_total", (*where, ("kind", kind), labels[-1]), count) for kind, count in counts]
