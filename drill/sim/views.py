"""Views a responder can look at, as tables.

Separate because a look only reads. Columns carry the names the real tools use. A target narrows a view to the rows in
which a cell contains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim import network_views, postgres_views, trace_views
from drill.sim.kubernetes.events import counted
from drill.sim.kubernetes.states import node_rows
from drill.telemetry.metrics import COMBINE, METRICS
from drill.telemetry.snapshot import Reading, Snapshot
from drill.units import US_PER_S, format_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.history import History
    from drill.sim.world import World

Cell = str | int | float | None
Table = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
KEPT_ROWS = 500


def look(world: World, history: History, now: Snapshot, view: str, target: str = "") -> Reading:
    """Return a view as it is now; `view` is one of the catalogue's names."""
    asked = target
    if view == "traces":
        columns, rows = trace_views.traces(world, target)
        target = "" if columns == trace_views.WATERFALL else target
    else:
        columns, rows = _metrics(history) if view == "metrics" else _VIEWS[view](world, now)
    chosen = [row for row in rows if not target or any(target in str(cell) for cell in row)]
    kept = chosen[:KEPT_ROWS] if view == "traces" else chosen[-KEPT_ROWS:]
    return Reading(at_us=world.clock.t, view=view, target=asked, columns=columns, rows=tuple(kept))


def _overview(world: World, now: Snapshot) -> Table:
    del world
    users = now.users
    failing = None if users.failing is None else round(users.failing * 100, 1)
    rows: list[tuple[Cell, ...]] = [
        ("requests per second", round(users.rate_per_s, 1)),
        ("failing, % of users (30 s)", failing),
        ("requests in flight", users.in_flight),
        ("failed so far", users.failed),
        ("late so far", users.late),
    ]
    return ("what", "value"), rows + [(f"alert: {a.text}", a.since_s) for a in now.alerts if a.since_s is not None]


def _metrics(history: History) -> Table:
    """Return the newest value of every metric: of a counter its rate, over all series their sum, mean and maximum."""
    rows: list[tuple[Cell, ...]] = []
    for name in history.names():
        metric = history.metric(name, last=2)
        newest = [line[-1] for line in metric.lines() if line[-1] is not None]
        figures = [round(combine(newest), 4) if newest else None for combine in COMBINE.values()]
        rows.append((name, METRICS[name].unit, len(newest), *figures))
    return ("METRIC", "UNIT", "SERIES", *(name.upper() for name in COMBINE)), rows


def _pods(world: World, now: Snapshot) -> Table:
    del world
    rows = [
        (
            pod.name,
            f"{int(pod.ready)}/1",
            pod.phase,
            pod.restarts,
            round(pod.age_s),
            f"{pod.cpu_cores * 1000:.0f}m",
            format_size(pod.memory_bytes),
        )
        for pod in now.pods
    ]
    return ("NAME", "READY", "STATUS", "RESTARTS", "AGE_S", "CPU", "MEMORY"), list(rows)


def _deployments(world: World, now: Snapshot) -> Table:
    del world
    rows = [(d.name, f"{d.ready}/{d.replicas}", d.pods, d.revision, d.autoscaler) for d in now.deployments]
    return ("NAME", "READY", "PODS", "REVISION", "AUTOSCALER"), list(rows)


def _events(world: World, now: Snapshot) -> Table:
    rows = [
        (round((now.at_us - e.at_us) / US_PER_S), e.reason, f"{e.kind}/{e.name}", each.times, e.message)
        for each in counted(world.journal.events)
        for e in (each.latest,)
    ]
    return ("AGO_S", "REASON", "OBJECT", "COUNT", "MESSAGE"), list(rows)


def _logs(world: World, now: Snapshot) -> Table:
    lines = world.journal.lines
    rows = [(round((now.at_us - at) / US_PER_S, 1), source, level, text) for at, source, level, text in lines]
    return ("AGO_S", "SOURCE", "LEVEL", "TEXT"), list(rows)


def _log_counts(world: World, now: Snapshot) -> Table:
    """Return equal lines of all pods counted together, in the order in which they first came."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for at_us, _, level, text in world.journal.lines:
        first_us, _, times = found.get((level, text), (at_us, 0, 0))
        found[level, text] = (first_us, at_us, times + 1)
    rows = [
        (round((now.at_us - first) / US_PER_S), round((now.at_us - last) / US_PER_S), times, level, text)
        for (level, text), (first, last, times) in found.items()
    ]
    return ("OLDEST_S", "NEWEST_S", "COUNT", "LEVEL", "TEXT"), list(rows)


def _pools(world: World, now: Snapshot) -> Table:
    del world
    rows = [
        (pod.name, pool.name, pool.size, pool.open, pool.in_use, pool.idle, pool.waiting, pool.timeouts)
        for pod in now.pods
        for pool in pod.pools
    ]
    return ("POD", "POOL", "SIZE", "OPEN", "ACTIVE", "IDLE", "WAITING", "TIMEOUTS"), list(rows)


def _gateway(world: World, now: Snapshot) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("timeout_s", world.exchange.timeout_us / US_PER_S),
        ("rate_limit_per_s", world.gateway.rate_limit_per_s),
        ("shed_share", world.gateway.shed_share),
    ]
    if world.throttle.spec is not None:
        rows.append(("throttled_share", round(world.gateway.throttled_share, 3)))
    clients = world.visits
    if clients.timeout_us:
        rows.append(("client_timeout_s", clients.timeout_us / US_PER_S))
    if clients.retries is not None:
        rows += [("client_attempts", clients.retries.spec.attempts), ("client_retries", clients.retried)]
    outstanding = [(f"outstanding {pod.name}", pod.in_flight) for pod in now.pods if pod.ready]
    return ("what", "value"), rows + list(outstanding)


def _activity(world: World, now: Snapshot) -> Table:
    del now
    return postgres_views.ACTIVITY, list(postgres_views.activity(world.database))


def _locks(world: World, now: Snapshot) -> Table:
    del now
    return postgres_views.Lock._fields, [tuple(lock) for lock in postgres_views.locks(world.database)]


_SHOW_POOLS = (
    *("database", "user", "cl_active", "cl_waiting", "cl_active_cancel_req", "cl_waiting_cancel_req"),
    *("sv_active", "sv_active_cancel", "sv_being_canceled", "sv_idle", "sv_used", "sv_tested", "sv_login"),
    *("maxwait", "maxwait_us", "pool_mode"),
)
"""Columns of SHOW POOLS in PgBouncer 1.18."""


def _pgbouncer(world: World, now: Snapshot) -> Table:
    spec, pooler = world.database.spec, now.pooler
    if pooler is None:
        return _SHOW_POOLS, []
    clients = (pooler.clients - pooler.waiting, pooler.waiting, 0, 0)
    idle = (pooler.servers_idle - pooler.servers_used, pooler.servers_used)
    servers = (pooler.servers_in_use, 0, 0, *idle, 0, pooler.servers_logging_in)
    wait = divmod(pooler.oldest_wait_us, US_PER_S)
    rows: list[tuple[Cell, ...]] = [
        (spec.name, spec.role, *clients, *servers, *wait, pooler.mode),
        ("pgbouncer", "pgbouncer", 1, *[0] * 12, "statement"),
    ]
    return _SHOW_POOLS, rows


def _network(world: World, now: Snapshot) -> Table:
    del now
    return network_views.ATTEMPTS, network_views.attempts(world)


_VIEWS: dict[str, Callable[[World, Snapshot], Table]] = {
    "overview": _overview,
    "pods": _pods,
    "nodes": node_rows,
    "deployments": _deployments,
    "events": _events,
    "logs": _logs,
    "log_counts": _log_counts,
    "pools": _pools,
    "gateway": _gateway,
    "pg_stat_activity": _activity,
    "pg_locks": _locks,
    "pgbouncer": _pgbouncer,
    "network": _network,
}
