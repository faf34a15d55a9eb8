"""`drill replay`: what a recording holds, whether it still simulates to the same run, and a fork of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill import __version__
from drill.cli.options import DURATION
from drill.cli.printing import narrate, result
from drill.cli.recorded import scenario_of
from drill.errors import MismatchError, ScenarioError, UsageError
from drill.units import US_PER_S, format_clock, format_duration

if TYPE_CHECKING:
    from drill.cli.folders import Folders
    from drill.recording.reader import Recording
    from drill.scenario.spec import ScenarioSpec

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("replay")
@click.argument("recording", type=_FILE)
@click.option("--check", is_flag=True, help="Simulate it again and compare; exit 1 at the first difference.")
@click.option("--fork", type=DURATION, metavar="TIME", help="Copy the recording up to a time, to play on from there.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Where --fork writes.")
@click.option("--scenario", metavar="PATH", help="The scenario file, when it is not in the library.")
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    folders: Folders,
    recording: Path,
    fork: int | None,
    output: Path | None,
    scenario: str | None,
    *,
    check: bool,
) -> None:
    """Show RECORDING line by line, or check it, or fork it."""
    from drill.recording.reader import read_recording  # noqa: PLC0415 - other commands do not need it

    if check and fork is not None:
        msg = "--check and --fork exclude each other; give one of them"
        raise UsageError(msg)
    if output is not None and fork is None:
        msg = "-o goes with --fork; without it nothing is written"
        raise UsageError(msg)
    found = read_recording(recording)
    if found.cut:
        narrate(f"{recording}: the last line was cut off and is left out")
    if check:
        _check(found, scenario, folders)
    elif fork is not None:
        _fork(found, fork, output)
    else:
        _show(found, _spec(found, scenario, folders))


def _check(recording: Recording, scenario: str | None, folders: Folders) -> None:
    from drill.session.replay import compare, require_same_engine, require_same_scenario  # noqa: PLC0415 - loads simpy

    require_same_engine(recording, __version__)
    file = scenario_of(recording, scenario, folders)
    require_same_scenario(recording, file.digest)
    comparison = compare(recording, file.spec, file.trace)
    if comparison.difference:
        msg = f"{recording.path}: {comparison.difference}"
        raise MismatchError(msg)
    until = format_clock(comparison.checked_until_us)
    whole = "" if recording.end else "; the recording stops there without an end"
    result(f"{recording.path}: identical up to {until}, {comparison.checkpoints} checkpoints compared{whole}")


def _fork(recording: Recording, at_us: int, output: Path | None) -> None:
    from drill.recording.writer import RecordingWriter  # noqa: PLC0415 - only a fork writes

    if output is None:
        msg = "--fork needs -o FILE for the new recording"
        raise UsageError(msg)
    if at_us > recording.until_us:
        last = format_duration(recording.until_us // US_PER_S * US_PER_S)
        msg = (
            f"the recording ends at {format_clock(recording.until_us)}; --fork takes a time up to there, such as {last}"
        )
        raise UsageError(msg)
    if output.exists() and output.samefile(recording.path):
        msg = "-o names the recording itself; give another file"
        raise UsageError(msg)
    kept = [line for line in recording.lines if line.at_us <= at_us and line is not recording.end]
    with RecordingWriter(output, recording.header) as writer:
        for line in kept:
            writer.write(line)
    result(f"{output}: {len(kept)} lines up to {format_clock(at_us)}")


def _spec(recording: Recording, scenario: str | None, folders: Folders) -> ScenarioSpec | None:
    """Return the scenario of a recording; None where the library has none that can be read."""
    try:
        return scenario_of(recording, scenario, folders).spec
    except (ScenarioError, UsageError):
        if scenario is not None:
            raise
        return None


def _show(recording: Recording, spec: ScenarioSpec | None) -> None:
    from drill.debrief.blocks import flat  # noqa: PLC0415 - only this way of showing needs it
    from drill.debrief.deeds import describe, played  # noqa: PLC0415 - as above

    header = recording.header
    lines = [f"{header.scenario}, seed {header.seed}, {played(header.player)}, engine {header.engine}"]
    for entry in recording.entries:
        by = f"  ({flat(entry.by)})" if entry.by else ""
        lines.append(f"{format_clock(entry.at_us):>8}  {flat(describe(entry.deed, spec))}{by}")
    end = recording.end
    at = format_clock(recording.until_us)
    lines.append(f"{at:>8}  {end.reason if end else 'the recording stops here without an end'}")
    result("\n".join(lines))
