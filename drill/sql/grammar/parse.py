"""Text to syntax trees, one a statement.

Separate because it ties the rules together; nobody outside needs more of the grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.faults import STACK_DEPTH, SqlError, too_deep
from drill.sql.grammar.commands import command
from drill.sql.grammar.cursor import Cursor, Rules
from drill.sql.grammar.expressions import expression, narrow
from drill.sql.grammar.ordering import sort, window
from drill.sql.grammar.queries import query
from drill.sql.grammar.types import type_name
from drill.sql.lexer import END, tokens

if TYPE_CHECKING:
    from drill.sql.nodes import Node

MOST_TOKENS = 10_000
"""Longest text in tokens; what is longer would take more than a second."""
_RULES = Rules(expression, narrow, query, sort, type_name, window)


def parse(text: str) -> list[Node]:
    """Return the statements of a text; raise SqlError for the first that is not one."""
    found_tokens, broken = tokens(text)
    if len(found_tokens) > MOST_TOKENS:
        raise SqlError("statement is too complex", STACK_DEPTH)
    cursor = Cursor(found_tokens, _RULES, broken)
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
