"""What stands between a user and the data: gateway, deployments with pools and programs, pooler, database.

Separate from the story told about it. These classes say what the file says; what lives at run time is in `drill.sim`.
Durations are whole microseconds, sizes whole bytes, rates per second, shares fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID, Bound, Cores, Draw, DrawSpec, Tagged
from drill.units import Bytes, Count, Micros, PerSecond, PositiveCount, PositiveMicros, Quantity, Share, Whole


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStep(Guarded):
    """Let time pass without using CPU, keeping whatever is borrowed."""

    hold: Draw
    """How long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep(Guarded):
    """Call something outside the topology and wait for its answer."""

    call: str
    """Name of what is called, as logs show it."""
    time: Draw
    """Time until the answer."""
    timeout: Micros = 0
    """When the caller gives up, which fails the request; 0 for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStep(Guarded):
    """Run steps between BEGIN and COMMIT on the borrowed connection; both travel with a neighbouring statement."""

    transaction: list[Step]
    """Queries, holds, calls and computing."""
    on: str = ""
    """Pool whose connection is used; empty when only one is borrowed."""


STEPS: dict[str, type[Guarded]] = {
    "compute": ComputeStep,
    "borrow": BorrowStep,
    "returns": ReturnStep,
    "query": QueryStep,
    "hold": HoldStep,
    "call": CallStep,
    "transaction": TransactionStep,
}
"""Every kind of step by its identifying key."""

Step = Annotated[Guarded, Tagged(lambda: dict(STEPS))]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec(_Spec):
    """One kind of user request and the program that serves it."""

    weight: PositiveCount = 1
    """Share of the traffic, relative to the other endpoints."""
    program: list[Step]
    """What a pod does for one request, in order."""
    response: Bytes = 12_000
    """Bytes sent back for a good answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpec(_Spec):
    """A bounded set of something that requests borrow."""

    size: Annotated[int, Whole(1, 1_000_000)]
    """Most members at once, per pod."""
    to: Literal["database", "pooler", "nothing"] = "database"
    """What a member is: a connection to the database or to the pooler, or a plain token."""
    startup: Literal["eager", "lazy", "degraded"] = "lazy"
    """`eager`: open all at start or crash; `lazy`: open on demand; `degraded`: open at start what can be had, never
    crash, open the rest on demand."""
    top_up: Micros = 0
    """How often a background task of the pod opens members that are missing from `size`; 0 for never."""
    on_full: Literal["wait", "reject"] = "wait"
    """What happens when every member is in use."""
    checkout_timeout: PositiveMicros = 30_000_000
    """Longest wait for a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(_Spec):
    """A Kubernetes probe; defaults are Kubernetes' own."""

    check: str = "process"
    """`process` (the container answers while it runs) or the name of a pool to borrow from."""
    period: PositiveMicros = 10_000_000
    timeout: PositiveMicros = 1_000_000
    failures: Annotated[int, Whole(1, 100)] = 3
    """Consecutive failures until the probe counts as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSpec(_Spec):
    """How pods are replaced; defaults are Kubernetes' own."""

    strategy: Literal["surge", "recreate"] = "surge"
    """`surge` starts new pods before old ones go; `recreate` stops all old pods first."""
    surge: Share = 0.25
    """Most pods above the wanted number, rounded up."""
    unavailable: Share = 0.25
    """Most pods that may be missing, rounded down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscalerSpec(_Spec):
    """A horizontal pod autoscaler; defaults are Kubernetes' own."""

    metric: Literal["cpu", "in_flight"]
    """`cpu` in cores used, or requests in flight, both averaged over ready pods."""
    target: Bound
    """Wanted average per pod: cores, or requests in flight."""
    lowest: PositiveCount = 1
    highest: Annotated[int, Whole(1, 500)]
    period: PositiveMicros = 15_000_000
    stabilisation: Micros = 300_000_000
    """Scaling down waits for the highest recommendation of this long."""
    paused: bool = False


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
    idle_cpu: Share = 0.02
    """Share of its cores that an idle pod uses."""
    error_cpu: Micros = 500
    """CPU time a failed request costs (stack trace, log line)."""
    memory: Bytes = 200 * 2**20
    """Memory of an idle pod."""
    memory_per_request: Bytes = 2**19
    """Memory of one request in flight."""
    memory_limit: Bytes = 2**30
    """Memory limit of the container, as dashboards show it."""
    pools: dict[str, PoolSpec] = field(default_factory=dict)
    readiness: ProbeSpec | None = ProbeSpec(period=5_000_000)
    """None: ready as soon as the process runs."""
    liveness: ProbeSpec | None = None
    rollout: RolloutSpec = RolloutSpec()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolerSpec(_Spec):
    """PgBouncer in transaction mode; defaults are those of version 1.18."""

    pool_size: Annotated[int, Whole(1, 10_000)] = 20
    """Server connections (default_pool_size)."""
    max_client_conn: PositiveCount = 100
    start_up: Micros = 3_000_000
    """From the decision until it listens."""
    connect: Micros = 5_400
    """A client's connect to a warm pooler; measured 5.3 to 6.1 ms with SCRAM."""
    round_trip: Micros = 280
    """Added to each statement; measured 1.15 to 1.25 ms through it against 0.82 to 1.0 ms direct."""
    query_wait_timeout: Micros = 120_000_000
    server_login_retry: Micros = 15_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSpec(_Spec):
    """PostgreSQL 15 and its machine."""

    name: str = "appdb"
    role: str = "app"
    cores: Cores = 4.0
    max_connections: Annotated[int, Whole(1, 262_143)] = 100
    superuser_reserved_connections: Count = 3
    connect: Micros = 3_300
    """Time of a connect outside the server's CPU; with `connect_cpu` the measured 6.3 ms of SCRAM over loopback."""
    connect_cpu: Micros = 3_000
    """CPU time of a connect: fork, authentication, start of the backend."""
    round_trip: Micros = 920
    """Per statement, outside the database: protocol and wake-ups; measured 0.82 to 1.0 ms."""
    memory: Bytes = 16 * 2**30
    shared_buffers: Bytes = 4 * 2**30
    memory_per_backend: Annotated[int, Quantity("size")] = 2 * 2**20
    """Private memory of a backend; measured 1.3 to 2.4 MB."""
    statement_timeout: Micros = 0
    idle_in_transaction_session_timeout: Micros = 0
    idle_session_timeout: Micros = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySpec(_Spec):
    """The parts of the system and the feature flags in it."""

    gateway: GatewaySpec = GatewaySpec()
    deployments: dict[str, DeploymentSpec]
    pooler: PoolerSpec | None = None
    database: DatabaseSpec = DatabaseSpec()
    flags: dict[str, bool] = field(default_factory=dict)
    """Feature flags and whether each is on at the start."""
