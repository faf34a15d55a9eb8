"""What stands between a user and the data: gateway, deployments with pools and programs, pooler, database.

Separate from the story told about it. These classes say what the file says; what lives at run time is in `drill.sim`.
Durations are whole microseconds, sizes whole bytes, rates per second, shares fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.callers import BreakerSpec as BreakerSpec  # noqa: PLC0414 - importers find every spec here
from drill.scenario.callers import ClientSpec as ClientSpec  # noqa: PLC0414 - as above
from drill.scenario.callers import RetrySpec as RetrySpec  # noqa: PLC0414 - as above
from drill.scenario.callers import ThrottleSpec as ThrottleSpec  # noqa: PLC0414 - as above
from drill.scenario.callers import UpstreamRetrySpec as UpstreamRetrySpec  # noqa: PLC0414 - as above
from drill.scenario.database import DatabaseSpec as DatabaseSpec  # noqa: PLC0414 - as above
from drill.scenario.database import LockSpec as LockSpec  # noqa: PLC0414 - as above
from drill.scenario.fields import FORBID, Cores, Draw, DrawSpec, SessionState, Tagged
from drill.scenario.kubernetes import AutoscalerSpec as AutoscalerSpec  # noqa: PLC0414 - as above
from drill.scenario.kubernetes import NodeSpec as NodeSpec  # noqa: PLC0414 - as above
from drill.scenario.kubernetes import ProbeSpec as ProbeSpec  # noqa: PLC0414 - as above
from drill.scenario.kubernetes import RolloutSpec as RolloutSpec  # noqa: PLC0414 - as above
from drill.scenario.network import NetworkSpec as NetworkSpec  # noqa: PLC0414 - as above
from drill.scenario.pools import PoolerSpec as PoolerSpec  # noqa: PLC0414 - as above
from drill.scenario.pools import PoolSpec as PoolSpec  # noqa: PLC0414 - as above
from drill.units import Bytes, Count, Micros, PerSecond, PositiveMicros, Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    __pydantic_config__: ClassVar = FORBID


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded(_Spec):
    """A step that may depend on a feature flag."""

    when: str = ""
    """Name of a flag that must be on for the step to happen; empty for always."""
    unless: str = ""
    """Name of a flag that must be off for the step to happen; empty for always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeStep(Guarded):
    """Use the pod's CPU."""

    compute: Draw
    """CPU time on one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowStep(Guarded):
    """Take a member of a pool, waiting as the pool's policy says."""

    borrow: str
    """Name of the pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStep(Guarded):
    """Give back what was borrowed."""

    returns: str
    """Name of the pool; written `return` in the file."""
    leak: Share = 0.0
    """Share of requests that fail in an open transaction and never give the member back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStep(Guarded):
    """Run one statement on the borrowed connection."""

    query: str
    """The statement's text, as sessions and logs show it."""
    time: Draw = DrawSpec(mean=0)
    """Time in the database that uses no CPU: reads, sleeps; a trace's `service_s` replaces it."""
    cpu: Draw = DrawSpec(mean=0)
    """CPU time on one database core; stretches when cores are short."""
    on: str = ""
    """Pool whose connection is used; empty when only one is borrowed."""
    leaves: SessionState = ""
    """What it leaves in the session, once a connection; empty for nothing."""
    needs: SessionState = ""
    """What the session must have, left there over the same connection; empty for nothing."""
    drops: SessionState = ""
    """What it removes from the session; empty for nothing."""
    locks: LockSpec | None = None
    """What it locks first; None for nothing that others could wait for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStep(Guarded):
    """Let time pass without using CPU, keeping whatever is borrowed."""

    hold: Draw
    """How long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep(Guarded):
    """Call another deployment, or something outside the topology, and wait for the answer."""

    call: str
    """Name of what is called, as logs show it; with `endpoint`, a deployment of this scenario."""
    time: Draw
    """Time until the answer; of a call to a deployment, the time on the way there and back on top of its program."""
    endpoint: str = ""
    """Endpoint of the deployment whose program serves the call; empty for a call that leaves the topology."""
    timeout: Micros = 0
    """When the caller gives up on an attempt, which the called side does not notice; 0 for never."""
    retry: RetrySpec | None = None
    """None for no retries."""
    breaker: BreakerSpec | None = None
    """None for no circuit breaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStep(Guarded):
    """Run steps between BEGIN and COMMIT on the borrowed connection; both travel with a neighbouring statement.

    Locks are kept until COMMIT. When a step fails, the application rolls back at once, which gives them up.
    """

    transaction: list[Step]
    """Queries, holds, calls and computing."""
    on: str = ""
    """Pool whose connection is used; empty when only one is borrowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelStep(Guarded):
    """Run several parts side by side and go on when all have ended; the first that fails fails the request."""

    parallel: list[list[Step]]
    """Parts, each a program of its own that returns what it borrows."""
    limit: Annotated[int, Whole(0, 100)] = 0
    """Most parts that run at once; 0 for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateStep(Guarded):
    """Take memory that the process never gives back: a leak, or a cache without a bound."""

    allocate: Bytes
    """How much; a restart of the container frees it."""


STEPS: dict[str, type[Guarded]] = {
    "compute": ComputeStep,
    "allocate": AllocateStep,
    "borrow": BorrowStep,
    "returns": ReturnStep,
    "query": QueryStep,
    "hold": HoldStep,
    "call": CallStep,
    "transaction": TransactionStep,
    "parallel": ParallelStep,
}
"""Every kind of step by its identifying key."""

Step = Annotated[Guarded, Tagged(lambda: dict(STEPS))]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec(_Spec):
    """One kind of user request and the program that serves it."""

    weight: Count = 1
    """Share of the traffic, relative to the other endpoints; 0 for what only other deployments call."""
    program: list[Step]
    """What a pod does for one request, in order."""
    response: Bytes = 12_000
    """Bytes sent back for a good answer."""
    idempotent: bool = True
    """Whether asking twice does no harm, as with GET; the gateway tries nothing else again that may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixSpec(_Spec):
    """A code or configuration change that can be shipped."""

    title: str
    takes: Micros
    """From the decision to the start of the roll-out: build, test, review."""
    becomes: DeploymentSpec
    """The deployment afterwards; written in the file as `changes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec(_Spec):
    """A service: its pods, pools, endpoints and how it is rolled out."""

    revision: str = "1"
    """Version label, as events and the pods view show it."""
    replicas: Annotated[int, Whole(0, 500)]
    routing: Literal["least_outstanding", "random", "round_robin"] = "random"
    """How the gateway chooses among ready pods."""
    start_up: Draw = DrawSpec(mean=5_000_000)
    """From the pod's creation until its process runs."""
    grace: Micros = 30_000_000
    """How long a stopping pod may finish its requests."""
    cores: Cores = 1.0
    """CPU limit of one pod."""
    cpu_request: Cores | None = None
    """Cores a pod asks of its node; None for as many as its limit."""
    idle_cpu: Share = 0.02
    """Share of its cores that an idle pod uses."""
    error_cpu: Micros = 500
    """CPU time a failed request costs (stack trace, log line)."""
    memory: Bytes = 200 * 2**20
    """Memory of an idle pod."""
    memory_per_request: Bytes = 2**19
    """Memory of one request in flight."""
    memory_limit: Bytes = 2**30
    """Memory limit of the container; above it the container is killed (OOMKilled)."""
    memory_request: Bytes = 0
    """Memory a pod asks of its node; 0 for as much as its limit."""
    pools: dict[str, PoolSpec] = field(default_factory=dict)
    readiness: ProbeSpec | None = field(default_factory=lambda: ProbeSpec(period=5_000_000))
    """None: ready as soon as the process runs."""
    liveness: ProbeSpec | None = None
    startup: ProbeSpec | None = None
    """Until it succeeds no other probe runs; when it fails the container is restarted."""
    rollout: RolloutSpec = field(default_factory=RolloutSpec)
    autoscaler: AutoscalerSpec | None = None
    endpoints: dict[str, EndpointSpec]
    previous: DeploymentSpec | None = None
    """The revision before this one; written in the file as `changes`."""
    fixes: dict[str, FixSpec] = field(default_factory=dict)
    """Changes that can be shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySpec(_Spec):
    """What users reach first."""

    timeout: PositiveMicros = 60_000_000
    """When the gateway gives up on a pod; the pod does not notice."""
    rate_limit: PerSecond = 0.0
    """Most requests a second; 0 for no limit."""
    throttle: ThrottleSpec | None = None
    """None for no throttler."""
    retry: UpstreamRetrySpec | None = None
    """Whether it tries another pod after a bad answer; None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySpec(_Spec):
    """The parts of the system and the feature flags in it."""

    clients: ClientSpec = field(default_factory=ClientSpec)
    gateway: GatewaySpec = GatewaySpec()
    deployments: dict[str, DeploymentSpec]
    pooler: PoolerSpec | None = None
    database: DatabaseSpec = field(default_factory=DatabaseSpec)
    nodes: dict[str, NodeSpec] = field(default_factory=dict)
    """Groups of nodes that pods are placed on by their requests; without any there is room for all."""
    network: NetworkSpec | None = None
    """None for parts that lie beside each other."""
    flags: dict[str, bool] = field(default_factory=dict)
    """Feature flags and whether each is on at the start."""
