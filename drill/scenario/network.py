"""What a file says of the network between the parts: regions and how far apart they are, links, names.

Separate from the parts themselves, which know nothing of where they stand. A scenario without this section has no
network: what lies between two parts is then only what the parts themselves cost. What becomes of packets is in
`drill.sim`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from drill.scenario.fields import FORBID
from drill.units import Micros, PositiveMicros, Share, Whole

USERS, GATEWAY, POOLER, DATABASE, OUTSIDE = "users", "gateway", "pooler", "database", "outside"
PLACES = (USERS, GATEWAY, POOLER, DATABASE, OUTSIDE)
"""Names of the parts that are no deployments; `outside` is what calls lead to that leave the topology."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSpec:
    """The condition of the way between some parts; a hop takes the first link of the file that fits it."""

    __pydantic_config__: ClassVar = FORBID

    source: str = ""
    """Part that opens connections over it: users, gateway, pooler or a deployment; empty for any."""
    target: str = ""
    """Part they lead to: gateway, pooler, database, outside or a deployment; empty for any."""
    round_trip: Micros = 0
    """Round trip on top of that between the regions; half of it each way."""
    jitter: Micros = 0
    """Each packet takes up to this much longer, all times equally likely."""
    loss: Share = 0.0
    """Share of packets that get lost, each by itself; 100% is a partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSpec:
    """How names are resolved before a connect; defaults are those of CoreDNS in Kubernetes and of glibc's resolver."""

    __pydantic_config__: ClassVar = FORBID

    lookup: Micros = 1_000
    """Time until an answer, good or bad."""
    ttl: Micros = 30_000_000
    """How long a pod keeps a good answer; 0 for asking before every connect."""
    servfail: Share = 0.0
    """Share of queries that are answered with SERVFAIL."""
    unanswered: Share = 0.0
    """Share of the other queries that get no answer at all."""
    timeout: PositiveMicros = 5_000_000
    """How long the resolver waits for an answer."""
    attempts: Annotated[int, Whole(1, 5)] = 2
    """Queries until it gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """The network."""

    __pydantic_config__: ClassVar = FORBID

    regions: dict[str, str] = field(default_factory=dict)
    """Region of users, gateway, pooler, database, outside and deployments; parts that are missing here are together in
    one more region, which is no way from any other."""
    round_trips: dict[str, dict[str, Micros]] = field(default_factory=dict)
    """Round trip between two regions, such as `{east: {west: 50ms}}`; it holds in both directions."""
    links: dict[str, LinkSpec] = field(default_factory=dict)
    """Conditions of some ways, by name; later actions can change them."""
    dns: DnsSpec | None = None
    """None for names that are known without asking."""
    connect_timeout: Micros = 10_000_000
    """How long a driver waits until a connection is established at TCP's level (10 s as for JDBC); 0 for as long as TCP
    tries."""
    login_round_trips: Annotated[int, Whole(1, 20)] = 3
    """Round trips of a login after that: 3 for SCRAM in the clear, 5 with TLS 1.3."""
