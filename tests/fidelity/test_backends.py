"""What a backend costs and how sessions end, against PostgreSQL 15.18."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import RestartDatabase, SetDatabaseTimeout, SetRoleTimeout, TerminateQueries
from drill.scenario.topology import DatabaseSpec, HoldStep, LockSpec, PoolSpec, QueryStep
from tests.fidelity.recordings import fleet, pool
from tests.sim.worlds import MS, Run, S, arrivals, endpoint, fixed, one_query, one_transaction, scenario

if TYPE_CHECKING:
    from drill.telemetry.records import Sample

MB = 1_000_000


def available(sessions: int) -> float:
    """Return the memory that the machine has left with a number of sessions, in bytes."""
    found: list[Sample] = []
    run = Run(fleet(1, pool(sessions, 2)))
    run.simulation.export(on_samples=lambda _, samples: found.extend(samples))
    run.until(6)
    return next(sample.value for sample in reversed(found) if sample.name == "node_memory_MemAvailable_bytes")


def test_memory_falls_by_what_a_backend_really_takes() -> None:
    """Measured: PSS 1.28 MB idle, 2.4 MB after queries; MemAvailable fell by 2.3 MB a backend after queries."""
    each = (available(10) - available(90)) / 80
    assert 1.3 * MB <= each <= 2.4 * MB


def test_clients_of_active_sessions_learn_of_a_terminate_within_7_ms() -> None:
    spec = fleet(1, pool(1, 2))
    api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(fixed(60 * S))))
    run = Run(replace(spec, topology=replace(spec.topology, deployments={"api": api})), trace=arrivals([0])).until(5)
    run.simulation.perform(TerminateQueries(older_than=0))
    run.until(5 + 0.007)
    assert run.outcomes() == ["terminated"]
    assert run.world.database.slots.in_use == 0  # measured: free within 20 ms


def test_a_restart_takes_140_ms_and_recovery_200_ms() -> None:
    """Measured 0.14 s and about 0.2 s."""
    run = Run(fleet(1, pool(1, 2))).until(5)
    run.simulation.perform(RestartDatabase())
    run.until(5.139)
    assert run.world.database.downtime.refusal is not None
    run.until(5.141)
    assert run.world.database.downtime.refusal is None
    run.world.database.downtime.crash()
    run.until(5.340)
    assert run.world.database.downtime.refusal is not None
    run.until(5.342)
    assert run.world.database.downtime.refusal is None


@pytest.mark.parametrize(("how", "limited"), [(SetDatabaseTimeout, True), (SetRoleTimeout, False)])
def test_alter_system_reaches_existing_sessions_and_alter_role_does_not(
    how: type[SetDatabaseTimeout | SetRoleTimeout], *, limited: bool
) -> None:
    """Measured with 4321 ms, by the value each session showed."""
    spec = fleet(1, pool(1, 60))
    api = replace(spec.topology.deployments["api"], endpoints=endpoint(one_query(fixed(10 * S))))
    run = Run(replace(spec, topology=replace(spec.topology, deployments={"api": api})), trace=arrivals([20 * S]))
    run.until(5).simulation.perform(how(setting="statement_timeout", timeout=4_321 * MS))
    run.until(60)
    assert run.ended_s() == [pytest.approx(24.321 if limited else 30.001, abs=0.001)]


def test_a_deadlock_is_told_one_second_after_the_wait_began() -> None:
    """Measured 1.00 s, to the session that began to wait first; the other proceeds."""
    spec = DatabaseSpec(cores=2.0)

    def steps(first: str, second: str) -> list[QueryStep]:
        return [
            QueryStep(query=f"UPDATE {row}", time=fixed(50 * MS), locks=LockSpec(table="t", row=row))
            for row in (first, second)
        ]

    api = fleet(1, PoolSpec(size=2, startup="eager")).topology.deployments["api"]
    program = api.endpoints["q"]
    endpoints = {
        "one": replace(program, program=one_transaction(*steps("a", "b"), HoldStep(hold=fixed(1 * MS)))),
        "two": replace(program, program=one_transaction(*steps("b", "a"))),
    }
    run_spec = scenario(replace(api, endpoints=endpoints))
    run_spec = replace(run_spec, topology=replace(run_spec.topology, database=spec))
    run = Run(run_spec, trace=replace(arrivals([0, 10 * MS]), endpoint=("one", "two"))).until(30)
    assert run.outcomes() == ["deadlock", "ok"]
    waits_from = (50 * MS + spec.round_trip) / S
    assert run.ended_s()[0] == pytest.approx(waits_from + 1.00, abs=0.005)
