"""The shipped scenario and a short version of it, for tests that need a whole one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from drill.scenario.library import find
from drill.scenario.loader import load

if TYPE_CHECKING:
    from drill.scenario.loader import ScenarioFile

SHORT: dict[str, Any] = {
    "length": "60s",
    "paged_at": "20s",
    "warm_up": "1s",
    "traffic": {"points": None},
    "timeline": {"more-pods": {"at": "15s"}},
    "story": {
        "traps": None,
        "solutions": {
            "scale-back": {"entries": [{"at": "30s", "do": "scale", "deployment": "checkout", "replicas": 10}]},
            "pooler": None,
            "smaller-pools": None,
        },
    },
    "expects": None,
}
"""Changes that make the outage of the shipped scenario fit into a minute."""


@cache
def checkout() -> ScenarioFile:
    """Return the shipped scenario."""
    return load(find("checkout-down"))


@cache
def short() -> ScenarioFile:
    """Return the shipped scenario cut to a minute."""
    return checkout().patched(SHORT)
