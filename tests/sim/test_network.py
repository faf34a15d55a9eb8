"""Packets on their way: how long they take, what a loss costs, what becomes of a connect."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.network import DnsSpec, LinkSpec, NetworkSpec
from drill.sim.clock import Clock
from drill.sim.failures import CONNECTION_REFUSED, SLOTS_RESERVED, Failure
from drill.sim.network import Network
from drill.sim.network_dial import CONNECT_EXPIRED, CONNECT_TIMED_OUT, Dial
from drill.sim.network_dns import Resolver
from drill.sim.network_hop import Counters, Hop, Link
from drill.sim.streams import Streams
from tests.sim.worlds import CASES, MS, S

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 40_000
LINK = LinkSpec(source="api", target="database")


def hop(link: Link, apart_us: int = 0, seed: int = 1) -> Hop:
    counters = (Counters(), Counters())
    uniform = Streams(seed).source("hop").random
    return Hop(Clock(), "api", "database", apart_us=apart_us, link=link, counters=counters, uniform=uniform)


def nobody(item: object) -> None:
    message = f"{item} was given up"
    raise AssertionError(message)


def times_us(way: Hop, count: int = MANY) -> list[int]:
    """Return how long messages take that are sent one an hour."""
    found: list[int] = []
    for number in range(count):
        way.clock.advance(number * 3_600 * S)
        sent = way.clock.t
        way.send(lambda at: found.append(way.clock.t - at), sent, nobody)
    way.clock.advance(count * 3_600 * S)
    return found


def test_without_loss_a_message_takes_half_the_round_trips_of_regions_and_link() -> None:
    assert times_us(hop(Link(10 * MS), apart_us=50 * MS), 3) == [30 * MS] * 3


def test_jitter_is_even_up_to_its_most() -> None:
    found = times_us(hop(Link(20 * MS, 8 * MS)))
    assert min(found) >= 10 * MS
    assert max(found) < 18 * MS
    # The standard error of the mean of an even spread over 8 ms is 8 / sqrt(12 n) ms; four of them.
    assert sum(found) / len(found) == pytest.approx(14 * MS, abs=4 * 8 * MS / (12 * MANY) ** 0.5)


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.3])
def test_the_mean_delay_of_retransmission_is_that_of_its_timers(loss: float) -> None:
    """Sum over k of p^k (1 - p) (2^k - 1) RTO; the timer is the round trip plus 200 ms, at most 120 s."""
    found = [time - 5 * MS for time in times_us(hop(Link(10 * MS, 0, loss)))]
    timers = [min(210 * MS * 2**k, 120 * S) for k in range(15)]
    delays = [sum(timers[:k]) for k in range(16)]
    shares = [loss**k * (1 - loss) for k in range(16)]
    mean = sum(map(float.__mul__, shares, map(float, delays)))
    spread = sum(share * (delay - mean) ** 2 for share, delay in zip(shares, delays, strict=True)) ** 0.5
    # Without the limits the sum is p / (1 - 2 p) timers; of it (2 p)^10 lies beyond the longest timer, 0.6 % at most.
    assert mean == pytest.approx(loss / (1 - 2 * loss) * 210 * MS, rel=0.006)
    assert sum(found) / MANY == pytest.approx(mean, abs=4 * spread / MANY**0.5)
    assert found.count(0) / MANY == pytest.approx(1 - loss, abs=4 * (loss * (1 - loss) / MANY) ** 0.5)
    assert set(found) <= set(delays)


def test_tcp_gives_a_segment_up_after_fifteen_retransmissions_and_924_6_seconds() -> None:
    """As tcp(7) says of tcp_retries2 on a connection whose timer is the shortest."""
    way, ended = hop(Link(loss=1.0)), []
    way.send(nobody, None, lambda _: ended.append(way.clock.t))
    way.clock.advance(2_000 * S)
    assert ended == [924_600 * MS]
    assert way.counters[0].retrans_segs == 15
    assert way.counters[1].retrans_segs == 0


def test_a_retransmission_meets_the_link_as_it_is_then() -> None:
    """A partition of 1 s ends with the retransmission after 0.2 + 0.4 + 0.8 s and not before."""
    way, came = hop(Link(loss=1.0)), []
    way.send(lambda _: came.append(way.clock.t), None, nobody)
    way.clock.advance(1 * S)
    way.link.loss = 0.0
    way.clock.advance(60 * S)
    assert came == [1_400 * MS]


@CASES
@given(
    apart=st.integers(0, 300 * MS),
    extra=st.integers(0, 300 * MS),
    jitter=st.integers(0, 100 * MS),
    loss=st.floats(0, 0.9),
    count=st.integers(1, 20),
)
def test_every_message_arrives_or_is_given_up_once_and_none_before_light(
    apart: int, extra: int, jitter: int, loss: float, count: int
) -> None:
    way, ends = hop(Link(extra, jitter, loss), apart), []
    for number in range(count):
        way.send(lambda item: ends.append((item, way.clock.t)), number, lambda item: ends.append((item, 10**12)))
    way.clock.advance(10**11)
    assert sorted(number for number, _ in ends) == list(range(count))
    assert min(at for _, at in ends) >= (apart + extra) // 2
    assert way.counters[1].retrans_segs == 0


class Server:
    """What stands at the other end: lets everybody in, or says why not."""

    def __init__(self, failure: Failure | None = None) -> None:
        """Answer at once."""
        self.failure = failure

    def log_in(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        if self.failure is None:
            opened("session")
        else:
            refused(self.failure)


class Connects:
    """Connects over one link, and what came of each."""

    def __init__(self, spec: NetworkSpec, server: Server | None = None) -> None:
        """Have begun none."""
        self.clock = Clock()
        self.network = Network(self.clock, spec, Streams(1))
        self.server = server or Server()
        self.ends: list[tuple[int, object]] = []

    def begin(self) -> None:
        at = self.clock.t
        then = (self._end(at), self._end(at))
        Dial(self.network, self.network.hop("api", "database"), "api-1", self.server.log_in, then)

    def _end(self, at: int) -> Callable[[object], object]:
        return lambda what: self.ends.append((self.clock.t - at, what))

    def over(self, at_s: float) -> list[tuple[int, object]]:
        self.clock.advance(round(at_s * S))
        return self.ends

    @property
    def counters(self) -> Counters:
        return self.network.counters["api"]


def lossy(loss: float, *, connect_timeout: int = 0) -> NetworkSpec:
    return NetworkSpec(links={"way": replace(LINK, loss=loss)}, connect_timeout=connect_timeout)


def test_a_connect_costs_the_handshake_and_the_round_trips_of_the_login() -> None:
    spec = NetworkSpec(regions={"api": "east", "database": "west"}, round_trips={"west": {"east": 50 * MS}})
    connects = Connects(spec)
    connects.begin()
    assert connects.over(1) == [(200 * MS, "session")]
    assert [each.outcome for each in connects.network.attempts] == ["established"]


def test_syns_are_sent_after_1_3_7_15_31_and_63_seconds_and_given_up_after_127() -> None:
    connects = Connects(lossy(1.0))
    connects.begin()
    sent = [0]
    for second in range(1, 130):
        connects.over(second + 0.001)
        sent.append(connects.counters.syn_retrans)
    grown = [second for second, (before, after) in enumerate(pairwise(sent), start=1) if after > before]
    assert grown == [1, 3, 7, 15, 31, 63]
    assert connects.ends == [(127 * S, CONNECT_TIMED_OUT)]
    assert (connects.counters.active_opens, connects.counters.attempt_fails) == (1, 1)
    assert connects.network.attempts[0][3:6] == (7, "S S S S S S S", "timed out")


def test_a_driver_gives_up_before_tcp_does() -> None:
    connects = Connects(lossy(1.0, connect_timeout=10 * S))
    connects.begin()
    assert connects.over(200) == [(10 * S, CONNECT_EXPIRED)]
    assert connects.counters.syn_retrans == 3, "at 1, 3 and 7 s"


def test_how_often_a_syn_is_sent_is_geometric() -> None:
    """A try works if SYN and SYN-ACK both arrive; k tries more cost 2^k - 1 s."""
    loss, count = 0.2, 4_000
    connects = Connects(lossy(loss))
    for number in range(count):
        connects.over(number * 1_000)
        connects.begin()
    connects.over(count * 1_000)
    syns = [each.syns for each in connects.network.attempts]
    assert len(connects.ends) == count
    fails = 1 - (1 - loss) ** 2
    for tries in (1, 2, 3):
        share = fails ** (tries - 1) * (1 - fails)
        # Of the attempts that are remembered: 500, so that four standard errors are up to 9 %.
        assert syns.count(tries) / len(syns) == pytest.approx(share, abs=4 * (share * (1 - share) / len(syns)) ** 0.5)
    mean = sum(fails**k * (1 - fails) * k for k in range(7)) + 6 * fails**7
    assert connects.counters.syn_retrans / count == pytest.approx(mean, rel=0.06)  # four standard errors


@pytest.mark.parametrize(
    ("failure", "outcome", "fails", "flags"),
    [
        (CONNECTION_REFUSED, "refused", 1, "S R."),
        (SLOTS_RESERVED, "closed", 0, "S S. . P. F."),
        (None, "established", 0, "S S. . P."),
    ],
)
def test_refused_closed_with_a_message_and_established_can_be_told_apart(
    failure: Failure | None, outcome: str, fails: int, flags: str
) -> None:
    """A server without slots completes the handshake first: no packet is lost and no attempt fails at TCP's level."""
    connects = Connects(lossy(0.0), Server(failure))
    connects.begin()
    assert connects.over(1) == [(0, failure or "session")]
    attempt = connects.network.attempts[0]
    assert (attempt.outcome, attempt.flags) == (outcome, flags)
    assert attempt.text == (SLOTS_RESERVED.text if outcome == "closed" else "")
    assert (connects.counters.attempt_fails, connects.counters.syn_retrans) == (fails, 0)


def resolved(spec: DnsSpec, *at_s: float) -> tuple[Resolver, list[tuple[bool, float]]]:
    """Return a resolver that was asked by one pod at times, and the answers with how long they took."""
    clock, found = Clock(), list[tuple[bool, float]]()
    resolver = Resolver(clock, spec, Streams(1).source("dns").random)
    for at in at_s:
        clock.advance(round(at * S))
        asked = clock.t
        resolver.resolve("pod", "database", lambda known, at=asked: found.append((known, (clock.t - at) / S)))  # type: ignore[misc]  # bound now
    clock.advance(clock.t + 100 * S)
    return resolver, found


def test_a_good_answer_is_kept_for_its_time() -> None:
    resolver, found = resolved(DnsSpec(lookup=2 * MS, ttl=30 * S), 0, 10, 29, 31)
    assert found == [(True, 0.002), (True, 0), (True, 0), (True, 0.002)]
    assert (resolver.requests, resolver.responses) == (2, {"NOERROR": 2, "SERVFAIL": 0})


def test_without_a_time_to_keep_it_every_connect_asks() -> None:
    assert resolved(DnsSpec(ttl=0), 0, 1, 2)[0].requests == 3


def test_a_name_server_that_says_nothing_costs_two_timeouts_of_five_seconds() -> None:
    resolver, found = resolved(DnsSpec(unanswered=1.0), 0)
    assert (found, resolver.requests) == ([(False, 10.0)], 0)


def test_servfail_is_asked_once_more_at_once_and_never_kept() -> None:
    resolver, found = resolved(DnsSpec(lookup=3 * MS, servfail=1.0), 0, 1)
    assert found == [(False, 0.006), (False, 0.006)]
    assert resolver.responses == {"NOERROR": 0, "SERVFAIL": 4}


def test_a_connect_to_an_unknown_host_sends_no_packet() -> None:
    connects = Connects(NetworkSpec(dns=DnsSpec(servfail=1.0)))
    connects.begin()
    [(_, failure)] = connects.over(1)
    assert isinstance(failure, Failure)
    assert failure.text.endswith("Temporary failure in name resolution")
    assert connects.counters.active_opens == 0
    assert connects.network.attempts[0].outcome == "unknown host"
