"""What must read the same in every variant of a sealed family: all that a trainee sees before the last hint.

Separate because it is the promise a family makes: the page, the charts, the suspects, and the lists of what can be
looked at and done say nothing about which system is behind them. What the system does, and what is told after the end,
may differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drill.scenario.findings import Finding, Place, dotted
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import CallStep, DeploymentSpec, Guarded, ParallelStep, TransactionStep


def differences(first: ScenarioSpec, other: ScenarioSpec) -> Iterator[Finding]:
    """Return where a variant shows something else than the first one; places are those of the model."""
    theirs = dict(_shown(other))
    for place, value in _shown(first):
        if theirs.pop(place, None) != value:
            msg = f"differs between variants, so that {_said(place)} would tell them apart; make it the same in all"
            yield Finding(place, msg)
    for place in theirs:
        yield Finding(place, "is in some variants only, so that it would tell them apart; have it in all or none")


def _said(place: Place) -> str:
    return "the rungs before the last" if place == ("story", "hints") else dotted(place)


def _shown(spec: ScenarioSpec) -> Iterator[tuple[Place, Any]]:
    """Return everything that is shown or offered, with its place; lists of names keep their order."""
    for key in ("card", "length", "sampling", "slo", "paged_at", "warm_up"):
        yield (key,), getattr(spec, key)
    yield ("traffic", "trace"), spec.traffic.trace
    story = spec.story
    for key in ("page", "prerequisites", "objectives", "alerts", "runbook"):
        yield ("story", key), getattr(story, key)
    yield ("story", "dashboard"), list(story.dashboard.items())
    yield ("story", "suspects"), list(story.suspects.items())
    yield ("story", "hints"), ([hint.text for hint in story.hints[:-1]], [hint.cost for hint in story.hints])
    yield ("topology", "flags"), list(spec.topology.flags)
    yield ("topology", "pooler"), spec.topology.pooler is not None
    network = spec.topology.network
    yield ("topology", "network"), None if network is None else (list(network.links), network.dns is not None)
    yield ("topology", "nodes"), list(spec.topology.nodes)
    yield ("topology", "deployments"), list(spec.topology.deployments)
    for name, deployment in spec.topology.deployments.items():
        for key, value in _offered(deployment):
            yield ("topology", "deployments", name, key), value


def _offered(deployment: DeploymentSpec) -> Iterator[tuple[str, Any]]:
    yield "pools", list(deployment.pools)
    yield "endpoints", list(deployment.endpoints)
    yield "fixes", [(name, fix.title, fix.takes) for name, fix in deployment.fixes.items()]
    yield "previous", None if deployment.previous is None else deployment.previous.revision
    yield "revision", deployment.revision
    yield "autoscaler", deployment.autoscaler is not None
    calls = dict.fromkeys(call for end in deployment.endpoints.values() for call in _calls(end.program))
    yield "program", list(calls)


def _calls(steps: list[Any] | list[Guarded]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, CallStep):
            yield step.call
        elif isinstance(step, TransactionStep):
            yield from _calls(step.transaction)
        elif isinstance(step, ParallelStep):
            for part in step.parallel:
                yield from _calls(part)
