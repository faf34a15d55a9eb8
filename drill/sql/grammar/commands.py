"""Statements that are no queries: settings, transactions, ALTER SYSTEM and ALTER ROLE; and those this refuses.

Separate because nothing in them is an expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sql.faults import SqlError, syntax, unsupported
from drill.sql.lexer import END, IDENT, NUMBER, OPERATOR, QUOTED, STRING
from drill.sql.statements import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.grammar.cursor import Cursor

_TWO_WORDS = {"create", "drop", "alter", "comment", "security", "refresh", "import"}
_WRITES = {"insert", "update", "delete", "merge", "truncate", "grant", "revoke", "reindex", "cluster", *_TWO_WORDS}
_UNSUPPORTED = {
    "explain",
    "prepare",
    "execute",
    "deallocate",
    "declare",
    "fetch",
    "move",
    "close",
    "listen",
    "unlisten",
    "notify",
    "lock",
    "vacuum",
    "analyze",
    "analyse",
    "checkpoint",
    "do",
    "call",
    "load",
    "discard",
    "copy",
}
_OBJECTS = {
    "materialized": "MATERIALIZED VIEW",
    "foreign": "FOREIGN TABLE",
    "unique": "INDEX",
    "temp": "TABLE",
    "temporary": "TABLE",
    "unlogged": "TABLE",
    "user": "ROLE",
    "group": "ROLE",
}


def command(cursor: Cursor) -> Command | None:
    """Read a statement that is no query; None when it is one. Raise SqlError for what can't be done here."""
    word = cursor.now.word
    rule = _RULES.get(word)
    if rule is not None:
        return rule(cursor)
    if word in _UNSUPPORTED:
        raise unsupported(word.upper())
    if word in _WRITES:
        raise SqlError(f"cannot execute {_written(cursor)} in a read-only transaction", "25006")
    return None


def _written(cursor: Cursor) -> str:
    verb = cursor.take().word
    if verb not in _TWO_WORDS or verb == "comment":
        return {"truncate": "TRUNCATE TABLE"}.get(verb, verb.upper())
    if cursor.accept("or"):
        cursor.accept("replace")
    token = cursor.now
    if token.kind != IDENT:
        raise syntax(token.text, token.pos)
    return f"{verb.upper()} {_OBJECTS.get(token.value, token.value.upper())}"


def _show(cursor: Cursor) -> Command:
    pos = cursor.take().pos
    if cursor.accept("time", "zone"):
        return Command("show", "timezone", pos=pos)
    if cursor.accept("transaction", "isolation", "level"):
        return Command("show", "transaction_isolation", pos=pos)
    if cursor.accept("session", "authorization"):
        return Command("show", "session_authorization", pos=pos)
    return Command("show", "all" if cursor.accept("all") else _setting(cursor), pos=pos)


def _setting(cursor: Cursor) -> str:
    name = cursor.name()
    while cursor.skip("."):
        name += "." + cursor.any_name()
    return name


def _set(cursor: Cursor) -> Command:
    pos = cursor.take().pos
    if cursor.word("transaction") or cursor.word("session", "characteristics"):
        while cursor.now.kind != END and not cursor.symbol(";"):
            cursor.take()
        return Command("set transaction", pos=pos)
    flag = cursor.one_of("local", "session") or "session"
    if cursor.accept("time", "zone"):
        return Command("set", "timezone", _zone(cursor), flag, pos)
    if cursor.now.word in {"role", "constraints", "schema", "names", "xml"} or cursor.word("session", "authorization"):
        raise unsupported(f"SET {cursor.now.text.upper()}", cursor.pos)
    return _assignment(cursor, "set", flag, pos)


def _zone(cursor: Cursor) -> tuple[str, ...]:
    if cursor.accept("default") or cursor.accept("local"):
        return ()
    return (_value(cursor),)


def _assignment(cursor: Cursor, verb: str, flag: str, pos: int) -> Command:
    name = _setting(cursor)
    if verb.endswith("set") and cursor.accept("from"):
        raise unsupported("SET … FROM CURRENT", cursor.pos)
    if not cursor.accept("to"):
        cursor.need("=")
    if cursor.accept("default"):
        return Command(verb, name, (), flag, pos)
    values = [_value(cursor)]
    while cursor.skip(","):
        values.append(_value(cursor))
    return Command(verb, name, tuple(values), flag, pos)


def _value(cursor: Cursor) -> str:
    sign = ""
    if cursor.now.kind == OPERATOR and cursor.now.value in {"-", "+"}:
        sign = cursor.take().value.replace("+", "")
        if cursor.now.kind != NUMBER:
            cursor.fail()
    if cursor.now.kind not in {STRING, NUMBER, IDENT, QUOTED}:
        cursor.fail()
    return sign + cursor.take().value


def _reset(cursor: Cursor) -> Command:
    pos = cursor.take().pos
    if cursor.accept("time", "zone"):
        return Command("reset", "timezone", pos=pos)
    return Command("reset", "all" if cursor.accept("all") else _setting(cursor), pos=pos)


def _transaction(verb: str) -> Callable[[Cursor], Command]:
    def rule(cursor: Cursor) -> Command:
        pos = cursor.take().pos
        if verb == "start":
            cursor.expect("transaction")
        elif not cursor.accept("work"):
            cursor.accept("transaction")
        if verb == "rollback" and cursor.accept("to"):
            cursor.accept("savepoint")
            return Command("rollback to", cursor.name(), pos=pos)
        if verb in {"begin", "start"}:
            _modes(cursor)
        elif cursor.accept("and"):
            raise unsupported("AND CHAIN", cursor.pos)
        return Command({"start": "begin", "end": "commit", "abort": "rollback"}.get(verb, verb), verb, pos=pos)

    return rule


def _modes(cursor: Cursor) -> None:
    known = ("isolation", "level", "read", "write", "only", "repeatable", "committed", "uncommitted", "serializable")
    while cursor.one_of(*known, "deferrable", "not") or cursor.skip(","):
        pass


def _savepoint(cursor: Cursor) -> Command:
    verb, pos = cursor.now.word, cursor.take().pos
    if verb == "release":
        cursor.accept("savepoint")
    return Command(verb, cursor.name(), pos=pos)


def _alter(cursor: Cursor) -> Command | None:
    pos = cursor.pos
    following = cursor.peek().word
    if following == "system":
        cursor.take()
        cursor.take()
        if cursor.accept("set"):
            return _assignment(cursor, "alter system set", "", pos)
        cursor.expect("reset")
        return Command("alter system reset", "all" if cursor.accept("all") else _setting(cursor), pos=pos)
    if following in {"role", "user", "database"}:
        return _alter_object(cursor, "role" if following == "user" else following, pos)
    raise SqlError(f"cannot execute {_written(cursor)} in a read-only transaction", "25006")


def _alter_object(cursor: Cursor, kind: str, pos: int) -> Command:
    cursor.take()
    cursor.take()
    name = cursor.take().value if cursor.now.word in {"all", "current_user", "session_user"} else cursor.name()
    if cursor.accept("in", "database"):
        raise unsupported("ALTER ROLE … IN DATABASE", cursor.pos)
    cursor.accept("with")
    if cursor.accept("connection", "limit"):
        sign = "-" if cursor.skip("-") else ""
        if cursor.now.kind != NUMBER or not cursor.now.value.isdecimal():
            cursor.fail()
        return Command(f"alter {kind} limit", name, (sign + cursor.take().value,), pos=pos)
    if cursor.accept("set"):
        found = _assignment(cursor, f"alter {kind} set", "", pos)
        return Command(found.verb, name, (found.what, *found.values), "", pos)
    if cursor.accept("reset"):
        setting = "all" if cursor.accept("all") else _setting(cursor)
        return Command(f"alter {kind} reset", name, (setting,), pos=pos)
    if cursor.now.kind not in {IDENT, QUOTED}:
        cursor.fail()
    raise SqlError(f"cannot execute ALTER {kind.upper()} in a read-only transaction", "25006")


_RULES: dict[str, Callable[[Cursor], Command | None]] = {
    "show": _show,
    "set": _set,
    "reset": _reset,
    "alter": _alter,
    "savepoint": _savepoint,
    "release": _savepoint,
    **{verb: _transaction(verb) for verb in ("begin", "start", "commit", "end", "rollback", "abort")},
}
