"""Shapes of valid scenarios that once broke the engine."""

from __future__ import annotations

from dataclasses import replace

from drill.scenario.fields import DrawSpec
from drill.scenario.topology import (
    AutoscalerSpec,
    BorrowStep,
    EndpointSpec,
    Guarded,
    HoldStep,
    ProbeSpec,
    QueryStep,
    ReturnStep,
)
from drill.sim.simulation import Simulation
from drill.units import US_PER_S
from tests.library import short

MS = 1_000


def run(*program: Guarded, **changes: object) -> Simulation:
    """Return the short scenario after half a minute with another program and other settings of its deployment."""
    spec = short().spec
    deployed = replace(
        spec.topology.deployments["checkout"],
        endpoints={
            name: EndpointSpec(weight=endpoint.weight, program=list(program) or endpoint.program)
            for name, endpoint in spec.topology.deployments["checkout"].endpoints.items()
        },
        **changes,  # type: ignore[arg-type]  # fields of the deployment
    )
    topology = replace(spec.topology, deployments={"checkout": deployed}, flags={"early": True})
    simulation = Simulation(replace(spec, topology=topology), seed=1)
    simulation.advance(30 * US_PER_S)
    return simulation


def test_a_member_may_be_returned_on_either_side_of_a_flag() -> None:
    """Two guarded returns of one borrow compile, and the query between them finds its connection."""
    program = (
        BorrowStep(borrow="db"),
        ReturnStep(returns="db", when="early"),
        QueryStep(query="SELECT 1", time=DrawSpec(mean=MS), unless="early"),
        HoldStep(hold=DrawSpec(mean=MS)),
        ReturnStep(returns="db", unless="early"),
    )
    result = run(*program).result()
    assert sum(result.ok) > 0


def test_a_pod_that_fails_its_probes_while_it_is_let_go_just_ends() -> None:
    """Liveness on an overfull pool kills pods at once; that a deployment lets one go meanwhile is no error."""
    pools = {"db": replace(short().spec.topology.deployments["checkout"].pools["db"], size=1, on_full="reject")}
    probe = ProbeSpec(check="db", period=US_PER_S, timeout=US_PER_S, failures=1)
    result = run(pools=pools, liveness=probe, readiness=probe).result()
    assert result.figures[-1].restarts > 0


def test_a_pool_may_lead_to_the_pooler_from_the_start() -> None:
    """The pooler runs as soon as a pod wants to connect through it."""
    pools = {"db": replace(short().spec.topology.deployments["checkout"].pools["db"], to="pooler")}
    simulation = run(pools=pools)
    pooler = simulation.snapshot().pooler
    assert pooler is not None
    assert pooler.clients > 100, "more clients than the database has slots"
    assert simulation.result().bad == 0


def test_an_autoscaler_without_a_window_scales_down_at_once() -> None:
    """A stabilisation of 0 forgets every recommendation but the latest."""
    calm = AutoscalerSpec(metric="in_flight", target=1000.0, lowest=2, highest=10, stabilisation=0)
    simulation = run(autoscaler=replace(calm, period=5 * US_PER_S))
    assert simulation.snapshot().deployments[0].replicas == 2
