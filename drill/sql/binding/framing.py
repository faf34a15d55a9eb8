"""Window functions at work: partitions, order, peers, frames.

Separate from how windows are bound. Values are appended to the rows, one window call after another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql import moments
from drill.sql.binding.gathering import Feeder
from drill.sql.comparing import compare, order
from drill.sql.faults import SqlError
from drill.sql.intervals import Interval
from drill.sql.library.windows import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.sql.binding.level import WindowCall
    from drill.sql.bound import Row
    from drill.sql.nodes import Bound
    from drill.sql.running import Running
    from drill.sql.types import Value


def with_windows(running: Running, rows: list[Row], calls: Sequence[WindowCall]) -> list[Row]:
    """Return rows with the value of every window call appended."""
    for call in calls:
        rows = _with_window(running, rows, call)
    return rows


def _with_window(running: Running, rows: list[Row], call: WindowCall) -> list[Row]:
    partition = [each.compile() for each in call.partition]
    keys = [each.expr.compile() for each in call.order]
    directions = [(each.descending, each.nulls_first) for each in call.order]
    parts: dict[Row, list[tuple[Row, Row]]] = {}
    for row in rows:
        running.tick()
        parts.setdefault(tuple(each(row) for each in partition), []).append((tuple(key(row) for key in keys), row))
    found: list[Row] = []
    wrapped = [(key, (members,)) for key, members in parts.items()]
    order(wrapped, [(False, False)] * len(partition))
    for _, (members,) in wrapped:
        order(members, directions)
        values = _Part(running, members, call).values()
        found.extend((*row, value) for (_, row), value in zip(members, values, strict=True))
    return found


class _Part:
    """One partition and one window call."""

    def __init__(self, running: Running, members: list[tuple[Row, Row]], call: WindowCall) -> None:
        self.running = running
        self.members = members
        self.call = call
        self.size = len(members)
        self.peers, self.groups = self._find_peers()

    def values(self) -> list[Value]:
        """Return a value for each row."""
        if self.call.function is not None:
            args = [each.compile() for each in self.call.args]
            table = [tuple(arg(row) for arg in args) for _, row in self.members]
            run = self.call.function.run
            return [run(self._place(index), table) for index in range(self.size)]
        return self._aggregated()

    def _place(self, index: int) -> Place:
        self.running.tick()
        return Place(index, self.size, self.peers[index], self.groups[index], self._frame(index))

    def _find_peers(self) -> tuple[list[tuple[int, int]], list[int]]:
        peers: list[tuple[int, int]] = []
        groups: list[int] = []
        start = 0
        while start < self.size:
            end = start + 1
            key = self.members[start][0]
            while end < self.size and _same(self.members[end][0], key):
                end += 1
            number = groups[-1] + 1 if groups else 0
            peers += [(start, end)] * (end - start)
            groups += [number] * (end - start)
            start = end
        return peers, groups

    def _frame(self, index: int) -> tuple[int, int]:
        frame = self.call.frame
        start = self._edge(index, frame.start, 0)
        end = self._edge(index, frame.end, 1)
        return min(max(start, 0), self.size), min(max(end, 0), self.size)

    def _edge(self, index: int, bound: Bound, which: int) -> int:
        """Return where a frame begins (which 0) or the place behind its end (which 1)."""
        if bound.kind == "unbounded preceding":
            return 0
        if bound.kind == "unbounded following":
            return self.size
        mode = self.call.frame.mode or "range"
        if bound.kind == "current row":
            return self.peers[index][which] if mode != "rows" else index + which
        by = self._offset(index, which)
        sign = -1 if bound.kind == "preceding" else 1
        if mode == "rows":
            return int(index + sign * by + which)
        if mode == "groups":
            return self._group_edge(self.groups[index] + sign * by, which)
        return self._range_edge(index, sign, by, which)

    def _offset(self, index: int, which: int) -> Value:
        expr = self.call.offsets[which]
        assert expr is not None  # noqa: S101 - only bounds with an offset ask
        value = expr.compile()(self.members[index][1])
        edge = "starting" if which == 0 else "ending"
        if value is None:
            msg = f"frame {edge} offset must not be null"
            raise SqlError(msg, "22004")
        negative = value.span < 0 if isinstance(value, Interval) else value < 0
        if negative:
            msg = (
                f"frame {edge} offset must not be negative"
                if self.call.frame.mode != "range"
                else "invalid preceding or following size in window function"
            )
            raise SqlError(msg, "22013")
        return value

    def _group_edge(self, group: int, which: int) -> int:
        if group < 0:
            return 0
        if not self.groups or group > self.groups[-1]:
            return self.size
        return self.peers[self.groups.index(group)][which]

    def _range_edge(self, index: int, sign: int, by: Value, which: int) -> int:
        mine = self.members[index][0][0]
        if mine is None:
            return self.peers[index][which]
        down = self.call.order[0].descending
        limit = _moved(mine, by, -sign if down else sign)
        for place in range(self.size):
            value = self.members[place][0][0]
            if value is None:
                if self.call.order[0].nulls_first:
                    continue
                return place
            side = compare(value, limit) * (-1 if down else 1)
            if side > 0 or (side == 0 and which == 0):
                return place
        return self.size

    def _aggregated(self) -> list[Value]:
        call = self.call.aggregate
        assert call is not None  # noqa: S101 - a window call is one or the other
        feeder = Feeder(self.running, call)
        found: list[Value] = []
        gathered, taken, last, value = feeder.start(), 0, (-1, -1), None
        for index in range(self.size):
            start, end = self._frame(index)
            if (start, end) != last:
                if start != max(last[0], 0) or end < taken:
                    gathered, taken = feeder.start(), start
                for place in range(taken, max(end, start)):
                    self.running.tick()
                    gathered.take(self.members[place][1])
                taken = max(end, start)
                value, last = gathered.result(), (start, end)
            found.append(value)
        return found


def _same(one: Row, other: Row) -> bool:
    return all(compare(mine, theirs) == 0 for mine, theirs in zip(one, other, strict=True))


def _moved(value: Value, by: Value, sign: int) -> Value:
    if isinstance(by, Interval):
        step = by if sign > 0 else -by
        return value + step if isinstance(value, Interval) else moments.plus(value, step)
    return value + sign * by
