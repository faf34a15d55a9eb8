"""Named streams give the same whole microseconds everywhere, with the mean and spread that were asked for."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from math import exp, sqrt
from statistics import NormalDist, fmean, pvariance
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.demands import chance
from drill.sim.streams import Streams, uniforms, unit_exponentials
from tests.sim.worlds import CASES, exponential, fixed, lognormal

if TYPE_CHECKING:
    from drill.scenario.fields import DrawSpec

MANY = 200_000


def drawn(spec: DrawSpec, count: int, seed: int = 7, name: str = "test") -> list[int]:
    return list(islice(Streams(seed).draws(name, spec), count))


@CASES
@given(seed=st.integers(0, 2**64), name=st.text(max_size=20))
def test_the_same_seed_and_name_give_the_same_sequence(seed: int, name: str) -> None:
    assert drawn(exponential(5_000), 600, seed, name) == drawn(exponential(5_000), 600, seed, name)


def test_another_seed_or_name_gives_another_sequence() -> None:
    first = drawn(exponential(5_000), 20)
    assert first != drawn(exponential(5_000), 20, seed=8)
    assert first != drawn(exponential(5_000), 20, name="other")


def test_a_stream_does_not_depend_on_what_others_drew() -> None:
    streams = Streams(7)
    list(islice(streams.draws("other", exponential(100)), 5_000))
    assert list(islice(streams.draws("test", exponential(5_000)), 20)) == drawn(exponential(5_000), 20)


GOLDEN = [
    (fixed(15_000), [15_000, 15_000, 15_000, 15_000, 15_000]),
    (exponential(15_000), [3_989, 10_287, 44_392, 38_354, 19_184]),
    (lognormal(15_000, 0.5), [9_202, 13_177, 29_864, 26_949, 17_760]),
    (lognormal(15_000, 1.5), [842, 5_266, 2_602, 19_209, 2_362]),
]


@pytest.mark.parametrize(("spec", "expected"), GOLDEN)
def test_draws_are_the_same_on_every_platform(spec: DrawSpec, expected: list[int]) -> None:
    assert drawn(spec, 5) == expected


def test_unit_exponentials_are_the_same_on_every_platform() -> None:
    found = list(islice(unit_exponentials(Streams(7).source("arrivals")), 3))
    assert [number * 2**30 for number in found] == [1_780_249_914, 356_883_309, 1_344_166_183]


def lognormal_moments(sigma: float) -> tuple[float, float]:
    """Return the squared coefficient of variation, and the excess kurtosis plus 2."""
    w = exp(sigma**2)
    return w - 1, w**4 + 2 * w**3 + 3 * w**2 - 4


MOMENTS = [
    (exponential(20_000), 1.0, 8.0),
    *((lognormal(20_000, sigma), *lognormal_moments(sigma)) for sigma in (0.25, 0.5, 0.8, 1.0)),
]


@pytest.mark.parametrize(("spec", "squared_variation", "tail"), MOMENTS)
def test_mean_and_variance_are_those_asked_for(spec: DrawSpec, squared_variation: float, tail: float) -> None:
    found = drawn(spec, MANY)
    # Four standard errors: wrong once in 16,000 seeds, and the seed is fixed.
    assert fmean(found) == pytest.approx(spec.mean, rel=4 * sqrt(squared_variation / MANY))
    assert pvariance(found) == pytest.approx(squared_variation * spec.mean**2, rel=4 * sqrt(tail / MANY))


def test_unit_exponentials_have_mean_one() -> None:
    found = list(islice(unit_exponentials(Streams(7).source("test")), MANY))
    assert fmean(found) == pytest.approx(1.0, rel=4 / sqrt(MANY))
    assert pvariance(found) == pytest.approx(1.0, rel=4 * sqrt(8 / MANY))


@pytest.mark.parametrize("spec", [fixed(7), exponential(3), lognormal(3, 0.5), exponential(0), lognormal(0, 0.5)])
def test_times_are_whole_microseconds_and_never_negative(spec: DrawSpec) -> None:
    found = drawn(spec, 2_000)
    assert {type(time) for time in found} == {int}
    assert min(found) >= 0


@pytest.mark.parametrize("sigma", [0.25, 0.5, 0.8])
def test_times_from_a_table_are_spread_as_computed_ones(sigma: float) -> None:
    """Every hundredth of the distribution lies where the formula puts it, the outermost two excepted."""
    found = sorted(drawn(lognormal(1_000_000, sigma), MANY))
    expected = NormalDist(-(sigma**2) / 2, sigma)
    for percent in range(1, 100):
        # Four standard errors of a share: wrong once in 16,000 seeds for one of them.
        share = bisect_left(found, 1_000_000 * exp(expected.inv_cdf(percent / 100))) / MANY
        assert share == pytest.approx(percent / 100, abs=4 * sqrt(percent / 100 * (1 - percent / 100) / MANY))


def test_a_chance_is_as_rare_as_it_says() -> None:
    found = list(islice(Streams(7).quantiles("test"), MANY))
    for share in (0.0005, 0.01, 0.3):
        count = sum(number < chance(share) for number in found)
        assert count == pytest.approx(share * MANY, abs=4 * sqrt(share * MANY))  # four standard errors


def test_uniform_numbers_are_those_of_the_generator_one_by_one() -> None:
    one_by_one = Streams(1).source("a")
    assert list(islice(uniforms(Streams(1).source("a")), 1_000)) == [one_by_one.random() for _ in range(1_000)]


def test_each_time_from_a_table_takes_the_upper_14_of_16_random_bits() -> None:
    # The table ascends, so draws are ordered as their places in it are.
    drawn = list(islice(Streams(1).draws("a", exponential(1_000_000_000)), 1_024))
    source = Streams(1).source("a")
    bits = [source.getrandbits(16 * 512) for _ in range(2)]
    places = [number >> 16 * place & 0xFFFF for number in bits for place in range(512)]
    assert sorted(range(1_024), key=drawn.__getitem__) == sorted(range(1_024), key=lambda i: places[i] >> 2)
