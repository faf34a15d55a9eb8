"""What is seen of the network: connection attempts one by one, and what node_exporter and CoreDNS count.

Separate from other views because a scenario may have no network; then there are no such series and no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.telemetry.records import Sample
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.sim.network import Network
    from drill.sim.world import World

ATTEMPTS = ("AGO_S", "FROM", "TO", "SYNS", "FLAGS", "OUTCOME", "TOOK_MS", "MESSAGE")
"""Columns of the latest connection attempts; flags are those tcpdump prints, in order."""


def attempts(world: World) -> list[tuple[str | int | float | None, ...]]:
    """Return the latest attempts to connect, oldest first."""
    if world.network is None:
        return []
    now = world.clock.t
    return [
        (
            round((now - each.at_us) / US_PER_S, 1),
            each.source,
            each.target,
            each.syns,
            each.flags,
            each.outcome,
            round(each.took_us / 1000, 1),
            each.text,
        )
        for each in world.network.attempts
    ]


def metrics(network: Network) -> Iterator[Sample]:
    """Return what the kernels of all parts and the name server count."""
    for part, counters in sorted(network.counters.items()):
        where = (("instance", part),)
        yield Sample("node_netstat_Tcp_ActiveOpens", where, counters.active_opens)
        yield Sample("node_netstat_Tcp_AttemptFails", where, counters.attempt_fails)
        yield Sample("node_netstat_Tcp_RetransSegs", where, counters.retrans_segs)
        yield Sample("node_netstat_TcpExt_TCPSynRetrans", where, counters.syn_retrans)
    resolver = network.resolver
    if resolver is not None:
        yield Sample("coredns_dns_requests_total", (), resolver.requests)
        for code, count in resolver.responses.items():
            yield Sample("coredns_dns_responses_total", (("rcode", code),), count)
