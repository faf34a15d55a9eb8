"""What was said on the console of a run: lines, history, a watch that goes on.

Separate from the screen, which comes and goes while all this stays. Nothing here draws. The console itself is imported
late, beside a run that has begun, because no page needs it.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from drill.console.port import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.action import Action
    from drill.console.replies import Reply
    from drill.console.shell import Shell
    from drill.telemetry.server import Inside
    from drill.tui.run import LiveRun

MOST_LINES = 5_000
"""Older lines are forgotten."""
MOST_HISTORY = 500
_BAD = ("ERROR:", "FATAL:", "PANIC:", "psql: error:")
WELCOME = "psql on the database of this run; \\? lists commands, \\q leaves, psql pgbouncer opens the pooler's console"


class Spoken(NamedTuple):
    """One line on the console."""

    text: str
    role: str = "text"


class _Port:
    """The run as the console needs it."""

    def __init__(self, run: LiveRun) -> None:
        self._run = run

    def inspect(self) -> Inside:
        return self._run.inspect()

    def perform(self, action: Action) -> str:
        self._run.do(action, by=ORIGIN)
        return self._run.notes[-1].text

    def look(self, view: str) -> None:
        self._run.look(view, by=ORIGIN)

    def wait(self, us: int) -> bool:
        del us  # time goes on by itself
        return False


class Talk:
    """A console and everything said on it so far."""

    def __init__(self, run: LiveRun) -> None:
        """Begin, without a connection yet."""
        self._run = run
        self._opened: Shell | None = None
        self.lines: tuple[Spoken, ...] = (Spoken(WELCOME, "muted"),)
        """Everything said, oldest first."""
        self.history: list[str] = []
        """What was typed, oldest first."""
        self._at = 0
        self._draft = ""
        self._due_us: int | None = None

    @property
    def prompt(self) -> str:
        """What stands before the line to come."""
        return self._shell.prompt

    @property
    def watching(self) -> bool:
        """Whether a statement is repeated until somebody stops it."""
        return self._due_us is not None

    def type(self, line: str) -> Reply:
        """Take a line."""
        self._due_us = None
        if line.strip() and (not self.history or self.history[-1] != line):
            self.history = [*self.history, line][-MOST_HISTORY:]
        self._at, self._draft = len(self.history), ""
        self._say([Spoken(self.prompt + line, "key")])
        return self._heard(self._shell.run(line))

    def go_on(self) -> bool:
        """Give the next round of a watch if it is due; return whether anything was said."""
        if self._due_us is None or self._run.frame.snapshot.at_us < self._due_us:
            return False
        self._heard(self._shell.again())
        return True

    def cancel(self, typed: str) -> None:
        """Stop a watch, and forget what is half typed."""
        self._due_us = None
        self._say([Spoken(f"{self.prompt}{typed}^C", "muted")])
        self._shell.cancel()

    def clear(self) -> None:
        """Forget the lines, not the history."""
        self.lines = ()

    def earlier(self, typed: str) -> str:
        """Return the line typed before the one that is shown."""
        if self._at == len(self.history):
            self._draft = typed
        self._at = max(0, self._at - 1)
        return self.history[self._at] if self.history else typed

    def later(self, typed: str) -> str:
        """Return the line typed after the one that is shown; after the last one, what was being typed."""
        if self._at >= len(self.history):
            return typed
        self._at += 1
        return self._draft if self._at == len(self.history) else self.history[self._at]

    def complete(self, typed: str, cursor: int) -> tuple[str, int]:
        """Return the line with the word before the cursor completed as far as it is certain, and the cursor.

        Candidates are listed when nothing is certain.
        """
        start, candidates = self._shell.complete(typed, cursor)
        if not candidates:
            return typed, cursor
        word = candidates[0] + " " if len(candidates) == 1 else _common(candidates)
        if len(word) <= cursor - start and len(candidates) > 1:
            self._say([Spoken("  ".join(candidates), "muted")])
            return typed, cursor
        return typed[:start] + word + typed[cursor:], start + len(word)

    @property
    def _shell(self) -> Shell:
        if self._opened is None:
            from drill.console.shell import Shell  # noqa: PLC0415 - see above

            self._opened = Shell(_Port(self._run))
        return self._opened

    def _heard(self, reply: Reply) -> Reply:
        self._say([Spoken(line, "bad" if line.lstrip().startswith(_BAD) else "text") for line in reply.lines])
        self._due_us = self._run.frame.snapshot.at_us + reply.repeat_us if reply.repeat_us else None
        return reply

    def _say(self, spoken: list[Spoken]) -> None:
        self.lines = (*self.lines, *spoken)[-MOST_LINES:]


def _common(words: Sequence[str]) -> str:
    """Return what all words begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*words, strict=False))
    return "".join(letters[0] for letters in alike)
