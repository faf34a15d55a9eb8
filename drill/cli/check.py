"""`drill check`: every problem of every scenario file that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from drill.cli.exits import ExitCode
from drill.cli.printing import narrate, one_line, result
from drill.errors import ScenarioError, UsageError
from drill.scenario.library import find, paths

if TYPE_CHECKING:
    from drill.cli.folders import Folders


@click.command("check")
@click.argument("path", nargs=-1)
@click.option(
    "--play",
    is_flag=True,
    help="Also simulate: what each scenario promises, with and without its causes, and what players come to in it.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=2,
    show_default=True,
    help="With --play: how many seeds, from 1 on; of a family, so many for each variant.",
)
@click.option("--full", is_flag=True, help="With --play: every solution and trap plays, and finished runs are kept.")
@click.option("--jobs", type=click.IntRange(1, 64), help="With --play: processes; default: what the machine can do.")
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context, path: tuple[str, ...], jobs: int | None, *, play: bool, seeds: int, full: bool
) -> None:
    """Validate scenario files: each PATH is an id, a file or a folder of files; without any, the whole library."""
    folders: Folders = ctx.obj
    _require_play(ctx, play=play)
    named = {one_line(name): file for name in path for name, file in _files(name, folders).items()}
    chosen = named if path else _library(folders.library)
    invalid = [name for name, file in chosen.items() if not _check(name, file)]
    cache = folders.checks if full else None
    sound = {name: file for name, file in chosen.items() if play and name not in invalid}
    broken = [name for name, file in sound.items() if not _play(name, file, seeds, jobs, cache, full=full)]
    if invalid or broken:
        ctx.exit(ExitCode.SCENARIO if invalid else ExitCode.DIFFERENT)


def _require_play(ctx: click.Context, *, play: bool) -> None:
    """Raise UsageError for what only --play reads, so that nobody takes a validation for a simulation."""
    for name in () if play else ("seeds", "full", "jobs"):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            msg = f"--{name} goes with --play; without it nothing is simulated"
            raise UsageError(msg)


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


def _play(  # noqa: PLR0913 - one parameter an option
    name: str, file: Path, seeds: int, jobs: int | None, cache: Path | None, *, full: bool
) -> bool:
    from drill.cli.promises import examine, shown  # noqa: PLC0415 - loads the simulation
    from drill.lanes.batch import default_jobs  # noqa: PLC0415 - as above

    report = examine(file, seeds, full=full, jobs=jobs or default_jobs(), cache=cache)
    for fault in report.faults:
        first, *rest = shown(fault)
        narrate(f"{name}: {first}")
        for line in rest:
            narrate(line)
    result(f"{name}: {report.promises - report.broken} of {report.promises} promises kept")
    result(report.table)
    return not report.faults


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
