"""Whether changes that a scenario proposes to itself lead to a valid scenario: guards and expectations.

Separate from the rules, because each set of changes means checking the whole scenario again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from drill.scenario.findings import Finding, Place, look_up
from drill.scenario.notation import expand, overlaid, size, under
from drill.scenario.spec import ScenarioSpec

MAX_WORK = 1_000_000
"""Most keys and values that are checked again, over all sets of changes."""

Check = Callable[[dict[str, Any]], list[Finding]]
"""Returns what is wrong with plain content; places are those of the file."""


def check_patches(spec: ScenarioSpec, content: dict[str, Any], check: Check, systems: int = 1) -> Iterator[Finding]:
    """Return what the changes of guards and expectations break, at the place of the changes.

    `systems` is the number of variants of the file, which are all checked.
    """
    work = size(expand(content)[0])
    patches = list(_patches(spec, content))
    if work * len(patches) * systems > MAX_WORK:
        msg = f"{len(patches)} sets of changes to a scenario of {work} values are too many to check; write fewer"
        yield Finding(("expects",) if spec.expects else ("story", "guards"), msg)
        return
    for place, base in patches:
        changes = look_up(content, place)
        for found in check(overlaid(base, changes)):
            yield under(found, place, changes)


def _patches(spec: ScenarioSpec, content: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Return the place of each set of changes and what it changes."""
    for name in spec.story.guards:
        yield ("story", "guards", name, "changes"), content
    for name, expect in spec.expects.items():
        base = content
        if expect.changes is not None:
            yield ("expects", name, "changes"), content
            base = overlaid(content, expect.changes)
        for cause in expect.without:
            yield ("expects", name, "without", cause), base
