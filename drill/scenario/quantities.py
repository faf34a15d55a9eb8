"""Rules about numbers that limit each other, and about where traffic comes from.

Separate because a single number's bounds stand at its field; these compare fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from drill.scenario.findings import Finding
from drill.scenario.revisions import revisions
from drill.scenario.spec import ScenarioSpec

MAX_FACTOR = 100
"""Largest factor on the traffic."""
TRACE_ENDINGS = (".csv", ".csv.gz")
"""How the name of a trace ends."""


def slots_are_left(spec: ScenarioSpec) -> Iterator[Finding]:
    """The database keeps connections for those who are not superusers."""
    database = spec.topology.database
    if database.superuser_reserved_connections >= database.max_connections:
        msg = f"{database.superuser_reserved_connections} is not below max_connections, {database.max_connections}"
        yield Finding(("topology", "database", "superuser_reserved_connections"), msg)


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
    """Users arrive by rate or by trace, not both, and at least one."""
    traffic = spec.traffic
    by_rate = traffic.rate > 0 or bool(traffic.points)
    if by_rate and traffic.trace:
        yield Finding(("traffic", "trace"), "there are rates too; arrivals come from rates or from a trace, not both")
    if not traffic.trace and traffic.rate <= 0 and not any(point.rate > 0 for point in traffic.points):
        yield Finding(("traffic",), "nobody ever arrives; give a rate above 0/s, a point with one, or a trace")
    if not 0 < traffic.factor <= MAX_FACTOR:
        yield Finding(("traffic", "factor"), f"{traffic.factor:g} is out of range; allowed is above 0 to {MAX_FACTOR}")


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
