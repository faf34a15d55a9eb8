"""`drill debrief`: a recorded run, looked back at."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill import __version__
from drill.cli.printing import narrate, result
from drill.errors import UsageError

if TYPE_CHECKING:
    from drill.cli.folders import Folders

_FILE = click.Path(path_type=Path, dir_okay=False)
_FORMAT = "drill-debrief/1"


@click.command("debrief")
@click.argument("recording", type=_FILE)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write to a file in place of standard output.")
@click.option("--scenario", metavar="PATH", help="The scenario file, when it is not in the library.")
@click.pass_obj
def command(folders: Folders, recording: Path, form: str, output: Path | None, scenario: str | None) -> None:
    """Simulate RECORDING again beside nothing done and the expert, and tell what happened and why."""
    from drill.cli.looking_back import look_back  # noqa: PLC0415 - loads the simulation, which the help does not need
    from drill.debrief.markdown import as_markdown  # noqa: PLC0415 - as above
    from drill.debrief.text import as_text  # noqa: PLC0415 - as above

    debrief = look_back(recording, scenario, folders, __version__)
    if form == "json":
        text = json.dumps({"format": _FORMAT, **asdict(debrief)}, indent=1)
    else:
        text = as_markdown(debrief) if form == "markdown" else as_text(debrief, ascii_only=output is None and _ascii())
    if output is None:
        result(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"can't write {output}: {error.strerror}"
        raise UsageError(msg) from None
    narrate(f"written to {output}")


def _ascii() -> bool:
    """Return whether standard output takes less than Unicode."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")
