"""What a cluster does with a deployment's pods: probes, roll-outs, the autoscaler, nodes.

Separate from the parts that serve requests. Defaults are Kubernetes' own unless a field says otherwise; durations are
whole microseconds, sizes whole bytes, shares fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID, Bound, Cores, PodCount
from drill.units import Bytes, Micros, PositiveCount, PositiveMicros, Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    __pydantic_config__: ClassVar = FORBID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(_Spec):
    """A Kubernetes probe; defaults are Kubernetes' own."""

    check: str = "process"
    """`process` (the container answers while it runs) or the name of a pool to borrow from."""
    initial_delay: Micros = 0
    """From the start of the container until the first probe."""
    period: PositiveMicros = 10_000_000
    timeout: PositiveMicros = 1_000_000
    failures: Annotated[int, Whole(1, 100)] = 3
    """Consecutive failures until the probe counts as failed."""
    successes: Annotated[int, Whole(1, 100)] = 1
    """Consecutive successes until a pod that was not ready is; 1 for liveness and start-up probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSpec(_Spec):
    """How pods are replaced; defaults are Kubernetes' own."""

    strategy: Literal["surge", "recreate"] = "surge"
    """`surge` starts new pods before old ones go; `recreate` stops all old pods first."""
    surge: PodCount = 0.25
    """Most pods above the wanted number: a count, or a percentage, rounded up."""
    unavailable: PodCount = 0.25
    """Most pods that may be missing: a count, or a percentage, rounded down."""
    min_ready: Micros = 0
    """How long a pod must be ready until it counts as available (minReadySeconds)."""
    progress_deadline: PositiveMicros = 600_000_000
    """After this long without progress a roll-out is reported as stuck; it goes on trying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicySpec(_Spec):
    """How much an autoscaler may change within a period: a count of pods, or a percentage of them."""

    by: PodCount
    """Pods, or a share of the pods at the start of the period."""
    within: PositiveMicros = 15_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRulesSpec(_Spec):
    """One direction of an autoscaler's behaviour."""

    policies: list[ScalingPolicySpec]
    select: Literal["max", "min", "disabled"] = "max"
    """Which policy counts when they differ: the one that allows the largest change, the smallest, or no change."""


def _up() -> ScalingRulesSpec:
    return ScalingRulesSpec(policies=[ScalingPolicySpec(by=1.0), ScalingPolicySpec(by=4)])


def _down() -> ScalingRulesSpec:
    return ScalingRulesSpec(policies=[ScalingPolicySpec(by=1.0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscalerSpec(_Spec):
    """A horizontal pod autoscaler; defaults are Kubernetes' own."""

    metric: Literal["cpu", "cpu_utilisation", "in_flight"]
    """`cpu`: cores a pod; `cpu_utilisation`: CPU as a share of the pods' requests; `in_flight`: requests a pod."""
    target: Bound
    """Wanted average per pod: cores, a percentage of the request, or requests in flight."""
    lowest: PositiveCount = 1
    highest: Annotated[int, Whole(1, 500)]
    period: PositiveMicros = 15_000_000
    tolerance: Share = 0.1
    """No change while the metric is this near to its target."""
    stabilisation: Micros = 300_000_000
    """Scaling down waits for the highest recommendation of this long."""
    stabilisation_up: Micros = 0
    """Scaling up waits for the lowest recommendation of this long."""
    scale_up: ScalingRulesSpec = field(default_factory=_up)
    """How fast it may add pods; by default 100% or 4 pods in 15 s, whichever is more."""
    scale_down: ScalingRulesSpec = field(default_factory=_down)
    """How fast it may take pods away; by default 100% in 15 s."""
    cpu_initialization: Micros = 300_000_000
    """How long a pod's CPU counts only while it is ready (cpu-initialization-period)."""
    initial_readiness_delay: Micros = 30_000_000
    """A pod that stopped being ready this soon after its start counts as never ready."""
    metrics_resolution: PositiveMicros = 15_000_000
    """How often metrics-server reads the pods' CPU."""
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec(_Spec):
    """A group of equal nodes; sizes are what pods may request, after what the system keeps (allocatable)."""

    count: Annotated[int, Whole(1, 200)] = 1
    """How many; with more than one they are called name-1, name-2, …"""
    cores: Cores
    memory: Bytes
    pods: Annotated[int, Whole(1, 500)] = 110
    """Most pods on one node."""
