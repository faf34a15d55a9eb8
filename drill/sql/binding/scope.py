"""Which columns a name can mean, from the query at hand outwards.

Separate from expressions, which only ask. Hints for misspelt names follow parse_relation.c: a column is suggested when
few of its letters differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from drill.sql.bound import Expr, Row, slot
from drill.sql.faults import AMBIGUOUS_COLUMN, UNDEFINED_COLUMN, UNDEFINED_TABLE, SqlError, unsupported
from drill.sql.types import Record, RowType, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sql.binding.plans import Plan

_MOST_DIFFERENT = 3


class Frame:
    """The row a query is looking at, for the queries inside of it."""

    __slots__ = ("row",)

    def __init__(self) -> None:
        """Look at nothing."""
        self.row: Row = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One table, query or function in FROM."""

    alias: str
    columns: tuple[tuple[str, Type], ...]
    start: int
    """Place of its first column in the row."""
    table: str = ""
    """Name of the table where the alias is another."""
    pos: int = 0
    single: bool = False
    """Whether it is a function of one value, whose alias names that value too."""

    def whole(self) -> Expr:
        """Return its row as one value."""
        kind = RowType("record", 2249, "record", "P", fields=self.columns)
        start, end = self.start, self.start + len(self.columns)

        def make() -> Callable[[Row], Record]:
            return lambda row: Record(row[start:end])

        return Expr("row", kind, payload=(start, end), make=make, name=self.alias)

    def column(self, index: int) -> Expr:
        """Return a column."""
        name, kind = self.columns[index]
        return slot(self.start + index, kind, name=f"{self.alias}.{name}")


@dataclass(frozen=True, slots=True)
class Visible:
    """A column that can be named without its table."""

    name: str
    expr: Expr


@dataclass(slots=True)
class Space:
    """What FROM offers, so far."""

    sources: list[Source] = field(default_factory=list)
    columns: list[Visible] = field(default_factory=list)
    width: int = 0


class Scope:
    """The names of one query; those of the queries around it are behind `parent`."""

    def __init__(self, parent: Fence | None, frame: Frame | None = None, space: Space | None = None) -> None:
        """Start with nothing visible."""
        self.parent = parent
        self.frame = frame or Frame()
        self.space = space or Space()
        self.hidden: list[Source] = []
        """Sources that are in FROM but can't be referenced from where the question is asked."""

    def find(self, parts: tuple[str, ...], pos: int) -> Expr | None:
        """Return what a name means here, None for nothing; raise SqlError when it is ambiguous."""
        if len(parts) == 1:
            return self._bare(parts[0], pos)
        if len(parts) > 3:  # noqa: PLR2004 - schema, table, column
            raise SqlError("cross-database references are not implemented: " + ".".join(parts), "0A000", pos)
        table, name = parts[-2], parts[-1]
        sources = [each for each in self.space.sources if each.alias == table]
        if not sources:
            return None
        if len(sources) > 1:
            msg = f'table reference "{table}" is ambiguous'
            raise SqlError(msg, "42P09", pos)
        found = [index for index, (each, _) in enumerate(sources[0].columns) if each == name]
        if len(found) > 1:
            raise _ambiguous(name, pos)
        return _at(sources[0].column(found[0]), pos) if found else None

    def _bare(self, name: str, pos: int) -> Expr | None:
        found = [each.expr for each in self.space.columns if each.name == name]
        if len(found) > 1:
            raise _ambiguous(name, pos)
        return _at(found[0], pos) if found else None

    def row_of(self, name: str, pos: int) -> Expr | None:
        """Return a whole row by the name of its table."""
        for each in self.space.sources:
            if each.alias == name:
                found = each.column(0) if each.single and len(each.columns) == 1 else each.whole()
                return _at(found, pos)
        return None

    def levels(self) -> Iterator[tuple[Scope, list[Fence]]]:
        """Yield this scope and those around it, with the fences between."""
        scope: Scope | None = self
        fences: list[Fence] = []
        while scope is not None:
            yield scope, list(fences)
            if scope.parent is None:
                return
            fences.append(scope.parent)
            scope = scope.parent.outer


class Fence:
    """What lies between a query and the one around it; notices who looks through."""

    __slots__ = ("crossed", "outer")

    def __init__(self, outer: Scope | None) -> None:
        """Stand before a scope, None for the end of the world."""
        self.outer = outer
        self.crossed: list[Expr] = []
        """Columns of outer queries that were used inside."""


def resolve(scope: Scope, parts: tuple[str, ...], pos: int) -> Expr:
    """Return the column a name means; raise SqlError when there is none."""
    for level, fences in scope.levels():
        found = level.find(parts, pos)
        if found is not None:
            return through(found, level, fences)
    if len(parts) == 1:
        for level, fences in scope.levels():
            row = level.row_of(parts[0], pos)
            if row is not None:
                return through(row, level, fences)
    return missing(scope, parts, pos)


def through(expr: Expr, level: Scope, fences: list[Fence]) -> Expr:
    """Return an expression of an outer query as it is seen inside."""
    if not fences:
        return expr
    frame = level.frame

    def make() -> Callable[[Row], object]:
        inner = expr.compile()
        return lambda _: inner(frame.row)

    for fence in fences:
        fence.crossed.append(expr)
    return Expr("outer", expr.type, payload=(id(frame), expr.payload), make=make, pos=expr.pos, name=expr.name)


def _at(expr: Expr, pos: int) -> Expr:
    return Expr(expr.kind, expr.type, expr.args, expr.payload, expr.make, pos=pos, name=expr.name, mod=expr.mod)


def _ambiguous(name: str, pos: int) -> SqlError:
    return SqlError(f'column reference "{name}" is ambiguous', AMBIGUOUS_COLUMN, pos)


def missing(scope: Scope, parts: tuple[str, ...], pos: int) -> NoReturn:
    """Raise the error for a name that means nothing."""
    if len(parts) > 1:
        table, name = parts[-2], parts[-1]
        sources = [each for level, _ in scope.levels() for each in level.space.sources]
        if not any(each.alias == table for each in sources):
            missing_table(scope, table, pos)
        msg = f"column {table}.{name} does not exist"
        _not_hidden(name, pos)
    else:
        table, name = "", parts[0]
        msg = f'column "{name}" does not exist'
        if scope.space.sources:
            _not_hidden(name, pos)
    raise SqlError(msg, UNDEFINED_COLUMN, pos, hint=_hint(scope, table, name))


def _not_hidden(name: str, pos: int) -> None:
    """Raise SqlError for a column that every table has and that can't be read here."""
    if name in {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}:
        raise unsupported(f'system column "{name}"', pos)


def missing_table(scope: Scope, table: str, pos: int) -> NoReturn:
    """Raise the error for a table that FROM does not have."""
    for level, _ in scope.levels():
        for each in level.space.sources:
            if each.table == table:
                hint = f'Perhaps you meant to reference the table alias "{each.alias}".'
                msg = f'invalid reference to FROM-clause entry for table "{table}"'
                raise SqlError(msg, UNDEFINED_TABLE, pos, hint=hint)
        for each in level.hidden:
            if each.alias == table:
                hint = (
                    f'There is an entry for table "{table}", but it cannot be referenced from this part of the query.'
                )
                msg = f'invalid reference to FROM-clause entry for table "{table}"'
                raise SqlError(msg, UNDEFINED_TABLE, pos, hint=hint)
    msg = f'missing FROM-clause entry for table "{table}"'
    raise SqlError(msg, UNDEFINED_TABLE, pos)


def _hint(scope: Scope, table: str, name: str) -> str:
    for level, _ in scope.levels():
        for source in level.hidden:
            if any(column == name for column, _ in source.columns) and table in {"", source.alias}:
                return (
                    f'There is a column named "{name}" in table "{source.alias}", but it cannot be referenced '
                    "from this part of the query."
                )
        best = _nearest(level, table, name)
        if len(best) == 1:
            return f'Perhaps you meant to reference the column "{best[0]}".'
        if len(best) == 2:  # noqa: PLR2004 - of three or more none is suggested
            return f'Perhaps you meant to reference the column "{best[0]}" or the column "{best[1]}".'
        if best:
            break
    return ""


def _nearest(level: Scope, table: str, name: str) -> list[str]:
    """Return the columns that differ least from what was written, if it is not much."""
    found: list[tuple[int, str]] = []
    for source in (*level.space.sources, *level.hidden):
        penalty = distance(source.alias, table) if table and source.alias != table else 0
        for column, _ in source.columns:
            apart = distance(column, name)
            if apart <= len(name) // 2 and apart + penalty <= _MOST_DIFFERENT:
                found.append((apart + penalty, f"{source.alias}.{column}"))
    least = min((apart for apart, _ in found), default=0)
    return [column for apart, column in found if apart == least]


def distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added or left out (Levenshtein)."""
    previous = list(range(len(other) + 1))
    for index, mine in enumerate(one, 1):
        row = [index]
        for column, theirs in enumerate(other, 1):
            row.append(min(previous[column] + 1, row[-1] + 1, previous[column - 1] + (mine != theirs)))
        previous = row
    return previous[-1]


@dataclass(slots=True)
class Cte:
    """A query of WITH."""

    name: str
    plan: Plan
