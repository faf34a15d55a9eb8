"""`drill console`: the responder's console without a cockpit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill.cli.options import DURATION, SEED
from drill.errors import UsageError

if TYPE_CHECKING:
    from drill.cli.folders import Folders

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("console")
@click.argument("scenario", required=False)
@click.option("--at", "at_us", type=DURATION, default=0, metavar="TIME", help="Moment of the scenario; default: 0s.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Chooses everything random.")
@click.option("-c", "commands", multiple=True, metavar="COMMAND", help="Run this and leave; may be given again.")
@click.option("--catalog", type=_FILE, metavar="FILE", help="Ask recorded catalogue rows (JSON), not a scenario.")
@click.option("--json", "as_json", is_flag=True, help="With --catalog: a JSON string a line in, a JSON object out.")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    folders: Folders,
    scenario: str | None,
    at_us: int,
    seed: int,
    commands: tuple[str, ...],
    catalog: Path | None,
    *,
    as_json: bool,
) -> None:
    """Type psql commands at a moment of SCENARIO; without -c a prompt opens.

    What you change happens in the simulation of this command alone. The exit status is that of the last command.
    """
    if (scenario is None) == (catalog is None):
        msg = "give either a SCENARIO or --catalog FILE"
        raise UsageError(msg)
    if catalog is not None:
        if not as_json:
            msg = "--catalog needs --json: statements are read as JSON strings, one a line"
            raise UsageError(msg)
        from drill.cli.catalogue import answer_lines  # noqa: PLC0415 - loads the evaluator, which the help does not need

        answer_lines(catalog)
        return
    if as_json:
        msg = "--json goes with --catalog"
        raise UsageError(msg)
    from drill.cli.terminal import run_console  # noqa: PLC0415 - loads the simulation, which the help does not need

    status = run_console(folders, str(scenario), at_us, seed, commands)
    if status:
        raise click.exceptions.Exit(status)
