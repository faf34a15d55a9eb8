"""PgBouncer's admin console: SHOW, PAUSE, RESUME, RELOAD, KILL, SET.

Separate from PostgreSQL, whose language it does not speak. Columns, texts and defaults were captured from PgBouncer
1.18.0; what the simulation does not count is NULL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from drill.actions import pgbouncer as does
from drill.console.defaults_pgbouncer import DEFAULTS, SHOWN
from drill.console.pgbouncer_views import SHOWS, TIMES, clock, rows
from drill.errors import ActionError
from drill.sql.answer import Done
from drill.sql.faults import Notice, SqlError
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from drill.actions.action import Action
    from drill.console.port import Port
    from drill.sql.answer import Answer
    from drill.sql.types import Value

    Cells = list[tuple[Value, ...]]

_SET = re.compile(r"set\s+([a-z_]+)\s*(?:=|\bto\b)\s*(.+)$", re.IGNORECASE)
_LIMITS = get_args(does.SetPoolerLimit.__annotations__["setting"]) or (
    "default_pool_size", "min_pool_size", "reserve_pool_size", "max_client_conn"
)  # fmt: skip
_HELP = """
\tSHOW HELP|CONFIG|DATABASES|POOLS|CLIENTS|SERVERS|USERS|VERSION
\tSHOW FDS|SOCKETS|ACTIVE_SOCKETS|LISTS|MEM|STATE
\tSHOW DNS_HOSTS|DNS_ZONES
\tSHOW STATS|STATS_TOTALS|STATS_AVERAGES|TOTALS
\tSET key = arg
\tRELOAD
\tPAUSE [<db>]
\tRESUME [<db>]
\tDISABLE <db>
\tENABLE <db>
\tRECONNECT [<db>]
\tKILL <db>
\tSUSPEND
\tSHUTDOWN
\tWAIT_CLOSE [<db>]"""


class PgBouncer:
    """The admin console of a drill's PgBouncer."""

    prompt = "pgbouncer"
    state = "idle"

    def __init__(self, port: Port) -> None:
        """Connect."""
        self._port = port

    def refused(self) -> str:
        """Return why there is no connection; empty while PgBouncer listens."""
        if self._port.inspect().pooler is not None:
            return ""
        return (
            'psql: error: connection to server at "pgbouncer", port 6432 failed: Connection refused\n'
            "\tIs the server running on that host and accepting TCP/IP connections?"
        )

    def warnings(self) -> Sequence[Notice]:
        """Return nothing: its remarks come with answers."""
        return ()

    def lookup(self, name: str, *columns: str) -> list[tuple[Value, ...]]:
        """Return nothing: it has no catalogues."""
        del name, columns
        return []

    def clock(self) -> str:
        """Return the time of day."""
        return clock(self._port.inspect().at_us)

    def execute(self, text: str) -> Iterator[Answer]:
        """Yield the answer to a command; raise SqlError."""
        for part in text.split(";"):
            if part.strip():
                yield self._run(part.strip())

    def _run(self, text: str) -> Answer:
        words = text.lower().split()
        if words[0] == "show" and len(words) == 2:  # noqa: PLR2004 - SHOW and what
            return self._show(words[1], text)
        if words[0] == "set":
            return self._set(text)
        database = text.split()[1] if len(words) > 1 else ""
        action = _ACTIONS.get(words[0])
        if action is None or len(words) > 2:  # noqa: PLR2004 - a verb and a database
            raise _invalid(text)
        if words[0] == "kill" and not database:
            raise SqlError("a database is required", "08P01")
        if database and database != self._port.inspect().server.name:
            raise SqlError(f"no such database: {database}", "08P01")
        self._perform(action())
        return Done(words[0].upper())

    def _perform(self, action: Action) -> None:
        try:
            self._port.perform(action)
        except ActionError as error:
            raise SqlError(str(error), "08P01") from None

    def _set(self, text: str) -> Done:
        found = _SET.match(text)
        if found is None:
            raise _invalid(text)
        name, value = found[1].lower(), found[2].strip().strip("'")
        if name not in DEFAULTS or not DEFAULTS[name][1]:
            raise SqlError("SET failed", "08P01")
        if name not in _LIMITS and name not in TIMES:
            raise SqlError(f"SET {name} is not supported", "0A000")
        if not value.isdecimal() or len(value) > 6:  # noqa: PLR2004 - more than any size or a week of seconds
            raise SqlError("SET failed", "08P01")
        if name in _LIMITS:
            self._perform(does.SetPoolerLimit(setting=name, size=int(value)))  # type: ignore[arg-type]  # one of them
        else:
            us = int(value) * US_PER_S
            self._perform(does.SetPoolerTimeout(setting=name, timeout=us))  # type: ignore[arg-type]  # one of them
        return Done("SET")

    def _show(self, what: str, text: str) -> Answer:
        if what == "help":
            return Done("SHOW", (Notice("NOTICE", "Console usage", detail=_HELP),))
        names = SHOWN.get(what)
        rule = SHOWS.get(what)
        if names is None or rule is None:
            if what in {"fds", "sockets", "active_sockets", "mem", "state", "dns_hosts", "dns_zones", "totals"}:
                raise SqlError(f"SHOW {what.upper()} is not supported", "0A000")
            raise _invalid(text)
        inside = self._port.inspect()
        pooler = inside.pooler
        if pooler is None:
            raise SqlError("server closed the connection unexpectedly", "08006", severity="FATAL")
        self._port.look("pgbouncer")
        return rows(names, rule(inside, pooler))


def _invalid(text: str) -> SqlError:
    return SqlError(f"invalid command '{text}', use SHOW HELP;", "08P01")


_ACTIONS: dict[str, Callable[[], Action]] = {
    "pause": does.PausePooler,
    "resume": does.ResumePooler,
    "reload": does.ReloadPooler,
    "kill": does.KillPooler,
}


COMPLETIONS = sorted([*(f"SHOW {name.upper()}" for name in (*SHOWS, "help")), *map(str.upper, _ACTIONS), "SET"])
"""What completion offers."""
