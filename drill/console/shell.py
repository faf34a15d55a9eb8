"""The responder's shell: lines in, replies out, over one drill in progress.

Separate from the programs it runs, of which there are two so far: psql on the database, and psql on PgBouncer's admin
console. A line that begins with the word psql starts one of them anew; everything else goes to the one at hand.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drill.console.answers import column_values
from drill.console.completion import Completion, complete
from drill.console.layout import Style
from drill.console.pgbouncer import PgBouncer
from drill.console.pgbouncer_views import clock
from drill.console.postgres import Postgres
from drill.console.psql import Psql
from drill.console.replies import Reply, together
from drill.sql.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.console.port import Port
    from drill.sql.answer import Answer
    from drill.sql.faults import Notice
    from drill.sql.types import Value

_SORRY = 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '


class DatabaseBackend:
    """A connection to the simulated PostgreSQL."""

    def __init__(self, port: Port) -> None:
        """Connect."""
        self._port = port
        self.server = Postgres(port)
        self._connection = Connection(self.server)
        self._life = self.server.inside.server.life
        self._welcome = False

    @property
    def prompt(self) -> str:
        """The name of the database."""
        return self.server.database

    @property
    def state(self) -> str:
        """The state of the transaction."""
        return self._connection.state

    def refused(self) -> str:
        """Return why there is no connection; a superuser needs one free slot, and only when it connects."""
        state = self._port.inspect().server
        if state.refusal:
            text = state.refusal if state.refusal.startswith("FATAL") else "Connection refused"
            return _SORRY + text
        if state.life != self._life:
            self._life, self._welcome = state.life, False
            self._connection = Connection(self.server)
        if not self._welcome and state.slots_in_use >= state.max_connections:
            return _SORRY + "FATAL:  sorry, too many clients already"
        self._welcome = True
        return ""

    def execute(self, text: str) -> Iterator[Answer]:
        """Yield the answers to a text; raise SqlError."""
        self.server.start(text.strip())
        try:
            yield from self._connection.execute(text)
        finally:
            self.server.finish()

    def warnings(self) -> Sequence[Notice]:
        """Return and forget what the server remarked."""
        found, self.server.warnings = self.server.warnings, []
        return found

    def lookup(self, name: str, *columns: str) -> list[tuple[Value, ...]]:
        """Return some columns of a catalogue."""
        self.server.start("")
        return column_values(self.server, name, *columns)

    def clock(self) -> str:
        """Return the time of day."""
        return clock(self._port.inspect().at_us)


@dataclass(slots=True)
class _Call:
    """What a line that starts psql asks for."""

    database: str = ""
    commands: list[str] = field(default_factory=list)
    style: Style = field(default_factory=Style)
    wrong: str = ""


class Shell:
    """One console of one responder."""

    def __init__(self, port: Port, columns: int = 80) -> None:
        """Connect psql to the database; nothing is recorded before something is asked."""
        self._port = port
        self._columns = columns
        self._database = Psql(DatabaseBackend(port), Style(columns=columns))
        self._at_hand = self._database

    @property
    def prompt(self) -> str:
        """What stands before the line to come."""
        return self._at_hand.prompt

    def run(self, line: str) -> Reply:
        """Take one line as typed; a statement without its semicolon waits for more lines."""
        if self._at_hand.fresh and line.split(maxsplit=1)[:1] == ["psql"]:
            return self._start(line)
        reply = self._at_hand.run(line)
        if reply.leave and self._at_hand is not self._database:
            self._at_hand = self._database
            return replace(reply, leave=False)
        return reply

    def whole(self, text: str) -> Reply:
        """Take a text as after `-c`: it needs no semicolon at its end."""
        if text.split(maxsplit=1)[:1] == ["psql"]:
            return self._start(text)
        return self._at_hand.whole(text)

    def again(self) -> Reply:
        """Give the next round of a watch."""
        return self._at_hand.again()

    def cancel(self) -> Reply:
        """Forget what is half typed, as Ctrl+C does."""
        return self._at_hand.cancel()

    def complete(self, line: str, cursor: int) -> Completion:
        """Return what the word before the cursor could become."""
        return complete(line[:cursor], admin=isinstance(self._at_hand.backend, PgBouncer))

    def _start(self, line: str) -> Reply:
        call = _read(line, Style(columns=self._columns))
        if call.wrong:
            return Reply((call.wrong, 'Try "psql --help" for more information.'), 1)
        name = self._port.inspect().server.name
        if call.database not in {"", name, "pgbouncer", "postgres"}:
            return Reply((f'{_SORRY}FATAL:  database "{call.database}" does not exist',), 2)
        backend = PgBouncer(self._port) if call.database == "pgbouncer" else DatabaseBackend(self._port)
        psql = Psql(backend, call.style)
        refused = backend.refused()
        if refused:
            return Reply(tuple(refused.splitlines()), 2)
        if call.commands:
            return together([psql.whole(each) for each in call.commands])
        self._at_hand = psql
        if call.database != "pgbouncer":
            self._database = psql
        server = "1.18.0/bouncer" if call.database == "pgbouncer" else ""
        version = f"psql (15.18, server {server})" if server else "psql (15.18)"
        return Reply((version, 'Type "help" for help.', ""))


_FLAGS = {"x", "A", "t", "q", "X", "w", "W", "e", "E"}
_VALUES = {"h", "p", "U", "d", "c", "F", "P", "v"}


def _read(line: str, style: Style) -> _Call:
    """Return what a line that starts psql asks for."""
    call = _Call(style=style)
    try:
        words = shlex.split(line)[1:]
    except ValueError as error:
        call.wrong = f"psql: {error}"
        return call
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            call.database = call.database or word
        elif word.startswith("--"):
            call.wrong = f"psql: unrecognized option '{word}'"
        else:
            _letters(call, word[1:], words)
    return call


def _letters(call: _Call, letters: str, words: list[str]) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in _VALUES:
            if not letters and not words:
                call.wrong = f"psql: option requires an argument -- '{letter}'"
                return
            value = letters or words.pop(0)
            letters = ""
            if letter == "c":
                call.commands.append(value)
            elif letter == "d":
                call.database = value
            elif letter == "F":
                call.style = replace(call.style, separator=value)
        elif letter in _FLAGS:
            changes = {"x": {"expanded": "on"}, "A": {"aligned": False}, "t": {"tuples_only": True}}
            call.style = replace(call.style, **changes.get(letter, {}))  # type: ignore[arg-type]  # fields of a style
        else:
            call.wrong = f"psql: invalid option -- '{letter}'"
            return
