"""A histogram's mean is exact and its quantiles are off by at most 0.8 %."""

from __future__ import annotations

import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.telemetry.histogram import Histogram, quantile_us

CASES = settings(derandomize=True, deadline=None)
DURATIONS = st.lists(st.one_of(st.integers(0, 300), st.integers(0, 10**7), st.integers(0, 10**12)), min_size=1)


def filled(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@CASES
@given(values=DURATIONS, share=st.floats(0, 1))
def test_a_quantile_is_off_by_at_most_eight_in_a_thousand(values: list[int], share: float) -> None:
    exact = sorted(values)[min(len(values) - 1, int(share * len(values)))]
    found = filled(values).quantile_us(share)
    assert found is not None
    assert abs(found - exact) <= 0.008 * exact


@CASES
@given(values=DURATIONS)
def test_the_mean_is_exact(values: list[int]) -> None:
    histogram = filled(values)
    assert histogram.mean_us() == sum(values) / len(values)
    assert histogram.count == len(values)


@CASES
@given(value=st.integers(0, 127))
def test_a_duration_below_128_us_has_a_bucket_of_its_own(value: int) -> None:
    assert filled([value]).quantile_us(0.5) == value


@CASES
@given(first=DURATIONS, second=DURATIONS)
def test_adding_histograms_is_counting_in_one(first: list[int], second: list[int]) -> None:
    total = filled(first)
    total.add(filled(second))
    whole = filled(first + second)
    assert (total.buckets, total.count, total.total) == (whole.buckets, whole.count, whole.total)


@CASES
@given(values=DURATIONS)
def test_quantiles_never_fall(values: list[int]) -> None:
    histogram = filled(values)
    found = [histogram.quantile_us(share / 10) or 0.0 for share in range(11)]
    assert found == sorted(found)


def test_an_empty_histogram_has_neither_mean_nor_quantiles() -> None:
    histogram = Histogram()
    assert histogram.mean_us() is None
    assert histogram.quantile_us(0.5) is None
    assert quantile_us([], 0.5) is None


@CASES
@given(values=DURATIONS, share=st.floats(0, 1))
def test_a_quantile_of_a_list_is_that_of_a_histogram(values: list[int], share: float) -> None:
    assert quantile_us(values, share) == filled(values).quantile_us(share)


@CASES
@given(values=DURATIONS)
def test_a_histogram_travels_and_counts_on(values: list[int]) -> None:
    histogram = pickle.loads(pickle.dumps(filled(values)))  # noqa: S301 - its own words
    histogram.settle()
    histogram.record(7)
    whole = filled([*values, 7])
    assert (histogram.buckets, histogram.count, histogram.total) == (whole.buckets, whole.count, whole.total)
