"""What callers export: attempts, retries, timeouts and breakers, under the names of Envoy and resilience4j.

Separate because these come from callers and not from what they call. Series appear with the first attempt that is
guarded in any way, so that a scenario without such callers has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.breaker import CLOSED, HALF_OPEN, OPEN
from drill.sim.proxy import Proxy
from drill.telemetry.records import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.world import World


def metrics(world: World) -> Iterator[Sample]:
    """Return what clients and calling deployments count."""
    visits = world.visits
    if visits.attempts:
        clients = (("envoy_cluster_name", "gateway"), ("source", "clients"))
        yield Sample("envoy_cluster_upstream_rq_total", clients, visits.attempts)
        yield Sample("envoy_cluster_upstream_rq_retry", clients, visits.retried)
    gateway = world.gateway
    if isinstance(gateway, Proxy) and gateway.retry is not None:
        pods = (("envoy_cluster_name", "pods"), ("source", "gateway"))
        yield Sample("envoy_cluster_upstream_rq_total", pods, gateway.tries)
        yield Sample("envoy_cluster_upstream_rq_retry", pods, gateway.retried)
    for (caller, called), counts in world.switchboard.counts.items():
        if not counts.attempts:
            continue
        labels = (("envoy_cluster_name", called), ("source", caller))
        yield Sample("envoy_cluster_upstream_rq_total", labels, counts.attempts)
        yield Sample("envoy_cluster_upstream_rq_retry", labels, counts.retries)
        yield Sample("envoy_cluster_upstream_rq_timeout", labels, counts.timeouts)
    yield from _breakers(world)


def _breakers(world: World) -> Iterator[Sample]:
    for caller, called in world.switchboard.steps:
        guarded = [pod.guards for pod in world.deployments[caller].pods if pod.guards]
        if not guarded:
            continue
        states = dict.fromkeys((CLOSED, HALF_OPEN, OPEN), 0)
        for each in guarded:
            for step, guards in each.items():
                if step.name == called and guards.breaker is not None:
                    states[guards.breaker.state] += 1
        if any(states.values()):
            refused = world.switchboard.counts[caller, called].refused
            for state, number in states.items():
                labels = (("deployment", caller), ("name", called), ("state", state))
                yield Sample("resilience4j_circuitbreaker_state", labels, number)
            labels = (("deployment", caller), ("kind", "not_permitted"), ("name", called))
            yield Sample("resilience4j_circuitbreaker_not_permitted_calls_total", labels, refused)
