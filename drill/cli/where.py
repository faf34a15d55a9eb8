"""`drill where`: the folders drill reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from drill.cli.printing import columns, result

if TYPE_CHECKING:
    from drill.cli.folders import Folders


@click.command("where")
@click.pass_obj
def command(folders: Folders) -> None:
    """Print where scenarios, configuration and data are, with recordings and texts that were copied to files.

    Folders are made when they are needed.
    """
    result(
        columns(
            [
                ("scenarios", str(folders.library)),
                ("config", str(folders.config)),
                ("data", str(folders.data)),
                ("recordings", str(folders.recordings)),
                ("exports", str(folders.exports)),
                ("cache", str(folders.cache)),
                ("crashes", str(folders.crashes)),
            ]
        )
    )
