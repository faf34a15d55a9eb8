"""Rules about names: how they are written, that they are there, that they don't collide.

Separate from what names refer to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drill.scenario.findings import Finding, Place
from drill.scenario.revisions import DEPLOYMENTS, revisions
from drill.scenario.spec import ScenarioSpec
from drill.units import say

MAX_NAME = 40
"""Longest name."""
IDLE = "idle"
"""The player that does nothing; no solution or trap may be called so."""
PROCESS = "process"
"""What a probe checks when it checks no pool; no pool may be called so."""
MIN_SUSPECTS = 3
"""Fewest suspects; with two, a coin would be as good."""

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9_]*[a-z0-9])?")


def names_are_plain(spec: ScenarioSpec) -> Iterator[Finding]:
    """Names are lower-case letters, digits, `-` and `_`, at most 40 characters, with a letter or digit at both ends."""
    for place, names in _named(spec):
        for name in names:
            if msg := misnamed(name):
                yield Finding((*place, name), msg)


def misnamed(name: str) -> str:
    """Return what is wrong with a name; empty for nothing."""
    if len(name) <= MAX_NAME and _NAME.fullmatch(name):
        return ""
    return f"{say(name)} is not a name; use a-z, 0-9, - and _ (not at the ends), at most {MAX_NAME} characters"


def _named(spec: ScenarioSpec) -> Iterator[tuple[Place, Iterable[str]]]:
    story, topology = spec.story, spec.topology
    yield DEPLOYMENTS, topology.deployments
    for place, deployment in revisions(spec):
        yield (*place, "pools"), deployment.pools
        yield (*place, "endpoints"), deployment.endpoints
        yield (*place, "fixes"), deployment.fixes
    yield ("topology", "flags"), topology.flags
    yield ("topology", "nodes"), topology.nodes
    if topology.network is not None:
        yield ("topology", "network", "links"), topology.network.links
        yield ("topology", "network", "regions"), topology.network.regions.values()
    yield ("timeline",), spec.timeline
    yield ("story", "dashboard"), story.dashboard
    yield ("story", "alerts"), story.alerts
    yield ("story", "suspects"), story.suspects
    yield ("story", "solutions"), story.solutions
    yield ("story", "traps"), story.traps
    yield ("story", "guards"), story.guards
    yield ("story", "figures"), story.figures
    yield ("expects",), spec.expects
    for name, expect in spec.expects.items():
        yield ("expects", name, "without"), expect.without


def names_are_distinct(spec: ScenarioSpec) -> Iterator[Finding]:
    """Endpoints of all deployments, and solutions and traps, don't share names; `process` and `idle` are taken."""
    owners: dict[str, str] = {}
    for name, deployment in spec.topology.deployments.items():
        for endpoint in deployment.endpoints:
            if endpoint in owners:
                msg = (
                    f"deployment {owners[endpoint]} has an endpoint of this name; the gateway could not tell them apart"
                )
                yield Finding((*DEPLOYMENTS, name, "endpoints", endpoint), msg)
            owners.setdefault(endpoint, name)
    for place, deployment in revisions(spec):
        if PROCESS in deployment.pools:
            yield Finding((*place, "pools", PROCESS), f"a pool can't be called {PROCESS}; probes use that word")
    for kind, plans in (("solutions", spec.story.solutions), ("traps", spec.story.traps)):
        if IDLE in plans:
            yield Finding(("story", kind, IDLE), f"{IDLE} is the player that does nothing; use another name")
    for name in spec.story.traps:
        if name in spec.story.solutions:
            yield Finding(("story", "traps", name), "a solution has this name; use another one")


def parts_are_there(spec: ScenarioSpec) -> Iterator[Finding]:
    """There is a deployment and an endpoint, a solution, and enough suspects to choose from."""
    deployments, story = spec.topology.deployments, spec.story
    if not deployments:
        yield Finding(DEPLOYMENTS, "there are 0 deployments; at least 1 is needed")
    elif not any(deployment.endpoints for deployment in deployments.values()):
        place = (*DEPLOYMENTS, next(iter(deployments)), "endpoints")
        yield Finding(place, "there are 0 endpoints; at least 1 is needed for users to ask for")
    if not story.solutions:
        yield Finding(("story", "solutions"), "there are 0 solutions; at least 1 is needed")
    if len(story.suspects) < MIN_SUSPECTS:
        msg = f"there are {len(story.suspects)} suspects; at least {MIN_SUSPECTS} are needed"
        yield Finding(("story", "suspects"), msg)
