"""Rules about what the cluster is asked to do: probes, requests and limits, autoscalers' policies.

Separate because they are Kubernetes' own: its API server refuses the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from drill.scenario.findings import Finding
from drill.scenario.kubernetes import ScalingRulesSpec
from drill.scenario.revisions import probes, revisions
from drill.scenario.spec import ScenarioSpec
from drill.units import format_size

READINESS = "readiness"
"""The only probe that may ask for several successes."""


def probes_can_succeed(spec: ScenarioSpec) -> Iterator[Finding]:
    """Liveness and start-up probes need one success."""
    for place, deployment in revisions(spec):
        for name, probe in probes(deployment):
            if name != READINESS and probe.successes != 1:
                msg = f"{probe.successes} is out of range; a {name} probe needs exactly 1 success"
                yield Finding((*place, name, "successes"), msg)


def requests_are_within_limits(spec: ScenarioSpec) -> Iterator[Finding]:
    """A pod requests no more than its limits, and more than no memory."""
    for place, deployment in revisions(spec):
        cores, memory = deployment.cpu_request, deployment.memory_request
        if cores is not None and cores > deployment.cores:
            yield Finding((*place, "cpu_request"), f"{cores:g} is above the limit, cores: {deployment.cores:g}")
        if memory > deployment.memory_limit:
            limit = format_size(deployment.memory_limit)
            yield Finding((*place, "memory_request"), f"{format_size(memory)} is above memory_limit, {limit}")
        if deployment.memory > deployment.memory_limit:
            msg = f"{format_size(deployment.memory)} is above memory_limit, {format_size(deployment.memory_limit)}"
            yield Finding((*place, "memory"), f"{msg}; the container would be killed as soon as it runs")


def scaling_policies_say_something(spec: ScenarioSpec) -> Iterator[Finding]:
    """Each direction of an autoscaler has a policy, and each policy allows a change."""
    for place, deployment in revisions(spec):
        if deployment.autoscaler is None:
            continue
        both = (("scale_up", deployment.autoscaler.scale_up), ("scale_down", deployment.autoscaler.scale_down))
        for name, rules in both:
            yield from (Finding((*place, "autoscaler", name, *rest), text) for rest, text in _empty(rules))


def _empty(rules: ScalingRulesSpec) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if not rules.policies:
        yield ("policies",), "there are 0 policies; at least 1 is needed (to forbid changes, select: disabled)"
    for index, policy in enumerate(rules.policies):
        if not policy.by:
            yield ("policies", index, "by"), "0 allows no change; to forbid changes, write select: disabled"


def nodes_have_room(spec: ScenarioSpec) -> Iterator[Finding]:
    """A node has memory, and there are at most 500 nodes."""
    nodes = spec.topology.nodes
    for name, node in nodes.items():
        if not node.memory:
            yield Finding(("topology", "nodes", name, "memory"), "0B is out of range; a node has memory")
    if (total := sum(node.count for node in nodes.values())) > MAX_NODES:
        yield Finding(("topology", "nodes"), f"there are {total} nodes; allowed are at most {MAX_NODES}")


MAX_NODES = 500
"""Most nodes of a cluster."""
