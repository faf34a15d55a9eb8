"""`drill run`: a scenario without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drill.cli.options import DURATION, SEED
from drill.cli.printing import result
from drill.errors import UsageError

if TYPE_CHECKING:
    from drill.cli.folders import Folders

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("run")
@click.argument("scenario")
@click.option("--player", metavar="NAME", help="Who responds; `drill players` lists them. Default: idle.")
@click.option("--actions", type=_FILE, metavar="FILE", help="Timed actions and looks (JSON Lines), not a player.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Chooses everything random.")
@click.option("--until", type=DURATION, metavar="TIME", help="Stop at a simulated time such as 5m; default: the end.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, drill-run/1, in place of text.")
@click.option("--record", type=_FILE, metavar="FILE", help="Write a recording.")
@click.option("--requests", type=_FILE, metavar="FILE", help="Write one CSV row a request.")
@click.option("--metrics", type=_FILE, metavar="FILE", help="Write every sample of every metric as CSV.")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    folders: Folders,
    scenario: str,
    player: str | None,
    actions: Path | None,
    seed: int,
    until: int | None,
    record: Path | None,
    requests: Path | None,
    metrics: Path | None,
    *,
    as_json: bool,
) -> None:
    """Simulate SCENARIO without a screen and print what it came to."""
    from drill.cli.headless import HeadlessRun  # noqa: PLC0415 - loads the simulation, which the help does not need

    if player is not None and actions is not None:
        msg = "--player and --actions exclude each other; give one of them"
        raise UsageError(msg)
    run = HeadlessRun(
        folders=folders,
        scenario=scenario,
        player=player or "idle",
        actions=actions,
        seed=seed,
        until_us=until,
        record=record,
        requests=requests,
        metrics=metrics,
    )
    summary = run.simulate()
    result(run.as_json(summary) if as_json else run.as_text(summary))
