"""Functions that every server answers alike: who and where one is, how big things are called, what may be seen.

Separate from those that read or change one particular server. A table of them is handed to a server with what it adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from drill.sql.faults import SqlError, unsupported
from drill.sql.moments import read as read_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from drill.sql.running import Relation
    from drill.sql.types import Value

VERSION = (
    "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) "
    "12.2.0, 64-bit"
)
SCHEMAS = {"pg_catalog": 11, "public": 2200, "information_schema": 13_500, "pg_toast": 99}
"""Oids of schemas by name."""


class Answering(Protocol):
    """What the answers need to know of a server."""

    role: str
    database: str

    def relation(self, schema: str, name: str) -> Relation | None:
        """Return a table or view."""

    def setting(self, name: str) -> str | None:
        """Return what SHOW shows."""


def answers(server: Answering) -> dict[str, Callable[..., Value]]:
    """Return functions by name."""
    return {
        **dict.fromkeys(("current_user", "session_user", "user", "current_role"), lambda: server.role),
        **dict.fromkeys(("current_database", "current_catalog"), lambda: server.database),
        "current_schema": lambda: "public",
        "current_schemas": lambda implicit: ("pg_catalog", "public") if implicit else ("public",),
        "version": lambda: VERSION,
        "current_setting": lambda name, missing_ok=False: _setting(server, name, missing_ok=missing_ok),
        "pg_is_in_recovery": lambda: False,
        "pg_postmaster_start_time": lambda: read_moment("2026-11-18 02:00:00.123456+00", "timestamptz", 0),
        "pg_get_userbyid": lambda oid: _named(server, "pg_roles", "oid", "rolname", oid) or f"unknown (OID={oid})",
        "pg_encoding_to_char": lambda number: {0: "SQL_ASCII", 6: "UTF8"}.get(number, ""),
        "format_type": _format_type,
        "pg_my_temp_schema": lambda: 0,
        "inet_client_addr": lambda: None,
        "inet_client_port": lambda: None,
        "inet_server_addr": lambda: None,
        "inet_server_port": lambda: None,
        "pg_rotate_logfile": lambda: True,
        **dict.fromkeys(("obj_description", "col_description", "shobj_description"), lambda *_: None),
        **dict.fromkeys(("pg_get_expr", "pg_get_indexdef", "pg_get_constraintdef"), lambda *_: None),
        **dict.fromkeys(("pg_table_is_visible", "pg_type_is_visible", "pg_function_is_visible"), lambda _: True),
        **dict.fromkeys(
            ("has_database_privilege", "has_schema_privilege", "has_table_privilege", "pg_has_role"), lambda *_: True
        ),
        **_names(server),
    }


def _names(server: Answering) -> dict[str, Callable[..., Value]]:
    """Return the casts between oids and names."""
    return {
        "to_regclass": lambda name: _oid(server, "pg_class", "relname", name, "relation"),
        "to_regrole": lambda name: _oid(server, "pg_roles", "rolname", name, "role"),
        "to_regnamespace": lambda name: SCHEMAS.get(name) or _missing("schema", name),
        "to_regtype": _type_oid,
        "to_regproc": lambda _: _no("a cast to regproc"),
        "from_regclass": lambda oid: _named(server, "pg_class", "oid", "relname", oid) or (str(oid) if oid else "-"),
        "from_regrole": lambda oid: _named(server, "pg_roles", "oid", "rolname", oid) or (str(oid) if oid else "-"),
        "from_regnamespace": lambda oid: next((name for name, each in SCHEMAS.items() if each == oid), str(oid)),
        "from_regtype": lambda oid: oid if isinstance(oid, str) else _format_type(oid, -1),
        "from_regproc": str,
    }


def _no(what: str) -> Value:
    raise unsupported(what)


def _setting(server: Answering, name: str, *, missing_ok: bool) -> str | None:
    found = server.setting(name)
    if found is None and not missing_ok:
        msg = f'unrecognized configuration parameter "{name}"'
        raise SqlError(msg, "42704")
    return found


def column_values(server: Answering, table: str, *columns: str) -> list[tuple[Value, ...]]:
    """Return some columns of all rows of a table; nothing for a table that is not there."""
    relation = server.relation("", table)
    if relation is None:
        return []
    names = [name for name, _ in relation.columns]
    places = [names.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in relation.rows()]


def _named(server: Answering, table: str, key: str, name: str, value: Value) -> str | None:
    return next((str(found) for each, found in column_values(server, table, key, name) if each == value), None)


def _oid(server: Answering, table: str, key: str, value: str, what: str) -> int:
    if value.isdecimal():
        return int(value)
    plain = value.rpartition(".")[2].strip('"')
    for name, oid in column_values(server, table, key, "oid"):
        if name == plain:
            return int(oid)
    return _missing(what, value)


def _missing(what: str, name: str) -> int:
    code = {"relation": "42P01", "schema": "3F000"}.get(what, "42704")
    msg = f'{what} "{name}" does not exist'
    raise SqlError(msg, code)


def _type_oid(name: str) -> str:
    from drill.sql.types import BY_TITLE, TYPES  # noqa: PLC0415 - beside its only use

    found = TYPES.get(name) or BY_TITLE.get(name)
    if found is None:
        msg = f'type "{name}" does not exist'
        raise SqlError(msg, "42704")
    return found.title


def _format_type(oid: int | None, mod: int | None = None) -> str | None:
    from drill.sql.types import TYPES  # noqa: PLC0415 - beside its only use

    del mod
    if oid is None:
        return None
    return next((each.title for each in TYPES.values() if each.oid == oid), "???")


def dispatch(table: Mapping[str, Callable[..., Value]], name: str, args: Sequence[Value]) -> Value:
    """Call one of the functions; raise SqlError for one this server does not have."""
    run = table.get(name)
    if run is None:
        raise unsupported(f"function {name}")
    return run(*args)
