"""What actions on the pooler's console do to the world.

Separate from other actions because each stands for a command that PgBouncer answers itself: PAUSE, RESUME, RELOAD,
KILL, SET.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.actions import pgbouncer as does
from drill.errors import ActionError
from drill.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.action import Action
    from drill.sim.pooler import Pooler
    from drill.sim.world import World

_KEYS = {"default_pool_size": "pool_size"}
"""Settings whose key in a scenario has another name."""


def _pooler(world: World) -> Pooler:
    if world.pooler is None or world.clock.t < world.pooler.listens_at_us:
        msg = "no PgBouncer is running"
        raise ActionError(msg)
    return world.pooler


def _pause(world: World, action: does.PausePooler) -> str:
    del action
    pooler = _pooler(world)
    if pooler.configuration.paused:
        msg = "already suspended/paused"
        raise ActionError(msg)
    busy = pooler.pause()
    return f"PgBouncer is paused; {busy} server connections are still busy and close when they are released"


def _resume(world: World, action: does.ResumePooler) -> str:
    del action
    if not _pooler(world).resume():
        msg = f"database {world.database.spec.name} is not paused"
        raise ActionError(msg)
    return "PgBouncer serves its clients again"


def _reload(world: World, action: does.ReloadPooler) -> str:
    del action
    _pooler(world).reload()
    return "PgBouncer has read its file again; what SET changed is as in the file"


def _kill(world: World, action: does.KillPooler) -> str:
    del action
    pooler = _pooler(world)
    if pooler.configuration.paused:
        msg = "already suspended/paused"
        raise ActionError(msg)
    clients = pooler.clients
    pooler.kill()
    return f"{clients} clients were dropped; the database is paused until RESUME"


def _set_limit(world: World, action: does.SetPoolerLimit) -> str:
    if action.setting in ("default_pool_size", "max_client_conn") and not action.size:
        msg = f"{action.setting} can't be 0; give at least 1"
        raise ActionError(msg)
    _pooler(world).set(**{_KEYS.get(action.setting, action.setting): action.size})
    return f"{action.setting} is {action.size} until the next RELOAD"


def _set_timeout(world: World, action: does.SetPoolerTimeout) -> str:
    _pooler(world).set(**{action.setting: action.timeout})
    return f"{action.setting} is {format_duration(action.timeout)} until the next RELOAD"


POOLER_OPERATIONS: dict[type[Action], Callable[[World, Any], str]] = {
    does.PausePooler: _pause,
    does.ResumePooler: _resume,
    does.ReloadPooler: _reload,
    does.KillPooler: _kill,
    does.SetPoolerLimit: _set_limit,
    does.SetPoolerTimeout: _set_timeout,
}
