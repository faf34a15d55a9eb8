"""What each action of the catalogue does to the world.

Separate because an action is data and the world has no opinion: here an action only turns the knobs the real one turns.
Whether that helps comes out of the simulation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.actions import catalogue as does
from drill.actions.fields import listed, nearest
from drill.errors import ActionError
from drill.sim.caller_operations import CALLER_OPERATIONS
from drill.sim.network_operations import NETWORK_OPERATIONS
from drill.sim.pooler_operations import POOLER_OPERATIONS
from drill.sim.sessions import ABORTED, ACTIVE, IN_TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.scenario.topology import DeploymentSpec
    from drill.sim.deployment import Deployment
    from drill.sim.sessions import Session
    from drill.sim.world import World


def perform(world: World, action: does.Action) -> str:
    """Carry out an action now and return what was done, in one sentence; raise ActionError if it can't be."""
    return _OPERATIONS[type(action)](world, action)


def _known(kind: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    if name not in names:
        msg = f"there is no {kind} {name!r}; known: {listed(names)}{nearest(name, names)}"
        raise ActionError(msg)
    return name


def _deployment(world: World, name: str) -> Deployment:
    return world.deployments[_known("deployment", name, world.deployments)]


def _scale(world: World, action: does.Scale) -> str:
    deployment = _deployment(world, action.deployment)
    before = deployment.replicas
    deployment.scale(action.replicas)
    return f"deployment {action.deployment} scaled from {before} to {action.replicas} replicas"


def _pause(world: World, action: does.PauseAutoscaler) -> str:
    return _set_paused(world, action.deployment, paused=True)


def _resume(world: World, action: does.ResumeAutoscaler) -> str:
    return _set_paused(world, action.deployment, paused=False)


def _set_paused(world: World, name: str, *, paused: bool) -> str:
    deployment = _deployment(world, name)
    if deployment.spec.autoscaler is None:
        msg = f"deployment {name!r} has no autoscaler"
        raise ActionError(msg)
    deployment.paused = paused
    return f"autoscaler of {name} {'paused' if paused else 'resumed'}"


def _set_pool_size(world: World, action: does.SetPoolSize) -> str:
    return _change_pool(world, action, f"size {action.size}", size=action.size)


def _set_checkout_timeout(world: World, action: does.SetCheckoutTimeout) -> str:
    return _change_pool(world, action, "a new checkout timeout", checkout_timeout=action.timeout)


def _change_pool(world: World, action: does.SetPoolSize | does.SetCheckoutTimeout, what: str, **values: int) -> str:
    deployment = _deployment(world, action.deployment)
    name = _known("pool", action.pool, deployment.spec.pools)
    deployment.set_pools({name: values}, action.rollout)
    return f"pods of {action.deployment} are rolled to {what} for pool {name}"


def _add_pooler(world: World, action: does.AddPooler) -> str:
    deployment = _deployment(world, action.deployment)
    spec = world.spec.topology.pooler
    if spec is None:
        msg = "this system has no pooler that could be added"
        raise ActionError(msg)
    if world.pooler is not None:
        msg = "the pods connect through a pooler already"
        raise ActionError(msg)
    world.start_pooler(action.pool_size, spec.start_up)
    start = world.clock.t + spec.start_up
    world.clock.call_at(start, lambda _: deployment.set_pools(_through_pooler(deployment.spec), action.rollout))
    return f"PgBouncer starts with {action.pool_size} server connections; then the pods of {action.deployment} roll"


def _through_pooler(spec: DeploymentSpec) -> dict[str, dict[str, str]]:
    return {name: {"to": "pooler"} for name, pool in spec.pools.items() if pool.to == "database"}


def _terminate_idle(world: World, action: does.TerminateIdle) -> str:
    chosen = world.database.sessions.idle_before(world.clock.t - action.older_than)
    return _each(chosen, world.database.terminate, "idle sessions terminated")


def _cancel_queries(world: World, action: does.CancelQueries) -> str:
    limit = world.clock.t - action.older_than
    chosen = [s for s in world.database.busy if s.state == ACTIVE and s.since < limit]
    return _each(chosen, world.database.cancel, "statements cancelled")


def _terminate_queries(world: World, action: does.TerminateQueries) -> str:
    limit, open_states = world.clock.t - action.older_than, (ACTIVE, IN_TRANSACTION, ABORTED)
    chosen = [s for s in world.database.busy if s.state in open_states and s.xact_since < limit]
    return _each(chosen, world.database.terminate, "sessions terminated")


def _terminate_backends(world: World, action: does.TerminateBackends) -> str:
    return _each(_of(world, action.pids), world.database.terminate, "sessions terminated")


def _cancel_backends(world: World, action: does.CancelBackends) -> str:
    chosen = [session for session in _of(world, action.pids) if session.state == ACTIVE]
    return _each(chosen, world.database.cancel, "statements cancelled")


def _of(world: World, pids: Iterable[int]) -> list[Session]:
    sessions = world.database.sessions
    return [sessions[pid] for pid in pids if pid in sessions]


def _each(sessions: list[Session], end: Callable[[Session], object], what: str) -> str:
    for session in sessions:
        end(session)
    return f"{len(sessions)} {what}"


def _set_gateway_timeout(world: World, action: does.SetGatewayTimeout) -> str:
    world.gateway.set_timeout(action.timeout)
    return "the gateway uses the new timeout for requests that arrive from now on"


def _set_database_timeout(world: World, action: does.SetDatabaseTimeout) -> str:
    world.database.settings.alter_system(action.setting, action.timeout)
    return f"{action.setting} set and configuration reloaded"


def _set_role_timeout(world: World, action: does.SetRoleTimeout) -> str:
    world.database.settings.alter_role(action.setting, action.timeout)
    return f"{action.setting} set for sessions that role {world.database.spec.role} opens from now on"


def _set_connection_limit(world: World, action: does.SetConnectionLimit) -> str:
    database = world.database
    if action.of == "role":
        database.role_limit, name = action.limit, database.spec.role
    else:
        database.database_limit, name = action.limit, database.spec.name
    return f"connection limit of {action.of} {name} {action.limit}" if action.limit else f"no limit for {name} any more"


def _set_max_connections(world: World, action: does.SetMaxConnections) -> str:
    database, reserved = world.database, world.database.spec.superuser_reserved_connections
    if action.limit <= reserved:
        msg = f"max_connections {action.limit} must be above superuser_reserved_connections, {reserved}"
        raise ActionError(msg)
    database.wanted_connections = action.limit
    if not action.restart:
        database.log("LOG", 'parameter "max_connections" cannot be changed without restarting the server')
        return f"max_connections {action.limit} is set and pending a restart; {database.max_connections} is in force"
    database.downtime.restart()
    return f"max_connections {action.limit} is set and the database restarts"


def _restart_database(world: World, _: does.RestartDatabase) -> str:
    ended = len(world.database.sessions)
    world.database.downtime.restart()
    return f"the database restarts; {ended} sessions ended"


def _rate_limit(world: World, action: does.RateLimit) -> str:
    world.gateway.limit(rate_per_s=action.rate)
    return f"rate limit {action.rate:g}/s" if action.rate else "rate limit lifted"


def _shed(world: World, action: does.Shed) -> str:
    world.gateway.limit(shed_share=action.share)
    return f"shedding {action.share:.0%} of requests" if action.share else "shedding lifted"


def _set_flag(world: World, action: does.SetFlag) -> str:
    flags = world.gateway.flags
    world.gateway.flags = {**flags, _known("flag", action.flag, flags): action.on}
    return f"flag {action.flag} is {'on' if action.on else 'off'}"


def _restart(world: World, action: does.RestartPods) -> str:
    deployment = _deployment(world, action.deployment)
    deployment.restart(action.rollout)
    return f"pods of {action.deployment} are replaced"


def _roll_back(world: World, action: does.RollBack) -> str:
    deployment = _deployment(world, action.deployment)
    if deployment.previous is None:
        msg = f"deployment {action.deployment!r} has no earlier revision"
        raise ActionError(msg)
    deployment.roll_back(action.rollout)
    return f"pods of {action.deployment} are rolled to revision {deployment.spec.revision}"


def _ship_fix(world: World, action: does.ShipFix) -> str:
    deployment = _deployment(world, action.deployment)
    name = _known("fix", action.fix, deployment.fixes)
    fix = deployment.fixes[name]
    world.clock.call_at(world.clock.t + fix.takes, lambda _: deployment.ship(fix.becomes))
    return f"the build of {name} has started; the pods roll when it is done"


_OPERATIONS: dict[type[does.Action], Callable[[World, Any], str]] = {
    does.Scale: _scale,
    does.PauseAutoscaler: _pause,
    does.ResumeAutoscaler: _resume,
    does.SetPoolSize: _set_pool_size,
    does.AddPooler: _add_pooler,
    does.TerminateIdle: _terminate_idle,
    does.CancelQueries: _cancel_queries,
    does.TerminateQueries: _terminate_queries,
    does.TerminateBackends: _terminate_backends,
    does.CancelBackends: _cancel_backends,
    does.SetCheckoutTimeout: _set_checkout_timeout,
    does.SetGatewayTimeout: _set_gateway_timeout,
    does.SetDatabaseTimeout: _set_database_timeout,
    does.SetRoleTimeout: _set_role_timeout,
    does.SetConnectionLimit: _set_connection_limit,
    does.SetMaxConnections: _set_max_connections,
    does.RestartDatabase: _restart_database,
    does.RateLimit: _rate_limit,
    does.Shed: _shed,
    does.SetFlag: _set_flag,
    does.RestartPods: _restart,
    does.RollBack: _roll_back,
    does.ShipFix: _ship_fix,
    **POOLER_OPERATIONS,
    **CALLER_OPERATIONS,
    **NETWORK_OPERATIONS,
}
