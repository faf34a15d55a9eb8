"""What is counted in bulk is what one would count request by request."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.sim.ledger import Ledger
from drill.sim.meters import Timer
from drill.telemetry.histogram import Histogram, quantile_us
from drill.telemetry.outcomes import FAILURES, STATUS, Outcome
from drill.units import US_PER_S

LENGTH_S, SLO_US = 40, 2 * US_PER_S
CASES = settings(derandomize=True, deadline=None)


@dataclass
class Ended:
    """A request as the books know it."""

    at: int
    outcome: Outcome | None
    done: int | None = None


LATENCIES = st.one_of(st.integers(0, 200), st.integers(0, 35 * US_PER_S), st.just(SLO_US), st.just(SLO_US + 1))
OUTCOMES = st.one_of(st.just(Outcome.OK), st.sampled_from(Outcome))
REQUESTS = st.lists(
    st.tuples(st.integers(0, LENGTH_S * US_PER_S - 1), LATENCIES, OUTCOMES, st.booleans(), st.booleans()), max_size=40
)


@CASES
@given(requests=REQUESTS)
def test_requests_are_counted_by_their_arrival_and_by_what_became_of_them(
    requests: list[tuple[int, int, Outcome, bool, bool]],
) -> None:
    """Whoever tried again counts once, with the end of the last attempt; looks in between change nothing."""
    ledger, looked_at = Ledger(LENGTH_S * US_PER_S, SLO_US), Ledger(LENGTH_S * US_PER_S, SLO_US)
    ok, late, failed, answers = Counter[int](), Counter[int](), Counter[int](), Counter[str]()
    failures, in_time, good = Counter[Outcome](), list[int](), list[int]()
    for at, latency_us, outcome, again, look in requests:
        for books in (ledger, looked_at):
            if again:
                books.retried(outcome)
            books.finish(Ended(at, outcome), at + latency_us)
        answers.update([STATUS[outcome]] * (1 + (again and outcome is not Outcome.OK)))
        if look:
            assert looked_at.counts.good == len(good) + (outcome is Outcome.OK)
        if outcome is not Outcome.OK:
            failed[at // US_PER_S] += 1
            failures[outcome] += 1
            continue
        good.append(latency_us)
        (late if latency_us > SLO_US else ok)[at // US_PER_S] += 1
        if latency_us <= SLO_US:
            in_time.append(latency_us)
    for books in (ledger, looked_at):
        counts = books.counts
        assert [+Counter(dict(enumerate(column))) for column in (counts.ok, counts.late, counts.failed)] == [
            ok,
            late,
            failed,
        ]
        assert (counts.good, counts.bad) == (len(good), sum(failures.values()))
        assert [counts.failures[outcome] for outcome in FAILURES] == [failures[outcome] for outcome in FAILURES]
        assert counts.latency.buckets == counted(in_time).buckets
        assert counts.latency.total == sum(in_time)
        assert +Counter(books.statuses()) == answers
        assert counts.recent_p95_us() == (quantile_us(good, 0.95) or 0.0)
        assert counts.recent_p95_us() == 0.0
    assert ledger.digest() == looked_at.digest()


def counted(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def test_the_digest_is_that_of_texts_and_marks_in_their_order() -> None:
    """A change of how marks are written is noticed here and not only in whole runs."""
    ledger = Ledger(LENGTH_S * US_PER_S, SLO_US)
    ledger.finish(Ended(5, Outcome.OK), 25)
    ledger.retried(Outcome.SHED)
    ledger.finish(Ended(6, Outcome.SHED), 26)
    before = ledger.digest()
    ledger.note("sample")
    assert before == "sha256:" + sha256(pack("<3q", 20 << 5, -1 - Outcome.SHED, 20 << 5 | Outcome.SHED)).hexdigest()
    assert ledger.digest() != before


def test_users_who_are_expected_count_from_the_moment_after_they_arrive() -> None:
    ledger = Ledger(LENGTH_S * US_PER_S, SLO_US)
    ledger.expect([0, 999_999, 1_000_000])
    counts = [ledger.offered_by(at_us)[:3] for at_us in (0, 1, 1_000_000, 1_000_001, 2_000_000)]
    assert counts == [[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0], [2, 1, 0]]
    ledger.expect([1_500_000, 2_500_000])
    counts = [ledger.offered_by(at_us)[:3] for at_us in (1_400_000, 2_000_000, 3_000_000, 1_400_000)]
    assert counts == [[2, 1, 0], [2, 2, 0], [2, 2, 1], [2, 1, 0]]


class Ending:
    """What ends one day, as a pool does."""

    closed = False


def test_waits_of_a_pool_that_has_ended_count_although_nobody_samples_it_any_more() -> None:
    ledger, pool = Ledger(LENGTH_S * US_PER_S, SLO_US), Ending()
    timer = Timer(ledger.waits)
    ledger.timers.append((timer, pool))
    timer.record(70)
    pool.closed = True
    ledger.settle()
    assert ledger.timers == []
    assert (ledger.checkout.count, ledger.checkout.total) == (1, 70)
