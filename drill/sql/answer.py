"""What a statement answers: rows as text, or what was done.

Separate because front ends show it without knowing how it was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.sql.binding.queries import Queries
from drill.sql.binding.scope import Fence
from drill.sql.casting import NAMED_OIDS
from drill.sql.faults import OUT_OF_RANGE, Notice, SqlError, too_deep
from drill.sql.running import Running, Server
from drill.sql.spelling import write

if TYPE_CHECKING:
    from drill.sql.nodes import Node
    from drill.sql.types import Type, Value

    Cell = str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a query."""

    names: tuple[str, ...]
    types: tuple[Type, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Values as text; None for NULL."""
    tag: str
    """What psql prints in quiet moments, such as `SELECT 3`."""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did."""

    tag: str
    notices: tuple[Notice, ...] = ()


Answer = Rows | Done


def run_query(node: Node, server: Server) -> Rows:
    """Return the rows of a query; raise SqlError."""
    running = Running(server)
    try:
        plan = Queries(running).bind(node, Fence(None), {})
        kinds = tuple(column.type for column in plan.columns)
        writers = [_writer(kind, server) for kind in kinds]
        rows = []
        for row in plan.rows():
            running.keep(row)
            rows.append(tuple(None if value is None else text(value) for value, text in zip(row, writers, strict=True)))
    except RecursionError:
        raise too_deep() from None
    except MemoryError:
        running.exhausted()
    except ArithmeticError:
        raise SqlError("value overflows numeric format", OUT_OF_RANGE) from None
    names = tuple(column.name for column in plan.columns)
    return Rows(names, kinds, tuple(rows), f"SELECT {len(rows)}", tuple(running.notices))


def _writer(kind: Type, server: Server) -> Writer:
    if kind.category == "S" or kind.name == "unknown":
        return str
    if kind.name in NAMED_OIDS:
        return lambda value: str(server.function(f"from_{kind.name}", (value,)) if isinstance(value, int) else value)
    return lambda value: write(kind, value)


if TYPE_CHECKING:
    from collections.abc import Callable

    Writer = Callable[[Value], str]
