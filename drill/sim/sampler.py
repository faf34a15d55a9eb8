"""The exporters: every metric under its exporter's own name, on a fixed grid.

Separate because sampling must not depend on how a run is sliced or looked at: it is a process of the simulation itself.
Names are those of cAdvisor, kube-state-metrics, postgres_exporter, pgbouncer_exporter, HikariCP and the ingress-nginx
controller. Every sample counts for the digest.
"""

from __future__ import annotations

from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING, Any

from drill.sim import callers_views, network_views, postgres_views
from drill.sim.history import History
from drill.sim.kubernetes.samples import StateExporter
from drill.sim.meters import Timer
from drill.sim.pod_views import DeploymentExporter
from drill.sim.scrape import Scrape
from drill.sim.sessions import ACTIVE, IDLE
from drill.telemetry.records import PODS, Sample
from drill.telemetry.results import Figures
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from drill.sim.dashboard import Dashboard
    from drill.sim.postgres_views import Load
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
        self._database_busy = 0.0
        self.on_samples: Callable[[int, list[Sample]], object] | None = None
        """Called with the time and the samples, for exports; None for nobody."""
        self.figures: list[Figures] = []
        """One entry a sample."""
        self._scrape = Scrape()
        self._deployments = [DeploymentExporter(deployment) for deployment in world.deployments.values()]
        self._states = StateExporter(world)
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
            load = postgres_views.load(self._world.database)
            scrape = self._collect(load)
            row, figures = scrape.row(), self._figures(load)
            self.figures.append(figures)
            self._dashboard.update(clock.t, scrape.series, scrape.values)
            self.history.update(scrape.series, row)
            if scrape.series is not self._series:
                self._note(scrape.series)
            ledger.note(f"{clock.t}{figures}{self._world.journal.logged}\n", row)
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

    def _figures(self, load: Load) -> Figures:
        world, database = self._world, self._world.database
        pods = [pod for deployment in self._deployments for pod in deployment.pods]
        shares = [pod.share for pod in pods if pod.share is not None]
        self.pod_cores = {pod.pod.name: pod.cores for pod in pods}
        usable = database.max_connections - database.spec.superuser_reserved_connections
        recent = world.ledger.counts.recent_p95_us()
        world.ledger.settle()
        return Figures(
            at_us=world.clock.t,
            pod_cpu=fsum(shares) / len(shares) if shares else 0.0,
            database_cpu=self.database_share,
            pods=len(pods),
            pods_ready=sum([pod.pod.ready for pod in pods]),
            pods_without_connections=sum([pod.unconnected for pod in pods]),
            restarts=sum([pod.pod.restarts for pod in pods]),
            connections=len(database.sessions),
            connections_share=len(database.sessions) / usable,
            active_queries=load.states[ACTIVE],
            idle_sessions=load.states[IDLE],
            refused_connects=database.refused,
            lock_waits=load.waiting,
            deadlocks=database.locks.deadlocks,
            latency_p95_s=recent / US_PER_S,
        )

    def _collect(self, load: Load) -> Scrape:
        world, scrape, now, period = self._world, self._scrape, self._world.clock.t, self._period_us
        scrape.begin()
        cpu_us = world.database.cpu.busy_us()
        self.database_share = (cpu_us - self._database_busy) / period / world.database.spec.cores
        self._database_busy = cpu_us
        scrape.add(*postgres_views.metrics(world.database, load, cpu_us))
        for deployment in self._deployments:
            deployment.add(scrape, now, period)
        self._states.add(scrape)
        statuses = world.ledger.statuses()
        scrape.add(_gateway(*statuses), statuses.values())
        scrape.add_samples(callers_views.metrics(world))
        if world.pooler is not None:
            scrape.add_samples(_pooler(world))
        if world.network is not None:
            scrape.add_samples(network_views.metrics(world.network))
        scrape.end()
        return scrape


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
        _, total_s, _, _ = servers.waits.sample(pooler.clock.t)
        yield Sample("pgbouncer_stats_client_wait_seconds_total", labels[:1], total_s)
