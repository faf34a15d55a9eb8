"""The corner shop with other stories: more suspects, hints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.scenario.story import SuspectSpec
from tests.tui.shop import shop

if TYPE_CHECKING:
    from drill.scenario.loader import ScenarioFile


def told(**changes: object) -> ScenarioFile:
    """Return the shop with parts of its story changed."""
    file = shop()
    story = replace(file.spec.story, **changes)  # type: ignore[arg-type]  # a test names the fields it changes
    return replace(file, spec=replace(file.spec, story=story))


def crowded(count: int) -> ScenarioFile:
    """Return the shop with a number of suspects, the true one first in its file."""
    suspects = {
        f"suspect-{at}": SuspectSpec(
            title=f"Suspect {at} did it", mechanism=f"way {at}", place=f"place {at}", trigger=f"cause {at}", tell="TELL"
        )
        for at in range(count)
    }
    return told(suspects=suspects, answer="suspect-0")
