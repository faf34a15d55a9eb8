"""What SHOW shows on PgBouncer's console.

Separate from its commands. Columns are those of PgBouncer 1.18.0; what the simulation does not count is NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.console.catalogues import START_US, address
from drill.console.defaults_pgbouncer import DEFAULTS
from drill.sql import moments, spelling
from drill.sql.answer import Rows
from drill.sql.types import INT8, TEXT, TYPES
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.types import Value
    from drill.telemetry.server import Inside, PoolerInside

    Cells = list[tuple[Value, ...]]

TIMES = (
    "query_wait_timeout", "reserve_pool_timeout", "server_idle_timeout", "server_lifetime", "server_login_retry"
)  # fmt: skip
"""Settings in seconds."""
_USED_US = 30 * US_PER_S
"""When an idle server counts as used; server_check_delay."""


def rows(names: tuple[str, ...], cells: Cells) -> Rows:
    """Return cells as a result; columns of whole numbers are typed as such."""
    kinds = []
    for index in range(len(names)):
        sample = [row[index] for row in cells if row[index] is not None]
        kinds.append(INT8 if sample and all(isinstance(each, int) for each in sample) else TEXT)
    shown = tuple(tuple(None if cell is None else str(cell) for cell in row) for row in cells)
    return Rows(names, tuple(kinds), shown, "SHOW")


def _pools(inside: Inside, pooler: PoolerInside) -> Cells:
    server = inside.server
    linked = sum(busy for _, busy, _, _ in pooler.servers)
    used = sum(not busy and inside.at_us - since > _USED_US for _, busy, _, since in pooler.servers)
    idle = len(pooler.servers) - linked - used
    wait = divmod(pooler.oldest_wait_us, US_PER_S)
    clients = (pooler.clients - pooler.waiting, pooler.waiting, 0, 0)
    return [
        (
            server.name,
            server.role,
            *clients,
            linked,
            0,
            0,
            idle,
            used,
            0,
            pooler.servers_logging_in,
            *wait,
            pooler.mode,
        ),
        ("pgbouncer", "pgbouncer", 1, *[0] * 12, "statement"),
    ]


def _stats(inside: Inside, pooler: PoolerInside) -> Cells:
    del pooler
    return [(inside.server.name, *[None] * 14), ("pgbouncer", *[0] * 14)]


def _moment(at_us: int) -> str:
    return spelling.write(TYPES["timestamp"], (START_US + at_us) // US_PER_S * US_PER_S) + " UTC"


def clock(at_us: int) -> str:
    """Return a time of day as C's `%c` writes it."""
    return moments.split(START_US + at_us).strftime("%a %b %e %H:%M:%S %Y")


def _clients(inside: Inside, pooler: PoolerInside) -> Cells:
    server = inside.server
    linked = [pid for pid, busy, _, _ in pooler.servers if busy]
    found: Cells = []
    for number in range(pooler.clients):
        waits = number >= pooler.clients - pooler.waiting
        pid = linked[number] if number < len(linked) and not waits else None
        link = "" if pid is None else f"0x5581c{pid:06x}"
        state = "waiting" if waits else "active"
        times = (None, None, 0, 0, 0)
        found.append(
            (
                "C",
                server.role,
                server.name,
                state,
                None,
                None,
                None,
                6432,
                *times,
                f"0x5582c{number:06x}",
                link,
                0,
                "",
                "",
            )
        )
    return found


def _servers(inside: Inside, pooler: PoolerInside) -> Cells:
    server, own = inside.server, spelling.write(TYPES["inet"], address("pgbouncer"))
    found: Cells = []
    for pid, busy, started_us, since_us in pooler.servers:
        state = "active" if busy else "used" if inside.at_us - since_us > _USED_US else "idle"
        times = (_moment(started_us), _moment(since_us), 0, 0, 0)
        places = ("postgres", 5432, own, 32_768 + pid * 7 % 28_000)
        found.append(("S", server.role, server.name, state, *places, *times, f"0x5581c{pid:06x}", "", pid, "", ""))
    return found


def _databases(inside: Inside, pooler: PoolerInside) -> Cells:
    server, settings = inside.server, dict(pooler.settings)
    size, least, reserve = (settings[each] for each in ("default_pool_size", "min_pool_size", "reserve_pool_size"))
    return [
        (server.name, "postgres", 5432, server.name, None, size, least, reserve, None, 0, len(pooler.servers),
         int(pooler.paused), 0),
        ("pgbouncer", None, 6432, "pgbouncer", "pgbouncer", 2, 0, 0, "statement", 0, 0, 0, 0),
    ]  # fmt: skip


def _config(inside: Inside, pooler: PoolerInside) -> Cells:
    del inside
    settings = dict(pooler.settings)
    found: Cells = []
    for name, (default, changeable) in DEFAULTS.items():
        value: Value = default
        if name in settings:
            value = settings[name] // US_PER_S if name in TIMES else settings[name]
        elif name == "pool_mode":
            value = pooler.mode
        found.append((name, str(value), default, "yes" if changeable else "no"))
    return found


def _lists(inside: Inside, pooler: PoolerInside) -> Cells:
    del inside
    linked = sum(busy for _, busy, _, _ in pooler.servers)
    return [
        ("databases", 2), ("users", 2), ("pools", 2), ("free_clients", 50), ("used_clients", pooler.clients + 1),
        ("login_clients", 0), ("free_servers", 50), ("used_servers", linked), ("dns_names", 1), ("dns_zones", 0),
        ("dns_queries", 0), ("dns_pending", 0),
    ]  # fmt: skip


def _users(inside: Inside, pooler: PoolerInside) -> Cells:
    del pooler
    return [(inside.server.role, None), ("pgbouncer", None)]


SHOWS: dict[str, Callable[[Inside, PoolerInside], Cells]] = {
    "pools": _pools,
    "stats": _stats,
    "clients": _clients,
    "servers": _servers,
    "databases": _databases,
    "config": _config,
    "lists": _lists,
    "users": _users,
    "version": lambda *_: [("PgBouncer 1.18.0",)],
}
