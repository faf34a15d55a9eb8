"""Traces: who is traced, what the spans of a request say, and that nobody else notices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import TerminateQueries
from drill.scenario.callers import BreakerSpec, ClientSpec, RetrySpec, UpstreamRetrySpec
from drill.scenario.network import NetworkSpec
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import (
    CallStep,
    ComputeStep,
    EndpointSpec,
    GatewaySpec,
    HoldStep,
    ParallelStep,
    PoolSpec,
)
from drill.sim.clock import Clock
from drill.sim.tracing import Tracer
from tests.sim.worlds import (
    API,
    CASES,
    MS,
    TOPOLOGY,
    Run,
    S,
    arrivals,
    endpoint,
    exponential,
    fixed,
    one_query,
    scenario,
)

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import Guarded
    from drill.telemetry.snapshot import Reading

ALL = TelemetrySpec(traces=1.0)


def waterfall(run: Run, position: int = 0) -> list[tuple[str, float, float | None, str]]:
    """Return span, start and duration in ms, and status of a listed trace."""
    trace = listed(run).rows[position][0]
    reading = run.simulation.look("traces", str(trace))
    assert reading.columns == ("SPAN", "WHERE", "START_MS", "MS", "STATUS", "SPAN_ID")
    return [(row[0], row[2], row[3], row[4]) for row in reading.rows]  # type: ignore[misc]  # cells are of these types


def listed(run: Run) -> Reading:
    return run.simulation.look("traces")


def with_stock(call: CallStep, *, telemetry: TelemetrySpec = ALL, cores: float = 1.0) -> ScenarioSpec:
    """Return an api that calls stock, which runs a query of 30 ms."""
    stock = replace(API, endpoints={"reserve": EndpointSpec(weight=0, program=one_query(fixed(30 * MS)))})
    api = replace(API, pools={}, cores=cores, endpoints=endpoint([ComputeStep(compute=fixed(2 * MS)), call]))
    spec = scenario(api, length_s=60)
    spec = replace(spec, topology=replace(spec.topology, deployments={"api": api, "stock": stock}))
    return replace(spec, telemetry=telemetry)


CALL = CallStep(call="stock", endpoint="reserve", time=fixed(4 * MS))


def test_a_trace_tells_where_the_time_went_through_all_services() -> None:
    run = Run(with_stock(CALL), trace=arrivals([10 * S])).until(20)
    assert waterfall(run) == [
        ("gateway", 0.0, 36.0, "ok"),
        ("  q", 0.0, 36.0, "ok"),
        ("    compute", 0.0, 2.0, "ok"),
        ("    call stock", 2.0, 34.0, "ok"),
        ("      reserve", 6.0, 30.0, "ok"),
        ("        wait for connection db", 6.0, 0.0, "ok"),
        ("        SELECT 1", 6.0, 30.0, "ok"),
    ]


def test_a_wait_for_a_connection_and_its_failure_are_seen() -> None:
    pool = PoolSpec(size=1, startup="eager", checkout_timeout=50 * MS)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(80 * MS))))
    run = Run(replace(scenario(api), telemetry=ALL), trace=arrivals([10 * S, 10 * S + 40 * MS, 10 * S + 41 * MS]))
    run.until(20)
    text = "timed out after 0.05 s waiting for a connection from the pool"
    assert [row[4] for row in listed(run).rows] == ["checkout_timeout", "ok", "ok"], "what failed comes first"
    assert waterfall(run)[1:] == [("  q", 0.0, 50.0, text), ("    wait for connection db", 0.0, 50.0, text)]
    slowest = waterfall(run, 1)
    assert slowest[2:] == [("    wait for connection db", 0.0, 40.0, "ok"), ("    SELECT 1", 40.0, 80.0, "ok")]


def test_retries_of_a_call_are_spans_beside_each_other() -> None:
    call = replace(CALL, timeout=20 * MS, retry=RetrySpec(attempts=2, back_off=5 * MS))
    run = Run(with_stock(call), trace=arrivals([10 * S])).until(20)
    rows = waterfall(run)
    assert [(row[0].strip(), row[1]) for row in rows if "reserve" in row[0]] == [("reserve", 6.0), ("reserve", 31.0)]
    assert rows[3][2:] == (45.0, "call to stock timed out after 0.02 s")
    assert [row[2] for row in rows if "SELECT" in row[0]] == [30.0, 30.0], "what was called works on"


@pytest.mark.parametrize("retry", [None, UpstreamRetrySpec()])
def test_attempts_of_a_client_belong_to_one_trace(retry: UpstreamRetrySpec | None) -> None:
    pool = PoolSpec(size=1, startup="eager", on_full="reject")
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(80 * MS))))
    clients = ClientSpec(retry=RetrySpec(attempts=3, back_off=50 * MS))
    topology = replace(TOPOLOGY, clients=clients, gateway=GatewaySpec(retry=retry))
    spec = replace(scenario(api, topology=topology), telemetry=ALL)
    run = Run(spec, trace=arrivals([10 * S, 10 * S + 20 * MS])).until(20)
    assert [row[4] for row in listed(run).rows] == ["ok", "ok"]
    services = [(row[0], row[1], row[3]) for row in waterfall(run) if row[0] == "  q"]
    assert services == [
        ("  q", 0.0, "connection pool is full"),
        ("  q", 50.0, "connection pool is full"),
        ("  q", 150.0, "ok"),
    ]


def test_parts_that_run_side_by_side_are_inside_their_fork() -> None:
    parts: list[list[Guarded]] = [[HoldStep(hold=fixed(ms * MS))] for ms in (10, 30, 20)]
    api = replace(API, pools={}, endpoints=endpoint([ParallelStep(parallel=parts, limit=2), HoldStep(hold=fixed(MS))]))
    run = Run(replace(scenario(api), telemetry=ALL), trace=arrivals([10 * S])).until(20)
    assert [row[:3] for row in waterfall(run)[2:]] == [
        ("    parallel", 0.0, 30.0),
        ("      hold", 0.0, 10.0),
        ("      hold", 0.0, 30.0),
        ("      hold", 10.0, 20.0),
        ("    hold", 30.0, 1.0),
    ]


def test_what_is_ended_from_outside_ends_in_the_trace() -> None:
    api = replace(API, endpoints=endpoint(one_query(fixed(5 * S))))
    run = Run(replace(scenario(api), telemetry=ALL), trace=arrivals([10 * S])).until(11)
    assert waterfall(run)[2:][-1][2:] == (None, "in_flight")
    assert listed(run).rows[0][3:5] == (1000.0, "in_flight")
    run.simulation.perform(TerminateQueries(older_than=0))
    run.until(12)
    text = "FATAL:  terminating connection due to administrator command"
    assert waterfall(run)[-1] == ("    SELECT 1", 0.0, 1000.0, text)


def test_the_way_over_a_network_has_spans_of_its_own() -> None:
    network = NetworkSpec(regions={"api": "east", "database": "west"}, round_trips={"east": {"west": 20 * MS}})
    spec = replace(scenario(API, topology=replace(TOPOLOGY, network=network)), telemetry=ALL)
    run = Run(spec, trace=arrivals([10 * S])).until(20)
    assert [row[0].strip() for row in waterfall(run)[2:]] == [
        "wait for connection db",
        "network api to database",
        "SELECT 1",
        "network database to api",
    ]


@CASES
@given(share=st.floats(0.0001, 1), many=st.integers(1, 3_000))
def test_the_share_of_users_is_exact_up_to_any_number_and_evenly_spread(share: float, many: int) -> None:
    tracer = Tracer(Clock(), 1, share, 10)
    assert sum(tracer.chosen(number) for number in range(many)) == int(many * share)


def test_only_the_newest_traces_are_kept_and_nothing_of_the_others() -> None:
    spec = with_stock(CALL, telemetry=TelemetrySpec(traces=0.5, kept=20))
    run = Run(replace(spec, traffic=replace(spec.traffic, rate=40.0))).until(60)
    tracer = run.world.tracer
    assert tracer is not None
    assert len(tracer.traces) == 20
    assert len(tracer._whole) == 20  # noqa: SLF001 - what must not grow
    assert len(tracer._open) < 20  # noqa: SLF001 - as above
    assert [trace.whole.number % 2 for trace in tracer.traces] == [1] * 20


def test_ids_are_those_of_w3c_trace_context_and_follow_from_seed_and_number() -> None:
    spec = with_stock(CALL)
    ids = [
        [str(row[0]) for row in listed(Run(spec, seed, arrivals([10 * S, 11 * S])).until(20)).rows]
        for seed in (1, 1, 2)
    ]
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])
    for each in ids[0]:
        assert len(each) == 32
        int(each, 16)


@pytest.mark.parametrize("breaker", [None, BreakerSpec(window=10, minimum=5, open=1 * S, trials=2)])
def test_tracing_changes_nothing_that_happens(breaker: BreakerSpec | None) -> None:
    """A call has one breaker in a pod, whichever form of the program makes it."""
    call = replace(CALL, timeout=60 * MS, breaker=breaker, retry=RetrySpec(attempts=2))
    runs = []
    for telemetry in (TelemetrySpec(), TelemetrySpec(traces=0.3), ALL):
        spec = with_stock(call, telemetry=telemetry)
        stock = replace(
            spec.topology.deployments["stock"],
            endpoints={"reserve": EndpointSpec(weight=0, program=one_query(exponential(45 * MS)))},
        )
        deployments = {**spec.topology.deployments, "stock": stock}
        spec = replace(
            spec, topology=replace(spec.topology, deployments=deployments), traffic=replace(spec.traffic, rate=100.0)
        )
        runs.append(Run(spec).until(40))
    assert len(set(runs[0].outcomes())) > 1
    assert runs[0].rows == runs[1].rows == runs[2].rows
    assert runs[0].simulation.digest == runs[1].simulation.digest == runs[2].simulation.digest


def test_without_traces_a_program_has_no_spans() -> None:
    run = Run(scenario(API, rate=10.0)).until(10)
    assert run.world.tracer is None
    assert listed(run).rows == ()
    assert type(run.world.deployments["api"].pods[0].service).__name__ == "Service"
