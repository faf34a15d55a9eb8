"""One aggregate of one group: which rows count, in which order, and what they come to.

Separate from the groups, because window functions gather rows of a frame in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.comparing import comparable, order
from drill.sql.library.statistics import ORDERED

if TYPE_CHECKING:
    from drill.sql.binding.level import AggregateCall
    from drill.sql.bound import Row
    from drill.sql.library.aggregates import Accumulator
    from drill.sql.running import Running
    from drill.sql.types import Value


class Feeder:
    """Knows how to compute one aggregate of any number of groups."""

    __slots__ = ("args", "call", "direct", "directions", "keys", "running", "where")

    def __init__(self, running: Running, call_: AggregateCall) -> None:
        """Compile what the aggregate asks of a row."""
        self.running = running
        self.call = call_
        self.args = [each.compile() for each in call_.args]
        self.keys = [each.expr.compile() for each in call_.order]
        self.directions = [(each.descending, each.nulls_first) for each in call_.order]
        self.where = None if call_.where is None else call_.where.compile()
        self.direct = [each.compile() for each in call_.direct]

    def start(self) -> Gathered | Counted:
        """Begin a group."""
        if self.call.star and self.where is None and not self.keys:
            return Counted()
        return Gathered(self)


class Counted:
    """count(*) of one group, which needs to look at nothing."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        """Begin at 0."""
        self._count = 0

    def take(self, row: Row) -> None:
        """Take a row."""
        del row
        self._count += 1

    def result(self) -> Value:
        """Return how many rows there were."""
        return self._count


class Gathered:
    """One aggregate of one group."""

    __slots__ = ("_accumulator", "_direct", "_feeder", "_kept", "_seen")

    def __init__(self, feeder: Feeder) -> None:
        """Begin with nothing."""
        self._feeder = feeder
        self._accumulator: Accumulator = feeder.call.aggregate.make()
        self._kept: list[tuple[Row, Row]] | None = [] if feeder.keys or feeder.call.distinct else None
        self._seen: set[Row] = set()
        self._direct: Row = ()

    def take(self, row: Row) -> None:
        """Take a row."""
        feeder = self._feeder
        if feeder.where is not None and feeder.where(row) is not True:
            return
        if feeder.direct:
            self._direct = tuple(each(row) for each in feeder.direct)
        values = tuple(arg(row) for arg in feeder.args)
        aggregate = feeder.call.aggregate
        if None in values and not (
            aggregate.keeps_nulls and (aggregate.function.name != "string_agg" or values[0] is not None)
        ):
            return
        if feeder.call.distinct:
            if values in self._seen:
                return
            self._seen.add(values)
            feeder.running.keep(values)
        if self._kept is None:
            if not aggregate.bounded:
                feeder.running.keep(values)
            self._accumulator.add(*values)
        else:
            feeder.running.keep(values)
            self._kept.append((tuple(key(row) for key in feeder.keys), values))

    def result(self) -> Value:
        """Return what it comes to."""
        feeder, kept = self._feeder, self._kept
        if kept is None:
            return self._accumulator.result()
        if feeder.keys:
            order(kept, feeder.directions)
        else:
            kept.sort(key=_sortable)
        aggregate = feeder.call.aggregate
        if aggregate.ordered:
            values = [row[0] for _, row in kept]
            direct = self._direct or tuple(each(()) for each in feeder.direct)
            return ORDERED[aggregate.function.name](values, *direct)
        for _, values_ in kept:
            self._accumulator.add(*values_)
        return self._accumulator.result()


def _sortable(pair: tuple[Row, Row]) -> Value:
    """Sort as DISTINCT inside an aggregate does: by the values, NULL last."""
    return comparable(pair[1])
