"""`drill new`: a commented scenario to begin from."""

from __future__ import annotations

from pathlib import Path

import click

from drill.cli.printing import narrate, result
from drill.errors import UsageError


@click.command("new")
@click.argument("id_", metavar="ID")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write; default: ID.yaml in the present folder.",
)
def command(id_: str, output: Path | None) -> None:
    """Write a commented scenario called ID, which passes `drill check --play`, to change it step by step."""
    from drill.scenario.naming import misnamed  # noqa: PLC0415 - loads pydantic
    from drill.scenario.sketch import sketch  # noqa: PLC0415 - only this command needs it

    if wrong := misnamed(id_):
        raise UsageError(wrong)
    path = output or Path(f"{id_}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(sketch(id_, str(path)))
    except FileExistsError:
        msg = f"{path} exists; choose another ID, or another file with -o"
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"can't write {path}: {error.strerror}"
        raise UsageError(msg) from None
    result(str(path))
    narrate(f"next: `drill check --play ./{path}`" if output is None else f"next: `drill check --play {path}`")
