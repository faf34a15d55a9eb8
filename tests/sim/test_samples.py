"""What samplers read in one pass and remember from sample to sample is what stands there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from drill.actions.catalogue import Scale, SetFlag
from drill.scenario.story import PanelSpec
from drill.scenario.topology import AllocateStep, DatabaseSpec, HoldStep, PoolSpec
from drill.sim import postgres_views
from drill.sim.clock import Clock
from drill.sim.dashboard import Dashboard
from drill.sim.database import Database
from drill.sim.sessions import ABORTED, IN_TRANSACTION, STATES
from tests.sim.test_lock_stories import HOT
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, scenario

if TYPE_CHECKING:
    from drill.telemetry.records import Labels

MIB = 2**20
SERIES = [("requests_total", (("pod", name),)) for name in "abc"]


def test_one_pass_over_the_sessions_finds_what_their_views_show() -> None:
    run = Run(scenario(HOT, rate=130.0, topology=replace(TOPOLOGY, database=DatabaseSpec(cores=4.0))))
    waiting = 0
    for second in range(1, 9):
        database = run.until(second + 0.001).world.database
        load = postgres_views.load(database)
        assert dict(zip(STATES, load.states, strict=True)) == database.states()
        assert load.waiting == postgres_views.waiting(database)
        locks = [lock for lock in postgres_views.locks(database) if lock.relation]
        assert sum(load.locks) == len(locks)
        assert sorted(filter(None, load.locks)) == sorted(Counter(lock.mode for lock in locks).values())
        shown = postgres_views.activity(database)
        for state, oldest_s in zip(STATES, load.oldest_s, strict=True):
            assert oldest_s == max((row[4] for row in shown if row[8] == state and row[4] is not None), default=0.0)
        waiting += load.waiting
    assert waiting


def test_a_transaction_that_failed_has_no_age() -> None:
    """As in pg_stat_activity, whose xact_start is empty there: PostgreSQL has ended it already."""
    clock = Clock()
    database = Database(clock, DatabaseSpec())
    for pid in range(2):
        session = database.admit("api", None)
        session.xact_since = 0
        session.become((IN_TRANSACTION, ABORTED)[pid], 0)
    clock.advance(3 * S)
    assert postgres_views.load(database).oldest_s == [0.0, 0.0, 3.0, 0.0]


def test_what_a_pod_exports_follows_its_container_and_its_neighbours() -> None:
    """A container that is killed and starts again has new pools; pods come and go around it."""
    leaky = endpoint([AllocateStep(allocate=60 * MIB, when="leaks"), HoldStep(hold=fixed(10 * MS))])
    api = replace(
        API, memory=100 * MIB, memory_limit=150 * MIB, pools={"db": PoolSpec(size=2, startup="eager")}, endpoints=leaky
    )
    spec = replace(scenario(api, topology=replace(TOPOLOGY, flags={"leaks": False})), sampling=1 * S)
    run = Run(spec, trace=arrivals([S * n for n in range(40)])).until(12)
    run.simulation.perform(SetFlag(flag="leaks", on=True))
    run.until(12.5)
    run.simulation.perform(SetFlag(flag="leaks", on=False))
    run.simulation.perform(Scale(deployment="api", replicas=3))
    for second in range(13, 40):
        run.until(second + 0.001)
        snapshot = run.simulation.snapshot()
        for pod in snapshot.pods:
            if pod.pools and newest(run, "kube_pod_status_ready", pod.name) == pod.ready == 1:
                (pool,) = pod.pools
                assert newest(run, "hikaricp_connections", pod.name) == pool.open
                assert newest(run, "kube_pod_container_status_restarts_total", pod.name) == pod.restarts
                assert newest(run, "container_memory_working_set_bytes", pod.name) == pod.memory_bytes
    assert [pod.restarts for pod in run.simulation.snapshot().pods] == [1, 0, 0]
    begins = [each.points[0] for each in run.simulation.history("kube_pod_status_ready").series]
    assert sorted(value is None for value in begins) == [False, True, True]


def newest(run: Run, metric: str, pod: str) -> float | None:
    """Return the newest value of a pod."""
    found = [each.points[-1] for each in run.simulation.history(metric).series if ("pod", pod) in each.labels]
    return found[0] if found else None


def test_a_chart_of_a_rate_goes_on_when_series_come_and_go() -> None:
    panel = PanelSpec(title="", metric="requests_total", unit="/s", per_second=True)
    spec = scenario(API)
    dashboard = Dashboard(replace(spec, sampling=2 * S, story=replace(spec.story, dashboard={"it": panel})))
    moments: list[tuple[str, list[float]]] = [
        ("a", [10]),
        ("a", [14]),
        ("ba", [100, 20]),  # one that is new has no rate yet, and the other one still has its own
        ("ba", [104, 22]),
        ("b", [110]),
        ("b", [4]),  # it was reset
        ("cb", [0, 6]),
    ]
    known: dict[str, list[tuple[str, Labels]]] = {}
    for number, (pods, values) in enumerate(moments):
        series = known.setdefault(pods, [SERIES["abc".index(pod)] for pod in pods])
        dashboard.update(2 * number * S, series, values)
    (shown,) = dashboard.panels()
    assert shown.points == (None, 2.0, 3.0, 3.0, 3.0, 0.0, 1.0)
