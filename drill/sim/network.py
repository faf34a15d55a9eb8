"""The network of one run: every way between two parts, made when it is first used, and what is known about all of them.

Separate because a run without a network has none of it. It knows ways and names of parts; who sends what is the
business of those who send.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from drill.scenario.networking import distance
from drill.sim.network_dns import Resolver
from drill.sim.network_hop import UNTOUCHED, Counters, Hop, Link

if TYPE_CHECKING:
    from drill.scenario.network import NetworkSpec
    from drill.sim.clock import Clock
    from drill.sim.streams import Streams

KEPT_ATTEMPTS = 500
"""Attempts to connect that are remembered, the newest."""


class Attempt(NamedTuple):
    """One attempt to connect, as somebody who captures packets sees it."""

    at_us: int
    """When it began."""
    source: str
    """Pod or part that connects."""
    target: str
    syns: int
    """SYNs sent; 0 when not even the name was known."""
    flags: str
    """Packets as tcpdump shows them: `S` for SYN, `S.` for SYN-ACK, `R.` for a refusal, `F.` for an end, `P.` for
    data."""
    outcome: str
    """`established`, `closed` by the server with a message, `refused`, `timed out`, `unknown host`."""
    text: str
    """What the server or the resolver said; empty for nothing."""
    took_us: int


class Network:
    """Every way there is."""

    def __init__(self, clock: Clock, spec: NetworkSpec, streams: Streams) -> None:
        """Have no way yet."""
        self.clock = clock
        self.spec = spec
        self.links = {name: Link(link.round_trip, link.jitter, link.loss) for name, link in spec.links.items()}
        """Conditions that can change, by name."""
        self.counters: dict[str, Counters] = {}
        """By part, in the order of first use."""
        self.resolver = None if spec.dns is None else Resolver(clock, spec.dns, streams.source("network/dns").random)
        self.attempts: deque[Attempt] = deque(maxlen=KEPT_ATTEMPTS)
        self._streams = streams
        self._hops: dict[tuple[str, str], Hop] = {}

    def hop(self, source: str, target: str) -> Hop:
        """Return the way over which `source` connects to `target`."""
        found = self._hops.get((source, target))
        if found is None:
            regions = self.spec.regions
            apart_us = distance(self.spec, regions.get(source, ""), regions.get(target, "")) or 0
            counters = tuple(self.counters.setdefault(part, Counters()) for part in (source, target))
            uniform = self._streams.source(f"network/{source}/{target}").random
            found = self._hops[source, target] = Hop(
                self.clock,
                source,
                target,
                apart_us=apart_us,
                link=self._link(source, target),
                counters=(counters[0], counters[1]),
                uniform=uniform,
            )
        return found

    def _link(self, source: str, target: str) -> Link:
        for name, spec in self.spec.links.items():
            if spec.source in ("", source) and spec.target in ("", target):
                return self.links[name]
        return UNTOUCHED
