"""SQL text to tokens, with PostgreSQL's own complaints about what can't be one.

Separate from the parser because psql needs it too, to find where statements end. Rules are those of PostgreSQL's
scan.l: an operator does not end in + or - unless it has one of ~ ! @ # % ^ & | ` ?, comments nest, strings that only
line breaks separate are one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from drill.sql.faults import SYNTAX_ERROR, SqlError, syntax, unsupported

IDENT, QUOTED, NUMBER, STRING, OPERATOR, PARAM, END = "ident", "quoted", "number", "string", "op", "param", "end"
BROKEN = "broken"
"""What follows the last token of a text that goes on with something that is none."""
NAME_BYTES = 63
"""Longest name; longer ones are cut."""


class Token(NamedTuple):
    """One piece of a statement."""

    kind: str
    value: str
    """Folded name, content of a string, digits of a number, or the operator."""
    pos: int
    text: str
    """As it was written."""

    @property
    def word(self) -> str:
        """The bare word in lower case; empty for everything else."""
        return self.value if self.kind == IDENT else ""


_SPACE = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)+")
_WORD = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*")
_NUMBER = re.compile(r"(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?")
_OPERATOR = re.compile(r"[~!@#^&|`?+\-*/%<>=]+")
_PARAM = re.compile(r"\$\d+")
_DOLLAR = re.compile(r"\$(?:[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)?\$")
_JOINED = re.compile(r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]+|--[^\n\r]*)*'")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.)|())", re.DOTALL)


def tokens(text: str) -> tuple[list[Token], SqlError | None]:
    """Return the tokens of a text, END or BROKEN last, and what is wrong with what follows BROKEN.

    PostgreSQL reads tokens as it parses, so a syntax error before a broken token is the one that is told.
    """
    found: list[Token] = []
    pos, size = 0, len(text)
    try:
        while True:
            pos = _skip(text, pos)
            if pos >= size:
                found.append(Token(END, "", size, ""))
                return found, None
            token = _next(text, pos)
            found.append(token)
            pos += len(token.text)
    except SqlError as error:
        found.append(Token(BROKEN, "", pos, ""))
        return found, error


def _skip(text: str, pos: int) -> int:
    while True:
        space = _SPACE.match(text, pos)
        if space is not None:
            pos = space.end()
        if not text.startswith("/*", pos):
            return pos
        pos = comment_end(text, pos)


def comment_end(text: str, start: int) -> int:
    """Return where a comment that begins at `start` ends; raise SqlError if it doesn't."""
    depth, pos = 0, start
    for found in re.finditer(r"/\*|\*/", text[start:]):
        if start + found.start() < pos:
            continue
        pos = start + found.end()
        depth += 1 if found[0] == "/*" else -1
        if not depth:
            return pos
    msg = f'unterminated /* comment at or near "{text[start:]}"'
    raise SqlError(msg, SYNTAX_ERROR, start)


def _next(text: str, pos: int) -> Token:
    char = text[pos]
    if char == "'":
        return _string(text, pos, pos)
    if char == '"':
        return _quoted(text, pos)
    if char in "eE" and text.startswith("'", pos + 1):
        return _escaped(text, pos)
    if char in "nN" and text.startswith("'", pos + 1):
        return _string(text, pos, pos + 1)
    if char in "bBxX" and text.startswith("'", pos + 1):
        raise unsupported("a bit string", pos)
    if char in "uU" and (text.startswith("&'", pos + 1) or text.startswith('&"', pos + 1)):
        raise unsupported("a string or name with Unicode escapes", pos)
    if char == "$":
        return _dollar(text, pos)
    if char.isdigit() or (char == "." and text[pos + 1 : pos + 2].isdigit()):
        return _number(text, pos)
    word = _WORD.match(text, pos)
    if word is not None:
        return Token(IDENT, _cut(_fold(word[0])), pos, word[0])
    return _symbol(text, pos)


def _fold(word: str) -> str:
    return word.lower() if word.isascii() else "".join(c.lower() if c.isascii() else c for c in word)


def _cut(name: str) -> str:
    return name.encode("utf-8", "surrogatepass")[:NAME_BYTES].decode("utf-8", "ignore") if len(name) > 15 else name  # noqa: PLR2004 - a shorter one fits whatever its characters


def _number(text: str, pos: int) -> Token:
    found = _NUMBER.match(text, pos)
    if found is None:
        raise syntax(text[pos], pos)
    after = _WORD.match(text, found.end())
    if after is not None:
        junk = text[pos : after.end()]
        msg = f'trailing junk after numeric literal at or near "{junk}"'
        raise SqlError(msg, SYNTAX_ERROR, pos)
    return Token(NUMBER, found[0], pos, found[0])


def _symbol(text: str, pos: int) -> Token:
    if text[pos] in "()[],;.:":
        for long in ("::", ":=", ".."):
            if text.startswith(long, pos):
                return Token(OPERATOR, long, pos, long)
        return Token(OPERATOR, text[pos], pos, text[pos])
    found = _OPERATOR.match(text, pos)
    if found is None:
        raise syntax(text[pos], pos)
    operator = found[0]
    for comment in ("--", "/*"):
        at = operator.find(comment)
        if at > 0:
            operator = operator[:at]
    if len(operator) > 1 and operator[-1] in "+-" and not any(c in "~!@#^&|`?%" for c in operator[:-1]):
        operator = operator.rstrip("+-") or operator[0]
    return Token(OPERATOR, "<>" if operator == "!=" else operator, pos, operator)


def _string(text: str, start: int, quote: int) -> Token:
    pieces, pos = [], quote
    while True:
        end = _closing(text, pos + 1, "'")
        if end < 0:
            msg = f'unterminated quoted string at or near "{text[start:]}"'
            raise SqlError(msg, SYNTAX_ERROR, start)
        pieces.append(text[pos + 1 : end].replace("''", "'"))
        more = _JOINED.match(text, end + 1)
        if more is None:
            return Token(STRING, "".join(pieces), start, text[start : end + 1])
        pos = more.end() - 1


def _closing(text: str, pos: int, quote: str) -> int:
    while True:
        end = text.find(quote, pos)
        if end < 0 or not text.startswith(quote, end + 1):
            return end
        pos = end + 2


def _escaped(text: str, start: int) -> Token:
    pos = start + 2
    while pos < len(text):
        if text[pos] == "\\":
            pos += 2
        elif text[pos] == "'":
            if not text.startswith("'", pos + 1):
                raw = text[start + 2 : pos]
                return Token(STRING, _ESCAPE.sub(_unescape, raw.replace("''", "'")), start, text[start : pos + 1])
            pos += 2
        else:
            pos += 1
    msg = f'unterminated quoted string at or near "{text[start:]}"'
    raise SqlError(msg, SYNTAX_ERROR, start)


def _unescape(found: re.Match[str]) -> str:
    short, long, hexadecimal, octal, other, _ = found.groups()
    if other is not None:
        return _ESCAPES.get(other, other)
    number = int(octal, 8) & 0xFF if octal is not None else int(short or long or hexadecimal or "5c", 16)
    if not is_character(number):
        msg = "invalid Unicode escape value"
        raise SqlError(msg, SYNTAX_ERROR)
    return chr(number)


def is_character(number: int) -> bool:
    """Return whether a number is that of a character that text can hold."""
    return 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF  # noqa: PLR2004 - the bounds of Unicode


def _quoted(text: str, pos: int) -> Token:
    end = _closing(text, pos + 1, '"')
    if end < 0:
        msg = f'unterminated quoted identifier at or near "{text[pos:]}"'
        raise SqlError(msg, SYNTAX_ERROR, pos)
    if end == pos + 1:
        msg = 'zero-length delimited identifier at or near """"'
        raise SqlError(msg, SYNTAX_ERROR, pos)
    return Token(QUOTED, _cut(text[pos + 1 : end].replace('""', '"')), pos, text[pos : end + 1])


def _dollar(text: str, pos: int) -> Token:
    tag = _DOLLAR.match(text, pos)
    if tag is None:
        parameter = _PARAM.match(text, pos)
        if parameter is None:
            raise syntax("$", pos)
        return Token(PARAM, parameter[0][1:], pos, parameter[0])
    end = text.find(tag[0], tag.end())
    if end < 0:
        msg = f'unterminated dollar-quoted string at or near "{text[pos:]}"'
        raise SqlError(msg, SYNTAX_ERROR, pos)
    return Token(STRING, text[tag.end() : end], pos, text[pos : end + len(tag[0])])
