"""`drill check`: every problem of every scenario file that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill.cli.exits import ExitCode
from drill.cli.printing import narrate, one_line, result
from drill.errors import ScenarioError, UsageError
from drill.scenario.library import find, paths

if TYPE_CHECKING:
    from drill.cli.folders import Folders


@click.command("check")
@click.argument("path", nargs=-1)
@click.option("--play", is_flag=True, help="Also simulate what each scenario promises, with and without its causes.")
@click.option("--seeds", type=click.IntRange(1, 1000), default=1, show_default=True, help="With --play: seeds 1 to N.")
@click.pass_context
def command(ctx: click.Context, path: tuple[str, ...], *, play: bool, seeds: int) -> None:
    """Validate scenario files: each PATH is an id, a file or a folder of files; without any, the whole library."""
    folders: Folders = ctx.obj
    named = {one_line(name): file for name in path for name, file in _files(name, folders).items()}
    chosen = named if path else _library(folders.library)
    invalid = [name for name, file in chosen.items() if not _check(name, file)]
    broken = [name for name, file in chosen.items() if play and name not in invalid and not _play(name, file, seeds)]
    if invalid or broken:
        ctx.exit(ExitCode.SCENARIO if invalid else ExitCode.DIFFERENT)


def _check(name: str, file: Path) -> bool:
    from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic

    try:
        load(file)
    except ScenarioError as error:
        for problem in error.problems:
            narrate(str(problem))
        count = len(error.problems)
        result(f"{name}: {count} {'problem' if count == 1 else 'problems'}")
        return False
    result(f"{name}: ok")
    return True


def _play(name: str, file: Path, seeds: int) -> bool:
    from drill.cli.promises import broken_promises  # noqa: PLC0415 - loads the simulation

    count, broken = broken_promises(file, seeds)
    for line in broken:
        narrate(f"{name}: {line}")
    result(f"{name}: {count - len(broken)} of {count} promises kept")
    return not broken


def _files(name: str, folders: Folders) -> dict[str, Path]:
    """Return the files that one argument means, by what to call them."""
    if Path(name).is_dir():
        found = {str(path): path for path in paths(Path(name))}
        if not found:
            msg = f"there are no scenario files (*.yaml) in {name}"
            raise UsageError(msg)
        return found
    return {name: find(name, folders.library)}


def _library(folder: Path) -> dict[str, Path]:
    found = {path.stem: path for path in paths(folder)}
    if not found:
        msg = f"there are no scenario files (*.yaml) in {folder}"
        raise UsageError(msg)
    return found
