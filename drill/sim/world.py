"""The whole simulated world of one run, put together from a scenario and a seed.

Separate because nothing else knows how the parts are joined. The world starts a minute before time 0 without users, so
that pods are up and pools are filled when the first user arrives.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from drill.sim.autoscaler import Autoscaler
from drill.sim.clock import Clock
from drill.sim.database import Database, DirectSource
from drill.sim.demands import Demands, revisions
from drill.sim.deployment import Deployment
from drill.sim.exchange import Exchange
from drill.sim.gateway import Gateway
from drill.sim.journal import Journal
from drill.sim.kubernetes.scheduler import Scheduler
from drill.sim.ledger import Ledger
from drill.sim.members import Tokens
from drill.sim.pooler import Pooler
from drill.sim.pooler_client import PoolerSource
from drill.sim.service import Service
from drill.sim.streams import Streams
from drill.sim.switchboard import Switchboard
from drill.sim.throttle import Throttle
from drill.sim.users import Crowd, Users
from drill.sim.visits import Visits
from drill.sim.workload import Row, arrivals_at, expected_arrivals, poisson_times, traced_arrivals
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import DeploymentSpec, PoolSpec
    from drill.scenario.traces import Trace
    from drill.sim.members import Source

LEAD_US = 60 * US_PER_S
"""How long the world exists before the first user."""


class World:
    """Everything that lives in one run."""

    def __init__(self, spec: ScenarioSpec, seed: int, trace: Trace | None = None) -> None:
        """Build the world and let it settle until time 0; `trace` gives arrivals in place of rates."""
        topology = spec.topology
        self.spec = spec
        self.clock = Clock(-LEAD_US)
        self.streams = Streams(seed)
        self.ledger = Ledger(spec.length, spec.slo.latency)
        self.exchange = Exchange(self.clock, self.ledger, topology.gateway.timeout)
        self.journal = Journal(self.clock)
        self.database = Database(
            self.clock, topology.database, self.streams, lambda level, text: self.journal.log("postgres", level, text)
        )
        self.pooler: Pooler | None = None
        self.endpoints = [name for deployment in topology.deployments.values() for name in deployment.endpoints]
        """Names of the endpoints in the order of the routes."""
        self._demands = Demands(
            {
                name: [r.endpoints[name].program for r in revisions(deployment) if name in r.endpoints]
                for deployment in topology.deployments.values()
                for name in deployment.endpoints
            }
        )
        self.scheduler = Scheduler(self.clock, self.journal, topology.nodes)
        self.deployments: dict[str, Deployment] = {}
        uniform = self.streams.source("call-retries").random
        self.switchboard = Switchboard(self.clock, self.exchange, self.deployments, self.endpoints, uniform)
        for name, deployed in topology.deployments.items():
            self.deployments[name] = self._deploy(name, deployed)
        self.autoscalers = dict(self._autoscalers())
        routes = [self.deployments[name] for name, deployed in topology.deployments.items() for _ in deployed.endpoints]
        self.expected_requests = _expected(spec, trace)
        """Users that are expected over the whole run; what was promised to them is the error budget."""
        self.gateway = Gateway(self.exchange, routes)
        self.gateway.flags = dict(topology.flags)
        self.gateway.rate_limit_per_s = topology.gateway.rate_limit
        self.visits = Visits(self.clock, self.exchange, self.gateway, self.streams.source("retries").random)
        self.throttle = Throttle(self.clock, self.gateway, self.deployments)
        self._let_in(trace)
        self.clock.advance(0)

    def _let_in(self, trace: Trace | None) -> None:
        """Let users come, with the clients and the throttler that the scenario gives them."""
        spec, topology = self.spec, self.spec.topology
        self.visits.set_timeout(topology.clients.timeout)
        self.visits.set_retries(topology.clients.retry)
        self.throttle.use(topology.gateway.throttle)
        if spec.traffic.users:
            think = self.streams.draws("think", spec.traffic.think)
            Crowd(self.visits, self.ledger, self._arrivals(trace), think, spec.length).fill(
                round(spec.traffic.users * spec.traffic.factor)
            )
        else:
            Users(self.visits, self.ledger, self._arrivals(trace), spec.length)

    def start_pooler(self, pool_size: int, delay_us: int) -> Pooler:
        """Start a pooler that listens after a delay; pods keep their connections until they are replaced."""
        spec = self.spec.topology.pooler
        if spec is None:
            msg = "this scenario has no pooler section"
            raise LookupError(msg)
        self.pooler = Pooler(self.clock, spec, self.database, pool_size, self.clock.t + delay_us)
        return self.pooler

    def source(self, pool: PoolSpec, pod: str) -> Source:
        """Return where a pool of a pod started now gets its connections."""
        if pool.to == "nothing":
            return Tokens(self.clock, pool.connect)
        if pool.to == "database":
            return DirectSource(self.database, pod)
        if self.pooler is None and self.spec.topology.pooler is not None:
            self.start_pooler(self.spec.topology.pooler.pool_size, delay_us=0)
        if self.pooler is None:
            msg = "a pool leads to a pooler that this scenario does not describe"
            raise LookupError(msg)
        return PoolerSource(self.pooler)

    def _deploy(self, name: str, spec: DeploymentSpec) -> Deployment:
        return Deployment(
            name,
            spec,
            clock=self.clock,
            streams=self.streams,
            exchange=self.exchange,
            journal=self.journal,
            scheduler=self.scheduler,
            compile_service=partial(self._compile, name),
            connect=self.source,
        )

    def _autoscalers(self) -> Iterator[tuple[str, Autoscaler]]:
        for name, deployment in self.deployments.items():
            if deployment.spec.autoscaler is not None:
                yield name, Autoscaler(self.clock, deployment, deployment.spec.autoscaler, self.journal)

    def _compile(self, name: str, spec: DeploymentSpec) -> Service:
        return Service(
            spec,
            clock=self.clock,
            database=self.database,
            exchange=self.exchange,
            demands=self._demands,
            routes=self.endpoints,
            call=partial(self.switchboard.step, name),
        )

    def _arrivals(self, trace: Trace | None) -> Iterator[Row]:
        if trace is not None:
            return traced_arrivals(trace, self.streams, self.endpoints, self._demands)
        weights = [
            (name, endpoint.weight)
            for deployment in self.spec.topology.deployments.values()
            for name, endpoint in deployment.endpoints.items()
        ]
        traffic = self.spec.traffic
        times = repeat(0) if traffic.users else poisson_times(traffic, self.streams)
        return arrivals_at(times, self.streams, weights, self._demands)


def _expected(spec: ScenarioSpec, trace: Trace | None) -> float:
    """Return the requests of a whole run: those of the trace, what the rates come to, or the most that users can ask.

    Users of a closed loop ask less while answers take long, so that their error budget is told rather too large.
    """
    if trace is not None:
        return float(sum(row.at_us < spec.length for row in trace.rows))
    if spec.traffic.users:
        return spec.traffic.users * spec.traffic.factor * spec.length / max(1, spec.traffic.think.mean)
    return expected_arrivals(spec.traffic, spec.length / US_PER_S)
