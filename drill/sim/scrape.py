"""The samples of one moment: which series there are, and apart from them their values.

Separate because series are mostly those of the moment before: exporters hand out the same block of series for as long
as nothing comes or goes, so that a sample costs its number and little else. Whoever reads samples looks up once where
its series stand and again only when they change.
"""

from __future__ import annotations

from array import array
from itertools import chain
from struct import pack
from typing import TYPE_CHECKING

from drill.telemetry.records import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drill.telemetry.records import Series

Block = tuple["Series", ...]
"""Series that come and go together; the same object as long as they stay."""


class Scrape:
    """What all exporters say at a moment."""

    __slots__ = ("_before", "blocks", "series", "values")

    def __init__(self) -> None:
        """Start before the first moment."""
        self.series: Block = ()
        """Every series in the order of its values; the same object as long as they stay."""
        self.values: list[float] = []
        """The values; exporters of many append to these and to the blocks without a call for each."""
        self.blocks: list[Block] = []
        """The series by block."""
        self._before: list[Block] = []

    def begin(self) -> None:
        """Forget the values of the moment before."""
        self._before, self.blocks = self.blocks, []
        self.values = []

    def add(self, block: Block, values: Iterable[float]) -> None:
        """Add the values of a block of series."""
        self.blocks.append(block)
        self.values += values

    def add_samples(self, samples: Iterable[Sample]) -> None:
        """Add samples of an exporter that has few of them."""
        found = list(samples)
        if found:
            self.add(tuple([sample[:2] for sample in found]), [sample[2] for sample in found])

    def end(self) -> None:
        """Take note of the series if they are others than before."""
        if self.blocks != self._before:
            self.series = tuple(chain.from_iterable(self.blocks))

    def row(self) -> array[float]:
        """Return the values as numbers of eight bytes."""
        row = array("d")
        row.frombytes(pack(f"{len(self.values)}d", *self.values))  # which takes half as long as the array's own way
        return row

    def samples(self) -> list[Sample]:
        """Return the values with their series, for those who write them down."""
        return samples_of(self.series, self.values)


def samples_of(series: Sequence[Series], values: Sequence[float]) -> list[Sample]:
    """Return values with their series."""
    return [Sample(name, labels, value) for (name, labels), value in zip(series, values, strict=True)]
