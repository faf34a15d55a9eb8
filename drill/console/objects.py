"""The lasting objects of the simulated PostgreSQL: databases, roles, tables, schemas; and its catalogues' columns.

Separate from sessions and locks, which come and go. What the simulation does not count is NULL.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from drill.console.answers import SCHEMAS
from drill.console.columns import COLUMNS
from drill.sql.types import BY_TITLE, TYPES, Type, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drill.telemetry.server import ServerState

DATABASE_OID, POSTGRES_OID, ROLE_OID, SUPERUSER_OID = 16_384, 5, 16_385, 10
SUPERUSER = "postgres"
_PREDEFINED = {
    "pg_checkpoint": 4544,
    "pg_database_owner": 6171,
    "pg_execute_server_program": 4571,
    "pg_monitor": 3373,
    "pg_read_all_data": 6181,
    "pg_read_all_settings": 3374,
    "pg_read_all_stats": 3375,
    "pg_read_server_files": 4569,
    "pg_signal_backend": 4200,
    "pg_stat_scan_tables": 3377,
    "pg_write_all_data": 6182,
    "pg_write_server_files": 4570,
}
_ACCESS_METHODS = {
    "heap": 2,
    "btree": 403,
    "hash": 405,
    "gist": 783,
    "gin": 2742,
    "brin": 3580,
    "spgist": 4000,
}
EMPTY = (
    "pg_foreign_table",
    "pg_inherits",
    "pg_policy",
    "pg_prepared_xacts",
    "pg_publication",
    "pg_publication_namespace",
    "pg_publication_rel",
    "pg_replication_slots",
    "pg_stat_gssapi",
    "pg_stat_progress_vacuum",
    "pg_stat_replication",
    "pg_statistic_ext",
    "pg_trigger",
)
"""Catalogues that have no rows here, as on any server without such things."""


@cache
def columns() -> dict[str, tuple[tuple[str, Type], ...]]:
    """Return the columns of every catalogue that can be read."""
    found = {}
    for line in COLUMNS.strip().splitlines():
        head, _, rest = line.partition(": ")
        pairs = [each.split(" ", 1) for each in rest.split(",")]
        found[head.split()[0]] = tuple((name, _kind(kind)) for name, kind in pairs)
    return found


@cache
def oids() -> dict[str, tuple[int, str]]:
    """Return oid and kind (`r` table, `v` view) of every catalogue that can be read."""
    heads = (line.partition(": ")[0].split() for line in COLUMNS.strip().splitlines())
    return {name: (int(oid), kind) for name, oid, kind in heads}


def _kind(title: str) -> Type:
    if title.endswith("[]"):
        return TYPES.get("_" + _kind(title[:-2]).name, TYPES["_text"])
    return TYPES.get(title) or BY_TITLE.get(title) or TYPES["text"]


def databases_used(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_stat_database."""
    yield {"datid": 0, "numbackends": 0}
    for oid, name in database_names(server):
        mine = oid == DATABASE_OID
        yield {
            "datid": oid,
            "datname": name,
            "numbackends": len(server.backends) + 1 if mine else 0,
            "deadlocks": server.deadlocks if mine else 0,
            "sessions": server.connects if mine else 0,
        }


def database_names(server: ServerState) -> tuple[tuple[int, str], ...]:
    """Return oid and name of every database."""
    own = (DATABASE_OID, server.name)
    return ((POSTGRES_OID, "postgres"), own, (1, "template1"), (4, "template0"))


def tables_used(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_stat_user_tables."""
    for name, oid in server.relations:
        yield {"relid": oid, "schemaname": "public", "relname": name}


def roles(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_roles."""
    limit = server.role_limit or -1
    config = tuple(f"{name}={us // 1000}ms" for name, us in server.role_timeouts_us)
    plain = dict.fromkeys(("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls"), False)
    common: dict[str, Value] = {**plain, "rolinherit": True, "rolpassword": "********", "rolconnlimit": -1}
    yield {
        **common,
        **dict.fromkeys(plain, True),
        "rolname": SUPERUSER,
        "rolcanlogin": True,
        "oid": SUPERUSER_OID,
    }
    for name, oid in _PREDEFINED.items():
        yield {**common, "rolname": name, "rolcanlogin": False, "oid": oid}
    own = {"rolname": server.role, "rolcanlogin": True, "oid": ROLE_OID}
    yield {**common, **own, "rolconnlimit": limit, "rolconfig": config or None}


def users(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_user."""
    for role in roles(server):
        if role["rolcanlogin"]:
            yield {"usename": role["rolname"], "usesysid": role["oid"], "usesuper": role["rolsuper"]} | {
                "usecreatedb": role["rolcreatedb"],
                "userepl": role["rolreplication"],
                "usebypassrls": role["rolbypassrls"],
                "passwd": "********",
                "useconfig": role.get("rolconfig"),
            }


def databases(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_database."""
    for oid, name in database_names(server):
        mine = oid == DATABASE_OID
        yield {
            "oid": oid,
            "datname": name,
            "datdba": ROLE_OID if mine else SUPERUSER_OID,
            "encoding": 6,
            "datlocprovider": "c",
            "datistemplate": name.startswith("template"),
            "datallowconn": name != "template0",
            "datconnlimit": (server.database_limit or -1) if mine else -1,
            "dattablespace": 1663,
            "datcollate": "C.UTF-8",
            "datctype": "C.UTF-8",
        }


def classes(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_class."""
    for name, oid in server.relations:
        yield {"oid": oid, "relname": name, "relnamespace": 2200, "relowner": ROLE_OID, "relkind": "r"} | {
            "relpersistence": "p"
        }
    for name, (oid, kind) in oids().items():
        yield {"oid": oid, "relname": name, "relnamespace": 11, "relowner": SUPERUSER_OID, "relkind": kind} | {
            "relpersistence": "p"
        }


def plain_tables(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_tables."""
    for name, _ in server.relations:
        yield {"schemaname": "public", "tablename": name, "tableowner": server.role}


def namespaces(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_namespace."""
    del server
    for name, oid in SCHEMAS.items():
        yield {"oid": oid, "nspname": name, "nspowner": SUPERUSER_OID}


def access_methods() -> Iterable[dict[str, Value]]:
    """Yield pg_am."""
    for name, oid in _ACCESS_METHODS.items():
        yield {"oid": oid, "amname": name, "amtype": "t" if name == "heap" else "i"}


def memberships() -> Iterable[dict[str, Value]]:
    """Yield pg_auth_members."""
    for name in ("pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"):
        yield {"roleid": _PREDEFINED[name], "member": _PREDEFINED["pg_monitor"], "grantor": 10, "admin_option": False}


def role_settings(server: ServerState) -> Iterable[dict[str, Value]]:
    """Yield pg_db_role_setting."""
    config = tuple(f"{name}={us // 1000}ms" for name, us in server.role_timeouts_us)
    if config:
        yield {"setdatabase": 0, "setrole": ROLE_OID, "setconfig": config}
