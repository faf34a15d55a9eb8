"""One way between two parts: how long a packet takes, whether it gets lost, and when TCP sends it again.

Separate because it knows nothing of what is carried. A message is one segment, alone in flight, so nothing after it
could tell the receiver of a loss: the sender waits for its retransmission timer (no fast retransmit, and Linux' tail
loss probe is not sooner for a single segment). The timer is Linux' `srtt + max(200 ms, 4 rttvar)` (tcp_rtt_estimator,
with RFC 6298's 4 rttvar and TCP_RTO_MIN as the least), doubles with each loss up to 120 s (TCP_RTO_MAX) and gives up
after `tcp_retries2`, 15, retransmissions: 924.6 s on a short way, as tcp(7) says. A retransmission meets the link as it
is then.
"""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING, Any

from drill.units import US_PER_MS, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Call, Clock

RTO_MIN_US = 200 * US_PER_MS
RTO_MAX_US = 120 * US_PER_S
RETRIES = 15
"""tcp_retries2."""


class Link:
    """The condition of some ways, as it is now."""

    __slots__ = ("jitter_us", "loss", "round_trip_us")

    def __init__(self, round_trip_us: int = 0, jitter_us: int = 0, loss: float = 0.0) -> None:
        """Be in a condition."""
        self.round_trip_us = round_trip_us
        """On top of that between the regions."""
        self.jitter_us = jitter_us
        """Most that a packet takes longer."""
        self.loss = loss
        """Share of packets that get lost."""


UNTOUCHED = Link()
"""The condition of ways that no link of a scenario describes; it never changes."""


class Counters:
    """What the kernel of one part counts, under the names of /proc/net/snmp and /proc/net/netstat."""

    __slots__ = ("active_opens", "attempt_fails", "retrans_segs", "syn_retrans")

    def __init__(self) -> None:
        """Have counted nothing."""
        self.active_opens = 0
        """Connects that were begun."""
        self.attempt_fails = 0
        """Connects that did not get as far as being established."""
        self.retrans_segs = 0
        """Segments sent again, SYNs included."""
        self.syn_retrans = 0
        """SYNs sent again."""


class Hop:
    """The way from one part to another and back."""

    __slots__ = ("apart_us", "clock", "counters", "link", "quiet", "source", "target", "uniform")

    def __init__(  # noqa: PLR0913 - a way is its ends and what lies between
        self,
        clock: Clock,
        source: str,
        target: str,
        *,
        apart_us: int,
        link: Link,
        counters: tuple[Counters, Counters],
        uniform: Callable[[], float],
    ) -> None:
        """Lead from `source` to `target`, whose regions are a round trip of `apart_us` from each other."""
        self.clock = clock
        self.source = source
        self.target = target
        self.apart_us = apart_us
        self.link = link
        self.counters = counters
        """Those of the source and of the target."""
        self.uniform = uniform
        self.quiet = link is UNTOUCHED and not apart_us
        """Whether it never takes any time."""

    @property
    def round_trip_us(self) -> int:
        """Round trip without jitter and loss."""
        return self.apart_us + self.link.round_trip_us

    def timer_us(self) -> int:
        """Return the first retransmission timeout; of jitter that is even from 0 to J, 4 rttvar are J."""
        return self.round_trip_us + max(RTO_MIN_US, self.link.jitter_us)

    def one_way_us(self) -> int:
        """Draw how long a packet takes that does not get lost."""
        link = self.link
        way_us = (self.apart_us + link.round_trip_us) >> 1
        return way_us + int(self.uniform() * link.jitter_us) if link.jitter_us else way_us

    def lost(self) -> bool:
        """Draw whether a packet gets lost."""
        loss = self.link.loss
        return loss > 0.0 and self.uniform() < loss

    def send(self, arrived: Call, item: object, never: Call, *, back: bool = False) -> None:
        """Carry a message: call `arrived(item)` when it is there, or `never(item)` once TCP has given it up."""
        if self.quiet:
            arrived(item)
        elif self.link.loss and self.lost():
            Segment(self, arrived, item, never, back=back).wait()
        else:
            clock = self.clock
            heappush(clock.heap, (clock.t + self.one_way_us(), 1, next(clock.tickets), arrived, item))


class Segment:
    """A segment that got lost and is sent again."""

    __slots__ = ("_arrived", "_counters", "_hop", "_item", "_never", "_timer_us", "_tries")

    def __init__(self, hop: Hop, arrived: Call, item: Any, never: Call, *, back: bool) -> None:  # noqa: ANN401 - whatever is carried
        """Have got lost once; `back` for one that the target sent."""
        self._hop = hop
        self._arrived = arrived
        self._item = item
        self._never = never
        self._counters = hop.counters[back]
        self._timer_us = hop.timer_us()
        self._tries = 0

    def wait(self) -> None:
        """Wait for the retransmission timer."""
        clock = self._hop.clock
        clock.call_at(clock.t + min(self._timer_us, RTO_MAX_US), self._again)

    def _again(self, _: object) -> None:
        hop = self._hop
        if self._tries == RETRIES:
            self._never(self._item)
            return
        self._tries += 1
        self._timer_us = min(2 * self._timer_us, RTO_MAX_US)
        self._counters.retrans_segs += 1
        if hop.lost():
            self.wait()
        else:
            hop.clock.call_at(hop.clock.t + hop.one_way_us(), self._arrived, self._item)
