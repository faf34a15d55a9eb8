"""What a pod exports of its pools, under the names of HikariCP as micrometer writes them, and two sums of a team's own.

Separate because these answer the questions that the usual dashboards do not: how full a pool is, how long one waits for
it, how often connections are made, and how often a pool fails somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.meters import Metered, TimedPool, Timer

if TYPE_CHECKING:
    from drill.sim.pool import Pool
    from drill.sim.scrape import Block, Scrape
    from drill.telemetry.records import Labels

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


class PoolExporter:
    """What one pool exports."""

    __slots__ = (
        *("_block", "_connects", "_creation", "_kinds", "_names", "_pool", "_queue", "_refused", "_usage", "_waits"),
    )

    def __init__(self, pool: Pool, labels: Labels, *, connects: bool) -> None:
        """Export a pool, of connections if it `connects`, under labels of which the last one is its name."""
        source = pool.source
        self._pool, self._queue = pool, pool.queue
        self._waits = pool.waits if isinstance(pool.waits, Timer) else None
        self._usage = pool.usage if isinstance(pool, TimedPool) else None
        self._creation = source.creation if isinstance(source, Metered) else None
        self._refused = source.refused if isinstance(source, Metered) else {}
        self._connects = connects
        timers = {"acquire": self._waits, "usage": self._usage, "creation": self._creation}
        names = [*_SIZES, *(name for key, timer in timers.items() if timer is not None for name in _TIMERS[key])]
        self._names = labels, names
        self._kinds: tuple[str, ...] = ()
        """Errors that happened so far."""
        self._block = _series(labels, names, ())

    def add(self, scrape: Scrape, now_us: int) -> int:
        """Add the values of now and return how many connections are open."""
        pool, queue, values = self._pool, self._queue, scrape.values
        timed_out, size, used = queue.timed_out, pool.size, pool.in_use + pool.outside
        spare = len(pool.idle) if pool.stock is None else len(pool.idle) + pool.stock.count
        values += (used + spare, used, spare, queue.waiting, size, timed_out, used / size)
        if self._waits is not None:
            values += self._waits.sample(now_us, timed_out, queue.timeout_us)
        if self._usage is not None:
            values += self._usage.sample(now_us)[:3]
        if self._creation is not None:
            values += self._creation.sample(now_us)[:3]
        if timed_out or pool.rejected or self._refused:
            self._add_errors(values)
        scrape.blocks.append(self._block)
        return used + spare if self._connects else 0

    def _add_errors(self, values: list[float]) -> None:
        """Add errors by kind; a kind is missing until it happens, as with any labelled counter."""
        counts = {}
        if self._queue.timed_out:
            counts["checkout_timeout"] = self._queue.timed_out
        if self._pool.rejected:
            counts["rejected"] = self._pool.rejected
        counts.update(self._refused)
        values += counts.values()
        if tuple(counts) != self._kinds:
            self._kinds = tuple(counts)
            self._block = _series(*self._names, self._kinds)


def _series(labels: Labels, names: list[str], errors: tuple[str, ...]) -> Block:
    quantile = _TIMERS["acquire"][-1]
    series = [(name, (*labels, _QUANTILE) if name == quantile else labels) for name in names]
    where, last = labels[:-1], labels[-1]
    return (*series, *(("pool_errors_total", (*where, ("kind", kind), last)) for kind in errors))
