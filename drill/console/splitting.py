"""Lines to statements and backslash commands, as psql splits what is typed.

Separate from what is done with them. A statement ends with a semicolon outside of quotes, comments and parentheses; a
backslash outside of quotes begins a command that goes to the end of its line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DOLLAR = re.compile(r"\$(?:[A-Za-z_]\w*)?\$")
_ESCAPE_STRING = re.compile(r"[eE]'$")


class Piece(NamedTuple):
    """One thing to do."""

    statement: str
    """SQL to run; empty for none."""
    command: str
    """A backslash command, without the backslash; empty for none."""


class Splitter:
    """Collects lines until something is complete."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.pending = ""
        """What was typed of a statement so far."""
        self._quote = ""
        self._escapes = False
        self._comment = 0
        self._parentheses = 0

    @property
    def mark(self) -> str:
        """The character of the prompt: `=` for a new statement, otherwise what is still open."""
        if self._quote:
            return self._quote[0]
        return "*" if self._comment else "(" if self._parentheses else "-" if self.pending.strip() else "="

    def reset(self) -> None:
        """Forget what was typed."""
        self.pending, self._quote, self._comment, self._parentheses = "", "", 0, 0

    def feed(self, line: str) -> list[Piece]:
        """Take a line and return what is complete."""
        found: list[Piece] = []
        text = line + "\n"
        start = position = 0
        while position < len(text):
            if self._quote or self._comment:
                position = self._inside(text, position)
                continue
            char = text[position]
            if char == "\\":
                self.pending += text[start:position]
                found.append(Piece(self._take(), text[position + 1 :].strip()))
                return found
            if char == ";" and not self._parentheses:
                self.pending += text[start : position + 1]
                found.append(Piece(self._take(), ""))
                start = position = position + 1
                continue
            position = self._outside(text, position)
        self.pending = (
            (self.pending + text[start:]).lstrip() if not self.pending.strip() else self.pending + text[start:]
        )
        return found

    def _take(self) -> str:
        found, self.pending = self.pending.strip(), ""
        return found

    def _inside(self, text: str, position: int) -> int:
        if self._comment:
            mark = re.compile(r"/\*|\*/").search(text, position)
            if mark is None:
                return len(text)
            self._comment += 1 if mark[0] == "/*" else -1
            return mark.end()
        if self._escapes and text[position] == "\\":
            return position + 2
        if text.startswith(self._quote, position):
            length = len(self._quote)
            self._quote = ""
            return position + length
        return position + 1

    def _outside(self, text: str, position: int) -> int:
        char = text[position]
        if char in "'\"":
            self._quote = char
            self._escapes = _ESCAPE_STRING.search(text[: position + 1]) is not None
        elif char == "$":
            tag = _DOLLAR.match(text, position)
            if tag is not None:
                self._quote, self._escapes = tag[0], False
                return tag.end()
        elif text.startswith("/*", position):
            self._comment = 1
            return position + 2
        elif text.startswith("--", position):
            end = text.find("\n", position)
            return len(text) if end < 0 else end
        elif char in "()":
            self._parentheses = max(0, self._parentheses + (1 if char == "(" else -1))
        return position + 1
