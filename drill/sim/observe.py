"""The world as a frozen snapshot.

Separate from the world because it only reads: taking a snapshot changes nothing, however often it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim import postgres_views
from drill.sim.kubernetes import states
from drill.sim.kubernetes.scheduler import Requests
from drill.telemetry.snapshot import (
    DatabaseState,
    DeploymentState,
    ExitState,
    PodState,
    PoolerState,
    PoolState,
    Snapshot,
    Users,
)
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.sim.dashboard import Dashboard
    from drill.sim.deployment import Deployment
    from drill.sim.pod import Pod
    from drill.sim.sampler import Sampler
    from drill.sim.world import World

FAILING_WINDOW_S = 30
RATE_WINDOW_S = 10
SERVER_CHECK_DELAY_US = 30 * US_PER_S
"""When an idle server of the pooler counts as used; PgBouncer's server_check_delay."""


def snapshot(world: World, sampler: Sampler, dashboard: Dashboard) -> Snapshot:
    """Return everything at the present moment."""
    return Snapshot(
        at_us=world.clock.t,
        users=users(world),
        deployments=tuple(_deployment(deployment, world.clock.t) for deployment in world.deployments.values()),
        pods=tuple(
            _pod(pod, deployment.name, sampler) for deployment in world.deployments.values() for pod in deployment.pods
        ),
        database=_database(world, sampler),
        pooler=_pooler(world),
        alerts=dashboard.alerts(),
        panels=dashboard.panels(),
        sampling_us=world.spec.sampling,
        nodes=states.nodes(world),
    )


def users(world: World) -> Users:
    """Return what users feel now."""
    ledger, second = world.ledger, world.clock.t // US_PER_S
    counts = ledger.counts
    window = slice(max(0, second - FAILING_WINDOW_S), second + 1)
    bad = sum(counts.late[window]) + sum(counts.failed[window])
    decided = bad + sum(counts.ok[window])
    arrived = ledger.offered_by(world.clock.t)
    offered, late, failed = sum(arrived), sum(counts.late), sum(counts.failed)
    ok = sum(counts.ok)
    rates = arrived[max(0, second - RATE_WINDOW_S) : max(1, second)]
    allowed = (1.0 - world.spec.slo.success) * world.expected_requests
    return Users(
        offered=offered,
        ok=ok,
        late=late,
        failed=failed,
        in_flight=offered - ok - late - failed,
        rate_per_s=sum(rates) / max(1, len(rates)),
        failing=bad / decided if decided else None,
        budget_used=(late + failed) / allowed if allowed else 0.0,
    )


def _deployment(deployment: Deployment, now_us: int) -> DeploymentState:
    autoscaler = "none" if deployment.spec.autoscaler is None else "paused" if deployment.paused else "active"
    return DeploymentState(
        name=deployment.name,
        revision=deployment.spec.revision,
        replicas=deployment.replicas,
        ready=deployment.ready,
        pods=len(deployment.pods),
        autoscaler=autoscaler,
        available=sum(size.available for size in deployment.sizes()),
        progressing=deployment.progress.reason(now_us, deployment.spec.rollout.progress_deadline),
        replica_sets=states.replica_sets(deployment),
    )


def _pod(pod: Pod, deployment: str, sampler: Sampler) -> PodState:
    spec, requests, exit_ = pod.service.spec, Requests.of(pod.service.spec), pod.last_exit
    return PodState(
        name=pod.name,
        deployment=deployment,
        phase=pod.status,
        ready=pod.ready,
        restarts=pod.restarts,
        age_s=pod.age_us() / US_PER_S,
        cpu_cores=sampler.pod_cores.get(pod.name, 0.0),
        cpu_limit_cores=spec.cores,
        memory_bytes=pod.memory_bytes,
        memory_limit_bytes=spec.memory_limit,
        in_flight=len(pod.running),
        ip=pod.ip,
        node=pod.node,
        replica_set=pod.replica_set.name,
        uid=pod.uid,
        cpu_request_cores=requests.milli_cores / 1_000,
        memory_request_bytes=requests.memory,
        last_exit=None if exit_ is None else ExitState(**exit_._asdict()),
        pools=tuple(
            PoolState(
                name=name,
                size=pool.size,
                open=pool.open + pool.outside,
                in_use=pool.in_use + pool.outside,
                idle=pool.spare,
                waiting=pool.queue.waiting,
                timeouts=pool.queue.timed_out,
            )
            for name, pool in zip(pod.service.pool_names, pod.pools, strict=False)
        ),
    )


def _database(world: World, sampler: Sampler) -> DatabaseState:
    database = world.database
    return DatabaseState(
        max_connections=database.max_connections,
        reserved=database.spec.superuser_reserved_connections,
        slots_in_use=database.slots.in_use,
        sessions=tuple(database.states().items()),
        cpu_share=sampler.database_share,
        cores=database.spec.cores,
        refused=database.refused,
        up=database.downtime.refusal is None,
        lock_waits=postgres_views.waiting(database),
        deadlocks=database.locks.deadlocks,
    )


def _pooler(world: World) -> PoolerState | None:
    pooler = world.pooler
    if pooler is None:
        return None
    servers = pooler.servers
    return PoolerState(
        clients=pooler.clients,
        waiting=pooler.waiting,
        servers_in_use=servers.in_use,
        servers_idle=len(servers.idle),
        pool_size=servers.size,
        mode=pooler.spec.mode,
        paused=pooler.configuration.paused,
        servers_used=sum(world.clock.t - session.since > SERVER_CHECK_DELAY_US for session in servers.idle),
        servers_logging_in=pooler.janitor.count,
        oldest_wait_us=pooler.oldest_wait_us(),
    )
