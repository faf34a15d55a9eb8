"""A place in the tokens of a statement, and what may be asked there.

Separate because every rule of the grammar moves it. Rules that call each other across modules meet here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from drill.sql.faults import SqlError, syntax, too_deep
from drill.sql.keywords import COLUMN_ONLY, NEEDS_AS, RESERVED, column_name
from drill.sql.lexer import BROKEN, END, IDENT, OPERATOR, QUOTED, Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.nodes import Node, SortBy, TypeName

DEEPEST = 60
"""How deep expressions and queries may be nested."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that others need by name."""

    expression: Callable[[Cursor], Node]
    narrow: Callable[[Cursor], Node]
    """Expressions without AND, OR, NOT, IN and the like: `b_expr`."""
    query: Callable[[Cursor], Node]
    sort: Callable[[Cursor], tuple[SortBy, ...]]
    type_name: Callable[[Cursor], TypeName]
    window: Callable[[Cursor], Node]


class Cursor:
    """Reads the tokens of one statement."""

    def __init__(self, tokens: list[Token], rules: Rules, broken: SqlError | None = None) -> None:
        """Stand before the first token; `broken` is what is wrong behind the last."""
        self._broken = broken
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.rules = rules

    @property
    def now(self) -> Token:
        """The token to come."""
        return self._tokens[self._at]

    @property
    def pos(self) -> int:
        """Where the token to come stands."""
        return self._tokens[self._at].pos

    @property
    def last(self) -> Token:
        """The token that was read last."""
        return self._tokens[self._at - 1]

    def peek(self, ahead: int = 1) -> Token:
        """Return a token further on."""
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Read one token."""
        token = self._tokens[self._at]
        if token.kind == BROKEN:
            self.fail()
        if token.kind != END:
            self._at += 1
        return token

    def mark(self) -> int:
        """Return the place, for `back`."""
        return self._at

    def back(self, mark: int) -> None:
        """Return to a place."""
        self._at = mark

    def fail(self) -> NoReturn:
        """Complain about the token to come."""
        if self.now.kind == BROKEN and self._broken is not None:
            raise self._broken
        raise syntax(self.now.text, self.now.pos)

    def deeper(self) -> None:
        """Go one level down."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise too_deep()

    def higher(self) -> None:
        """Come back up."""
        self._depth -= 1

    # Words.

    def word(self, *words: str) -> bool:
        """Return whether these bare words come next, in this order."""
        return all(self.peek(ahead).word == each for ahead, each in enumerate(words))

    def accept(self, *words: str) -> bool:
        """Read these bare words if they come next."""
        if not self.word(*words):
            return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these bare words or complain."""
        for each in words:
            if not self.accept(each):
                self.fail()

    def one_of(self, *words: str) -> str:
        """Read one of these words if it comes next; return it, or nothing."""
        return self.take().word if self.now.word in words and self.now.kind == IDENT else ""

    # Punctuation.

    def symbol(self, text: str, ahead: int = 0) -> bool:
        """Return whether an operator or mark comes next."""
        token = self.peek(ahead)
        return token.kind == OPERATOR and token.value == text

    def skip(self, text: str) -> bool:
        """Read a mark if it comes next."""
        if self.symbol(text):
            self._at += 1
            return True
        return False

    def need(self, text: str) -> None:
        """Read a mark or complain."""
        if not self.skip(text):
            self.fail()

    def opens_query(self) -> bool:
        """Return whether a query comes next, perhaps in parentheses."""
        ahead = 0
        while self.symbol("(", ahead):
            ahead += 1
        return self.peek(ahead).word in {"select", "values", "with", "table"}

    def nested_at(self, mark: int) -> bool:
        """Return whether a second parenthesis follows the one at a place."""
        token = self._tokens[min(mark + 1, len(self._tokens) - 1)]
        return token.kind == OPERATOR and token.value == "("

    # Names.

    def is_name(self, ahead: int = 0) -> bool:
        """Return whether what comes can name a table or column."""
        token = self.peek(ahead)
        return token.kind == QUOTED or (token.kind == IDENT and column_name(token.value))

    def name(self) -> str:
        """Read the name of a table or column."""
        if not self.is_name():
            self.fail()
        return self.take().value

    def any_name(self) -> str:
        """Read a name where every word may stand, as after a dot or AS."""
        if self.now.kind not in {IDENT, QUOTED}:
            self.fail()
        return self.take().value

    def is_label(self) -> bool:
        """Return whether what comes can be a column's label without AS."""
        return self.now.kind == QUOTED or (self.now.kind == IDENT and self.now.value not in NEEDS_AS)

    def names(self) -> tuple[str, ...]:
        """Read a list of names in parentheses."""
        self.need("(")
        found = [self.name()]
        while self.skip(","):
            found.append(self.name())
        self.need(")")
        return tuple(found)

    def qualified(self) -> tuple[str, ...]:
        """Read a name with schema and database perhaps before it."""
        found = [self.name()]
        while self.skip("."):
            found.append(self.any_name())
        return tuple(found)

    def is_function_name(self) -> bool:
        """Return whether a bare word can name a function here."""
        token = self.now
        if token.kind == QUOTED:
            return True
        return token.kind == IDENT and token.value not in RESERVED and token.value not in COLUMN_ONLY
