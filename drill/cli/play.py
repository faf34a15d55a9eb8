"""`drill play`: the cockpit, and the one command that reaches Textual, which is loaded once a terminal is found."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill.cli.crash import RunCrashedError
from drill.cli.options import SEED, any_seed
from drill.errors import DrillError, UsageError
from drill.scenario.library import Listed, find, read_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drill.cli.folders import Folders
    from drill.scenario.loader import ScenarioFile
    from drill.tui.app import DrillApp
    from drill.tui.pen import Pen

FRAMES_PER_S = "250"
"""How often Textual may draw what has changed: after a repaint it leaves out up to two turns, and with its own 60 a
second a key that is pressed then is answered 33 ms later. A repaint takes place only where something has changed."""
SPEED = click.FloatRange(0.1, 60)
_GLYPHS = click.Choice(["auto", "unicode", "block", "ascii"])


@click.command("play")
@click.argument("scenario", required=False)
@click.option(
    "--seed",
    type=SEED,
    help="Chooses everything random. Default: 1, or drawn for a sealed family.",
)
@click.option("--speed", type=SPEED, default=1.0, show_default=True, help="Simulated seconds per second at the start.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to record; default: a file of its own in the folder that `drill where` prints.",
)
@click.option("--glyphs", type=_GLYPHS, default="auto", show_default=True, help="Characters to draw with.")
@click.option("--worker", is_flag=True, help="Simulate in a process of its own, for slow machines and high speeds.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    ctx: click.Context,
    scenario: str | None,
    seed: int | None,
    speed: float,
    record: Path | None,
    glyphs: str,
    *,
    worker: bool,
) -> None:
    """Play SCENARIO in the terminal; without one, choose from the menu."""
    check_terminal()
    folders: Folders = ctx.obj
    path = None if scenario is None else find(scenario, folders.library)
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_S)  # read when Textual is loaded
    gc.disable()  # most of what is loaded stays, and walking it again and again is a sixth of the start
    ctx.call_on_close(gc.enable)  # the cockpit does so once it is drawn, but may never get there
    from drill.tui.app import DrillApp  # noqa: PLC0415 - loads Textual
    from drill.tui.options import Options, in_process, in_worker  # noqa: PLC0415 - as above

    options = Options(
        library=folders.library,
        scenario=None if path is None else _wanted(path),
        seed=seed,
        draw=any_seed,
        speed=speed,
        record=record,
        recordings=folders.recordings,
        exports=folders.exports,
        pen=find_pen(glyphs, os.environ, sys.stderr.encoding),
        colour=has_colour(os.environ),
        drive=in_worker if worker else in_process,
    )
    code = show(DrillApp(options))
    if code:
        ctx.exit(code)


def _wanted(path: Path) -> Listed | ScenarioFile:
    """Return a scenario by its card, as the rest is loaded while that is shown; without a card, load it all."""
    try:
        return Listed(path.stem, path, read_card(path))
    except DrillError:
        from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic, which no card needs

        return load(path)


def show(app: DrillApp) -> int:
    """Run a cockpit to its end and return its exit code; raise what made it fail."""
    try:
        app.run()
    finally:
        app.close()
    if isinstance(app.failure, DrillError):
        raise app.failure
    if app.failure is not None:
        raise RunCrashedError(app.crashed) from app.failure
    return app.return_code or 0


def has_colour(environment: Mapping[str, str]) -> bool:
    """Return whether colour is wanted (https://no-color.org)."""
    return not environment.get("NO_COLOR")


def find_pen(name: str, environment: Mapping[str, str], encoding: str) -> Pen:
    """Return what to draw with, by the name of a set of characters or by what the terminal says of itself."""
    from drill.tui.glyphs import choose  # noqa: PLC0415 - loads Textual
    from drill.tui.pen import pen  # noqa: PLC0415 - as above

    term, colour = environment.get("TERM", ""), has_colour(environment)
    shades = colour and ("256" in term or bool(environment.get("COLORTERM")))
    return pen(choose(name, encoding, term, shades=shades), colour=colour)


def check_terminal() -> None:
    """Raise UsageError where no cockpit can be shown."""
    for name, stream in (("input", sys.stdin), ("output", sys.stdout), ("error", sys.stderr)):
        if stream is None or not stream.isatty():
            msg = f"the cockpit needs a terminal, and standard {name} is none; `drill run SCENARIO` works without one"
            raise UsageError(msg)
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        msg = "the cockpit needs a terminal that can move its cursor; set TERM, or use `drill run SCENARIO`"
        raise UsageError(msg)
