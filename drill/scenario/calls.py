"""Rules about callers: calls lead to something that exists and never in a circle, and policies can be followed.

Separate from the rules about programs, which follow one program step by step; these look from one deployment to the
next.
"""

from __future__ import annotations

from collections.abc import Iterator

from drill.scenario.callers import BreakerSpec, RetrySpec
from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.programs import parts, programs, steps
from drill.scenario.revisions import DEPLOYMENTS
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import CallStep, DeploymentSpec
from drill.units import format_duration, format_percent


def calls_of(deployment: DeploymentSpec) -> list[str]:
    """Return the names that a deployment calls, without repeats."""
    every = [part for endpoint in deployment.endpoints.values() for _, part in parts((), endpoint.program)]
    found = (step for part in every for _, step in steps((), part))
    return list(dict.fromkeys(step.call for step in found if isinstance(step, CallStep)))


def _calls(spec: ScenarioSpec) -> Iterator[tuple[Place, CallStep]]:
    for place, program, _ in programs(spec):
        for where, step in steps(place, program):
            if isinstance(step, CallStep):
                yield where, step


def calls_lead_somewhere(spec: ScenarioSpec) -> Iterator[Finding]:
    """A call names an endpoint of a deployment, or nothing that is one."""
    deployments = spec.topology.deployments
    for where, step in _calls(spec):
        if step.endpoint and step.call not in deployments:
            known = some(deployments) + suggest(step.call, deployments)
            yield Finding((*where, "call"), f"there is no deployment {step.call!r}; known: {known}")
        elif step.endpoint and step.endpoint not in (known_here := deployments[step.call].endpoints):
            known = some(known_here) + suggest(step.endpoint, known_here)
            yield Finding((*where, "endpoint"), f"{step.call} has no endpoint {step.endpoint!r}; known: {known}")
        elif not step.endpoint and step.call in deployments:
            yield Finding(
                where, f"say with `endpoint` what of {step.call} is called: {some(deployments[step.call].endpoints)}"
            )


def calls_end(spec: ScenarioSpec) -> Iterator[Finding]:
    """Deployments do not call each other in a circle, in any mixture of their revisions."""
    ways: dict[str, dict[str, Place]] = {name: {} for name in spec.topology.deployments}
    for where, step in _calls(spec):
        if step.endpoint and step.call in ways:
            ways[str(where[len(DEPLOYMENTS)])].setdefault(step.call, where)
    done: set[str] = set()
    for start in ways:
        yield from _circles(start, ways, [], done)


def _circles(name: str, ways: dict[str, dict[str, Place]], path: list[str], done: set[str]) -> Iterator[Finding]:
    if name in done:
        return
    for called, where in ways[name].items():
        if called in (*path, name):
            circle = [*path, name, called]
            said = " -> ".join(circle[circle.index(called) :])
            yield Finding((*where, "call"), f"calls go in a circle: {said}; no answer could ever come")
        else:
            yield from _circles(called, ways, [*path, name], done)
    done.add(name)


def callers_policies_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """Retries have an occasion and waits within their limit; a breaker's window holds the calls it needs."""
    yield from _retries(("topology", "clients", "retry"), spec.topology.clients.retry)
    for where, step in _calls(spec):
        yield from _retries((*where, "retry"), step.retry)
        yield from _breaker((*where, "breaker"), step.breaker)


def _retries(place: Place, retry: RetrySpec | None) -> Iterator[Finding]:
    if retry is None:
        return
    if not retry.on and retry.attempts > 1:
        yield Finding((*place, "on"), "no answer is ever tried again; name at least one, or remove `retry`")
    if retry.back_off > retry.longest:
        said = f"{format_duration(retry.back_off)} is above longest, {format_duration(retry.longest)}"
        yield Finding((*place, "back_off"), said)
    if retry.jitter != "none" and not retry.back_off:
        yield Finding((*place, "jitter"), "there is no wait that it could spread; give a back_off or remove this key")


def throttles_watch_pools(spec: ScenarioSpec) -> Iterator[Finding]:
    """A throttler looks at a pool that exists and begins no later than it refuses everything."""
    throttle, place = spec.topology.gateway.throttle, ("topology", "gateway", "throttle")
    if throttle is None:
        return
    deployments = spec.topology.deployments
    if throttle.deployment not in deployments:
        known = some(deployments) + suggest(throttle.deployment, deployments)
        yield Finding((*place, "deployment"), f"there is no deployment {throttle.deployment!r}; known: {known}")
    elif throttle.pool not in (pools := deployments[throttle.deployment].pools):
        known = some(pools) + suggest(throttle.pool, pools)
        yield Finding((*place, "pool"), f"there is no pool {throttle.pool!r}; known: {known}")
    if throttle.start > throttle.full or not throttle.full:
        said = f"{format_percent(throttle.start)} is above full, {format_percent(throttle.full)}"
        yield Finding((*place, "start"), said if throttle.full else "full is 0%; nobody would ever be let in")


def _breaker(place: Place, breaker: BreakerSpec | None) -> Iterator[Finding]:
    if breaker is None:
        return
    if breaker.minimum > breaker.window:
        yield Finding((*place, "minimum"), f"{breaker.minimum} is above window, {breaker.window}; it would never open")
    if not breaker.failures:
        yield Finding((*place, "failures"), "0% would open it without a failure; give a share above that")
    if not breaker.slow_share:
        yield Finding((*place, "slow_share"), "0% would open it without a slow call; give a share above that")


def upstream_retries_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """The gateway's retries have an occasion."""
    retry = spec.topology.gateway.retry
    if retry is not None and not retry.on:
        place = ("topology", "gateway", "retry", "on")
        yield Finding(place, "no answer is ever tried again; name at least one, or remove `retry`")


def somebody_asks(spec: ScenarioSpec) -> Iterator[Finding]:
    """Users ask for at least one endpoint."""
    endpoints = [each for deployment in spec.topology.deployments.values() for each in deployment.endpoints.values()]
    if endpoints and not any(endpoint.weight for endpoint in endpoints):
        yield Finding(DEPLOYMENTS, "every endpoint has weight 0; users must ask for at least one")
