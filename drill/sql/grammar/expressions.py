"""Expressions, by PostgreSQL's table of precedence.

Separate from what they are made of (`primaries`). The order, weakest first: OR, AND, NOT, IS, comparisons, BETWEEN IN
LIKE, other operators, + -, * / %, ^, AT TIME ZONE, COLLATE, a sign; see "Operator Precedence" in the manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from drill.sql.faults import unsupported
from drill.sql.grammar.primaries import primary
from drill.sql.lexer import NUMBER, OPERATOR, STRING
from drill.sql.nodes import Between, Call, Cast, Const, Field, In, Item, Logic, Name, Node, Op, Quantified, Test

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.grammar.cursor import Cursor

_COMPARISONS = frozenset(("<", ">", "=", "<=", ">=", "<>"))
_PUNCTUATION = frozenset(("(", ")", "[", "]", ",", ";", ".", ":", "::", ":=", ".."))
_NOT_OTHER = _COMPARISONS | _PUNCTUATION | frozenset(("+", "-", "*", "/", "%", "^", "=>"))
_LIKES = {"like": "~~", "ilike": "~~*", "similar": "~"}
_LONGEST_CHAIN = 120
"""Operators of one kind in a row; PostgreSQL takes more, until its stack is full."""


def expression(cursor: Cursor) -> Node:
    """Read an expression."""
    token, following = cursor.now, cursor.peek()
    if token.kind in {NUMBER, STRING} and following.kind == OPERATOR and following.value in {",", ")"}:
        return primary(cursor)  # the common case of long lists
    cursor.deeper()
    found = _chain(cursor, "or", _and)
    cursor.higher()
    return found


def narrow(cursor: Cursor) -> Node:
    """Read an expression as it may stand between BETWEEN and AND."""
    cursor.deeper()
    found = _others(cursor)
    while cursor.now.kind == OPERATOR and cursor.now.value in _COMPARISONS:
        token = cursor.take()
        found = Op(token.value, found, _others(cursor), token.pos)
    cursor.higher()
    return found


def _chain(cursor: Cursor, kind: Literal["and", "or"], lower: Callable[[Cursor], Node]) -> Node:
    first = lower(cursor)
    if not cursor.word(kind):
        return first
    args = [first]
    pos = cursor.pos
    while cursor.accept(kind):
        args.append(lower(cursor))
    return Logic(kind, tuple(args), pos)


def _and(cursor: Cursor) -> Node:
    return _chain(cursor, "and", _not)


def _not(cursor: Cursor) -> Node:
    if cursor.word("not"):
        pos = cursor.take().pos
        cursor.deeper()
        found = Logic("not", (_not(cursor),), pos)
        cursor.higher()
        return found
    return _is(cursor)


def _is(cursor: Cursor) -> Node:
    found = _comparison(cursor)
    while True:
        pos = cursor.pos
        if cursor.accept("isnull"):
            found = Test("null", found, pos=pos)
        elif cursor.accept("notnull"):
            found = Test("null", found, negated=True, pos=pos)
        elif cursor.accept("is"):
            found = _is_what(cursor, found, pos)
        else:
            return found


def _is_what(cursor: Cursor, arg: Node, pos: int) -> Node:
    negated = cursor.accept("not")
    for what in ("null", "true", "false", "unknown"):
        if cursor.accept(what):
            return Test(what, arg, negated=negated, pos=pos)
    if cursor.accept("distinct"):
        cursor.expect("from")
        return Test("distinct", arg, _comparison(cursor), negated=negated, pos=pos)
    if cursor.now.word in {"document", "normalized", "of", "nfc"}:
        raise unsupported(f"IS {cursor.now.text.upper()}", pos)
    return cursor.fail()


def _comparison(cursor: Cursor) -> Node:
    found = _membership(cursor)
    if cursor.now.kind == OPERATOR and cursor.now.value in _COMPARISONS:
        token = cursor.take()
        quantified = _quantified(cursor, found, token.value, token.pos)
        found = quantified or Op(token.value, found, _membership(cursor), token.pos)
        if cursor.now.kind == OPERATOR and cursor.now.value in _COMPARISONS:
            cursor.fail()
    return found


def _quantified(cursor: Cursor, arg: Node, op: str, pos: int) -> Node | None:
    if cursor.now.word not in {"any", "some", "all"} or not cursor.symbol("(", 1):
        return None
    every = cursor.take().word == "all"
    cursor.need("(")
    of = cursor.rules.query(cursor) if cursor.opens_query() else cursor.rules.expression(cursor)
    cursor.need(")")
    return Quantified(op, arg, every, of, pos)


def _membership(cursor: Cursor) -> Node:
    found = _others(cursor)
    pos = cursor.pos
    mark = cursor.mark()
    negated = cursor.accept("not")
    if cursor.accept("between"):
        symmetric = cursor.accept("symmetric")
        cursor.accept("asymmetric")
        low = narrow(cursor)
        cursor.expect("and")
        return Between(found, low, _others(cursor), negated, symmetric, pos)
    if cursor.accept("in"):
        return _in(cursor, found, pos, negated=negated)
    for word, op in _LIKES.items():
        if cursor.word(word):
            cursor.take()
            if word == "similar":
                cursor.expect("to")
            return _like(cursor, found, word, f"!{op}" if negated else op, pos)
    if negated:
        cursor.back(mark)
    return found


def _in(cursor: Cursor, arg: Node, pos: int, *, negated: bool) -> Node:
    cursor.need("(")
    if cursor.opens_query():
        query = cursor.rules.query(cursor)
        cursor.need(")")
        found: Node = Quantified("=", arg, every=False, of=query, pos=pos)
        return Logic("not", (found,), pos) if negated else found
    items = [expression(cursor)]
    while cursor.skip(","):
        items.append(expression(cursor))
    cursor.need(")")
    return In(arg, tuple(items), negated, pos)


def _like(cursor: Cursor, arg: Node, word: str, op: str, pos: int) -> Node:
    quantified = _quantified(cursor, arg, op, pos)
    if quantified is not None:
        return quantified
    pattern = _others(cursor)
    escape = _others(cursor) if cursor.accept("escape") else None
    if word == "similar":
        args = (pattern,) if escape is None else (pattern, escape)
        return Op(op, arg, Call("similar_to_escape", args, pos=pos), pos)
    if escape is not None:
        pattern = Call("like_escape", (pattern, escape), pos=pos)
    return Op(op, arg, pattern, pos)


def _others(cursor: Cursor) -> Node:
    found = _sum(cursor)
    for _ in range(_LONGEST_CHAIN):
        token = cursor.now
        if token.kind == OPERATOR and token.value not in _NOT_OTHER:
            cursor.take()
            quantified = _quantified(cursor, found, token.value, token.pos)
            found = quantified or Op(token.value, found, _sum(cursor), token.pos)
        elif token.word == "operator" and cursor.symbol("(", 1):
            name, pos = _spelled_out(cursor)
            found = Op(name, found, _sum(cursor), pos)
        else:
            return found
    raise unsupported(f"more than {_LONGEST_CHAIN} operators in a row", cursor.pos)


def _spelled_out(cursor: Cursor) -> tuple[str, int]:
    pos = cursor.take().pos
    cursor.need("(")
    while cursor.is_name():
        cursor.take()
        cursor.need(".")
    token = cursor.take()
    cursor.need(")")
    return token.value, pos


def _left(cursor: Cursor, names: tuple[str, ...], lower: Callable[[Cursor], Node]) -> Node:
    found = lower(cursor)
    for _ in range(_LONGEST_CHAIN):
        token = cursor.now
        if token.kind != OPERATOR or token.value not in names:
            return found
        cursor.take()
        quantified = _quantified(cursor, found, token.value, token.pos)
        found = quantified or Op(token.value, found, lower(cursor), token.pos)
    raise unsupported(f"more than {_LONGEST_CHAIN} operators in a row", cursor.pos)


def _sum(cursor: Cursor) -> Node:
    return _left(cursor, ("+", "-"), _product)


def _product(cursor: Cursor) -> Node:
    return _left(cursor, ("*", "/", "%"), _power)


def _power(cursor: Cursor) -> Node:
    return _left(cursor, ("^",), _zone)


def _zone(cursor: Cursor) -> Node:
    found = _collate(cursor)
    while cursor.word("at", "time", "zone"):
        pos = cursor.take().pos
        cursor.take()
        cursor.take()
        found = Call("timezone", (_collate(cursor), found), pos=pos)
    return found


def _collate(cursor: Cursor) -> Node:
    found = _sign(cursor)
    while cursor.accept("collate"):
        pos = cursor.pos
        name = cursor.qualified()[-1]
        if name not in {"C", "POSIX", "default", "ucs_basic"}:
            raise unsupported(f'collation "{name}"', pos)
    return found


def _sign(cursor: Cursor) -> Node:
    token = cursor.now
    if token.kind == OPERATOR and token.value not in _PUNCTUATION and token.value not in _COMPARISONS:
        if token.value in {"*", "/", "%", "^", "=>"}:
            cursor.fail()
        cursor.take()
        cursor.deeper()
        if token.value in "+-":
            found = _signed(token.value, _sign(cursor), token.pos)
        else:  # any other operator before an expression binds as loosely as between two
            found = Op(token.value, None, _others(cursor), token.pos)
        cursor.higher()
        return found
    return _postfix(cursor)


def _signed(sign: str, arg: Node, pos: int) -> Node:
    if isinstance(arg, Const) and arg.kind == "number":
        if sign == "+":
            return Op("+", None, arg, pos)
        return Const("number", arg.value[1:] if arg.value[0] == "-" else "-" + arg.value, pos)
    return Op(sign, None, arg, pos)


def _postfix(cursor: Cursor) -> Node:
    opened = cursor.symbol("(")
    found = primary(cursor)
    indirect = opened or isinstance(found, Name)  # only these take [ ] and . behind them
    while True:
        if cursor.symbol("::"):
            pos = cursor.take().pos
            found = Cast(found, cursor.rules.type_name(cursor), pos)
        elif indirect and cursor.symbol("["):
            found = _item(cursor, found)
        elif indirect and cursor.symbol("."):
            cursor.take()
            pos = cursor.pos
            found = Field(found, "*" if cursor.skip("*") else cursor.any_name(), pos)
        else:
            return found


def _item(cursor: Cursor, arg: Node) -> Node:
    pos = cursor.take().pos
    first = None if cursor.symbol(":") else expression(cursor)
    if cursor.skip(":"):
        last = None if cursor.symbol("]") else expression(cursor)
        cursor.need("]")
        return Item(arg, first, last, sliced=True, pos=pos)
    cursor.need("]")
    return Item(arg, first, pos=pos)
