"""A console at a moment of a scenario: commands from the command line, or a prompt.

Separate from the command because it loads the simulation, which the help does not need.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from drill.cli.printing import clean
from drill.console.port import SessionPort
from drill.console.shell import Shell
from drill.errors import UsageError
from drill.scenario.library import find
from drill.scenario.loader import load
from drill.session.session import Session
from drill.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.cli.folders import Folders
    from drill.console.replies import Reply

_ROUNDS = 10
"""How often a watch runs when nobody is there to stop it."""


def run_console(folders: Folders, scenario: str, at_us: int, seed: int, commands: Sequence[str]) -> int:
    """Run commands, or what is typed at a prompt; return the exit status of the last."""
    file = load(find(scenario, folders.library)).for_seed(seed)
    if at_us > file.spec.length:
        end = format_duration(file.spec.length)
        msg = f"--at: {format_duration(at_us)} is after the end of the scenario at {end}"
        raise UsageError(msg)
    session = Session(file.spec, seed, trace=file.trace)
    session.advance(at_us)
    port = SessionPort(session)
    shell = Shell(port)
    status = 0
    if not commands:
        return _prompt(shell, port)
    for text in commands:
        reply = shell.whole(text)
        status = _show(shell, port, reply)
        if reply.leave:
            break
    return status


def _show(shell: Shell, port: SessionPort, reply: Reply) -> int:
    """Print a reply, and the rounds of a watch."""
    for _ in range(_ROUNDS):
        for line in reply.lines:
            click.echo(clean(line))
        if not reply.repeat_us or not port.wait(reply.repeat_us):
            break
        reply = shell.again()
    return reply.status


def _prompt(shell: Shell, port: SessionPort) -> int:
    """Read lines until the end of input or until the person leaves."""
    status = 0
    asking = sys.stdin.isatty()
    if asking:
        import readline  # noqa: PLC0415 - history and completion at a terminal alone

        readline.parse_and_bind("tab: complete")
        readline.set_completer(lambda text, state: _completed(shell, readline.get_line_buffer(), text, state))
        readline.set_completer_delims(" \t\n,()=<>;")
    while True:
        try:
            line = input(shell.prompt) if asking else sys.stdin.readline()
        except EOFError:
            return status
        except KeyboardInterrupt:
            shell.cancel()
            click.echo("^C")
            continue
        if not asking and not line:
            return status
        reply = shell.run(line.rstrip("\n"))
        status = _show(shell, port, reply)
        if reply.leave:
            return status


def _completed(shell: Shell, line: str, text: str, state: int) -> str | None:
    found = shell.complete(line, len(line))
    prefix = text[: max(0, len(text) - (len(line) - found.start))]
    return prefix + found.candidates[state] if state < len(found.candidates) else None
