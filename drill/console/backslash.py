"""psql's backslash commands that show something: databases, roles, tables, the connection, help.

Separate from running statements. Lists read the same catalogues that statements read.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drill.console.layout import layout
from drill.console.objects import columns, oids
from drill.console.replies import Reply
from drill.sql.answer import Rows
from drill.sql.types import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.console.psql import Psql
    from drill.sql.types import Value

    Cells = Sequence[Sequence[str | None]]

HELP = (
    "You are using psql, the command-line interface to PostgreSQL.",
    "Type:  \\copyright for distribution terms",
    "       \\h for help with SQL commands",
    "       \\? for help with psql commands",
    "       \\g or terminate with semicolon to execute query",
    "       \\q to quit",
)
_COMMANDS = """\
This console knows these of psql's commands:
  \\d [NAME]       list tables, or describe a catalogue
  \\dt \\dn \\du     list tables, schemas, roles
  \\l              list databases
  \\conninfo       say what you are connected to
  \\x [on|off|auto] expanded output
  \\a \\t           unaligned output, rows only
  \\g \\gx          run the statement again, \\gx with expanded output
  \\watch [SEC]    run it again every SEC seconds of simulated time
  \\timing         show how long statements take
  \\echo TEXT      print TEXT
  \\p \\r           show or forget what is typed
  \\q              leave"""
_REFUSED = {"!", "copy", "i", "ir", "include", "o", "out", "e", "edit", "ef", "ev", "w", "cd", "lo_import", "lo_export",
            "setenv", "password", "s", "gexec", "gset", "gdesc", "crosstabview", "set", "unset", "pset", "if", "elif",
            "else", "endif", "prompt", "encoding", "errverbose", "f", "H", "html", "C", "T", "bind", "sf", "sv",
            "h", "help", "c", "connect", "z", "copyright"}  # fmt: skip


def command(psql: Psql, name: str, argument: str) -> Reply:
    """Return the reply to a command."""
    plain = name.rstrip("+")
    rule = _RULES.get(plain)
    if rule is not None:
        refused = psql.backend.refused()
        return Reply(tuple(refused.splitlines()), 2) if refused else rule(psql, argument)
    if plain == "echo":
        return Reply((argument,))
    if plain == "?":
        return Reply(tuple(_COMMANDS.splitlines()))
    if plain.startswith("d") or plain in _REFUSED:
        return Reply((f"\\{name}: not available in this console; \\? lists what is",), 1)
    return Reply((f"invalid command \\{name}", "Try \\? for help."), 1)


def _table(psql: Psql, title: str, names: tuple[str, ...], cells: Cells, *, footer: bool = True) -> Reply:
    from dataclasses import replace  # noqa: PLC0415 - beside its only use

    rows = Rows(names, (TEXT,) * len(names), tuple(tuple(row) for row in cells), "")
    return Reply(tuple(layout(rows, replace(psql.style, footer=footer), title)))


def _databases(psql: Psql, pattern: str) -> Reply:
    owners: dict[Value, Value] = dict(psql.backend.lookup("pg_roles", "oid", "rolname"))
    names = ("Name", "Owner", "Encoding", "Collate", "Ctype", "ICU Locale", "Locale Provider", "Access privileges")
    found = psql.backend.lookup("pg_database", "datname", "datdba", "datcollate", "datctype")
    template = "=c/postgres          +\npostgres=CTc/postgres".replace("          +", "")
    cells = [
        (
            name,
            owners.get(owner),
            "UTF8",
            collate,
            ctype,
            None,
            "libc",
            template if name.startswith("template") else None,
        )
        for name, owner, collate, ctype in sorted(found)
        if _fits(name, pattern)
    ]
    return _table(psql, "List of databases", names, cells)


def _fits(name: str, pattern: str) -> bool:
    return not pattern or fnmatchcase(name, pattern.lower())


def _roles(psql: Psql, pattern: str) -> Reply:
    flags = (("rolsuper", "Superuser"), ("rolcreaterole", "Create role"), ("rolcreatedb", "Create DB"))
    more = (("rolreplication", "Replication"), ("rolbypassrls", "Bypass RLS"))
    keys = [key for key, _ in (*flags, *more)]
    cells = []
    for name, login, limit, *values in sorted(
        psql.backend.lookup("pg_roles", "rolname", "rolcanlogin", "rolconnlimit", *keys)
    ):
        if not _fits(name, pattern) or (name.startswith("pg_") and not pattern):
            continue
        words = [text for (_, text), value in zip((*flags, *more), values, strict=True) if value]
        words[3:3] = [] if login else ["Cannot login"]
        text = ", ".join(words)
        if limit >= 0:
            text += ("\n" if text else "") + (
                "No connections" if not limit else f"{limit} connection{'s' * (limit > 1)}"
            )
        cells.append((name, text, "{}"))
    return _table(psql, "List of roles", ("Role name", "Attributes", "Member of"), cells, footer=False)


def _schemas(psql: Psql, pattern: str) -> Reply:
    cells = [("public", "pg_database_owner")] if _fits("public", pattern) else []
    return _table(psql, "List of schemas", ("Name", "Owner"), cells)


def _relations(psql: Psql, pattern: str) -> Reply:
    found = psql.backend.lookup("pg_tables", "schemaname", "tablename", "tableowner")
    cells = [(schema, name, "table", owner) for schema, name, owner in sorted(found) if _fits(name, pattern)]
    if not cells:
        text = f'Did not find any relation named "{pattern}".' if pattern else "Did not find any relations."
        return Reply((text,))
    return _table(psql, "List of relations", ("Schema", "Name", "Type", "Owner"), cells)


def _describe(psql: Psql, name: str) -> Reply:
    if not name:
        return _relations(psql, "")
    plain = name.lower().removeprefix("pg_catalog.").strip('"')
    if plain not in columns() or oids()[plain][1] != "v":
        known = plain in columns() or any(plain == each for (each,) in psql.backend.lookup("pg_tables", "tablename"))
        text = (
            f"\\d: describing table {plain} is not available in this console"
            if known
            else f'Did not find any relation named "{name}".'
        )
        return Reply((text,), 1)
    cells = [
        (column, kind.title, "C" if kind.name in {"name", "_name"} else None, None, None)
        for column, kind in columns()[plain]
    ]
    title = f'View "pg_catalog.{plain}"'
    return _table(psql, title, ("Column", "Type", "Collation", "Nullable", "Default"), cells, footer=False)


def _connection(psql: Psql, _: str) -> Reply:
    where = 'via socket in "/var/run/postgresql" at port "5432"'
    return Reply((f'You are connected to database "{psql.backend.prompt}" as user "postgres" {where}.',))


_RULES: dict[str, Callable[[Psql, str], Reply]] = {
    "l": _databases,
    "list": _databases,
    "du": _roles,
    "dg": _roles,
    "dn": _schemas,
    "dt": _relations,
    "d": _describe,
    "conninfo": _connection,
}
NAMES = sorted((*_RULES, "x", "a", "t", "timing", "watch", "g", "gx", "echo", "p", "r", "q", "?"))
"""Commands that completion offers."""
