"""The state of a run at one moment, frozen: what screens, the console and players see.

Separate because there is one truth: every panel, command and metric reads the same snapshot. CPU and memory are those
of the latest sample, as exporters give them; counts are of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """What users feel."""

    offered: int
    """Requests that arrived since the start."""
    ok: int
    late: int
    failed: int
    in_flight: int
    rate_per_s: float
    """Arrivals per second over the last 10 s."""
    failing: float | None
    """Share of late and failed among the decided requests that arrived in the last 30 s; None without any."""
    budget_used: float
    """Share of the whole run's error budget that is spent; above 1 it is overspent. It never shrinks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """One pool of one pod."""

    name: str
    size: int
    open: int
    in_use: int
    idle: int
    waiting: int
    timeouts: int
    """Checkouts that timed out since the pod started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    """One pod."""

    name: str
    deployment: str
    phase: str
    ready: bool
    restarts: int
    age_s: float
    cpu_cores: float
    """Cores used over the last sampling period."""
    cpu_limit_cores: float
    memory_bytes: int
    memory_limit_bytes: int
    in_flight: int
    """Requests in its programs, those nobody waits for included."""
    pools: tuple[PoolState, ...]
    ip: str = ""
    node: str = ""
    """Empty while it is not placed."""
    replica_set: str = ""
    uid: str = ""
    cpu_request_cores: float = 0.0
    memory_request_bytes: int = 0
    last_exit: ExitState | None = None
    """None if its container never ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitState:
    """How a container ended, as `kubectl describe pod` says under Last State."""

    reason: str
    """`Error`, `OOMKilled` or `Completed`."""
    code: int
    started_us: int
    ended_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSetState:
    """One ReplicaSet of a deployment."""

    name: str
    revision: int
    """Number of the roll-out that brought it last, as `kubectl rollout history` counts."""
    label: str
    """Revision label of the scenario."""
    replicas: int
    """Wanted pods."""
    pods: int
    """Pods that exist, stopping ones included."""
    ready: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """One node."""

    name: str
    cores: float
    """Cores that pods may request."""
    memory_bytes: int
    """Memory that pods may request."""
    pods_limit: int
    pods: int
    requested_cores: float
    requested_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentState:
    """One deployment."""

    name: str
    revision: str
    replicas: int
    """Wanted pods."""
    ready: int
    pods: int
    """Pods that exist, stopping ones included."""
    autoscaler: str
    """`none`, `active` or `paused`."""
    available: int = 0
    """Pods that have been ready for long enough."""
    progressing: str = ""
    """Reason of the `Progressing` condition, such as `ProgressDeadlineExceeded`."""
    replica_sets: tuple[ReplicaSetState, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """The database server."""

    max_connections: int
    reserved: int
    slots_in_use: int
    """Slots held, those of backends still logging in included."""
    sessions: tuple[tuple[str, int], ...]
    """Number of sessions by state, every state present."""
    cpu_share: float
    """Share of all cores used over the last sampling period."""
    cores: float
    refused: int
    """Connects refused for want of slots since the start."""
    up: bool = True
    """Whether it accepts connections at all."""
    lock_waits: int = 0
    """Sessions that wait for a lock."""
    deadlocks: int = 0
    """Deadlocks since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolerState:
    """The pooler."""

    clients: int
    waiting: int
    """Clients that wait for a server."""
    servers_in_use: int
    servers_idle: int
    pool_size: int
    mode: str = "transaction"
    """`session`, `transaction` or `statement`."""
    paused: bool = False
    servers_used: int = 0
    """How many of the idle ones have been so for longer than server_check_delay."""
    servers_logging_in: int = 0
    oldest_wait_us: int = 0
    """How long the client has waited that waits longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """One alert of the team."""

    name: str
    text: str
    since_s: float | None
    """When it began to fire; None while it does not."""
    pending_s: float | None = None
    """Since when its condition holds, not yet for long enough; None while it does not, or while it fires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSeries:
    """One chart of the team's dashboard."""

    name: str
    title: str
    unit: str
    points: tuple[float | None, ...]
    """One value a sampling period since time 0, oldest first; None where a rate is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment."""

    at_us: int
    users: Users
    deployments: tuple[DeploymentState, ...]
    pods: tuple[PodState, ...]
    database: DatabaseState
    pooler: PoolerState | None
    alerts: tuple[AlertState, ...]
    panels: tuple[PanelSeries, ...]
    sampling_us: int
    nodes: tuple[NodeState, ...] = ()
    """Nodes that can be full; empty where the scenario describes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a look at a view shows: a table."""

    at_us: int
    view: str
    target: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
