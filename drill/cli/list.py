"""`drill list`: the scenarios of the library, from their cards alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from drill.cli.printing import columns, narrate, result
from drill.scenario.library import cards

if TYPE_CHECKING:
    from drill.cli.folders import Folders

_HEAD = ("ID", "TITLE", "DIFFICULTY", "MINUTES", "FAMILY")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of a table.")
@click.pass_obj
def command(folders: Folders, *, as_json: bool) -> None:
    """List the scenarios: id, title, difficulty from 1 to 5, minutes, family."""
    listed, errors = cards(folders.library)
    for error in errors:
        narrate(str(error))
    if as_json:
        rows = [{"id": each.id, **asdict(each.card)} for each in listed]
        result(json.dumps({"format": "drill-list/1", "scenarios": rows}, indent=2))
    elif listed:
        texts = [
            (each.id, each.card.title, str(each.card.difficulty), str(each.card.minutes), each.card.family)
            for each in listed
        ]
        result(columns([_HEAD, *texts]))
    else:
        narrate(f"there are no scenarios in {folders.library}")
