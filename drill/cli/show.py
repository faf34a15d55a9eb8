"""`drill show`: one scenario's card, and never its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from drill.cli.printing import one_line, result
from drill.scenario.library import find

if TYPE_CHECKING:
    from drill.cli.folders import Folders
    from drill.scenario.loader import ScenarioFile


@click.command("show")
@click.argument("scenario")
@click.pass_obj
def command(folders: Folders, scenario: str) -> None:
    """Show the card of SCENARIO: the page you get, what to know before, what it trains."""
    from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic

    result(_card(load(find(scenario, folders.library))))


def _card(scenario: ScenarioFile) -> str:
    """Return what may be read before a drill."""
    card, story = scenario.spec.card, scenario.spec.story
    parts = [
        one_line(card.title),
        one_line(f"{scenario.id}, family {card.family}, difficulty {card.difficulty} of 5, {card.minutes} minutes"),
        "",
        card.summary.strip(),
        "",
        "Page",
        *(f"  {line}" for line in story.page.strip().splitlines()),
    ]
    for title, lines in (("Know before", story.prerequisites), ("Objectives", story.objectives)):
        if lines:
            parts += ["", title, *(f"  - {one_line(line.strip())}" for line in lines)]
    return "\n".join(parts)
