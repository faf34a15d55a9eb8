"""What the actions on callers do to the world.

Separate from the other operations because callers stand on their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drill.actions import callers as does
from drill.actions.fields import listed, nearest
from drill.errors import ActionError
from drill.scenario.callers import BreakerSpec, BudgetSpec, RetrySpec, ThrottleSpec
from drill.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.action import Action
    from drill.sim.calling import Call
    from drill.sim.world import World


def _set_client_timeout(world: World, action: does.SetClientTimeout) -> str:
    world.visits.set_timeout(action.timeout)
    if not action.timeout:
        return "clients wait for as long as it takes"
    return f"clients give up after {format_duration(action.timeout)}"


def _set_client_retries(world: World, action: does.SetClientRetries) -> str:
    before = world.spec.topology.clients.retry
    world.visits.set_retries(changed(before or RetrySpec(), action))
    return f"clients make at most {action.attempts} attempts" if action.attempts > 1 else "clients try only once"


def _known(world: World, action: does.SetCallTimeout | does.SetCallRetries | does.SetBreaker) -> Call:
    """Return the newest step for the named call."""
    calls = [call for caller, call in world.switchboard.steps if caller == action.deployment]
    if action.call not in calls:
        msg = f"deployment {action.deployment!r} makes no call {action.call!r}; known: {listed(calls)}"
        raise ActionError(msg + nearest(action.call, calls))
    return world.switchboard.steps[action.deployment, action.call][-1]


def _set_call_timeout(world: World, action: does.SetCallTimeout) -> str:
    _known(world, action)
    world.switchboard.change(action.deployment, action.call, timeout_us=action.timeout)
    if not action.timeout:
        return f"{action.deployment} waits for {action.call} for as long as it takes"
    return f"{action.deployment} gives up on {action.call} after {format_duration(action.timeout)}"


def _set_call_retries(world: World, action: does.SetCallRetries) -> str:
    before = _known(world, action).policy.retry
    world.switchboard.change(action.deployment, action.call, retry=changed(before or RetrySpec(), action))
    return f"{action.deployment} makes at most {action.attempts} attempts at a call of {action.call}"


def _set_breaker(world: World, action: does.SetBreaker) -> str:
    described = _known(world, action).described or BreakerSpec()
    world.switchboard.change(action.deployment, action.call, breaker=described if action.on else None)
    said = "is guarded by a closed breaker in each pod" if action.on else "is made without a breaker"
    return f"the call of {action.call} from {action.deployment} {said}"


def _set_throttle(world: World, action: does.SetThrottle) -> str:
    deployment = world.deployments.get(action.deployment)
    pools = [] if deployment is None else list(deployment.spec.pools)
    if action.pool not in pools:
        msg = f"deployment {action.deployment!r} has no pool {action.pool!r}; known: {listed(pools)}"
        raise ActionError(msg + nearest(action.pool, pools))
    if action.start > action.full or not action.full:
        msg = f"start {action.start:.0%} must not be above full {action.full:.0%}, and full must be above 0%"
        raise ActionError(msg)
    if not action.on:
        world.throttle.use(None)
        return "nobody is throttled any more"
    found = ThrottleSpec(deployment=action.deployment, pool=action.pool, start=action.start, full=action.full)
    world.throttle.use(found)
    return f"requests are throttled from {action.start:.0%} of pool {action.pool} on, all from {action.full:.0%} on"


def changed(before: RetrySpec, action: does.SetClientRetries | does.SetCallRetries) -> RetrySpec:
    """Return a policy as an action wants it; which answers are tried again, and a budget's floor, stay."""
    budget = None if not action.budget else replace(before.budget or BudgetSpec(), share=action.budget)
    return replace(
        before,
        attempts=action.attempts,
        back_off=action.back_off,
        longest=action.longest,
        jitter=action.jitter,
        budget=budget,
    )


CALLER_OPERATIONS: dict[type[Action], Callable[[World, Any], str]] = {
    does.SetClientTimeout: _set_client_timeout,
    does.SetClientRetries: _set_client_retries,
    does.SetCallTimeout: _set_call_timeout,
    does.SetCallRetries: _set_call_retries,
    does.SetBreaker: _set_breaker,
    does.SetThrottle: _set_throttle,
}
