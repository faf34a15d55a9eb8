"""GROUP BY: what rows are grouped by, and what becomes of each group.

Separate from SELECT, which only asks for the rows of groups: those of the first row of a group, then the keys, then the
aggregates, then which keys count in the grouping set.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from drill.sql.binding import expressions
from drill.sql.binding.gathering import Counted, Feeder, Gathered
from drill.sql.bound import Expr, call, slot
from drill.sql.casting import convert
from drill.sql.faults import GROUPING_ERROR, INVALID_COLUMN_REFERENCE, SYNTAX_ERROR, SqlError, unsupported
from drill.sql.nodes import Const, Name, Node
from drill.sql.statements import Grouping
from drill.sql.types import INT4, TEXT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from drill.sql.binding.level import AggregateCall, Level
    from drill.sql.bound import Row
    from drill.sql.running import Running

_MOST_SETS = 4096


class Groups:
    """The keys of a query and its grouping sets."""

    def __init__(self, width: int) -> None:
        """Start without keys; `width` is that of the rows that are grouped."""
        self.width = width
        self.keys: list[Expr] = []
        self.sets: list[tuple[int, ...]] = [()]

    def add(self, expr: Expr) -> int:
        """Return the number of a key."""
        for index, key in enumerate(self.keys):
            if key.same(expr):
                return index
        self.keys.append(expr)
        return len(self.keys) - 1

    def rewrite(self, expr: Expr, aggregates: int) -> Expr:
        """Return an expression in terms of a group's row; raise SqlError for columns that are neither."""
        width, base = self.width, self.width + len(self.keys)
        mask = base + aggregates

        def change(part: Expr) -> Expr | None:
            for index, key in enumerate(self.keys):
                if part.same(key):
                    return slot(width + index, part.type, part.pos, part.name)
            if part.kind == "agg":
                return slot(base + int(str(part.payload)), part.type, part.pos)
            if part.kind == "grouping":
                return self._grouping(part, mask)
            if part.kind == "query":
                for column in part.args:
                    self._check(column, inside=True)
            if part.kind in {"column", "row"}:
                self._check(part, inside=False)
            return None

        return expr.rewritten(change)

    def _check(self, column: Expr, *, inside: bool) -> None:
        if any(column.same(key) for key in self.keys):
            return
        for each in column.walk():
            if each.kind == "column" and isinstance(each.payload, int) and each.payload < self.width:
                if any(each.same(key) for key in self.keys):
                    continue
                msg = (
                    f'subquery uses ungrouped column "{each.name}" from outer query'
                    if inside
                    else f'column "{each.name}" must appear in the GROUP BY clause or be used in an aggregate function'
                )
                raise SqlError(msg, GROUPING_ERROR, each.pos)
            if each.kind == "row":
                raise unsupported("a whole row in a query with GROUP BY", each.pos)

    def _grouping(self, part: Expr, mask: int) -> Expr:
        places = []
        for arg in part.args:
            found = [index for index, key in enumerate(self.keys) if key.same(arg)]
            if not found:
                msg = "arguments to GROUPING must be grouping expressions of the associated query level"
                raise SqlError(msg, GROUPING_ERROR, arg.pos)
            places.append(found[0])

        def run(present: tuple[int, ...]) -> int:
            bits = 0
            for place in places:
                bits = bits * 2 + (place not in present)
            return bits

        return call(run, INT4, (slot(mask, INT4),), key=("grouping", tuple(places)), pos=part.pos)


def bind_groups(level: Level, nodes: Sequence[Node], targets: Sequence[tuple[str, Expr, Node]], width: int) -> Groups:
    """Bind GROUP BY; `targets` are the label, meaning and text of the columns."""
    groups = Groups(width)
    level.clause = "GROUP BY"
    sets: list[tuple[int, ...]] = [()]
    for node in nodes:
        alternatives = _sets(level, node, targets, groups)
        sets = [tuple(dict.fromkeys(one + other)) for one in sets for other in alternatives]
        if len(sets) > _MOST_SETS:
            msg = "too many grouping sets present (maximum 4096)"
            raise SqlError(msg, "54001", getattr(node, "pos", None))
    groups.sets = sets
    return groups


def _sets(level: Level, node: Node, targets: Sequence[tuple[str, Expr, Node]], groups: Groups) -> list[tuple[int, ...]]:
    if not isinstance(node, Grouping):
        return [(groups.add(_key(level, node, targets)),)]
    parts = [_sets(level, each, targets, groups) for each in node.items]
    if node.kind == "sets":
        return [each for part in parts for each in part]
    units = [tuple(key for each in part for key in each) for part in parts]
    if node.kind == "list":
        return [tuple(key for unit in units for key in unit)]
    if node.kind == "rollup":
        prefixes = [units[:count] for count in range(len(units), -1, -1)]
        return [tuple(key for unit in prefix for key in unit) for prefix in prefixes]
    if len(units) > 12:  # noqa: PLR2004 - as PostgreSQL limits CUBE
        msg = "CUBE is limited to 12 elements"
        raise SqlError(msg, "54011", node.pos)
    subsets = [subset for count in range(len(units), -1, -1) for subset in combinations(units, count)]
    return [tuple(key for unit in subset for key in unit) for subset in subsets]


def _key(level: Level, node: Node, targets: Sequence[tuple[str, Expr, Node]]) -> Expr:
    found = position(node, targets, "GROUP BY")
    if found is None and isinstance(node, Name) and len(node.parts) == 1:
        column = level.scope.find(node.parts, node.pos)
        if column is None:
            found = named(node, targets, "GROUP BY")
    if found is None:
        found = expressions.bind(level, node)
    if found.type is UNKNOWN:
        found = convert(found, TEXT, level.running)
    for each in found.walk():
        if each.kind in {"agg", "window"}:
            what = "aggregate functions" if each.kind == "agg" else "window functions"
            code = GROUPING_ERROR if each.kind == "agg" else "42P20"
            msg = f"{what} are not allowed in GROUP BY"
            raise SqlError(msg, code, each.pos)
    return found


def position(node: Node, targets: Sequence[tuple[str, Expr, Node]], clause: str) -> Expr | None:
    """Return the column a number stands for; None if it is no constant. Raise SqlError for other constants."""
    if not isinstance(node, Const):
        return None
    if node.kind != "number" or not node.value.lstrip("-").isdecimal():
        msg = f"non-integer constant in {clause}"
        raise SqlError(msg, SYNTAX_ERROR, node.pos)
    number = int(node.value[:20])
    if not 1 <= number <= len(targets):
        msg = f"{clause} position {number} is not in select list"
        raise SqlError(msg, INVALID_COLUMN_REFERENCE, node.pos)
    return targets[number - 1][1]


def named(node: Name, targets: Sequence[tuple[str, Expr, Node]], clause: str) -> Expr | None:
    """Return the column a label stands for; None for no label. Raise SqlError if several different ones have it."""
    found = [expr for label, expr, _ in targets if label == node.parts[0]]
    if any(not each.same(found[0]) for each in found):
        msg = f'{clause} "{node.parts[0]}" is ambiguous'
        raise SqlError(msg, "42702", node.pos)
    return found[0] if found else None


def grouped(running: Running, rows: Iterable[Row], groups: Groups, calls: Sequence[AggregateCall]) -> Iterator[Row]:
    """Yield the row of every group of every grouping set."""
    keys = [key.compile() for key in groups.keys]
    feeders = [Feeder(running, each) for each in calls]
    tables: list[dict[Row, tuple[Row, list[Gathered | Counted]]]] = [{} for _ in groups.sets]
    plans = list(zip(tables, groups.sets, strict=True))
    for row in rows:
        running.tick()
        values = tuple(key(row) for key in keys)
        for table, present in plans:
            key = tuple(values[index] for index in present)
            group = table.get(key)
            if group is None:
                group = table[key] = (_first(row, values, present, groups), [feeder.start() for feeder in feeders])
                running.keep(group[0])
            for gathered in group[1]:
                gathered.take(row)
    blank = (None,) * (groups.width + len(groups.keys))
    for table, present in plans:
        if not table and not present:
            table[()] = (blank, [feeder.start() for feeder in feeders])
        for first, gathered_all in table.values():
            yield (*first, *(each.result() for each in gathered_all), present)


def _first(row: Row, values: Row, present: tuple[int, ...], groups: Groups) -> Row:
    keys = tuple(value if index in present else None for index, value in enumerate(values))
    if len(present) < len(values):
        cells = list(row)
        for index, key in enumerate(groups.keys):
            if index not in present and key.kind == "column" and isinstance(key.payload, int):
                cells[key.payload] = None
        row = tuple(cells)
    return row + keys
