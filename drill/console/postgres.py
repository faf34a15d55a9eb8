"""The simulated PostgreSQL as a server: what is read comes from a frozen state, what is done goes through actions.

Separate from the catalogues, which only show. Signals that one statement sends are one action, carried out when the
statement is over: the real ones reach their processes after it, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drill.actions.backends import CancelBackends, TerminateBackends
from drill.actions.postgres import SetConnectionLimit, SetDatabaseTimeout, SetMaxConnections, SetRoleTimeout
from drill.console.answers import answers, dispatch
from drill.console.catalogues import OWN_PID, START_US, Catalogues
from drill.console.columns import OTHERS
from drill.console.objects import SUPERUSER, columns, databases, roles
from drill.console.parameters import Parameter, Parameters, defaults, unknown
from drill.errors import ActionError
from drill.sql.faults import Notice, SqlError, unsupported
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drill.actions.action import Action
    from drill.console.port import Port
    from drill.sql.statements import Command
    from drill.sql.types import Type, Value
    from drill.telemetry.server import Inside, ServerState

_TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")
_LONGEST_US = 7 * 86_400 * US_PER_S
_LOOKS = ("pg_stat_activity", "pg_locks")
"""Views that are recorded as looks."""


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[tuple[str, Type], ...]
    values: list[tuple[Value, ...]]

    def rows(self) -> Iterable[tuple[Value, ...]]:
        return self.values


class Postgres:
    """The database of a drill, as one superuser's connection sees it."""

    def __init__(self, port: Port) -> None:
        """Connect."""
        self._port = port
        self._inside: Inside = port.inspect()
        self._connected_us = self._inside.at_us
        self._pending: dict[str, int] = {}
        """What ALTER SYSTEM wrote and no reload has read, in microseconds."""
        self._signals: dict[str, list[int]] = {"terminate": [], "cancel": []}
        self._looked: list[str] = []
        self.warnings: list[Notice] = []
        """What the server remarked during this statement."""
        self.role, self.database = SUPERUSER, self._inside.server.name
        self._session = Parameters(self._parameters())
        self._catalogues = self._read("")
        self._functions = answers(self) | {
            "pg_terminate_backend": lambda pid, *_: self._signal("terminate", pid),
            "pg_cancel_backend": lambda pid: self._signal("cancel", pid),
            "pg_reload_conf": self._reload,
            "pg_backend_pid": lambda: OWN_PID,
            "pg_blocking_pids": self._blocking,
            "set_config": self._set_config,
        }

    @property
    def now_us(self) -> int:
        """Simulated time as a time of day."""
        return START_US + self._inside.at_us

    @property
    def inside(self) -> Inside:
        """The state this statement sees."""
        return self._inside

    def start(self, query: str) -> None:
        """Look at the simulation afresh, for one statement."""
        self._inside = self._port.inspect()
        self._session.base = self._parameters()
        self._catalogues = self._read(query)
        self.warnings = []

    def finish(self) -> None:
        """Carry out what the statement asked for, and record what it looked at."""
        for view in self._looked:
            self._port.look(view)
        self._looked = []
        signals, self._signals = self._signals, {"terminate": [], "cancel": []}
        if signals["cancel"]:
            self._port.perform(CancelBackends(pids=tuple(dict.fromkeys(signals["cancel"]))))
        if signals["terminate"]:
            self._port.perform(TerminateBackends(pids=tuple(dict.fromkeys(signals["terminate"]))))

    def _read(self, query: str) -> Catalogues:
        return Catalogues(self._inside, query, self._session.all, self._connected_us)

    # What statements read.

    def relation(self, schema: str, name: str) -> _Table | None:
        """Return a catalogue; raise SqlError for one that exists and can't be read here."""
        if schema in {"", "pg_catalog"}:
            rows = self._catalogues.rows(name)
            if rows is not None:
                if name in _LOOKS and name not in self._looked:
                    self._looked.append(name)
                return _Table(columns()[name], rows)
            if name == "pg_stat_statements":
                msg = "pg_stat_statements must be loaded via shared_preload_libraries"
                raise SqlError(msg, "55000")
            if name in OTHERS:
                raise unsupported(f'reading "{name}"')
        if schema == "information_schema":
            raise unsupported(f'reading "information_schema.{name}"')
        if schema in {"", "public"} and name in self._catalogues.mentioned():
            raise unsupported(f'reading table "{name}" of the application')
        return None

    def function(self, name: str, args: Sequence[Value]) -> Value:
        """Answer a function, or note what it asks for."""
        return dispatch(self._functions, name, args)

    def setting(self, name: str) -> str | None:
        """Return what SHOW shows."""
        try:
            return self._session.find(name).shown()
        except SqlError:
            return None

    def show_all(self) -> list[tuple[str, str, str]]:
        """Return every parameter."""
        return [(each.name, each.shown(), each.description) for each in self._session.all()]

    def _parameters(self) -> dict[str, Parameter]:
        server = self._inside.server
        found = dict(defaults())
        values = {
            "max_connections": str(server.max_connections),
            "superuser_reserved_connections": str(server.reserved),
            "shared_buffers": str(server.shared_buffers // 8192),
            "deadlock_timeout": str(server.deadlock_timeout_us // 1000),
            **{name: str(us // 1000) for name, us in server.timeouts_us},
        }
        for name, value in values.items():
            known = found[name]
            source = "default" if value == known.boot else "configuration file"
            waits = name == "max_connections" and server.wanted_connections != server.max_connections
            found[name] = replace(known, setting=value, source=source, pending=waits)
        return found

    def _blocking(self, pid: int) -> tuple[int, ...]:
        return next((each.blocked_by for each in self._inside.server.backends if each.pid == pid), ())

    # What statements do.

    def _signal(self, kind: str, pid: int) -> bool:
        if pid == OWN_PID:
            text = "terminating connection due to administrator command"
            if kind == "cancel":
                raise SqlError("canceling statement due to user request", "57014")
            raise SqlError(text, "57P01", severity="FATAL")
        if not any(each.pid == pid for each in self._inside.server.backends):
            self.warnings.append(Notice("WARNING", f"PID {pid} is not a PostgreSQL backend process", "01000"))
            return False
        self._signals[kind].append(pid)
        return True

    def _reload(self) -> bool:
        pending, self._pending = self._pending, {}
        for setting, us in pending.items():
            self._perform(SetDatabaseTimeout(setting=setting, timeout=us))  # type: ignore[arg-type]  # one of them
        return True

    def _perform(self, action: Action) -> None:
        try:
            self._port.perform(action)
        except ActionError as error:
            raise SqlError(str(error), "22023") from None

    def _set_config(self, name: str, value: str, local: bool) -> str:  # noqa: FBT001 - called as SQL calls it
        self._session.set(name, value, local=local)
        return self._session.find(name).shown()

    def begin(self) -> None:
        """Begin a transaction."""
        self._session.begin()

    def end(self, *, committed: bool) -> None:
        """End a transaction."""
        self._session.end(committed=committed)

    def change(self, command: Command) -> str:
        """Carry out SET, RESET, ALTER SYSTEM, ALTER ROLE or ALTER DATABASE."""
        verb, values = command.verb, command.values
        if verb in {"set", "set check"}:
            if verb == "set":
                self._session.set(command.what, ", ".join(values) if values else None, local=command.flag == "local")
            else:
                self._session.find(command.what)
        elif verb == "reset":
            if command.what == "all":
                self._session.session.clear()
            else:
                self._session.set(command.what, None, local=False)
        elif verb == "alter system set":
            self._alter_system(command.what, ", ".join(values))
        elif verb.endswith(("set", "limit")) and values:
            what = verb.rpartition(" ")[2]
            self._perform(_altered(self._inside.server, verb.split()[1], command.what, what, values))
        else:
            raise unsupported(verb.upper())
        return " ".join(verb.split()[:2]).upper() if verb.startswith("alter") else verb.split()[0].upper()

    def _alter_system(self, name: str, value: str) -> None:
        known = defaults().get(name.lower())
        if known is None:
            raise unknown(name)
        if known.context == "internal":
            raise SqlError(f'parameter "{known.name}" cannot be changed', "55P02")
        if not value:
            raise unsupported(f"ALTER SYSTEM SET {known.name} TO DEFAULT")
        read = known.read(value)
        if known.name in _TIMEOUTS:
            self._pending[known.name] = _micros(known.name, read)
        elif known.name == "max_connections":
            self._perform(SetMaxConnections(limit=int(read), restart=False))
        else:
            raise unsupported(f"ALTER SYSTEM SET {known.name}")


def _micros(name: str, milliseconds: str) -> int:
    us = int(milliseconds) * 1000
    if us > _LONGEST_US:
        raise unsupported(f"{name} above seven days")
    return us


def _altered(
    server: ServerState, kind: str, name: str, what: str, values: tuple[str, ...]
) -> SetConnectionLimit | SetRoleTimeout:
    """Return the action of ALTER ROLE or ALTER DATABASE on the application's own; raise SqlError."""
    own = server.role if kind == "role" else server.name
    if name != own:
        known = roles(server) if kind == "role" else databases(server)
        if any(name in row.values() for row in known):
            raise unsupported(f"changing {kind} {name}")
        code = "42704" if kind == "role" else "3D000"
        raise SqlError(f'{kind} "{name}" does not exist', code)
    if what == "limit":
        limit = int(values[0])
        if limit == 0:
            raise unsupported("CONNECTION LIMIT 0")
        if limit < -1:
            raise SqlError(f"invalid connection limit: {limit}", "22023")
        return SetConnectionLimit(of=kind, limit=max(limit, 0))  # type: ignore[arg-type]  # role or database
    setting = values[0].lower()
    if setting not in defaults():
        raise unknown(values[0])
    if kind != "role" or setting not in _TIMEOUTS or len(values) < 2:  # noqa: PLR2004 - a name and a value
        raise unsupported(f"ALTER {kind.upper()} … SET {setting}")
    us = _micros(setting, defaults()[setting].read(values[1]))
    return SetRoleTimeout(setting=setting, timeout=us)  # type: ignore[arg-type]  # one of the timeouts
