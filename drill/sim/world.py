"""The whole simulated world of one run, put together from a scenario and a seed.

Separate because nothing else knows how the parts are joined. The world starts a minute before time 0 without users, so
that pods are up and pools are filled when the first user arrives.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from drill.scenario.network import GATEWAY, USERS
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
from drill.sim.network import Network
from drill.sim.network_dial import NetworkSource
from drill.sim.network_exchange import DistantExchange, DistantSwitchboard
from drill.sim.network_pooler import DistantPooler, Uplink
from drill.sim.network_steps import Transit
from drill.sim.pooler import Pooler
from drill.sim.pooler_client import PoolerSource
from drill.sim.proxy import Proxy
from drill.sim.service import Service
from drill.sim.streams import Streams
from drill.sim.switchboard import Switchboard
from drill.sim.throttle import Throttle
from drill.sim.traced_service import TracedService
from drill.sim.tracing import Tracer
from drill.sim.users import Crowd, crowd_sizes, follow
from drill.sim.visits import Visits
from drill.sim.workload import (
    BATCH,
    Row,
    arrivals_at,
    before,
    expected_arrivals,
    poisson_times,
    trace_times,
    traced_arrivals,
)
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import DeploymentSpec, PoolSpec, TopologySpec
    from drill.scenario.traces import Trace
    from drill.sim.members import Source
    from drill.sim.routing import Router

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
        self.network = None if topology.network is None else Network(self.clock, topology.network, self.streams)
        """None in a scenario without a network."""
        self.tracer = self._tracer(seed)
        """None in a scenario without traces."""
        self._owners: dict[Router, str] = {}
        """Names of the deployments by their routers, by which pods know them."""
        self.exchange = self._exchange()
        self.journal = Journal(self.clock)
        self.database = Database(
            self.clock, topology.database, self.streams, lambda level, text: self.journal.log("postgres", level, text)
        )
        self.pooler: Pooler | None = None
        self.endpoints = [name for deployment in topology.deployments.values() for name in deployment.endpoints]
        """Names of the endpoints in the order of the routes."""
        self.scheduler = Scheduler(self.clock, self.journal, topology.nodes)
        self._demands = _demands(topology)
        self.deployments: dict[str, Deployment] = {}
        self.switchboard = self._switchboard()
        for name, deployed in topology.deployments.items():
            self.deployments[name] = self._deploy(name, deployed)
        self.autoscalers = dict(self._autoscalers())
        routes = [self.deployments[name] for name, deployed in topology.deployments.items() for _ in deployed.endpoints]
        self.expected_requests = _expected(spec, trace)
        """Users that are expected over the whole run; what was promised to them is the error budget."""
        self.gateway = self._gateway(routes)
        self.gateway.flags = dict(topology.flags)
        self.gateway.limit(rate_per_s=topology.gateway.rate_limit)
        self.visits = Visits(self.clock, self.exchange, self.gateway, self.streams.source("retries").random)
        self.throttle = Throttle(self.clock, self.gateway, self.deployments)
        self._let_in(trace)
        self.clock.advance(0)

    def _tracer(self, seed: int) -> Tracer | None:
        telemetry = self.spec.telemetry
        return Tracer(self.clock, seed, telemetry.traces, telemetry.kept) if telemetry.traces else None

    def _exchange(self) -> Exchange:
        timeout_us = self.spec.topology.gateway.timeout
        if self.network is None:
            return Exchange(self.clock, self.ledger, timeout_us)
        return DistantExchange(self.clock, self.ledger, timeout_us, self.network, lambda pod: self._owners[pod.router])

    def _switchboard(self) -> Switchboard:
        parts = (self.clock, self.exchange, self.deployments, self.endpoints)
        uniform = self.streams.source("call-retries").random
        if self.network is None or not isinstance(self.exchange, DistantExchange):
            return Switchboard(*parts, uniform)
        return DistantSwitchboard(
            self.clock, self.exchange, self.deployments, self.endpoints, uniform, network=self.network
        )

    def _gateway(self, routes: list[Deployment]) -> Gateway:
        network, retry = self.network, self.spec.topology.gateway.retry
        if network is None and retry is None:
            return Gateway(self.exchange, routes)
        endpoints = [each for spec in self.spec.topology.deployments.values() for each in spec.endpoints.values()]
        ways = None
        if network is not None:
            ways = network.hop(USERS, GATEWAY), [network.hop(GATEWAY, deployment.name) for deployment in routes]
        idempotent = [endpoint.idempotent for endpoint in endpoints]
        return Proxy(self.clock, self.exchange, routes, idempotent=idempotent, retry=retry, ways=ways)

    def _let_in(self, trace: Trace | None) -> None:
        """Let users come, with the clients and the throttler that the scenario gives them."""
        spec, topology = self.spec, self.spec.topology
        self.visits.set_timeout(topology.clients.timeout)
        self.visits.set_retries(topology.clients.retry)
        self.throttle.use(topology.gateway.throttle)
        if spec.traffic.users:
            think = self.streams.draws("think", spec.traffic.think)
            Crowd(self.visits, self.ledger, self._arrivals(trace), think, spec.length).follow(crowd_sizes(spec.traffic))
        else:
            follow(self.visits, self._arrivals(trace))

    def start_pooler(self, pool_size: int, delay_us: int) -> Pooler:
        """Start a pooler that listens after a delay; pods keep their connections until they are replaced."""
        spec = self.spec.topology.pooler
        if spec is None:
            msg = "this scenario has no pooler section"
            raise LookupError(msg)
        listens_at_us = self.clock.t + delay_us
        if self.network is None:
            self.pooler = Pooler(self.clock, spec, self.database, pool_size, listens_at_us)
        else:
            self.pooler = DistantPooler(self.clock, spec, Uplink(self.network, self.database), pool_size, listens_at_us)
        return self.pooler

    def source(self, deployment: str, pool: PoolSpec, pod: str) -> Source:
        """Return where a pool of a pod started now gets its connections."""
        found = self._beside(pool, pod)
        if self.network is None or pool.to == "nothing":
            return found
        return NetworkSource(self.network, self.network.hop(deployment, pool.to), pod, found)

    def _beside(self, pool: PoolSpec, pod: str) -> Source:
        """Return the same as if it were beside the pod."""
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
        deployment = Deployment(
            name,
            spec,
            clock=self.clock,
            streams=self.streams,
            exchange=self.exchange,
            journal=self.journal,
            scheduler=self.scheduler,
            compile_service=partial(self._compile, name),
            connect=partial(self.source, name),
        )
        self._owners[deployment.router] = name
        return deployment

    def _autoscalers(self) -> Iterator[tuple[str, Autoscaler]]:
        for name, deployment in self.deployments.items():
            if deployment.spec.autoscaler is not None:
                yield name, Autoscaler(self.clock, deployment, deployment.spec.autoscaler, self.journal)

    def _compile(self, name: str, spec: DeploymentSpec) -> Service:
        made = Service if self.tracer is None else partial(TracedService, self.tracer)
        return made(
            spec,
            clock=self.clock,
            database=self.database,
            exchange=self.exchange,
            demands=self._demands,
            routes=self.endpoints,
            call=partial(self.switchboard.step, name),
            timed=self.spec.telemetry.usage,
            transit=None if self.network is None else Transit(self.network, self.database, name),
        )

    def _arrivals(self, trace: Trace | None) -> Iterator[Row]:
        end, expect = self.spec.length, self.ledger.expect
        if trace is not None:
            times = before(trace_times(trace), end, expect)
            return traced_arrivals(times, trace, self.streams, self.endpoints, self._demands)
        weights = [
            (name, endpoint.weight)
            for deployment in self.spec.topology.deployments.values()
            for name, endpoint in deployment.endpoints.items()
        ]
        traffic = self.spec.traffic
        known = before(poisson_times(traffic, self.streams), end, expect)
        times = repeat([0] * BATCH) if traffic.users else known
        return arrivals_at(times, self.streams, weights, self._demands)


def _demands(topology: TopologySpec) -> Demands:
    """Return what is drawn for each endpoint's requests, over all revisions."""
    return Demands(
        {
            name: [r.endpoints[name].program for r in revisions(deployment) if name in r.endpoints]
            for deployment in topology.deployments.values()
            for name in deployment.endpoints
        }
    )


def _expected(spec: ScenarioSpec, trace: Trace | None) -> float:
    """Return the requests of a whole run: those of the trace, what the rates come to, or the most that users can ask.

    Users of a closed loop ask less while answers take long, so that their error budget is told rather too large.
    """
    if trace is not None:
        return float(sum(row.at_us < spec.length for row in trace.rows))
    if spec.traffic.users:
        return _expected_of_crowd(spec)
    return expected_arrivals(spec.traffic, spec.length / US_PER_S)


def _expected_of_crowd(spec: ScenarioSpec) -> float:
    changes = [change for change in crowd_sizes(spec.traffic) if change[0] < spec.length]
    ends = [at_us for at_us, _ in changes[1:]] + [spec.length]
    user_us = sum(users * (end - at_us) for (at_us, users), end in zip(changes, ends, strict=True))
    return user_us / max(1, spec.traffic.think.mean)
