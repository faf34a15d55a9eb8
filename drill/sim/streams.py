"""Named streams of random numbers, so that lanes of the same seed share their workload.

Separate because results must be equal on every platform and Python: only `random.Random.random` is used (its sequence
is guaranteed), with our own transforms, and times are rounded to whole microseconds. One stream per purpose: a change
in one part of a run never shifts the draws of another.
"""

from __future__ import annotations

import hashlib
import random
from itertools import chain, repeat
from math import cos, exp, log, pi, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.scenario.fields import DrawSpec

_BATCH = 512
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
        digest = hashlib.sha256(f"{self._seed}/{name}".encode()).digest()
        return random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - a simulation, not a secret

    def draws(self, name: str, spec: DrawSpec) -> Iterator[int]:
        """Return an endless iterator of times in whole microseconds."""
        if spec.shape == "constant" or not spec.mean:
            return repeat(spec.mean)
        source = self.source(name)
        batches = _lognormal(source, spec) if spec.shape == "lognormal" else _exponential(source, spec)
        return chain.from_iterable(batches)

    def choices(self, name: str) -> Iterator[int]:
        """Return an endless iterator of numbers from 0 to below 2 to the power of 30, all equally likely."""
        bits = self.source(name).getrandbits
        return (bits(CHOICE_BITS) for _ in repeat(None))


def unit_exponentials(source: random.Random) -> Iterator[float]:
    """Return an endless iterator of exponential numbers with mean 1, rounded to 2**-30.

    Rounding hides the last bit of `log`, which may differ between platforms; what is computed from here on is exact.
    """
    uniform, steps = source.random, 1 << 30
    return chain.from_iterable(
        [int(0.5 - steps * log(1.0 - uniform())) / steps for _ in range(_BATCH)] for _ in repeat(None)
    )


def _exponential(source: random.Random, spec: DrawSpec) -> Iterator[list[int]]:
    mean, uniform = spec.mean, source.random
    while True:
        yield [int(0.5 - mean * log(1.0 - uniform())) for _ in range(_BATCH)]


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
