"""Named streams of random numbers, so that lanes of the same seed share their workload.

Separate because results must be equal on every platform and Python: only `random.Random.random` is used (its sequence
is guaranteed), with our own transforms, and times are rounded to whole microseconds. One stream per purpose: a change
in one part of a run never shifts the draws of another.
"""

from __future__ import annotations

from array import array
from functools import cache, lru_cache
from itertools import chain, islice, repeat
from math import cos, exp, fsum, log, log1p, pi, sin, sqrt
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING

from drill.seeding import generator

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from drill.scenario.fields import DrawSpec

_BATCH = 512
_STRATA_BITS = 14
_STRATA = 1 << _STRATA_BITS
"""Times are drawn from this many equally likely quantiles of their distribution, which are computed once: a draw then
costs a tenth. The outermost lie where one in 33,000 draws would; means stay exact, variances within 0.5 %."""
_SIXTEEN_BITS = Struct(f"<{_BATCH}H")
_PLACES = int.from_bytes(_SIXTEEN_BITS.pack(*([_STRATA - 1] * _BATCH)), "little")
"""Marks the bits of a batch of numbers below `_STRATA`, 16 bits apart."""
_TABLES = 256
"""Tables that are kept, 64 or 128 KiB each."""
_FOUR_BYTES = 1 << 31
_EVEN_SIGMA = 0.8
"""Above this sigma a lognormal's mean lies too far out in its tail for that; each time is computed."""
CHOICE_BITS = 30
"""A choice among several is a number below 2 to the power of this."""


_GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio."""


def spread(uniform: float, step: int) -> float:
    """Return numbers from 0 to below 1, evenly spread over the steps (Weyl's sequence); step 0 is `uniform` itself."""
    return (uniform + step * _GOLDEN) % 1.0


class Streams:
    """All random numbers of one run."""

    def __init__(self, seed: int) -> None:
        """Keep the seed, a whole number."""
        self._seed = seed

    def source(self, name: str) -> random.Random:
        """Return a fresh generator for a purpose; the same seed and name always give the same sequence."""
        return generator(self._seed, name)

    def draws(self, name: str, spec: DrawSpec) -> Iterator[int]:
        """Return an endless iterator of times in whole microseconds."""
        if spec.shape == "constant" or not spec.mean:
            return repeat(spec.mean)
        source = self.source(name)
        batches: Iterator[Sequence[int]]
        if spec.shape == "exponential":
            batches = _strata(source, _exponential_times(spec.mean))
        elif spec.sigma <= _EVEN_SIGMA:
            batches = _strata(source, _lognormal_times(spec.mean, spec.sigma))
        else:
            batches = _lognormal(source, spec)
        return chain.from_iterable(batches)

    def quantiles(self, name: str) -> Iterator[int]:
        """Return an endless iterator of chances: exponential numbers, so that a share is known by its quantile."""
        return (int(unit * (1 << CHOICE_BITS)) for unit in unit_exponentials(self.source(name)))

    def choices(self, name: str) -> Iterator[int]:
        """Return an endless iterator of numbers from 0 to below 2 to the power of 30, all equally likely."""
        bits = self.source(name).getrandbits
        return (bits(CHOICE_BITS) for _ in repeat(None))


def uniforms(source: random.Random) -> Iterator[float]:
    """Return an endless iterator of numbers from 0 to below 1.

    It calls `random` until that returns 2, which takes half the time of calls from Python.
    """
    return iter(source.random, 2.0)


def unit_exponentials(source: random.Random) -> Iterator[float]:
    """Return an endless iterator of exponential numbers with mean 1, rounded to 2**-30.

    Rounding hides the last bit of `log`, which may differ between platforms; what is computed from here on is exact.
    A sum that has 2**-30 as its last place is how to round in the time of an addition, and `log1p` is called in half
    the time of `log`, which may have a base.
    """
    numbers, coarse = uniforms(source), float(1 << 22)
    return chain.from_iterable(
        [(coarse - log1p(-number)) - coarse for number in islice(numbers, _BATCH)] for _ in repeat(None)
    )


def _strata(source: random.Random, times: array[int]) -> Iterator[tuple[int, ...]]:
    """Return batches of equally likely choices among times, 16 random bits each.

    The numbers of a batch are cut to size and looked up all at once, which takes half the time of one after the other.
    """
    bits, surplus = source.getrandbits, 16 - _STRATA_BITS
    while True:
        numbers = (bits(16 * _BATCH) >> surplus) & _PLACES
        yield itemgetter(*_SIXTEEN_BITS.unpack(numbers.to_bytes(2 * _BATCH, "little")))(times)


@lru_cache(_TABLES)
def _exponential_times(mean: int) -> array[int]:
    return _scaled(mean, [-log(1.0 - (i + 0.5) / _STRATA) for i in range(_STRATA)])


@lru_cache(_TABLES)
def _lognormal_times(mean: int, sigma: float) -> array[int]:
    return _scaled(mean, [exp(sigma * number) for number in _normal_quantiles()])


def _scaled(mean: int, numbers: list[float]) -> array[int]:
    """Return whole microseconds with a mean; what lies beyond the outermost quantiles is spread over all.

    Four bytes each where they suffice: the tables of a whole scenario stay near the processor.
    """
    factor = mean * len(numbers) / fsum(numbers)
    times = [int(0.5 + factor * number) for number in numbers]
    return array("i" if max(times) < _FOUR_BYTES else "q", times)


@cache
def _normal_quantiles() -> list[float]:
    from statistics import NormalDist  # noqa: PLC0415 - takes long to import, and only lognormal times need it

    quantile = NormalDist().inv_cdf
    upper = [quantile((i + 0.5) / _STRATA) for i in range(_STRATA // 2, _STRATA)]
    return [-number for number in reversed(upper)] + upper


def _lognormal(source: random.Random, spec: DrawSpec) -> Iterator[list[int]]:
    # Box and Muller's transform gives two normal numbers from two uniform ones.
    uniform, sigma = source.random, spec.sigma
    mu = log(spec.mean) - sigma * sigma / 2
    while True:
        batch = []
        for _ in range(_BATCH // 2):
            radius = sigma * sqrt(-2.0 * log(1.0 - uniform()))
            angle = 2.0 * pi * uniform()
            batch.append(int(0.5 + exp(mu + radius * cos(angle))))
            batch.append(int(0.5 + exp(mu + radius * sin(angle))))
        yield batch
