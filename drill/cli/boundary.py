"""Where every command starts and every error ends: the one place that turns errors into exit codes.

Separate from the commands, which raise and never exit. A traceback never reaches the terminal.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from drill.cli import crash
from drill.cli.exits import ExitCode
from drill.cli.printing import narrate
from drill.cli.root import root
from drill.errors import DrillError, MismatchError, ProblemsError, RecordingError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("drill", "incident-drill")
"""Names drill is installed under."""

_CODES: tuple[tuple[type[DrillError], ExitCode], ...] = (
    (MismatchError, ExitCode.DIFFERENT),
    (ScenarioError, ExitCode.SCENARIO),
    (RecordingError, ExitCode.RECORDING),
    (DrillError, ExitCode.USAGE),
)


def main() -> NoReturn:
    """Run drill with the arguments of this process, and exit."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    called = Path(sys.argv[0]).name
    sys.exit(run(sys.argv[1:], called if called in NAMES else NAMES[0]))


def run(arguments: Sequence[str], name: str = NAMES[0]) -> int:
    """Run drill and return its exit code."""
    try:
        code = _invoke(arguments, name)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return ExitCode.FINE
    except DrillError as error:
        return report(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence; what it catches becomes a crash file
        narrate(crash.report(error))
        return ExitCode.CRASH
    return code


def report(error: DrillError) -> ExitCode:
    """Print an error, one line a problem, and return its exit code."""
    for line in map(str, error.problems) if isinstance(error, ProblemsError) else [str(error)]:
        narrate(line)
    return next(code for kind, code in _CODES if isinstance(error, kind))


def _invoke(arguments: Sequence[str], name: str) -> int:
    if f"_{name}_COMPLETE".replace("-", "_").upper() in os.environ:  # a shell asks for completions
        root.main(list(arguments), prog_name=name)
    try:
        with root.make_context(name, list(arguments)) as context:
            root.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        return ExitCode.INTERRUPTED
    return ExitCode.FINE


def _terminate(number: int, frame: object) -> NoReturn:
    """End as the shell expects of a program that got SIGTERM, closing what is open on the way."""
    del number, frame
    raise SystemExit(ExitCode.TERMINATED)


def _drop_output() -> None:
    """Let what is still buffered go nowhere: whoever read it has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
