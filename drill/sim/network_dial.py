"""Connecting over the network: a name, a handshake, a login, and what each of them can come to.

Separate because a connect is the one thing of which responders see single packets. SYNs are sent again after 1, 3, 7,
15, 31 and 63 s, and after 127 s TCP gives up (RFC 6298's 1 s, doubled; tcp_syn_retries 6 in tcp(7)), unless the driver
does so before. A server that listens but refuses completes the handshake first and then closes with a message; one that
does not listen answers the SYN with a reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.failures import CONNECTION_REFUSED, Failure
from drill.sim.network import Attempt
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.members import Claimant, Source
    from drill.sim.network import Network
    from drill.sim.network_hop import Hop

SYN_TIMEOUT_US = US_PER_S
SYN_RETRIES = 6
CONNECT_EXPIRED = Failure(Outcome.CONNECT_FAILED, "connection to server failed: timeout expired")
CONNECT_TIMED_OUT = Failure(Outcome.CONNECT_FAILED, "connection to server failed: Connection timed out")
CONNECTION_TIMED_OUT = Failure(Outcome.CONNECTION_LOST, "could not receive data from server: Connection timed out")


def unknown_host(name: str) -> Failure:
    """Return the failure of a connect whose name could not be resolved, in libpq's and glibc's words."""
    text = f'could not translate host name "{name}" to address: Temporary failure in name resolution'
    return Failure(Outcome.CONNECT_FAILED, text)


class Dial:
    """One attempt to connect and to log in."""

    __slots__ = (
        "_at_us",
        "_established",
        "_hop",
        "_log_in",
        "_network",
        "_opened",
        "_over",
        "_refused",
        "_syns",
        "_who",
    )

    def __init__(
        self,
        network: Network,
        hop: Hop,
        who: str,
        log_in: Callable[[Callable[[Any], object], Callable[[Failure], object]], object],
        then: tuple[Callable[[Any], object], Callable[[Failure], object]],
    ) -> None:
        """Connect `who` at once; `log_in` is what the server does with a connection that reaches it.

        `then` are called when the login has worked, or when anything has failed.
        """
        self._network = network
        self._hop = hop
        self._who = who
        self._log_in = log_in
        self._opened, self._refused = then
        self._at_us = network.clock.t
        self._syns = 0
        self._established = self._over = False
        if network.resolver is None:
            self._resolved(known=True)
        else:
            network.resolver.resolve(who, hop.target, lambda known: self._resolved(known=known))

    def _resolved(self, *, known: bool) -> None:
        if not known:
            failure = unknown_host(self._hop.target)
            self._end("unknown host", "", failure.text)
            self._refused(failure)
            return
        clock, timeout_us = self._network.clock, self._network.spec.connect_timeout
        self._hop.counters[0].active_opens += 1
        if timeout_us:
            clock.call_at(clock.t + timeout_us, self._expired)
        self._syn(None)

    def _syn(self, _: object) -> None:
        """Send the first SYN or the next one, unless one before got through or the driver has given up."""
        if self._established or self._over:
            return
        hop, clock = self._hop, self._network.clock
        if self._syns > SYN_RETRIES:
            self._time_out(CONNECT_TIMED_OUT)
            return
        if self._syns:
            hop.counters[0].retrans_segs += 1
            hop.counters[0].syn_retrans += 1
        clock.call_at(clock.t + (SYN_TIMEOUT_US << self._syns), self._syn)
        self._syns += 1
        if not hop.lost() and not hop.lost():  # neither the SYN nor its answer
            clock.call_at(clock.t + hop.one_way_us() + hop.one_way_us(), self._answered)

    def _answered(self, _: object) -> None:
        if self._established or self._over:
            return
        self._established = True
        self._hop.send(self._reached, None, self._lost)

    def _reached(self, _: object) -> None:
        """Let the server do what it does."""
        self._log_in(self._accepted, self._turned_away)

    def _accepted(self, member: object) -> None:
        """Bring the good news, after the round trips of the login that are left."""
        clock, hop = self._network.clock, self._hop
        more_us = (self._network.spec.login_round_trips - 1) * hop.round_trip_us

        def told(_: object) -> None:
            self._end("established", "S S. . P.", "")
            self._opened(member)

        clock.call_at(clock.t + more_us, lambda _: hop.send(told, None, told, back=True))

    def _turned_away(self, failure: Failure) -> None:
        """Bring the bad news: a reset where nobody listens, a message and an end otherwise."""

        def told(_: object) -> None:
            if failure is CONNECTION_REFUSED:
                self._hop.counters[0].attempt_fails += 1
                self._end("refused", "S R.", "")
            else:
                self._end("closed", "S S. . P. F.", failure.text)
            self._refused(failure)

        self._hop.send(told, None, told, back=True)

    def _expired(self, _: object) -> None:
        if not self._established and not self._over:
            self._time_out(CONNECT_EXPIRED)

    def _lost(self, _: object) -> None:
        self._end("timed out", "S S. .", "")
        self._refused(CONNECTION_TIMED_OUT)

    def _time_out(self, failure: Failure) -> None:
        self._hop.counters[0].attempt_fails += 1
        self._end("timed out", " ".join("S" * self._syns), "")
        self._refused(failure)

    def _end(self, outcome: str, flags: str, text: str) -> None:
        self._over = True
        at_us, hop = self._at_us, self._hop
        took_us = self._network.clock.t - at_us
        flags = " ".join(["S"] * (self._syns - 1) + [flags]) if self._established else flags
        self._network.attempts.append(Attempt(at_us, self._who, hop.target, self._syns, flags, outcome, text, took_us))


class NetworkSource:
    """Opens members of a pool over the network."""

    def __init__(self, network: Network, hop: Hop, who: str, source: Source) -> None:
        """Connect `who` to what `source` opens members of."""
        self.client_cpu_us = source.client_cpu_us
        self._network = network
        self._hop = hop
        self._who = who
        self._source = source

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Connect and log in."""
        Dial(self._network, self._hop, self._who, self._source.open, (opened, refused))

    def close(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Close one; the other side is told at once, however far it is."""
        self._source.close(member)

    def test(self, member: Any, claimant: Claimant, done: Callable[[bool], object]) -> None:  # noqa: ANN401 - as above
        """Try one, which is a statement there and back."""
        hop = self._hop

        def failed(_: object) -> None:
            done(False)  # noqa: FBT003 - the one thing a callback of this kind is told

        def answered(works: bool) -> None:  # noqa: FBT001 - as above
            hop.send(lambda _: done(works), None, failed, back=True)

        hop.send(lambda _: self._source.test(member, claimant, answered), None, failed)

    def stock(self) -> None:
        """Return nothing: a connection over a network knows its way, which a mere number can't."""
