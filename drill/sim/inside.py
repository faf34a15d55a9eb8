"""The database and the pooler read from the inside, for the console.

Separate because it only reads, and only when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim import postgres_views
from drill.sim.deadlocks import blocking_pids
from drill.sim.sessions import ABORTED, IDLE, STATES
from drill.telemetry.server import BackendState, Inside, LockState, PoolerInside, ServerState
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.scenario.pools import PoolerSpec
    from drill.sim.database import Database
    from drill.sim.pooler import Pooler
    from drill.sim.world import World


def inside(world: World) -> Inside:
    """Return both at the present moment."""
    pooler = world.pooler
    listening = pooler is not None and world.clock.t >= pooler.listens_at_us
    return Inside(world.clock.t, _server(world.database), _pooler(pooler) if listening and pooler is not None else None)


def _server(database: Database) -> ServerState:
    spec, refusal = database.spec, database.downtime.refusal
    return ServerState(
        name=spec.name,
        role=spec.role,
        refusal="" if refusal is None else refusal.text,
        life=database.downtime.life,
        max_connections=database.max_connections,
        wanted_connections=database.wanted_connections,
        reserved=spec.superuser_reserved_connections,
        slots_in_use=database.slots.in_use,
        role_limit=database.role_limit,
        database_limit=database.database_limit,
        shared_buffers=spec.shared_buffers,
        deadlock_timeout_us=spec.deadlock_timeout,
        timeouts_us=tuple(database.settings.system.items()),
        role_timeouts_us=tuple(database.settings.current.overrides.items()),
        backends=_backends(database),
        locks=_locks(database),
        relations=tuple((name, each.oid) for name, each in database.locks.relations.items()),
        deadlocks=database.locks.deadlocks,
        connects=database.connects,
    )


def _backends(database: Database) -> tuple[BackendState, ...]:
    computing = {id(tag) for tag in database.cpu.tags()}
    return tuple(
        BackendState(
            session.pid,
            session.application,
            session.started,
            None if session.state in {IDLE, ABORTED} else session.xact_since,
            session.since,
            *postgres_views.wait_event(session, computing=id(session.user) in computing),
            STATES[session.state],
            session.holds.xid or None if session.holds is not None else None,
            tuple(blocking_pids(session)),
            session.query,
        )
        for session in database.sessions.values()
    )


def _locks(database: Database) -> tuple[LockState, ...]:
    now = database.clock.t
    return tuple(
        LockState(
            lock.locktype,
            lock.relation,
            lock.tuple,
            lock.transactionid,
            lock.pid,
            lock.mode,
            lock.granted,
            None if lock.wait_s is None else now - round(lock.wait_s * US_PER_S),
        )
        for lock in postgres_views.locks(database)
    )


def _pooler(pooler: Pooler) -> PoolerInside:
    servers = [(session, True) for session in pooler.linked] + [(session, False) for session in pooler.servers.idle]
    return PoolerInside(
        mode=pooler.spec.mode,
        paused=pooler.configuration.paused,
        clients=pooler.clients,
        waiting=pooler.waiting,
        servers=tuple((each.pid, linked, each.started, each.since) for each, linked in servers),
        servers_logging_in=pooler.janitor.count,
        oldest_wait_us=pooler.oldest_wait_us(),
        settings=_settings(pooler.spec),
        file_settings=_settings(pooler.configuration.file),
    )


def _settings(spec: PoolerSpec) -> tuple[tuple[str, int], ...]:
    return (
        ("default_pool_size", spec.pool_size),
        ("min_pool_size", spec.min_pool_size),
        ("reserve_pool_size", spec.reserve_pool_size),
        ("reserve_pool_timeout", spec.reserve_pool_timeout),
        ("max_client_conn", spec.max_client_conn),
        ("query_wait_timeout", spec.query_wait_timeout),
        ("server_lifetime", spec.server_lifetime),
        ("server_idle_timeout", spec.server_idle_timeout),
        ("server_login_retry", spec.server_login_retry),
    )
