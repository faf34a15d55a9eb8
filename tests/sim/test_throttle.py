"""A throttler that follows a pool: what it lets through, and what a signal that comes late costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import SetThrottle
from drill.errors import ActionError
from drill.scenario.callers import ThrottleSpec
from drill.scenario.topology import GatewaySpec, PoolSpec
from tests.fidelity.recordings import quantiles
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, endpoint, exponential, one_query, scenario

POOL = PoolSpec(size=20, startup="eager", checkout_timeout=30 * S)
BINARY = ThrottleSpec(deployment="api", pool="db", start=1.0, full=1.0)
EARLY = ThrottleSpec(deployment="api", pool="db", start=0.6, full=0.8)


def run_of(throttle: ThrottleSpec | None, rate: float, seed: int = 1) -> Run:
    """Return two pods whose forty connections serve 400 users a second."""
    api = replace(API, replicas=2, pools={"db": POOL}, endpoints=endpoint(one_query(exponential(100 * MS))))
    gateway = GatewaySpec(timeout=3_600 * S, throttle=throttle)
    return Run(scenario(api, rate=rate, length_s=60, topology=replace(TOPOLOGY, gateway=gateway)), seed)


def p99_wait_ms(run: Run) -> float:
    return quantiles([row.checkout_wait_us / MS for row in run.rows if row.outcome == "ok" and row.at_us > 5 * S])[
        "p99"
    ]


def test_it_refuses_nobody_while_the_pool_has_room() -> None:
    run = run_of(EARLY, 100.0).until(60)
    assert set(run.outcomes()) == {"ok"}


@pytest.mark.parametrize("throttle", [BINARY, EARLY])
def test_in_overload_some_are_refused_and_the_rest_served(throttle: ThrottleSpec) -> None:
    run = run_of(throttle, 1_200.0).until(70)
    assert set(run.outcomes(5)) == {"ok", "throttled"}
    assert run.world.ledger.statuses()["429"] == run.outcomes().count("throttled")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_exhaustion_as_a_signal_comes_when_users_wait_already(seed: int) -> None:
    """At three times what can be served: the binary signal serves a few more and lets them wait twice as long."""
    binary, early = run_of(BINARY, 1_200.0, seed).until(70), run_of(EARLY, 1_200.0, seed).until(70)
    assert p99_wait_ms(binary) > 1.5 * p99_wait_ms(early)
    assert 0 < binary.success(5) - early.success(5) < 0.05


def test_it_can_be_switched_while_running() -> None:
    run = run_of(None, 1_200.0).until(10)
    assert run.simulation.snapshot().pods[0].pools[0].waiting > 100
    run.simulation.perform(SetThrottle(deployment="api", pool="db", on=True))
    run.until(40)  # 8000 users wait by now, of which 400 a second are served
    assert run.simulation.snapshot().pods[0].pools[0].waiting < 50
    run.simulation.perform(SetThrottle(deployment="api", pool="db", on=False))
    run.until(45)
    assert "throttled" not in run.outcomes(40.1, 44)


def test_it_needs_a_pool_and_a_range() -> None:
    run = run_of(None, 10.0)
    with pytest.raises(ActionError, match="has no pool 'bd'; known: db"):
        run.simulation.perform(SetThrottle(deployment="api", pool="bd", on=True))
    with pytest.raises(ActionError, match="start 90% must not be above full 80%"):
        run.simulation.perform(SetThrottle(deployment="api", pool="db", on=True, start=0.9))
