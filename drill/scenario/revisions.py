"""Every revision of every deployment that a scenario describes, and the rules between them.

Separate because most rules about a deployment hold for its present form, the one before and each fix alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from drill.scenario.findings import Finding, Place
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import DeploymentSpec, ProbeSpec

DEPLOYMENTS: Place = ("topology", "deployments")


def revisions(spec: ScenarioSpec) -> Iterator[tuple[Place, DeploymentSpec]]:
    """Return each revision with its place in the model, a deployment before its others."""
    for name, deployment in spec.topology.deployments.items():
        place = (*DEPLOYMENTS, name)
        yield place, deployment
        for rest, other in _others(deployment):
            yield (*place, *rest), other


def _others(deployment: DeploymentSpec) -> Iterator[tuple[Place, DeploymentSpec]]:
    if deployment.previous is not None:
        yield ("previous",), deployment.previous
    for name, fix in deployment.fixes.items():
        yield ("fixes", name, "becomes"), fix.becomes


def probes(deployment: DeploymentSpec) -> list[tuple[str, ProbeSpec]]:
    """Return the probes a deployment has, by their keys."""
    every = (("readiness", deployment.readiness), ("liveness", deployment.liveness), ("startup", deployment.startup))
    return [(name, probe) for name, probe in every if probe is not None]


def endpoints_stay(spec: ScenarioSpec) -> Iterator[Finding]:
    """A revision or fix answers the same endpoints as its deployment, because users go on asking for them."""
    for name, deployment in spec.topology.deployments.items():
        for rest, other in _others(deployment):
            if other.endpoints.keys() != deployment.endpoints.keys():
                place = (*DEPLOYMENTS, name, *rest, "endpoints")
                changed = ", ".join(sorted(other.endpoints.keys() ^ deployment.endpoints.keys()))
                yield Finding(place, f"a change can't add or remove endpoints; this one does: {changed}")


def revisions_differ(spec: ScenarioSpec) -> Iterator[Finding]:
    """The revision before has a label of its own."""
    for name, deployment in spec.topology.deployments.items():
        if deployment.previous is not None and deployment.previous.revision == deployment.revision:
            place = (*DEPLOYMENTS, name, "previous", "revision")
            yield Finding(place, f"{deployment.revision!r} is the present revision; the one before has another label")
