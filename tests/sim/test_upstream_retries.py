"""A gateway that passes a request on to another pod: nginx's proxy_next_upstream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import SetGatewayTimeout, SetLink
from drill.scenario.callers import BudgetSpec, ClientSpec, UpstreamRetrySpec
from drill.scenario.network import LinkSpec, NetworkSpec
from drill.scenario.topology import EndpointSpec, GatewaySpec, HoldStep, PoolSpec
from tests.sim.worlds import API, MS, TOPOLOGY, Run, S, arrivals, endpoint, exponential, fixed, one_query, scenario

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec

HOLD = replace(API, replicas=4, pools={}, grace=0, endpoints=endpoint([HoldStep(hold=fixed(1 * S))]))
FULL = replace(
    API,
    replicas=3,
    pools={"db": PoolSpec(size=1, startup="eager", on_full="reject")},
    endpoints=endpoint(one_query(fixed(1 * S))),
)
"""Pods that answer a second request at once with an error."""


def gateway(retry: UpstreamRetrySpec | None, api: DeploymentSpec, at_us: list[int], timeout_s: float = 60) -> Run:
    topology = replace(TOPOLOGY, gateway=GatewaySpec(timeout=round(timeout_s * S), retry=retry))
    return Run(scenario(api, topology=topology), trace=arrivals(at_us))


def tries(run: Run) -> int:
    return run.world.gateway.tries  # type: ignore[attr-defined, no-any-return]  # of a gateway that tries again


def test_without_a_policy_an_error_is_an_answer() -> None:
    run = gateway(None, FULL, [10 * S] * 4).until(60)
    assert run.world.gateway.plain
    assert run.outcomes().count("pool_full") > 0


def test_a_request_goes_on_to_pods_that_were_not_tried_yet() -> None:
    """Three requests at once on three pods with one connection each, and a fourth for which none is left."""
    run = gateway(UpstreamRetrySpec(on=["http_500"], tries=0), FULL, [10 * S] * 4).until(60)
    assert sorted(run.outcomes()) == ["ok", "ok", "ok", "pool_full"]
    served = [row.pod for row in run.rows if row.outcome == "ok"]
    assert len(set(served)) == 3
    assert tries(run) <= 4 * 3, "each pod at most once"


def test_the_default_is_errors_of_connection_and_timeouts_only() -> None:
    run = gateway(UpstreamRetrySpec(), FULL, [10 * S] * 3).until(60)
    assert tries(run) == 3


@pytest.mark.parametrize(("most", "made"), [(1, 1), (2, 2), (3, 3), (0, 4)])
def test_a_timeout_is_tried_again_and_every_pod_works_on(most: int, made: int) -> None:
    """With a timeout of 0.3 s on requests of 1 s each try is one more piece of the same work."""
    run = gateway(UpstreamRetrySpec(tries=most), HOLD, [10 * S], timeout_s=0.3)
    run.until(10.05 + 0.3 * (made - 1))
    assert sum(pod.in_flight for pod in run.simulation.snapshot().pods) == made
    run.until(60)
    assert (run.outcomes(), tries(run)) == (["gateway_timeout"], made)
    assert run.ended_s() == [pytest.approx(10 + 0.3 * made)]
    retried = run.simulation.history("envoy_cluster_upstream_rq_retry").series
    assert [each.points[-1] for each in retried if ("source", "gateway") in each.labels] == [made - 1]


def test_no_try_begins_after_the_time_for_tries_is_over_and_none_is_cut_short() -> None:
    run = gateway(UpstreamRetrySpec(tries=0, timeout=700 * MS), HOLD, [10 * S], timeout_s=0.3).until(60)
    assert tries(run) == 3, "at 0, 0.3 and 0.6 s"
    assert run.ended_s() == [pytest.approx(10.9)]


@pytest.mark.parametrize("allowed", [False, True])
def test_what_is_not_idempotent_is_tried_again_only_if_that_is_allowed(*, allowed: bool) -> None:
    api = replace(HOLD, endpoints={"q": EndpointSpec(program=[HoldStep(hold=fixed(1 * S))], idempotent=False)})
    run = gateway(UpstreamRetrySpec(non_idempotent=allowed), api, [10 * S], timeout_s=0.3).until(60)
    assert tries(run) == (3 if allowed else 1)


def test_a_pod_that_dies_is_hidden_from_users_who_asked_it_in_vain() -> None:
    """All requests of a pod that ends break off (502) and are answered by another one."""
    for retry, lost in ((None, True), (UpstreamRetrySpec(), False)):
        run = gateway(retry, HOLD, [10 * S + number * 10 * MS for number in range(40)]).until(10.6)
        [victim, *_] = run.world.deployments["api"].pods
        assert victim.running
        victim.stop()
        run.until(60)
        assert ("pod_lost" in run.outcomes()) is lost
        assert len(run.rows) == 40


def test_a_request_that_never_arrived_is_tried_again_even_if_it_is_not_idempotent() -> None:
    api = replace(HOLD, endpoints={"q": EndpointSpec(program=[HoldStep(hold=fixed(1 * S))], idempotent=False)})
    link = LinkSpec(source="gateway", target="api", round_trip=400 * MS)
    topology = replace(
        TOPOLOGY,
        gateway=GatewaySpec(timeout=60 * S, retry=UpstreamRetrySpec()),
        network=NetworkSpec(links={"way": link}),
    )
    run = Run(scenario(api, topology=topology), trace=arrivals([10 * S])).until(10.1)
    run.world.gateway._open[next(iter(run.world.gateway._open))].tried[0].stop()  # type: ignore[attr-defined]  # noqa: SLF001 - the pod it is on its way to
    run.until(60)
    assert (run.outcomes(), tries(run)) == (["ok"], 2)


def test_a_budget_bounds_further_tries_however_much_fails() -> None:
    """Every request fails by its timeout; without a budget each is tried three times."""
    api = replace(HOLD, endpoints=endpoint([HoldStep(hold=fixed(5 * S))]))
    at_us = [10 * S + number * 20 * MS for number in range(2_000)]
    free = gateway(UpstreamRetrySpec(), api, at_us, timeout_s=0.2).until(60)
    held = gateway(UpstreamRetrySpec(budget=BudgetSpec(share=0.1, floor=0.0)), api, at_us, timeout_s=0.2).until(60)
    assert tries(free) == 6_000
    assert 2_180 <= tries(held) <= 2_200, "a tenth more, less the credit that expires after ten seconds"


def test_a_client_that_gives_up_ends_further_tries() -> None:
    topology = replace(
        TOPOLOGY,
        clients=ClientSpec(timeout=500 * MS),
        gateway=GatewaySpec(timeout=300 * MS, retry=UpstreamRetrySpec(tries=0)),
    )
    run = Run(scenario(HOLD, topology=topology), trace=arrivals([10 * S])).until(60)
    assert (run.outcomes(), run.ended_s(), tries(run)) == (["client_timeout"], [10.5], 2)


def test_a_request_that_arrives_after_its_client_has_left_is_not_passed_on() -> None:
    """Its first packet is lost and comes after 0.2 s; the client gives up after 0.1 s, which is not lost."""
    network = NetworkSpec(links={"way": LinkSpec(source="users", target="gateway", loss=1.0)})
    topology = replace(TOPOLOGY, clients=ClientSpec(timeout=100 * MS), network=network)
    run = Run(scenario(HOLD, topology=topology), trace=arrivals([10 * S, 20 * S])).until(10.05)
    run.simulation.perform(SetLink(link="way"))
    run.until(15)
    assert (run.outcomes(), run.ended_s(), tries(run)) == (["client_timeout"], [10.1], 0)
    run.until(30)
    assert tries(run) == 1, "the other one arrives"


@pytest.mark.parametrize("retry", [None, UpstreamRetrySpec(on=["error", "timeout", "http_500"])])
@pytest.mark.parametrize("network", [None, NetworkSpec(links={"all": LinkSpec(round_trip=20 * MS, loss=0.05)})])
def test_everybody_is_counted_once_and_pods_have_nothing_outstanding_at_the_end(
    retry: UpstreamRetrySpec | None, network: NetworkSpec | None
) -> None:
    api = replace(FULL, endpoints=endpoint(one_query(exponential(60 * MS))))
    topology = replace(
        TOPOLOGY,
        clients=ClientSpec(timeout=400 * MS),
        gateway=GatewaySpec(timeout=200 * MS, retry=retry),
        network=network,
    )
    run = Run(scenario(api, rate=60.0, length_s=40, topology=topology)).until(30)
    users = run.simulation.snapshot().users
    assert users.offered == users.ok + users.late + users.failed + users.in_flight
    assert users.in_flight == len(run.simulation.in_flight())
    if network is not None:
        run.simulation.perform(SetLink(link="all"))
    run.simulation.perform(SetGatewayTimeout(timeout=1 * S))
    run.until(400)
    assert run.simulation.snapshot().users.in_flight == 0
    assert len({row.number for row in run.rows}) == len(run.rows) == users.offered or len(run.rows) > users.offered
    for pod in run.world.deployments["api"].pods:
        assert (pod.outstanding, len(pod.running), pod.pools[0].in_use) == (0, 0, 0)
