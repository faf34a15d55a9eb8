"""The exporters: every metric under its exporter's own name, on a fixed grid.

Separate because sampling must not depend on how a run is sliced or looked at: it is a process of the simulation itself.
Names are those of cAdvisor, kube-state-metrics, postgres_exporter, pgbouncer_exporter, HikariCP and the ingress-nginx
controller. Every sample counts for the digest.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING, Any

from drill.sim import callers_views, network_views, pool_views, postgres_views
from drill.sim.history import History
from drill.sim.kubernetes import samples
from drill.sim.kubernetes.phases import RUNNING, TERMINATING
from drill.sim.meters import Timer
from drill.sim.scrape import Scrape
from drill.telemetry.records import PODS, Sample, pod_labels
from drill.telemetry.results import Figures
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from drill.sim.dashboard import Dashboard
    from drill.sim.pod import Pod
    from drill.sim.scrape import Block
    from drill.sim.world import World


class Sampler:
    """Samples one world."""

    def __init__(self, world: World, dashboard: Dashboard) -> None:
        """Sample from time 0 on."""
        self.history = History(world.spec.sampling)
        self._world = world
        self._dashboard = dashboard
        self._period_us = world.spec.sampling
        self._busy: dict[str, float] = {}
        self._database_busy = 0.0
        self.on_samples: Callable[[int, list[Sample]], object] | None = None
        """Called with the time and the samples, for exports; None for nobody."""
        self.figures: list[Figures] = []
        """One entry a sample."""
        self._scrape = Scrape()
        self._series: Block = ()
        self._names: list[str] = []
        """What was sampled at the latest moment, in order."""
        self.pod_cores: dict[str, float] = {}
        """Cores used by each pod over the last period."""
        self.database_share = 0.0
        """Share of the database's cores used over the last period."""
        world.clock.process(self._sample())

    def _sample(self) -> Generator[Any, Any, Any]:
        clock, ledger = self._world.clock, self._world.ledger
        yield clock.timeout(-clock.t)
        while True:
            self._measure_cpu()
            scrape = self._collect()
            figures = self._figures()
            self.figures.append(figures)
            self._dashboard.update(clock.t, scrape.series, scrape.values)
            self.history.update(scrape.series, scrape.values)
            if scrape.series is not self._series:
                self._note(scrape.series)
            ledger.note(f"{clock.t}{figures}{self._world.journal.logged}\n", array("d", scrape.values))
            if self.on_samples is not None:
                self.on_samples(clock.t, scrape.samples())
            yield clock.timeout(self._period_us)

    def _note(self, series: Block) -> None:
        """Let names that were not sampled before, or no more, count for the digest."""
        self._series = series
        names = [name for name, _ in series]
        if names != self._names:
            self._names = names
            self._world.ledger.note(f"{names}\n")

    def _measure_cpu(self) -> None:
        world, period = self._world, self._period_us
        busy, cores = {}, {}
        for pod in _pods(world):
            total = busy[pod.name] = pod.cpu.busy_us()
            cores[pod.name] = (total - self._busy.get(pod.name, 0.0)) / period + pod.idle_cores
        self._busy, self.pod_cores = busy, cores
        total = world.database.cpu.busy_us()
        self.database_share = (total - self._database_busy) / period / world.database.spec.cores
        self._database_busy = total

    def _figures(self) -> Figures:
        world = self._world
        database, pods = world.database, list(_pods(world))
        running = [pod for pod in pods if pod.phase == RUNNING]
        shares = [self.pod_cores[pod.name] / pod.service.spec.cores for pod in running]
        states = database.states()
        usable = database.max_connections - database.spec.superuser_reserved_connections
        recent = world.ledger.counts.recent_p95_us()
        world.ledger.settle()
        return Figures(
            at_us=world.clock.t,
            pod_cpu=fsum(shares) / len(shares) if shares else 0.0,
            database_cpu=self.database_share,
            pods=len(pods),
            pods_ready=sum(pod.ready for pod in pods),
            pods_without_connections=sum(pod.ready and bool(pod.pools) and not pod.connections for pod in pods),
            restarts=sum(pod.restarts for pod in pods),
            connections=len(database.sessions),
            connections_share=len(database.sessions) / usable,
            active_queries=states["active"],
            idle_sessions=states["idle"],
            refused_connects=database.refused,
            lock_waits=postgres_views.waiting(database),
            deadlocks=database.locks.deadlocks,
            latency_p95_s=recent / US_PER_S,
        )

    def _collect(self) -> Scrape:
        world, scrape = self._world, self._scrape
        scrape.begin()
        scrape.add(*postgres_views.metrics(world.database))
        for deployment in world.deployments.values():
            name = deployment.name
            scrape.add(_deployment(name), (deployment.replicas, deployment.ready))
            for pod in deployment.pods:
                self._pod(scrape, pod, name)
        samples.metrics(world, scrape)
        statuses = world.ledger.statuses()
        scrape.add(_gateway(*statuses), statuses.values())
        scrape.add_samples(callers_views.metrics(world))
        if world.pooler is not None:
            scrape.add_samples(_pooler(world))
        if world.network is not None:
            scrape.add_samples(network_views.metrics(world.network))
        scrape.end()
        return scrape

    def _pod(self, scrape: Scrape, pod: Pod, deployment: str) -> None:
        runs = pod.phase in (RUNNING, TERMINATING)
        block = _pod(deployment, pod.name, runs=runs)
        if not runs:
            scrape.add(block, (int(pod.ready), pod.restarts))
            return
        idle_s = pod.idle_cores * pod.ran_us() / US_PER_S
        used_s = self._busy.get(pod.name, 0.0) / US_PER_S + idle_s
        scrape.add(block, (int(pod.ready), pod.restarts, used_s, pod.memory_bytes, pod.sent_bytes))
        pool_views.metrics(scrape, pod, deployment)


def _pods(world: World) -> Iterator[Pod]:
    return (pod for deployment in world.deployments.values() for pod in deployment.pods)


@lru_cache(maxsize=PODS)
def _pod(deployment: str, pod: str, *, runs: bool) -> Block:
    names = ["kube_pod_status_ready", "kube_pod_container_status_restarts_total"]
    if runs:
        names += (
            "container_cpu_usage_seconds_total",
            "container_memory_working_set_bytes",
            "container_network_transmit_bytes_total",
        )
    labels = pod_labels(deployment, pod)
    return tuple((name, labels) for name in names)


@lru_cache(maxsize=PODS)
def _deployment(name: str) -> Block:
    labels = (("deployment", name),)
    return ("kube_deployment_spec_replicas", labels), ("kube_deployment_status_replicas_ready", labels)


@lru_cache(maxsize=PODS)
def _gateway(*statuses: str) -> Block:
    return tuple(("nginx_ingress_controller_requests", (("status", status),)) for status in statuses)


def _pooler(world: World) -> Iterator[Sample]:
    pooler = world.pooler
    if pooler is None:
        return
    labels = (("database", world.database.spec.name), ("user", world.database.spec.role))
    servers = pooler.servers
    yield Sample("pgbouncer_pools_client_active_connections", labels, pooler.clients - pooler.waiting)
    yield Sample("pgbouncer_pools_client_waiting_connections", labels, pooler.waiting)
    yield Sample("pgbouncer_pools_client_maxwait_seconds", labels, pooler.oldest_wait_us() / US_PER_S)
    yield Sample("pgbouncer_pools_server_active_connections", labels, servers.in_use)
    yield Sample("pgbouncer_pools_server_idle_connections", labels, len(servers.idle))
    yield Sample("pgbouncer_stats_sql_transactions_pooled_total", labels[:1], pooler.janitor.transactions)
    if isinstance(servers.waits, Timer):
        servers.waits.sample(pooler.clock.t)
        yield Sample("pgbouncer_stats_client_wait_seconds_total", labels[:1], servers.waits.total_us / US_PER_S)
