"""A server made of recorded catalogue rows, each statement with fresh ones: what answers are compared on.

Separate from the simulation's server because nothing lives here: sessions that are terminated are there again for the
next statement, and time stands still.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drill.console.answers import answers, column_values, dispatch
from drill.console.parameters import Parameter, Parameters, defaults
from drill.errors import UsageError
from drill.sql import spelling
from drill.sql.answer import Rows
from drill.sql.connection import Connection
from drill.sql.faults import SqlError, report, unsupported
from drill.sql.types import BY_TITLE, TIMESTAMPTZ, TYPES, Type, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from drill.sql.statements import Command

_DATABASE_BYTES = 123_456_789_012
"""What pg_database_size answered while the answers were recorded; the rows themselves do not say."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A table of the fixture."""

    columns: tuple[tuple[str, Type], ...]
    values: tuple[tuple[Value, ...], ...]

    def rows(self) -> Iterable[tuple[Value, ...]]:
        """Return the rows."""
        return self.values


class Fixture:
    """Everything that was recorded."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 - any JSON value
        """Read what `read_fixture` found; raise UsageError for anything else."""
        try:
            self.now_us: int = spelling.read(TIMESTAMPTZ, raw["now"])
            self.tables = {name: _table(table) for name, table in raw["tables"].items()}
        except (KeyError, TypeError, AttributeError, ValueError, SqlError) as error:
            msg = f"this is no catalogue: {type(error).__name__}: {error}"
            raise UsageError(msg) from None
        known = dict(defaults())
        settings = self.tables.get("pg_settings")
        for row in settings.rows() if settings is not None else ():
            named = dict(zip((name for name, _ in settings.columns), row, strict=True)) if settings else {}
            name = str(named["name"])
            base = known.get(name.lower(), Parameter(name, "", "", "user", "string"))
            known[name.lower()] = replace(
                base, setting=str(named["setting"]), unit=named["unit"] or "", context=str(named["context"])
            )
        self.parameters = known


def read_fixture(path: Path) -> Fixture:
    """Return the fixture of a JSON file; raise UsageError."""
    try:
        return Fixture(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        msg = f"can't read the catalogue {path}: {error.strerror}"
        raise UsageError(msg) from None
    except ValueError as error:
        msg = f"{path}: {error}"
        raise UsageError(msg) from None


def _table(raw: Any) -> Recorded:  # noqa: ANN401 - any JSON value
    kinds = [_kind(column["type"]) for column in raw["columns"]]
    names = [str(column["name"]) for column in raw["columns"]]
    rows = tuple(tuple(_value(kind, cell) for kind, cell in zip(kinds, row, strict=True)) for row in raw["rows"])
    return Recorded(tuple(zip(names, kinds, strict=True)), rows)


def _kind(name: str) -> Type:
    found = BY_TITLE.get(name) or TYPES.get(name)
    if found is None:
        msg = f"unknown type {name}"
        raise ValueError(msg)
    return found


def _value(kind: Type, cell: Any) -> Value:  # noqa: ANN401 - any JSON value
    if cell is None:
        return None
    if kind.element is not None:
        return tuple(cell)
    if kind.category in {"D", "I"} or kind.name in {"xid", "numeric", "interval"}:
        return spelling.read(kind, str(cell))
    return float(cell) if kind.name in {"float4", "float8"} else cell


class FixtureServer:
    """A server over a fixture, for one statement."""

    def __init__(self, fixture: Fixture) -> None:
        """Start with the recorded rows."""
        self._fixture = fixture
        self.now_us = fixture.now_us
        self.role, self.database = "postgres", "app"
        self._parameters = Parameters(fixture.parameters)
        self._blockers: dict[int, tuple[int, ...]] | None = None
        self._functions = answers(self) | {
            "pg_terminate_backend": lambda *_: True,
            "pg_cancel_backend": lambda *_: True,
            "pg_reload_conf": lambda: True,
            "pg_backend_pid": lambda: 99_999,
            "pg_blocking_pids": self._blocking,
            "pg_database_size": lambda *_: _DATABASE_BYTES,
            "set_config": self._set_config,
        }

    def relation(self, schema: str, name: str) -> Recorded | None:
        """Return a recorded table."""
        return self._fixture.tables.get(name) if schema in {"", "pg_catalog", "public"} else None

    def function(self, name: str, args: Sequence[Value]) -> Value:
        """Answer a function."""
        return dispatch(self._functions, name, args)

    def setting(self, name: str) -> str | None:
        """Return what SHOW shows."""
        try:
            return self._parameters.find(name).shown()
        except SqlError:
            return None

    def show_all(self) -> list[tuple[str, str, str]]:
        """Return every parameter."""
        return [(each.name, each.shown(), each.description) for each in self._parameters.all()]

    def change(self, command: Command) -> str:
        """Set a parameter of the session; nothing else can be changed here."""
        if command.verb not in {"set", "reset"}:
            raise unsupported(command.verb.upper())
        value = ", ".join(command.values) if command.values else None
        if command.verb == "reset" and command.what == "all":
            self._parameters.session.clear()
        else:
            self._parameters.set(command.what, value, local=command.flag == "local")
        return command.verb.upper()

    def begin(self) -> None:
        """Begin a transaction."""
        self._parameters.begin()

    def end(self, *, committed: bool) -> None:
        """End a transaction."""
        self._parameters.end(committed=committed)

    def _set_config(self, name: str, value: str, local: bool) -> str:  # noqa: FBT001 - called as SQL calls it
        self._parameters.set(name, value, local=local)
        return self._parameters.find(name).shown()

    def _blocking(self, pid: int) -> tuple[int, ...]:
        """Return who holds what a backend waits for."""
        if self._blockers is None:
            self._blockers = {}
            locks = column_values(self, "pg_locks", "pid", "granted", "locktype", "transactionid", "relation")
            for waiter, _, *want in (lock for lock in locks if not lock[1]):
                holders = tuple(lock[0] for lock in locks if lock[1] and list(lock[2:]) == want)
                self._blockers[waiter] = self._blockers.get(waiter, ()) + holders
        return self._blockers.get(pid, ())


def answer(fixture: Fixture, text: str) -> dict[str, object]:
    """Return the answer to a text, of several statements the last one's: rows, a tag or an error."""
    found: dict[str, object] = {"tag": ""}
    try:
        for each in Connection(FixtureServer(fixture)).execute(text):
            if isinstance(each, Rows):
                oids = [kind.oid for kind in each.types]
                found = {"cols": list(each.names), "oids": oids, "rows": [list(row) for row in each.rows]}
            else:
                found = {"tag": each.tag}
    except SqlError as error:
        return {"err": report(error, text)}
    return found
