"""Views a responder can look at, as tables.

Separate because a look only reads. Columns carry the names the real tools use. A target narrows a view to the rows in
which a cell contains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.sessions import ACTIVE, IDLE, STATES
from drill.telemetry.snapshot import Reading, Snapshot
from drill.units import US_PER_S, format_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.sim.world import World

Cell = str | int | float | None
Table = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
KEPT_ROWS = 500


def look(world: World, now: Snapshot, view: str, target: str = "") -> Reading:
    """Return a view as it is now; `view` is one of the catalogue's names."""
    columns, rows = _VIEWS[view](world, now)
    chosen = [row for row in rows if not target or any(target in str(cell) for cell in row)]
    return Reading(at_us=world.clock.t, view=view, target=target, columns=columns, rows=tuple(chosen[-KEPT_ROWS:]))


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


def _metrics(world: World, now: Snapshot) -> Table:
    del world
    rows = [(panel.title, panel.unit, round(panel.points[-1], 4) if panel.points else None) for panel in now.panels]
    return ("panel", "unit", "value"), list(rows)


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
        (round((now.at_us - e.at_us) / US_PER_S), e.reason, f"{e.kind}/{e.name}", e.message)
        for e in world.journal.events
    ]
    return ("AGO_S", "REASON", "OBJECT", "MESSAGE"), list(rows)


def _logs(world: World, now: Snapshot) -> Table:
    rows = [(round((now.at_us - n.at_us) / US_PER_S, 1), n.source, n.level, n.text) for n in world.journal.lines]
    return ("AGO_S", "SOURCE", "LEVEL", "TEXT"), list(rows)


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
    outstanding = [(f"outstanding {pod.name}", pod.in_flight) for pod in now.pods if pod.ready]
    return ("what", "value"), rows + list(outstanding)


def _activity(world: World, now: Snapshot) -> Table:
    def ago(at_us: int) -> float:
        return round((now.at_us - at_us) / US_PER_S, 3)

    rows = [
        (
            session.pid,
            world.database.spec.role,
            session.application,
            ago(session.started),
            None if session.state == IDLE else ago(session.xact_since),
            ago(session.since),
            None if session.state == ACTIVE else "Client",
            None if session.state == ACTIVE else "ClientRead",
            STATES[session.state],
            session.query,
        )
        for session in world.database.sessions.values()
    ]
    names = ("pid", "usename", "application_name", "backend_age_s", "xact_age_s", "state_age_s")
    return (*names, "wait_event_type", "wait_event", "state", "query"), list(rows)


def _pgbouncer(world: World, now: Snapshot) -> Table:
    spec, pooler = world.database.spec, now.pooler
    columns = ("database", "user", "cl_active", "cl_waiting", "sv_active", "sv_idle", "pool_mode")
    if pooler is None:
        return columns, []
    clients = pooler.clients - pooler.waiting
    counts = (clients, pooler.waiting, pooler.servers_in_use, pooler.servers_idle)
    return columns, [(spec.name, spec.role, *counts, "transaction")]


_VIEWS: dict[str, Callable[[World, Snapshot], Table]] = {
    "overview": _overview,
    "metrics": _metrics,
    "pods": _pods,
    "deployments": _deployments,
    "events": _events,
    "logs": _logs,
    "pools": _pools,
    "gateway": _gateway,
    "pg_stat_activity": _activity,
    "pgbouncer": _pgbouncer,
}


def names() -> Iterable[str]:
    """Return the names of all views."""
    return _VIEWS
