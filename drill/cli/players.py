"""`drill players`: the scripted players."""

from __future__ import annotations

import click

from drill.cli.printing import columns, narrate, result


@click.command("players")
def command() -> None:
    """List the scripted players that `drill run --player` takes."""
    from drill.players.roster import PLAYERS  # noqa: PLC0415 - loads the simulation

    result(columns([(name, what) for name, (what, _) in PLAYERS.items()]))
    narrate("a scenario's own reference solutions and traps are players too, by their names in its file")
