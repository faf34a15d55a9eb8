"""What each action of the catalogue does to the world.

Separate because an action is data and the world has no opinion: here an action only turns the knobs the real one turns.
Whether that helps comes out of the simulation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from drill.actions import catalogue as does
from drill.actions.fields import listed, nearest
from drill.errors import ActionError
from drill.sim.sessions import ABORTED, ACTIVE, IDLE, IN_TRANSACTION

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
    spec = deployment.spec
    name = _known("pool", action.pool, spec.pools)
    pools = {**spec.pools, name: replace(spec.pools[name], **cast("dict[str, Any]", values))}
    deployment.roll_out(replace(spec, pools=pools), action.rollout)
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
    world.clock.call_at(start, lambda _: deployment.roll_out(_through_pooler(deployment.spec), action.rollout))
    return f"PgBouncer starts with {action.pool_size} server connections; then the pods of {action.deployment} roll"


def _through_pooler(spec: DeploymentSpec) -> DeploymentSpec:
    pools = {name: replace(pool, to="pooler") if pool.to == "database" else pool for name, pool in spec.pools.items()}
    return replace(spec, pools=pools)


def _terminate_idle(world: World, action: does.TerminateIdle) -> str:
    limit = world.clock.t - action.older_than
    chosen = [s for s in world.database.sessions.values() if s.state == IDLE and s.since < limit]
    return _each(chosen, world.database.terminate, "idle sessions terminated")


def _cancel_queries(world: World, action: does.CancelQueries) -> str:
    limit = world.clock.t - action.older_than
    chosen = [s for s in world.database.sessions.values() if s.state == ACTIVE and s.since < limit]
    return _each(chosen, world.database.cancel, "statements cancelled")


def _terminate_queries(world: World, action: does.TerminateQueries) -> str:
    limit, open_states = world.clock.t - action.older_than, (ACTIVE, IN_TRANSACTION, ABORTED)
    chosen = [s for s in world.database.sessions.values() if s.state in open_states and s.xact_since < limit]
    return _each(chosen, world.database.terminate, "sessions terminated")


def _each(sessions: list[Session], end: Callable[[Session], object], what: str) -> str:
    for session in sessions:
        end(session)
    return f"{len(sessions)} {what}"


def _set_gateway_timeout(world: World, action: does.SetGatewayTimeout) -> str:
    world.exchange.set_timeout(action.timeout)
    return "the gateway uses the new timeout for requests that arrive from now on"


def _set_database_timeout(world: World, action: does.SetDatabaseTimeout) -> str:
    world.database.set_timeout(action.setting, action.timeout)
    return f"{action.setting} set and configuration reloaded"


def _rate_limit(world: World, action: does.RateLimit) -> str:
    world.gateway.rate_limit_per_s = action.rate
    return f"rate limit {action.rate:g}/s" if action.rate else "rate limit lifted"


def _shed(world: World, action: does.Shed) -> str:
    world.gateway.shed_share = action.share
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
    world.clock.call_at(world.clock.t + fix.takes, lambda _: deployment.roll_out(fix.becomes))
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
    does.SetCheckoutTimeout: _set_checkout_timeout,
    does.SetGatewayTimeout: _set_gateway_timeout,
    does.SetDatabaseTimeout: _set_database_timeout,
    does.RateLimit: _rate_limit,
    does.Shed: _shed,
    does.SetFlag: _set_flag,
    does.RestartPods: _restart,
    does.RollBack: _roll_back,
    does.ShipFix: _ship_fix,
}
