"""Small systems to test the engine with, and stubs for what stands beside one part of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import HealthCheck, settings

from drill.scenario.card import CardSpec
from drill.scenario.fields import DrawSpec
from drill.scenario.spec import ScenarioSpec
from drill.scenario.story import DebriefSpec, SloSpec, StorySpec, TrafficSpec
from drill.scenario.topology import (
    BorrowStep,
    ComputeStep,
    DatabaseSpec,
    DeploymentSpec,
    EndpointSpec,
    GatewaySpec,
    Guarded,
    HoldStep,
    LockSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TopologySpec,
    TransactionStep,
)
from drill.scenario.traces import Trace
from drill.sim.simulation import Simulation
from drill.units import US_PER_MS, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sim.failures import Failure
    from drill.sim.members import Claimant
    from drill.sim.queue import Queue
    from drill.sim.world import World
    from drill.telemetry.records import RequestRow

MS, S = US_PER_MS, US_PER_S

CASES = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: the same cases on every machine and every day."""


def fixed(mean_us: int) -> DrawSpec:
    return DrawSpec(mean=mean_us)


def exponential(mean_us: int) -> DrawSpec:
    return DrawSpec(mean=mean_us, shape="exponential")


def lognormal(mean_us: int, sigma: float) -> DrawSpec:
    return DrawSpec(mean=mean_us, shape="lognormal", sigma=sigma)


NOTHING = fixed(0)


def one_query(time: DrawSpec = NOTHING, cpu: DrawSpec = NOTHING) -> list[Guarded]:
    """Return a program that borrows a connection for a single statement."""
    return [BorrowStep(borrow="db"), QueryStep(query="SELECT 1", time=time, cpu=cpu), ReturnStep(returns="db")]


def one_transaction(*steps: Guarded) -> list[Guarded]:
    """Return a program that borrows a connection for a transaction."""
    return [BorrowStep(borrow="db"), TransactionStep(transaction=list(steps)), ReturnStep(returns="db")]


def endpoint(program: Sequence[Guarded]) -> dict[str, EndpointSpec]:
    return {"q": EndpointSpec(program=list(program))}


POOL = PoolSpec(size=5, startup="eager")
API = DeploymentSpec(
    replicas=1,
    readiness=None,
    start_up=fixed(1 * S),
    memory_per_request=0,
    pools={"db": POOL},
    endpoints=endpoint(one_query(fixed(50 * MS))),
)
"""One pod that is ready as soon as it runs, with five connections, whose requests hold one for a statement of 50 ms.

They take no memory, so that any number of them can wait.
"""
EXACT = DatabaseSpec(round_trip=0, connect=3_300, connect_client_cpu=0)
"""A database whose statements take just the time they are given, and whose connects cost pods no CPU."""
TOPOLOGY = TopologySpec(deployments={}, database=EXACT, gateway=GatewaySpec(timeout=3_600 * S))

CHECKOUT = DeploymentSpec(
    replicas=3,
    routing="least_outstanding",
    start_up=lognormal(3 * S, 0.25),
    pools={"db": PoolSpec(size=5, startup="degraded", checkout_timeout=2 * S)},
    endpoints=endpoint(
        [
            ComputeStep(compute=lognormal(4 * MS, 0.5)),
            BorrowStep(borrow="db"),
            TransactionStep(
                transaction=[
                    QueryStep(query="SELECT", time=lognormal(40 * MS, 0.5), cpu=lognormal(6 * MS, 0.5)),
                    QueryStep(query="UPDATE", time=lognormal(50 * MS, 0.5), cpu=lognormal(8 * MS, 0.5)),
                ]
            ),
            HoldStep(hold=lognormal(100 * MS, 0.5), when="slow"),
            ReturnStep(returns="db"),
            ComputeStep(compute=lognormal(2 * MS, 0.5)),
        ]
    ),
)
"""A checkout service as stories have it: CPU, a transaction, a connection held for longer while a flag is on."""


def _update(table: str) -> QueryStep:
    lock = LockSpec(table=table, rows=40, by="customer")
    return QueryStep(query=f"UPDATE {table}", time=lognormal(12 * MS, 0.5), cpu=lognormal(2 * MS, 0.5), locks=lock)


CONTENDED = replace(
    CHECKOUT,
    endpoints={
        "buy": EndpointSpec(weight=20, program=one_transaction(_update("users"), _update("orders"))),
        "move": EndpointSpec(weight=20, program=one_transaction(_update("orders"), _update("users"))),
        "sweep": EndpointSpec(
            program=[
                BorrowStep(borrow="db"),
                QueryStep(query="ALTER", time=fixed(40 * MS), locks=LockSpec(table="users", mode="access exclusive")),
                ReturnStep(returns="db"),
            ]
        ),
    },
)
"""A service with two transactions that lock rows of two tables in opposite orders, and now and then a table."""


def scenario(
    api: DeploymentSpec, *, rate: float = 0.0, length_s: int = 600, topology: TopologySpec = TOPOLOGY
) -> ScenarioSpec:
    """Return a scenario with one deployment named api and an endpoint named q, and no story."""
    debrief = DebriefSpec(summary="", tell="", look_alike="")
    return ScenarioSpec(
        format="drill-scenario/1",
        card=CardSpec(title="", difficulty=1, minutes=1, family="", summary=""),
        length=length_s * S,
        slo=SloSpec(success=0.99, latency=3_600 * S),
        traffic=TrafficSpec(rate=rate),
        topology=replace(topology, deployments={"api": api}),
        story=StorySpec(page="", dashboard={}, suspects={}, answer="", solutions={}, debrief=debrief),
    )


def arrivals(at_us: Sequence[int], service_us: int | None = None, leaks: Sequence[int] = ()) -> Trace:
    """Return a workload of users who arrive at given times; `leaks` are the positions of those who leak."""
    return Trace(
        at_us=tuple(at_us),
        service_us=(service_us,) * len(at_us),
        pod=(),
        endpoint=(),
        leak=tuple(position in leaks for position in range(len(at_us))),
    )


class Answered(NamedTuple):
    """A request that has ended."""

    number: int
    at_us: int
    done_us: int
    pod: str
    outcome: str
    checkout_wait_us: int
    attempts: int = 1


class Run:
    """A simulation and every request that ended in it."""

    def __init__(self, spec: ScenarioSpec, seed: int = 1, trace: Trace | None = None) -> None:
        """Stand at time 0."""
        self.simulation = Simulation(spec, seed, trace)
        self.rows: list[Answered] = []
        self.simulation.export(on_request=self._keep)

    def _keep(self, row: RequestRow) -> None:
        assert row.done_us is not None
        values = (row.number, row.at_us, row.done_us, row.pod, row.outcome, row.checkout_wait_us, row.attempts)
        self.rows.append(Answered(*values))

    @property
    def world(self) -> World:
        """The parts, for tests of one of them."""
        return self.simulation._world  # noqa: SLF001 - a simulation shows its parts to nobody else

    def until(self, at_s: float) -> Run:
        self.simulation.advance(round(at_s * S))
        return self

    def outcomes(self, start_s: float = 0.0, end_s: float = 1e9) -> list[str]:
        """Return how requests that arrived in a window ended, in the order of their arrival."""
        window = [row for row in self.rows if start_s * S <= row.at_us < end_s * S]
        return [row.outcome for row in sorted(window, key=lambda row: row.number)]

    def success(self, start_s: float = 0.0, end_s: float = 1e9) -> float:
        """Return the share of correct answers among requests that arrived in a window."""
        found = self.outcomes(start_s, end_s)
        return found.count("ok") / len(found)

    def ended_s(self) -> list[float]:
        """Return when requests ended, in the order of their arrival."""
        return [row.done_us / S for row in sorted(self.rows, key=lambda row: row.number)]

    def events(self, reason: str) -> list[float]:
        """Return when an event of a kind happened, in seconds."""
        return [event.at_us / S for event in self.world.journal.events if event.reason == reason]

    def log(self) -> list[str]:
        return [text for *_, text in self.world.journal.lines]


class Thing:
    """What a stubbed source opens."""

    def __init__(self) -> None:
        """Work."""
        self.broken = False

    def rolled_back(self, now_us: int) -> None:
        """Nothing is unfinished."""


class Shelf:
    """A source that opens things at once, or keeps those who ask waiting until the test answers."""

    client_cpu_us = 0

    def __init__(self, *, answers: bool = True) -> None:
        """Have nothing open."""
        self.answers = answers
        self.refusal: Failure | None = None
        """What to answer in place of a thing."""
        self.asked: list[tuple[Callable[[Any], object], Callable[[Failure], object]]] = []
        self.living: list[Thing] = []

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        self.asked.append((opened, refused))
        if self.answers:
            self.answer()

    def answer(self) -> None:
        """Answer whoever asked first."""
        opened, refused = self.asked.pop(0)
        if self.refusal is not None:
            refused(self.refusal)
        else:
            thing = Thing()
            self.living.append(thing)
            opened(thing)

    def close(self, member: Thing) -> None:
        self.living.remove(member)

    def test(self, member: Thing, claimant: Claimant, done: Callable[[bool], object]) -> None:
        del claimant
        done(not member.broken)

    def stock(self) -> None:
        """Have none."""


class Borrower:
    """Somebody who claims a member and keeps what comes of it."""

    def __init__(self) -> None:
        """Want nothing yet."""
        self.since = 0
        self.waited = 0
        self.waiting: Queue | None = None
        self.patient = False
        self.member: Any = None
        self.failure: Failure | None = None
        self.resume: Callable[[Any, Any], object] = self._granted
        self.refuse: Callable[[Any, Failure], object] = self._refused

    def _granted(self, _: object, member: Any) -> None:  # noqa: ANN401 - anything may be lent
        self.member = member

    def _refused(self, _: object, failure: Failure) -> None:
        self.failure = failure
