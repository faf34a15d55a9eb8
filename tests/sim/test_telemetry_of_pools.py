"""What pools, PostgreSQL and PgBouncer export says what happened: counts, sums, quantiles and errors by kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import CancelQueries, TerminateIdle
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import DatabaseSpec, PoolerSpec, PoolSpec, QueryStep
from drill.sim.meters import Timer
from drill.telemetry.histogram import Histogram, quantile_us
from drill.telemetry.metrics import METRICS
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
    one_transaction,
    scenario,
)

if TYPE_CHECKING:
    from drill.telemetry.metrics import Points


def series(run: Run, name: str, **labels: str) -> Points:
    """Return the only series of a metric that has these labels; a labelled counter has none until it counts."""
    found = [each for each in run.simulation.history(name).series if labels.items() <= dict(each.labels).items()]
    assert len(found) == 1 or (not found and "kind" in labels)
    return found[0].points if found else (0.0,)


def newest(run: Run, name: str, **labels: str) -> float:
    return series(run, name, **labels)[-1] or 0.0


def test_waits_for_a_connection_are_counted_summed_and_ranked_and_those_given_up_too() -> None:
    """One connection and statements of 1 s: the first does not wait, the second 1 s, the others give up after 1.5 s."""
    api = replace(
        API,
        pools={"db": PoolSpec(size=1, startup="eager", checkout_timeout=1500 * MS)},
        endpoints=endpoint(one_query(fixed(1 * S))),
    )
    run = Run(scenario(api), trace=arrivals([6 * S] * 4)).until(10.001)
    name = "hikaricp_connections_acquire_seconds"
    assert newest(run, name + "_count") == 4
    assert newest(run, name + "_sum") == pytest.approx(4.0)
    assert newest(run, name + "_max") == 1.5
    assert newest(run, name, quantile="0.95") == pytest.approx(1.5, rel=0.008)
    run.until(15.001)
    assert newest(run, name, quantile="0.95") == 0, "of the time since the last sample"
    assert newest(run, name + "_max") == 1.5
    run.until(75.001)
    assert newest(run, name + "_max") == 0, "of the last minute"
    assert newest(run, "pool_errors_total", kind="checkout_timeout") == 2
    assert run.simulation.result().checkout.count == 2, "waits that were granted"


def test_the_four_that_nobody_had_on_the_dashboard_exist_and_tell_the_story() -> None:
    """Utilisation, p95 of the wait, connects a second and errors by kind, before and after a pool becomes too small."""
    api = replace(
        API,
        pools={"db": PoolSpec(size=10, checkout_timeout=1 * S, max_lifetime=10 * S)},
        endpoints=endpoint(one_query(exponential(100 * MS))),
    )
    busy = Run(scenario(api, rate=150.0, length_s=60)).until(60)
    calm = Run(scenario(api, rate=20.0, length_s=60)).until(60)
    assert newest(calm, "pool_utilisation_ratio") < 0.6
    assert newest(busy, "pool_utilisation_ratio") == 1.0
    wait = "hikaricp_connections_acquire_seconds"
    assert newest(calm, wait, quantile="0.95") < 0.1
    assert newest(busy, wait, quantile="0.95") == pytest.approx(1.0, rel=0.05)
    made = "hikaricp_connections_creation_seconds_count"
    # Ten connections that are replaced every ten seconds: one a second.
    assert newest(busy, made) - (series(busy, made)[4] or 0.0) == pytest.approx(35, abs=11)
    assert newest(busy, "hikaricp_connections_creation_seconds_sum") / newest(busy, made) < 0.02
    errors = {kind: newest(busy, "pool_errors_total", kind=kind) for kind in ("checkout_timeout", "connection_slots")}
    assert errors["checkout_timeout"] > 100
    assert errors["connection_slots"] == 0
    assert newest(calm, "pool_errors_total", kind="checkout_timeout") == 0


def test_errors_of_a_pool_are_told_apart() -> None:
    """No room in the pool, no slot in the database, no database."""
    slots = TOPOLOGY.database.superuser_reserved_connections + 2
    pool = PoolSpec(size=5, startup="degraded", top_up=5 * S)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(1 * S))))
    topology = replace(TOPOLOGY, database=DatabaseSpec(max_connections=slots))
    full = Run(scenario(api, rate=10.0, topology=topology)).until(30)
    assert newest(full, "pool_errors_total", kind="connection_slots") > 3
    assert newest(full, "pool_errors_total", kind="connect_failed") == 0
    rejecting = replace(api, pools={"db": replace(pool, size=2, on_full="reject")})
    run = Run(scenario(rejecting), trace=arrivals([10 * S] * 5)).until(16)
    assert newest(run, "pool_errors_total", kind="rejected") == 3


@pytest.mark.parametrize("rate", [5.0, 30.0])
def test_the_time_connections_are_lent_follows_littles_law(rate: float) -> None:
    """Sum of usage over time is the mean number in use; count is what was returned."""
    api = replace(API, pools={"db": PoolSpec(size=20)}, endpoints=endpoint(one_query(exponential(100 * MS))))
    spec = replace(scenario(api, rate=rate, length_s=300), telemetry=TelemetrySpec(usage=True))
    run = Run(spec)
    in_use = []
    for second in range(1, 300):
        run.until(second + 0.5)
        in_use.append(run.world.deployments["api"].pods[0].pools[0].in_use)
    run.until(300.001)
    used, count = (newest(run, f"hikaricp_connections_usage_seconds_{what}") for what in ("sum", "count"))
    assert count == len([row for row in run.rows if row.done_us < 300 * S])
    # 300 looks at a number of mean and variance rate / 10 a second apart: four standard errors.
    assert used / 300 == pytest.approx(sum(in_use) / len(in_use), abs=4 * (rate / 10 / 300) ** 0.5)


def test_measuring_usage_changes_nothing_that_happens() -> None:
    plain = scenario(replace(API, endpoints=endpoint(one_query(exponential(90 * MS)))), rate=50.0, length_s=60)
    runs = [Run(spec).until(60) for spec in (plain, replace(plain, telemetry=TelemetrySpec(usage=True)))]
    assert runs[0].rows == runs[1].rows
    assert runs[0].simulation.result().checkout.buckets == runs[1].simulation.result().checkout.buckets


def test_transactions_are_counted_as_committed_or_rolled_back() -> None:
    """A single statement is a transaction; so is a block, however many statements it has."""
    block = one_transaction(*(QueryStep(query=f"SELECT {number}", time=fixed(2 * S)) for number in range(3)))
    for program in (one_query(fixed(2 * S)), block):
        run = Run(scenario(replace(API, endpoints=endpoint(program))), trace=arrivals([10 * S, 20 * S, 30 * S])).until(
            21
        )
        run.simulation.perform(CancelQueries(older_than=0))
        run.until(51)
        assert newest(run, "pg_stat_database_xact_commit") == 2
        assert newest(run, "pg_stat_database_xact_rollback") == 1


def test_sessions_that_were_ended_are_counted_by_who_ended_them() -> None:
    api = replace(API, pools={"db": PoolSpec(size=4, startup="eager")}, endpoints=endpoint(one_query(fixed(MS))))
    run = Run(scenario(api), trace=arrivals([60 * S])).until(20)
    assert newest(run, "pg_stat_database_sessions") == 4
    run.simulation.perform(TerminateIdle(older_than=1 * S))
    run.until(31)
    assert newest(run, "pg_stat_database_sessions_killed") == 4
    assert newest(run, "pg_stat_database_sessions_fatal") == 0
    timed = replace(TOPOLOGY, database=DatabaseSpec(idle_session_timeout=5 * S))
    run = Run(scenario(api, topology=timed), trace=arrivals([60 * S])).until(20)
    assert newest(run, "pg_stat_database_sessions_fatal") == 4


def test_the_pooler_counts_transactions_and_waits() -> None:
    """One server and statements of 1 s: three clients at once wait 0, 1 and 2 s."""
    api = replace(
        API, pools={"db": PoolSpec(size=3, to="pooler", startup="eager")}, endpoints=endpoint(one_query(fixed(1 * S)))
    )
    topology = replace(TOPOLOGY, pooler=PoolerSpec(pool_size=1, round_trip=0))
    run = Run(scenario(api, topology=topology), trace=arrivals([10 * S] * 3)).until(21)
    assert newest(run, "pgbouncer_stats_sql_transactions_pooled_total") == 3
    assert newest(run, "pgbouncer_stats_client_wait_seconds_total") == pytest.approx(3.0)
    assert newest(run, "pg_stat_database_xact_commit") == 3


def test_every_sampled_metric_is_explained() -> None:
    run = Run(replace(scenario(API, rate=5.0), telemetry=TelemetrySpec(usage=True))).until(11)
    assert set(run.simulation._sampler.history.names()) <= set(METRICS)  # noqa: SLF001 - it shows them to views


@CASES
@given(
    batches=st.lists(
        st.tuples(
            st.lists(st.integers(0, 10**7)),
            st.integers(0, 3),
            st.integers(0, 2),
            st.integers(1, 90 * S),
            st.booleans(),
        ),
        max_size=12,
    ),
)
def test_a_timer_says_the_same_however_often_it_is_asked(
    batches: list[tuple[list[int], int, int, int, bool]],
) -> None:
    """Some waits are noted, some are of no time at all, some are given up; some samples find nothing new."""
    whole, now, everything, given_up = Histogram(), 0, list[int](), 0
    timer, patience = Timer(whole), 3 * S
    latest: list[tuple[int, int]] = []
    for noted, zeros, more, pause, asked in batches:
        now += pause
        for value in noted:
            timer.record(value)
        timer.at_once += zeros
        if asked:
            timer.settle()
            assert timer.count == len(everything) + len(noted) + zeros
        given_up += more
        recent = sorted([*noted, *[0] * zeros, *[patience] * more])
        everything += recent
        latest += [(now, value) for value in recent]
        count, total_s, longest_s, p95_s = timer.sample(now, given_up, patience)
        assert (count, total_s) == (len(everything), sum(everything) / S)
        assert longest_s == max((value for at, value in latest if at > now - 60 * S), default=0) / S
        assert p95_s == (quantile_us(recent, 0.95) or 0.0) / S
    assert (timer.count, timer.total_us) == (len(everything), sum(everything))
    waited = len(everything) - given_up
    assert (whole.count, whole.total) == (waited, sum(everything) - given_up * patience)
