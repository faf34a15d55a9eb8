"""A connection to a server: statements in turn, transactions, settings.

Separate from evaluation, which knows one statement. What a statement does to the server, the server does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from drill.sql.answer import Answer, Done, Rows, run_query
from drill.sql.faults import Notice, SqlError
from drill.sql.grammar.parse import parse
from drill.sql.running import Relation, Server
from drill.sql.statements import Command
from drill.sql.types import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.sql.nodes import Node
    from drill.sql.types import Value


class Administration(Server, Protocol):
    """A server that can be configured."""

    def show_all(self) -> list[tuple[str, str, str]]:
        """Return name, value and description of every parameter."""

    def change(self, command: Command) -> str:
        """Carry out SET, RESET, ALTER SYSTEM, ALTER ROLE, ALTER DATABASE; return the tag. Raise SqlError."""

    def begin(self) -> None:
        """Begin a transaction."""

    def end(self, *, committed: bool) -> None:
        """End the transaction."""


ABORTED = "current transaction is aborted, commands ignored until end of transaction block"


class _Frozen:
    """A server as one transaction sees it: its time stands still."""

    def __init__(self, server: Administration, now_us: int) -> None:
        self._server = server
        self.now_us = now_us

    def relation(self, schema: str, name: str) -> Relation | None:
        return self._server.relation(schema, name)

    def function(self, name: str, args: Sequence[Value]) -> Value:
        return self._server.function(name, args)

    def setting(self, name: str) -> str | None:
        return self._server.setting(name)


class Connection:
    """One session with a server."""

    def __init__(self, server: Administration) -> None:
        """Connect."""
        self.server = server
        self.state = "idle"
        """`idle`, `transaction` or `aborted`."""
        self._began_us = 0
        self._savepoints: list[str] = []

    def execute(self, text: str) -> Iterator[Answer]:
        """Yield the answers to the statements of a text; raise SqlError at the first that fails."""
        try:
            statements = parse(text)
        except SqlError:
            self._fail()
            raise
        several = len(statements) > 1
        for node in statements:
            try:
                yield self._run(node, several=several)
            except SqlError:
                self._fail()
                raise

    def _fail(self) -> None:
        if self.state == "transaction":
            self.state = "aborted"

    def _run(self, node: Node, *, several: bool) -> Answer:
        if self.state == "aborted" and not (isinstance(node, Command) and node.verb in _ENDS):
            raise SqlError(ABORTED, "25P02")
        if not isinstance(node, Command):
            return run_query(node, self._view())
        if node.verb in {"begin", "commit", "rollback", "savepoint", "release", "rollback to", "set transaction"}:
            return self._transaction(node)
        if node.verb == "show":
            return self._show(node.what)
        if node.verb.startswith("alter system") and (self.state != "idle" or several):
            msg = "ALTER SYSTEM cannot run inside a transaction block"
            raise SqlError(msg, "25001")
        if node.verb == "set" and node.flag == "local" and self.state == "idle":
            warning = Notice("WARNING", "SET LOCAL can only be used in transaction blocks", "25P01")
            self.server.change(Command("set check", node.what, node.values, node.flag))
            return Done("SET", (warning,))
        return Done(self.server.change(node))

    def _view(self) -> Server:
        now_us = self._began_us if self.state != "idle" else self.server.now_us
        return _Frozen(self.server, now_us)

    def _show(self, name: str) -> Rows:
        if name == "all":
            rows = tuple(self.server.show_all())
            return Rows(("name", "setting", "description"), (TEXT, TEXT, TEXT), rows, "SHOW")
        value = self.server.setting(name)
        if value is None:
            msg = f'unrecognized configuration parameter "{name}"'
            raise SqlError(msg, "42704")
        return Rows((_shown_name(name),), (TEXT,), ((value,),), "SHOW")

    def _transaction(self, node: Command) -> Done:
        verb, inside = node.verb, self.state != "idle"
        if verb == "set transaction":
            notice = Notice("WARNING", "SET TRANSACTION can only be used in transaction blocks", "25P01")
            return Done("SET", () if inside else (notice,))
        if verb == "begin":
            if inside:
                return Done("BEGIN", (Notice("WARNING", "there is already a transaction in progress", "25001"),))
            self.state, self._began_us, self._savepoints = "transaction", self.server.now_us, []
            self.server.begin()
            return Done("START TRANSACTION" if node.what == "start" else "BEGIN")
        if verb in {"commit", "rollback"}:
            return self._end(verb, inside=inside)
        return self._savepoint(verb, node.what, inside=inside)

    def _end(self, verb: str, *, inside: bool) -> Done:
        if not inside:
            return Done(verb.upper(), (Notice("WARNING", "there is no transaction in progress", "25P01"),))
        committed = verb == "commit" and self.state == "transaction"
        self.state = "idle"
        self.server.end(committed=committed)
        return Done("COMMIT" if committed else "ROLLBACK")

    def _savepoint(self, verb: str, name: str, *, inside: bool) -> Done:
        title = {"savepoint": "SAVEPOINT", "release": "RELEASE SAVEPOINT", "rollback to": "ROLLBACK TO SAVEPOINT"}[verb]
        if not inside:
            msg = f"{title} can only be used in transaction blocks"
            raise SqlError(msg, "25P01")
        if verb == "savepoint":
            self._savepoints.append(name)
            return Done("SAVEPOINT")
        if name not in self._savepoints:
            msg = f'savepoint "{name}" does not exist'
            raise SqlError(msg, "3B001")
        place = len(self._savepoints) - 1 - self._savepoints[::-1].index(name)
        if verb == "release":
            del self._savepoints[place:]
            return Done("RELEASE")
        del self._savepoints[place + 1 :]
        self.state = "transaction"
        return Done("ROLLBACK")


_ENDS = {"commit", "rollback", "rollback to"}


def _shown_name(name: str) -> str:
    return {"timezone": "TimeZone", "datestyle": "DateStyle", "intervalstyle": "IntervalStyle"}.get(name, name)
