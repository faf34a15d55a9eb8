"""Rules about numbers that limit each other, and about where traffic comes from.

Separate because a single number's bounds stand at its field; these compare fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from drill.scenario.findings import Finding, Place
from drill.scenario.revisions import probes, revisions
from drill.scenario.spec import ScenarioSpec
from drill.units import US_PER_S, format_duration, format_size

MAX_FACTOR = 100
"""Largest factor on the traffic."""
MAX_ARRIVALS = 20_000_000
"""Most requests a run may have if its highest rate lasted from start to end."""
SHORTEST_PERIOD_US = 100_000
"""Shortest time between two rounds of a probe, an autoscaler or a top-up."""
SHORTEST_THINK_US = 1_000
"""Shortest mean time for which a user in a closed loop thinks."""
TRACE_ENDINGS = (".csv", ".csv.gz")
"""How the name of a trace ends."""


def slots_are_left(spec: ScenarioSpec) -> Iterator[Finding]:
    """The database keeps connections for those who are not superusers."""
    database = spec.topology.database
    if database.superuser_reserved_connections >= database.max_connections:
        msg = f"{database.superuser_reserved_connections} is not below max_connections, {database.max_connections}"
        yield Finding(("topology", "database", "superuser_reserved_connections"), msg)


def memory_is_enough(spec: ScenarioSpec) -> Iterator[Finding]:
    """The database's machine has memory for the shared buffers and one backend."""
    database = spec.topology.database
    if database.shared_buffers + database.memory_per_backend > database.memory:
        msg = f"leaves no room for a backend in a memory of {format_size(database.memory)}"
        yield Finding(("topology", "database", "shared_buffers"), f"{format_size(database.shared_buffers)} {msg}")


def autoscalers_have_range(spec: ScenarioSpec) -> Iterator[Finding]:
    """An autoscaler's lowest is not above its highest, and its target is above 0."""
    for place, deployment in revisions(spec):
        scaler = deployment.autoscaler
        if scaler is not None and scaler.lowest > scaler.highest:
            yield Finding((*place, "autoscaler", "lowest"), f"{scaler.lowest} is above highest, {scaler.highest}")
        if scaler is not None and scaler.target <= 0:
            yield Finding((*place, "autoscaler", "target"), f"{scaler.target:g} is not above 0")


def rollouts_can_move(spec: ScenarioSpec) -> Iterator[Finding]:
    """A surge roll-out may add a pod or miss one; with neither it would never begin."""
    for place, deployment in revisions(spec):
        rollout = deployment.rollout
        if rollout.strategy == "surge" and not rollout.surge and not rollout.unavailable:
            yield Finding((*place, "rollout"), "surge and unavailable are both 0%; no pod could ever be replaced")


def traffic_has_one_source(spec: ScenarioSpec) -> Iterator[Finding]:
    """Users arrive by rate, by trace or in a closed loop: one of them."""
    traffic = spec.traffic
    by_rate = traffic.rate > 0 or bool(traffic.points)
    if by_rate and traffic.trace:
        yield Finding(("traffic", "trace"), "there are rates too; arrivals come from rates or from a trace, not both")
    if traffic.users and (by_rate or traffic.trace):
        yield Finding(("traffic", "users"), "there are rates or a trace too; users in a closed loop come alone")
    nobody = not traffic.trace and traffic.rate <= 0 and not any(point.rate > 0 for point in traffic.points)
    if nobody and not traffic.users:
        yield Finding(("traffic",), "nobody ever arrives; give a rate above 0/s, a point with one, a trace or users")
    if traffic.crowd and not traffic.users:
        yield Finding(("traffic", "crowd"), "there are no users whose number could change; give `users` too")
    if not 0 < traffic.factor <= MAX_FACTOR:
        yield Finding(("traffic", "factor"), f"{traffic.factor:g} is out of range; allowed is above 0 to {MAX_FACTOR}")
    if traffic.think.mean < SHORTEST_THINK_US:
        said = f"{format_duration(traffic.think.mean)} is too short; at least {format_duration(SHORTEST_THINK_US)}"
        yield Finding(("traffic", "think"), f"{said} keeps refused users from asking endlessly")


def arrivals_are_bounded(spec: ScenarioSpec) -> Iterator[Finding]:
    """A run ends in bearable time: rates times length stay within 20 million requests."""
    traffic = spec.traffic
    crowd = max([traffic.users, *(point.users for point in traffic.crowd)])
    thinking = crowd * US_PER_S / max(traffic.think.mean, SHORTEST_THINK_US)
    highest = max([thinking, traffic.rate, *(point.rate for point in traffic.points)]) * traffic.factor
    if highest * spec.length / US_PER_S > MAX_ARRIVALS:
        allowed = MAX_ARRIVALS * US_PER_S / spec.length
        said = f"the highest rate, {highest:g}/s, is too much for {format_duration(spec.length)}"
        yield Finding(("traffic",), f"{said}; allowed is {allowed:.0f}/s")


def periods_are_long_enough(spec: ScenarioSpec) -> Iterator[Finding]:
    """Probes, autoscalers, throttlers, the upkeep of pools and logins of the pooler happen at most every 100 ms."""
    pooler, throttle = spec.topology.pooler, spec.topology.gateway.throttle
    if throttle is not None and throttle.period < SHORTEST_PERIOD_US:
        yield _too_often(("topology", "gateway", "throttle", "period"), throttle.period)
    if pooler is not None and pooler.server_login_retry < SHORTEST_PERIOD_US:
        yield _too_often(("topology", "pooler", "server_login_retry"), pooler.server_login_retry)
    for place, deployment in revisions(spec):
        periods: list[tuple[Place, int]] = [((name, "period"), probe.period) for name, probe in probes(deployment)]
        if deployment.autoscaler is not None:
            periods.append((("autoscaler", "period"), deployment.autoscaler.period))
            periods.append((("autoscaler", "metrics_resolution"), deployment.autoscaler.metrics_resolution))
        for name, pool in deployment.pools.items():
            upkeep = (("top_up", pool.top_up), ("max_lifetime", pool.max_lifetime), ("idle_timeout", pool.idle_timeout))
            periods += [(("pools", name, key), period) for key, period in upkeep if period]
        for where, period in periods:
            if period < SHORTEST_PERIOD_US:
                yield _too_often((*place, *where), period)


def _too_often(place: Place, period: int) -> Finding:
    shortest = format_duration(SHORTEST_PERIOD_US)
    return Finding(place, f"{format_duration(period)} is too often; at least {shortest} are needed")


def trace_is_beside(spec: ScenarioSpec) -> Iterator[Finding]:
    """A trace is named relative to the scenario's folder and lies in it."""
    trace = spec.traffic.trace
    windows = PureWindowsPath(trace)
    if ".." in windows.parts or PurePosixPath(trace).is_absolute() or windows.drive or windows.root or "\0" in trace:
        msg = f"{trace!r} leaves the scenario's folder; name a file in it"
        yield Finding(("traffic", "trace"), msg)
    elif trace and not trace.endswith(TRACE_ENDINGS):
        yield Finding(("traffic", "trace"), f"{trace!r} is not a trace; its name ends in {' or '.join(TRACE_ENDINGS)}")


def expectations_bound(spec: ScenarioSpec) -> Iterator[Finding]:
    """An expectation has a lower or an upper bound, the lower not above the upper."""
    for name, expect in spec.expects.items():
        low, high = expect.at_least, expect.at_most
        if low is None and high is None:
            yield Finding(("expects", name), "there is no bound; give at_least, at_most or both")
        elif low is not None and high is not None and low > high:
            yield Finding(("expects", name, "at_least"), f"{low:g} is above at_most, {high:g}")
