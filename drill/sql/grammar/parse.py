"""Text to syntax trees, one a statement.

Separate because it ties the rules together; nobody outside needs more of the grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.faults import too_deep
from drill.sql.grammar.commands import command
from drill.sql.grammar.cursor import Cursor, Rules
from drill.sql.grammar.expressions import expression, narrow
from drill.sql.grammar.ordering import sort, window
from drill.sql.grammar.queries import query
from drill.sql.grammar.types import type_name
from drill.sql.lexer import END, tokens

if TYPE_CHECKING:
    from drill.sql.nodes import Node

_RULES = Rules(expression, narrow, query, sort, type_name, window)


def parse(text: str) -> list[Node]:
    """Return the statements of a text; raise SqlError for the first that is not one."""
    cursor = Cursor(tokens(text), _RULES)
    found: list[Node] = []
    try:
        while cursor.now.kind != END:
            if cursor.skip(";"):
                continue
            found.append(command(cursor) or query(cursor))
            if cursor.now.kind != END:
                cursor.need(";")
    except RecursionError:
        raise too_deep() from None
    return found
