"""psql: statements and backslash commands in, what psql would print out.

Separate from the server it is connected to, and from the backslash commands that list things.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from drill.console import backslash
from drill.console.layout import Style, layout
from drill.console.replies import Reply, together
from drill.console.splitting import Piece, Splitter
from drill.sql.answer import Answer, Rows
from drill.sql.faults import Notice, SqlError, report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.sql.types import Value

LONGEST = 65_536
"""Longest line that is taken."""


class Backend(Protocol):
    """What psql is connected to."""

    @property
    def prompt(self) -> str:
        """What the prompt begins with, such as `shop`."""

    @property
    def state(self) -> str:
        """`idle`, `transaction` or `aborted`."""

    def execute(self, text: str) -> Iterator[Answer]:
        """Yield the answers to a text; raise SqlError."""

    def refused(self) -> str:
        """Return why there is no connection; empty while there is one."""

    def warnings(self) -> Sequence[Notice]:
        """Return and forget what the server remarked."""

    def lookup(self, name: str, *columns: str) -> list[tuple[Value, ...]]:
        """Return some columns of a catalogue, for backslash commands."""

    def clock(self) -> str:
        """Return the time of day as a watch shows it."""


class Psql:
    """One psql."""

    def __init__(self, backend: Backend, style: Style | None = None) -> None:
        """Connect to a server."""
        self.backend = backend
        self.style = style or Style()
        self.timing = False
        self.last = ""
        """The latest statement, which running again repeats."""
        self._splitter = Splitter()
        self._watched: tuple[str, float] = ("", 0)

    @property
    def prompt(self) -> str:
        """What stands before the line to come."""
        mark = self._splitter.mark
        state = {"idle": "", "transaction": "*", "aborted": "!"}[self.backend.state]
        return f"{self.backend.prompt}{mark}{state}# "

    @property
    def fresh(self) -> bool:
        """Whether no statement is half typed."""
        return self._splitter.mark == "="

    def run(self, line: str) -> Reply:
        """Take one line as typed at the prompt."""
        if len(line) > LONGEST:
            self._splitter.reset()
            return Reply((f"ERROR:  a line of more than {LONGEST} characters is not taken",), 1)
        if len(self._splitter.pending) > LONGEST:
            self._splitter.reset()
            return Reply((f"ERROR:  a statement of more than {LONGEST} characters is not taken",), 1)
        bare = line.strip().rstrip(";").lower()
        if self.fresh and bare in {"exit", "quit"}:
            return Reply(leave=True)
        if self.fresh and bare == "help":
            return Reply(tuple(backslash.HELP))
        return together([self._do(piece) for piece in self._splitter.feed(line)])

    def whole(self, text: str) -> Reply:
        """Take a text as after `-c`: one backslash command, or statements that need no semicolon at the end."""
        if text.lstrip().startswith("\\"):
            return self._command("", text.lstrip()[1:])
        return self._send(text) if len(text) <= LONGEST else self.run(text)

    def cancel(self) -> Reply:
        """Forget what is half typed, as Ctrl+C does."""
        self._splitter.reset()
        return Reply()

    def again(self) -> Reply:
        """Give the next round of a watch."""
        statement, seconds = self._watched
        if not statement:
            return Reply()
        return self._watch_once(statement, seconds)

    def _do(self, piece: Piece) -> Reply:
        if piece.command or not piece.statement:
            return self._command(piece.statement, piece.command)
        return self._send(piece.statement)

    def _send(self, text: str, style: Style | None = None, title: str = "") -> Reply:
        refused = self.backend.refused()
        if refused:
            return Reply(tuple(refused.splitlines()), 2)
        if not text.strip().strip(";"):
            return Reply()
        self.last = text
        lines: list[str] = []
        try:
            for answer in self.backend.execute(text):
                lines += self._shown(answer, style or self.style, title)
        except SqlError as error:
            lines += self._noted(self.backend.warnings())
            lines += report(error, text).splitlines()
            if error.severity == "FATAL":
                lines += _LOST
            return Reply((*lines, *self._time()), 2 if error.severity == "FATAL" else 1)
        return Reply((*lines, *self._time()))

    def _time(self) -> tuple[str, ...]:
        return ("Time: 0.000 ms",) if self.timing else ()

    def _shown(self, answer: Answer, style: Style, title: str) -> list[str]:
        lines = self._noted((*self.backend.warnings(), *answer.notices))
        if isinstance(answer, Rows):
            return lines + layout(answer, style, title)
        return [*lines, answer.tag]

    def _noted(self, notices: Sequence[Notice]) -> list[str]:
        found = []
        for each in notices:
            found.append(f"{each.severity}:  {each.message}")
            found += [f"DETAIL:  {each.detail}"] if each.detail else []
            found += [f"HINT:  {each.hint}"] if each.hint else []
        return "\n".join(found).splitlines() if found else []

    def _command(self, statement: str, text: str) -> Reply:
        name, _, rest = text.partition(" ")
        argument = rest.strip().rstrip(";").strip()
        query = statement or self.last
        if name in {"g", "gx"}:
            style = replace(self.style, expanded="on") if name == "gx" else self.style
            return self._send(query, style)
        if name == "watch":
            return self._watch(query, argument)
        if name in {"q", "quit"}:
            return Reply(leave=True)
        if statement:  # what was typed before a command stays typed
            self._splitter.pending = statement
        if name in {"r", "reset"}:
            self._splitter.reset()
            return Reply(("Query buffer reset (cleared).",))
        if name in {"p", "print"}:
            return Reply(tuple((query or "Query buffer is empty.").splitlines()))
        return self._set(name, argument) or backslash.command(self, name, argument)

    def _set(self, name: str, argument: str) -> Reply | None:
        style = self.style
        if name == "x":
            wanted = argument or ("off" if style.expanded == "on" else "on")
            if wanted not in {"on", "off", "auto"}:
                text = f'unrecognized value "{wanted}" for "\\pset expanded": Boolean expected'
                return Reply((text,), 1)
            self.style = replace(style, expanded=wanted)
            words = "used automatically" if wanted == "auto" else wanted
            return Reply((f"Expanded display is {words}.",))
        if name == "a":
            self.style = replace(style, aligned=not style.aligned)
            return Reply((f"Output format is {'aligned' if self.style.aligned else 'unaligned'}.",))
        if name == "t":
            self.style = replace(style, tuples_only=not style.tuples_only if not argument else argument == "on")
            return Reply((f"Tuples only is {'on' if self.style.tuples_only else 'off'}.",))
        if name == "timing":
            self.timing = not self.timing if not argument else argument == "on"
            return Reply((f"Timing is {'on' if self.timing else 'off'}.",))
        return None

    def _watch(self, query: str, argument: str) -> Reply:
        try:
            seconds = float(argument) if argument else 2.0
        except ValueError:
            seconds = 0.0
        if not query:
            return Reply(("\\watch cannot be used with an empty query",), 1)
        if not 0.1 <= seconds <= 86_400:  # noqa: PLR2004 - a tenth of a second to a day
            return Reply((f'\\watch: "{argument}" is not a number of seconds from 0.1 to 86400',), 1)
        self._watched = (query, seconds)
        return self._watch_once(query, seconds)

    def _watch_once(self, query: str, seconds: float) -> Reply:
        title = f"{self.backend.clock()} (every {seconds:g}s)"
        found = self._send(query, title=title)
        if found.status:
            self._watched = ("", 0)
            return found
        return replace(found, repeat_us=round(seconds * 1_000_000))


_LOST = (
    "server closed the connection unexpectedly",
    "\tThis probably means the server terminated abnormally",
    "\tbefore or while processing the request.",
    "The connection to the server was lost. Attempting reset: Succeeded.",
)
