"""How many replicas a metric asks for: the autoscaler's arithmetic on pods and their metrics.

Separate because it is pure, and held to a literal transcription of the documented algorithm. Source:
`replica_calculator.go` of kube-controller-manager: values are whole thousandths, utilisation is a whole percentage.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from drill.sim.kubernetes.metrics_server import Usage

_PERCENT = 100


class PodFacts(NamedTuple):
    """What the autoscaler knows of one pod that is not being deleted."""

    name: str
    pending: bool
    ready: bool
    started_us: int
    """When the kubelet took it on."""
    ready_changed_us: int
    """When its readiness last changed."""
    request_milli: int


class Rules(NamedTuple):
    """What the controller manager is told for all autoscalers."""

    tolerance: float
    cpu_initialization_us: int
    initial_readiness_delay_us: int


class Grouped(NamedTuple):
    """Pods by what becomes of their metric."""

    counted: list[str]
    ignored: list[str]
    """Pending, or CPU that says nothing yet."""
    missing: list[str]


def grouped(pods: list[PodFacts], metrics: Mapping[str, Usage], rules: Rules, now_us: int, *, cpu: bool) -> Grouped:
    """Return which pods count."""
    groups = Grouped([], [], [])
    for pod in pods:
        if pod.pending:
            groups.ignored.append(pod.name)
        elif pod.name not in metrics:
            groups.missing.append(pod.name)
        elif cpu and _says_nothing(pod, metrics[pod.name], rules, now_us):
            groups.ignored.append(pod.name)
        else:
            groups.counted.append(pod.name)
    return groups


def _says_nothing(pod: PodFacts, metric: Usage, rules: Rules, now_us: int) -> bool:
    """Return whether a pod's CPU is that of its start."""
    if pod.started_us + rules.cpu_initialization_us > now_us:
        return not pod.ready or metric.at_us < pod.ready_changed_us + metric.window_us
    return not pod.ready and pod.started_us + rules.initial_readiness_delay_us > pod.ready_changed_us


class Target(NamedTuple):
    """What a metric should be."""

    ratio: Callable[[Mapping[str, int]], float]
    """Gives how far the metrics of pods are from it; 1 is right."""
    full: Mapping[str, int]
    """What a pod without a metric is taken to use when scaling down."""


def utilisation(percent: int, requests: Mapping[str, int]) -> Target:
    """Return the target of a percentage of what pods request."""

    def ratio(values: Mapping[str, int]) -> float:
        asked = sum(requests[name] for name in values)
        return (sum(values.values()) * _PERCENT // max(1, asked)) / percent

    return Target(ratio, requests)


def average(milli: int, pods: Iterable[str]) -> Target:
    """Return the target of a mean value per pod."""

    def ratio(values: Mapping[str, int]) -> float:
        return (sum(values.values()) // len(values)) / milli

    return Target(ratio, dict.fromkeys(pods, milli))


def replicas(
    current: int, groups: Grouped, metrics: Mapping[str, Usage], target: Target, tolerance: float
) -> int | None:
    """Return the replicas wanted, None without a metric of any pod.

    Args:
        current: Replicas now.
        groups: Pods by what becomes of their metric.
        metrics: Metrics by pod.
        target: What the metric should be.
        tolerance: No change nearer to 1 than this.
    """
    values = {name: metrics[name].milli for name in groups.counted}
    if not values:
        return None
    first = target.ratio(values)
    rebalance = bool(groups.ignored) and first > 1.0
    if not rebalance and not groups.missing:
        return current if abs(1.0 - first) <= tolerance else ceil(first * len(values))
    if first < 1.0:
        values |= {name: target.full[name] for name in groups.missing}
    elif first > 1.0:
        values |= dict.fromkeys(groups.missing, 0)
    if rebalance:
        values |= dict.fromkeys(groups.ignored, 0)
    second = target.ratio(values)
    if abs(1.0 - second) <= tolerance or (first < 1.0 < second) or (second < 1.0 < first):
        return current
    wanted = ceil(second * len(values))
    turned = (second < 1.0 and wanted > current) or (second > 1.0 and wanted < current)
    return current if turned else wanted
