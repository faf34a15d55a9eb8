"""What a network does to a system with pools: fifty milliseconds a hop, loss, and what only looks like the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import RestartDatabase, SetDns, SetFlag, SetLink
from drill.scenario.network import DnsSpec, LinkSpec, NetworkSpec
from drill.scenario.topology import (
    BorrowStep,
    CallStep,
    DatabaseSpec,
    EndpointSpec,
    GatewaySpec,
    HoldStep,
    PoolerSpec,
    PoolSpec,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from tests.sim.worlds import API, EXACT, MS, TOPOLOGY, Run, S, arrivals, endpoint, fixed, one_query, scenario

if TYPE_CHECKING:
    from collections import deque

    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.topology import DeploymentSpec, Guarded
    from drill.sim.network import Attempt
    from drill.telemetry.records import Sample

APART = NetworkSpec(
    regions={"users": "east", "gateway": "east", "api": "east", "database": "west"},
    round_trips={"east": {"west": 50 * MS}},
)
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def attempts_of(run: Run) -> deque[Attempt]:
    network = run.world.network
    assert network is not None
    return network.attempts


def statements(count: int, *, transaction: bool = True) -> list[Guarded]:
    """Return a program of many statements of 0.1 ms on one connection."""
    queries: list[Guarded] = [QueryStep(query=f"SELECT {number}", time=fixed(MS // 10)) for number in range(count)]
    inner = [TransactionStep(transaction=queries)] if transaction else queries
    return [BorrowStep(borrow="db"), *inner, ReturnStep(returns="db")]


def over(
    network: NetworkSpec | None, api: DeploymentSpec, *, rate: float = 0.0, length_s: int = 600, cores: float = 4.0
) -> ScenarioSpec:
    topology = replace(TOPOLOGY, network=network, database=replace(EXACT, cores=cores))
    return scenario(api, rate=rate, length_s=length_s, topology=topology)


def values(run: Run, name: str, **labels: str) -> float:
    """Return the newest value of a metric, over all series with these labels."""
    found = [
        series.points[-1] or 0.0
        for series in run.simulation.history(name).series
        if labels.items() <= dict(series.labels).items()
    ]
    return sum(found)


@pytest.mark.parametrize("transaction", [True, False])
def test_sixty_round_trips_of_fifty_milliseconds_hold_a_connection_for_three_seconds(*, transaction: bool) -> None:
    api = replace(API, endpoints=endpoint(statements(60, transaction=transaction)))
    near, far = (Run(over(net, api), trace=arrivals([10 * S])).until(60).rows[0] for net in (None, APART))
    assert near.done_us - near.at_us == 6 * MS
    assert far.done_us - far.at_us == 3 * S + 6 * MS


@SEEDS
def test_connections_held_follow_littles_law_and_the_database_has_nothing_to_do(seed: int) -> None:
    """5 users a second hold 15 connections for 3 s each; in the database nearly all are idle in transaction."""
    api = replace(API, pools={"db": PoolSpec(size=60)}, endpoints=endpoint(statements(60)))
    run = Run(over(APART, api, rate=5.0, length_s=400), seed)
    held, states = [], {"active": 0, "idle in transaction": 0}
    for second in range(20, 400):
        run.until(second)
        held.append(run.world.deployments["api"].pods[0].pools[0].in_use)
        for state in states:
            states[state] += run.world.database.states()[state]
    assert run.success() == 1.0
    asked = len([row for row in run.rows if row.at_us >= 17 * S]) / 383
    assert sum(held) / len(held) == pytest.approx(asked * 3.006, rel=0.03), "arrivals in the window, each held for 3 s"
    assert states["active"] / sum(states.values()) < 0.01
    assert run.simulation.snapshot().database.cpu_share < 0.01


@SEEDS
def test_far_from_the_database_a_pool_that_was_large_enough_starves(seed: int) -> None:
    """50 connections serve 8000 requests a second of 6 ms, and 16.6 of 3 s."""
    pool = PoolSpec(size=50, checkout_timeout=2 * S)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(statements(60)))
    near, far = (Run(over(net, api, rate=25.0, length_s=120), seed).until(120) for net in (None, APART))
    assert near.success() == 1.0
    assert far.success(40, 110) == pytest.approx(16.6 / 25, abs=0.06)
    assert set(far.outcomes(40, 110)) == {"ok", "checkout_timeout"}
    assert far.world.database.cpu.busy_us() < 1 * S


def test_moving_the_api_beside_its_database_is_the_fix() -> None:
    beside = replace(APART, regions={**APART.regions, "gateway": "west", "api": "west"})
    api = replace(API, endpoints=endpoint(statements(60)))
    row = Run(over(beside, api), trace=arrivals([10 * S])).until(60).rows[0]
    assert row.done_us - row.at_us == 56 * MS, "once across for the user, not sixty times"


def test_locks_are_given_up_when_the_server_gets_the_commit_behind_the_last_statement() -> None:
    last = QueryStep(query="UPDATE", time=fixed(1 * MS))
    plans: list[tuple[list[Guarded], int]] = [([last], 0), ([last, HoldStep(hold=fixed(10 * MS))], 60)]
    for steps, more_ms in plans:
        api = replace(
            API,
            endpoints=endpoint([BorrowStep(borrow="db"), TransactionStep(transaction=steps), ReturnStep(returns="db")]),
        )
        run = Run(over(APART, api), trace=arrivals([10 * S]))
        run.until(10.030)
        assert run.world.database.states()["idle in transaction"] == (1 if more_ms else 0)
        run.until(20)
        assert run.rows[0].done_us - run.rows[0].at_us == (51 + more_ms) * MS


def test_every_hop_counts_once_there_and_once_back() -> None:
    """Users 4, gateway to pod 8, pod to pooler 16, pooler to database 32 ms: a statement takes all of them once."""
    links = {
        "a": LinkSpec(source="users", target="gateway", round_trip=4 * MS),
        "b": LinkSpec(source="gateway", target="api", round_trip=8 * MS),
        "c": LinkSpec(source="api", target="pooler", round_trip=16 * MS),
        "d": LinkSpec(source="pooler", target="database", round_trip=32 * MS),
    }
    api = replace(
        API, pools={"db": PoolSpec(size=2, to="pooler", startup="eager")}, endpoints=endpoint(one_query(fixed(50 * MS)))
    )
    topology = replace(TOPOLOGY, network=NetworkSpec(links=links), pooler=PoolerSpec(round_trip=0, pool_size=1))
    run = Run(scenario(api, topology=topology), trace=arrivals([10 * S, 20 * S, 20 * S])).until(60)
    assert [row.done_us - row.at_us for row in run.rows[:1]] == [(50 + 60) * MS]
    # The pooler's one server is taken from when the first statement comes until its answer is back: 32 + 50 ms.
    assert run.rows[2].done_us - run.rows[1].done_us == 82 * MS


def test_an_error_takes_the_way_back_to_its_user_too() -> None:
    links = {"a": LinkSpec(source="gateway", target="api", round_trip=8 * MS)}
    pool = PoolSpec(size=1, startup="eager", checkout_timeout=20 * MS)
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(50 * MS))))
    spec = scenario(api, topology=replace(TOPOLOGY, network=NetworkSpec(links=links)))
    run = Run(spec, trace=arrivals([10 * S, 10 * S])).until(20)
    # The one who is refused hears of it first: 20 ms of waiting, then 8 ms on the way there and back.
    assert [(row.outcome, row.done_us - row.at_us) for row in run.rows] == [
        ("checkout_timeout", 28 * MS),
        ("ok", 58 * MS),
    ]


def test_a_call_between_deployments_travels_both_ways() -> None:
    links = {"calls": LinkSpec(source="api", target="stock", round_trip=30 * MS)}
    call = CallStep(call="stock", endpoint="reserve", time=fixed(2 * MS), timeout=100 * MS)
    stock = replace(API, endpoints={"reserve": EndpointSpec(weight=0, program=[HoldStep(hold=fixed(5 * MS))])})
    api = replace(API, pools={}, endpoints=endpoint([call]))
    spec = scenario(api, topology=replace(TOPOLOGY, network=NetworkSpec(links=links)))
    spec = replace(spec, topology=replace(spec.topology, deployments={"api": api, "stock": stock}))
    run = Run(spec, trace=arrivals([10 * S, 20 * S])).until(15)
    run.simulation.perform(SetLink(link="calls", round_trip=95 * MS))
    run.until(60)
    assert [row.done_us - row.at_us for row in run.rows] == [37 * MS, 100 * MS]
    assert run.outcomes() == ["ok", "call_timeout"]


LOSSY = NetworkSpec(links={"everything": LinkSpec()})
"""A network that a timeline or a test can break as a whole."""


def shop(network: NetworkSpec = LOSSY) -> ScenarioSpec:
    """Return an api with a database, a service it calls, and something outside."""
    program: list[Guarded] = [
        CallStep(call="mail", time=fixed(20 * MS)),
        CallStep(call="stock", endpoint="reserve", time=fixed(2 * MS)),
        BorrowStep(borrow="db"),
        *(QueryStep(query=f"SELECT {number}", time=fixed(4 * MS)) for number in range(5)),
        ReturnStep(returns="db"),
    ]
    # Connections are replaced every few seconds, as behind a short lifetime, so that there are connects to watch.
    pool = PoolSpec(size=10, max_lifetime=5 * S, lifetime_jitter=0.5, checkout_timeout=5 * S)
    api = replace(API, replicas=2, pools={"db": pool}, endpoints=endpoint(program))
    stock = replace(API, endpoints={"reserve": EndpointSpec(weight=0, program=[HoldStep(hold=fixed(5 * MS))])})
    topology = replace(TOPOLOGY, network=network, gateway=GatewaySpec(timeout=60 * S))
    spec = scenario(api, rate=40.0, length_s=200, topology=topology)
    return replace(spec, topology=replace(spec.topology, deployments={"api": api, "stock": stock}))


def p50_ms(run: Run, start_s: float, end_s: float) -> float:
    times = sorted(row.done_us - row.at_us for row in run.rows if start_s * S <= row.at_us < end_s * S)
    return times[len(times) // 2] / MS


@SEEDS
def test_a_lossy_network_shows_in_retransmissions_everywhere_and_pools_follow(seed: int) -> None:
    """10 % loss: 16 packets of which the 16 of a request take 25 ms on average, some of them seconds."""
    run = Run(shop(), seed).until(60)
    healthy = p50_ms(run, 10, 60)
    assert values(run, "node_netstat_Tcp_RetransSegs") == 0
    before = [pod.pools[0].in_use for pod in run.simulation.snapshot().pods if pod.deployment == "api"]
    run.simulation.perform(SetLink(link="everything", loss=0.1))
    run.until(120)
    for part in ("users", "gateway", "api", "stock", "database"):
        assert values(run, "node_netstat_Tcp_RetransSegs", instance=part) > 50, part
    assert values(run, "node_netstat_TcpExt_TCPSynRetrans", instance="api") > 10
    assert p50_ms(run, 60, 115) > 5 * healthy
    during = [pod.pools[0].in_use for pod in run.simulation.snapshot().pods if pod.deployment == "api"]
    assert sum(during) > 2 * max(1, sum(before)), "connections are held for as long as their packets are missing"
    assert run.simulation.snapshot().database.cpu_share < 0.05
    # A SYN or its answer is lost with .19; all four before the driver gives up after 10 s with .0013, once in 800.
    late = [each for each in attempts_of(run) if each.outcome != "established"]
    assert len(late) <= 0.02 * len(attempts_of(run)), "SYNs sent again get through"
    assert {each.outcome for each in late} <= {"timed out"}
    run.simulation.perform(SetLink(link="everything"))
    run.until(200)
    assert p50_ms(run, 150, 195) == pytest.approx(healthy, rel=0.05), "undone"


def test_a_partition_ends_in_connect_timeouts_and_comes_back_with_the_timers() -> None:
    run = Run(shop(NetworkSpec(links={"database": LinkSpec(target="database")}, connect_timeout=3 * S))).until(60)
    run.simulation.perform(SetLink(link="database", loss=1.0))
    run.until(90)
    found = {each.outcome for each in attempts_of(run) if each.at_us > 60 * S}
    assert found == {"timed out"}
    assert values(run, "node_netstat_Tcp_AttemptFails", instance="api") > 3
    assert "connection to server failed: timeout expired" in run.log()
    run.simulation.perform(SetLink(link="database"))
    run.until(200)
    assert run.success(125, 195) == 1.0


@pytest.mark.parametrize("share", ["servfail", "unanswered"])
def test_without_names_new_connections_fail_and_old_ones_work_on(share: str) -> None:
    network = NetworkSpec(dns=DnsSpec(ttl=1 * S))
    pool = PoolSpec(size=5, startup="eager", checkout_timeout=2 * S)
    old = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(5 * MS))))
    new = replace(old, pools={"db": replace(pool, max_lifetime=4 * S)})
    for api, works in ((old, True), (new, False)):
        run = Run(over(network, api, rate=10.0, length_s=60)).until(20)
        run.simulation.perform(SetDns(**{share: 1.0}))  # type: ignore[arg-type]  # both are shares
        run.until(60)
        assert (run.success(35, 50) == 1.0) is works
    assert run.success(1, 15) == 1.0
    assert "unknown host" in {each.outcome for each in attempts_of(run)}
    assert (values(run, "coredns_dns_responses_total", rcode="SERVFAIL") > 0) is (share == "servfail")


def test_a_full_database_completes_handshakes_and_a_dead_one_refuses_them() -> None:
    """Story 16: neither loses a packet, and only one of them fails at TCP's level."""
    pool = PoolSpec(size=20, startup="degraded")
    api = replace(API, replicas=6, pools={"db": pool}, endpoints=endpoint(one_query(fixed(50 * MS))))
    topology = replace(TOPOLOGY, network=NetworkSpec(), database=DatabaseSpec(max_connections=43, restart=20 * S))
    run = Run(scenario(api, rate=100.0, length_s=60, topology=topology)).until(20)
    attempts = attempts_of(run)
    assert {each.outcome for each in attempts} == {"established", "closed"}
    assert {each.text[:6] for each in attempts if each.outcome == "closed"} == {"FATAL:"}
    assert values(run, "node_netstat_Tcp_AttemptFails") == 0
    view = run.simulation.look("network", "closed")
    assert view.columns[5] == "OUTCOME"
    assert {row[5] for row in view.rows} == {"closed"}
    run.simulation.perform(RestartDatabase())
    run.until(35)
    assert {each.outcome for each in attempts if each.at_us > 21 * S} == {"refused"}
    assert values(run, "node_netstat_Tcp_AttemptFails") > 0
    assert values(run, "node_netstat_TcpExt_TCPSynRetrans") == 0


def test_a_scenario_without_a_network_exports_nothing_of_it() -> None:
    run = Run(scenario(API, rate=10.0)).until(20)
    names = {sample.name for sample in collected(run)}
    assert not [name for name in names if name.startswith(("node_netstat", "coredns"))]
    assert run.simulation.look("network").rows == ()


def collected(run: Run) -> list[Sample]:
    found: list[Sample] = []
    run.simulation.export(on_samples=lambda _, samples: found.extend(samples))
    run.until(run.simulation.now_us / S + 6)
    return found


def test_flags_guard_the_way_of_a_statement_with_the_statement() -> None:
    steps: list[Guarded] = [
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT 1", time=fixed(1 * MS)),
        QueryStep(query="SELECT 2", time=fixed(1 * MS), when="more"),
        ReturnStep(returns="db"),
    ]
    spec = over(APART, replace(API, endpoints=endpoint(steps)))
    spec = replace(spec, topology=replace(spec.topology, flags={"more": False}))
    run = Run(spec, trace=arrivals([10 * S, 20 * S])).until(15)
    run.simulation.perform(SetFlag(flag="more", on=True))
    run.until(60)
    assert [row.done_us - row.at_us for row in run.rows] == [51 * MS, 102 * MS]


@pytest.mark.parametrize("to", ["database", "pooler"])
def test_a_statement_that_can_not_be_delivered_fails_when_tcp_gives_up_and_its_connection_is_replaced(to: str) -> None:
    """After 924.6 s, from the answer's first packet on; nobody else had a timeout."""
    link = LinkSpec(source="api", target=to)
    pool = PoolSpec(size=1, to="pooler" if to == "pooler" else "database", startup="eager")
    api = replace(API, pools={"db": pool}, endpoints=endpoint(one_query(fixed(1 * S))))
    topology = replace(TOPOLOGY, network=NetworkSpec(links={"way": link}), pooler=PoolerSpec(round_trip=0))
    run = Run(scenario(api, length_s=1_000, topology=topology), trace=arrivals([10 * S, 940 * S])).until(10.5)
    run.simulation.perform(SetLink(link="way", loss=1.0))
    run.until(900)
    assert run.rows == []
    run.until(936)
    assert run.outcomes() == ["connection_lost"]
    assert run.ended_s() == [pytest.approx(11 + 924.6, abs=0.001)]
    assert any("Connection timed out" in line for line in run.log())
    run.simulation.perform(SetLink(link="way"))
    run.until(990)
    assert run.outcomes() == ["connection_lost", "ok"]
    assert len(run.world.database.sessions) == 1
