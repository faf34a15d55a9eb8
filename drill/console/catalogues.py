"""The simulation as PostgreSQL's catalogues: rows for each view and table that can be read.

Separate from the server that is asked: here a frozen state becomes rows. What the simulation does not count is NULL and
never a made-up number; addresses are made from the names of pods, so that one pod has one address.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING
from zlib import crc32

from drill.console.objects import (
    DATABASE_OID,
    EMPTY,
    ROLE_OID,
    SUPERUSER,
    SUPERUSER_OID,
    access_methods,
    classes,
    columns,
    databases,
    databases_used,
    memberships,
    namespaces,
    oids,
    plain_tables,
    role_settings,
    roles,
    tables_used,
    users,
)
from drill.sql import moments
from drill.sql.addresses import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drill.console.parameters import Parameter
    from drill.sql.types import Value
    from drill.telemetry.server import Inside, ServerState

START_US: int = moments.read("2026-11-20 20:00:00+00", "timestamptz", 0)
"""The time of day at which every scenario begins."""
OWN_PID = 1_100
Rows = "Iterable[dict[str, Value]]"
_PROCESSES = (
    (1_051, "autovacuum launcher", "AutoVacuumMain", None),
    (1_052, "logical replication launcher", "LogicalLauncherMain", SUPERUSER),
    (1_053, "checkpointer", "CheckpointerMain", None),
    (1_054, "background writer", "BgWriterMain", None),
    (1_055, "walwriter", "WalWriterMain", None),
)
_MENTIONED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|TABLE)\s+(?:ONLY\s+)?([a-z_][a-z0-9_]*)", re.IGNORECASE)


class Catalogues:
    """One frozen state, as tables."""

    def __init__(self, inside: Inside, query: str, parameters: Callable[[], Iterable[Parameter]], ends_us: int) -> None:
        """Show a state to whoever runs `query`; `ends_us` is when the console connected."""
        self._inside = inside
        self._server: ServerState = inside.server
        self._query = query
        self._parameters = parameters
        self._connected_us = ends_us
        server = self._server
        self._tables: dict[str, Callable[[], Iterable[dict[str, Value]]]] = {
            "pg_stat_activity": self._activity,
            "pg_locks": self._locks,
            "pg_settings": self._settings,
            "pg_stat_database": partial(databases_used, server),
            "pg_stat_user_tables": partial(tables_used, server),
            "pg_roles": partial(roles, server),
            "pg_user": partial(users, server),
            "pg_database": partial(databases, server),
            "pg_class": partial(classes, server),
            "pg_tables": partial(plain_tables, server),
            "pg_namespace": partial(namespaces, server),
            "pg_extension": lambda: [{"oid": 13_576, "extname": "plpgsql", "extnamespace": 11, "extversion": "1.0"}],
            "pg_tablespace": lambda: [{"oid": 1663, "spcname": "pg_default"}, {"oid": 1664, "spcname": "pg_global"}],
            "pg_am": access_methods,
            "pg_auth_members": memberships,
            "pg_db_role_setting": partial(role_settings, server),
            **dict.fromkeys(EMPTY, list),
        }

    def rows(self, name: str) -> list[tuple[Value, ...]] | None:
        """Return the rows of a catalogue; None for one that is not kept."""
        table = self._tables.get(name)
        if table is None:
            return None
        names = [column for column, _ in columns()[name]]
        found = [tuple(row.get(column) for column in names) for row in table()]
        return [*found, *self._clients()] if name == "pg_stat_activity" else found

    def mentioned(self) -> set[str]:
        """Return the tables of the application, as far as statements and locks have named them."""
        texts = (each.query for each in self._server.backends)
        return {name for name, _ in self._server.relations} | {
            found.lower() for text in texts for found in _MENTIONED.findall(text)
        }

    def _activity(self) -> Iterable[dict[str, Value]]:
        for pid, kind, event, user in _PROCESSES:
            yield {
                "pid": pid,
                "usename": user,
                "usesysid": SUPERUSER_OID if user else None,
                "application_name": "",
                "backend_start": START_US - 64_800_000_000,
                "wait_event_type": "Activity",
                "wait_event": event,
                "query": "",
                "backend_type": kind,
            }
        yield self._own()

    def _own(self) -> dict[str, Value]:
        now = START_US + self._inside.at_us
        return {
            "datid": DATABASE_OID,
            "datname": self._server.name,
            "pid": OWN_PID,
            "usesysid": SUPERUSER_OID,
            "usename": SUPERUSER,
            "application_name": "psql",
            "client_port": -1,
            "backend_start": START_US + self._connected_us,
            "xact_start": now,
            "query_start": now,
            "state_change": now,
            "state": "active",
            "query": self._query,
            "backend_type": "client backend",
        }

    def _clients(self) -> Iterable[tuple[Value, ...]]:
        """Yield the rows of client backends, column by column, as there may be hundreds."""
        name, role = self._server.name, self._server.role
        for backend in self._server.backends:
            state_us, xact_us, started_us = backend.state_us, backend.xact_us, START_US + backend.started_us
            yield (
                *(DATABASE_OID, name, backend.pid, None, ROLE_OID, role, backend.application),
                *(address(backend.application), None, 32_768 + backend.pid * 7 % 28_000, started_us),
                None if xact_us is None else START_US + xact_us,
                START_US + state_us if backend.query else None,
                START_US + state_us,
                *(backend.wait_event_type, backend.wait_event, backend.state, backend.xid, None, None),
                *(backend.query, "client backend"),
            )

    def _locks(self) -> Iterable[dict[str, Value]]:
        oid_of = dict(self._server.relations)
        own = {"pid": OWN_PID, "granted": True, "fastpath": True, "virtualtransaction": "3/12"}
        relation = {"locktype": "relation", "database": DATABASE_OID, "relation": oids()["pg_locks"][0]}
        yield {**own, **relation, "mode": "AccessShareLock"}
        yield {**own, "locktype": "virtualxid", "virtualxid": "3/12", "mode": "ExclusiveLock"}
        for lock in self._server.locks:
            transaction = f"{lock.pid - 1_197}/7"
            page, _, place = lock.tuple_id.strip("()").partition(",")
            yield {
                "locktype": lock.locktype,
                "database": DATABASE_OID if lock.relation else None,
                "relation": oid_of.get(lock.relation),
                "page": int(page) if page else None,
                "tuple": int(place) if place else None,
                "virtualxid": transaction if lock.locktype == "virtualxid" else None,
                "transactionid": lock.transactionid,
                "virtualtransaction": transaction,
                "pid": lock.pid,
                "mode": lock.mode,
                "granted": lock.granted,
                "fastpath": lock.locktype == "virtualxid",
                "waitstart": None if lock.since_us is None else START_US + lock.since_us,
            }

    def _settings(self) -> Iterable[dict[str, Value]]:
        for each in self._parameters():
            yield {
                "name": each.name,
                "setting": each.setting,
                "unit": each.unit or None,
                "category": each.category,
                "short_desc": each.description,
                "context": each.context,
                "vartype": each.vartype,
                "source": each.source,
                "min_val": each.least or None,
                "max_val": each.most or None,
                "enumvals": each.choices or None,
                "boot_val": each.boot,
                "reset_val": each.setting,
                "pending_restart": each.pending,
            }


@cache
def address(application: str) -> Value:
    """Return the address of a pod or the pooler, made from its name."""
    number = crc32(application.encode())
    return make(4, (10 << 24) + (244 << 16) + (number % 8 << 8) + 2 + number // 8 % 250, 32)
