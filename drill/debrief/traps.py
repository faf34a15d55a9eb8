"""Which of a scenario's traps an action is like.

Separate because what counts as the same mistake is a judgement of its own. It compares what was asked for, never what
came of it; whoever shows a trap holds it against the lanes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.catalogue import Action, Scale
from drill.actions.entries import write_deed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drill.actions.entries import Entry
    from drill.scenario.spec import ScenarioSpec

_MANNER = ("rollout",)
"""Fields that say how something is done, not what."""


def trap_of(spec: ScenarioSpec, entries: Sequence[Entry], done: Entry) -> str:
    """Return the title of the first trap that does the same to the same part; empty for none.

    Scaling is the same when it goes the same way; every other action when all it names, and every number, is equal.
    """
    for trap in spec.story.traps.values():
        if any(_alike(spec, each, trap.entries, done, entries) for each in trap.entries):
            return trap.title
    return ""


def _alike(spec: ScenarioSpec, laid: Entry, trap: Iterable[Entry], done: Entry, entries: Iterable[Entry]) -> bool:
    if not isinstance(laid.deed, Action) or type(laid.deed) is not type(done.deed):
        return False
    if isinstance(laid.deed, Scale) and isinstance(done.deed, Scale):
        way = _way(spec, trap, laid.at_us, laid.deed)
        same = laid.deed.deployment == done.deed.deployment
        return same and way != 0 and way == _way(spec, entries, done.at_us, done.deed)
    return _said(laid) == _said(done)


def _way(spec: ScenarioSpec, entries: Iterable[Entry], at_us: int, scale: Scale) -> int:
    """Return 1 for more replicas than were asked for last, -1 for fewer, 0 for as many or where nobody can tell."""
    deployment = spec.topology.deployments[scale.deployment]
    if deployment.autoscaler is not None:
        return 0
    asked = [deployment.replicas]
    before = sorted((*spec.timeline.values(), *entries), key=lambda entry: entry.at_us)
    asked += [
        entry.deed.replicas
        for entry in before
        if isinstance(entry.deed, Scale) and entry.deed.deployment == scale.deployment and entry.deed is not scale
        if entry.at_us <= at_us
    ]
    return (scale.replicas > asked[-1]) - (scale.replicas < asked[-1])


def _said(entry: Entry) -> dict[str, object]:
    return {key: value for key, value in write_deed(entry.deed).items() if key not in _MANNER}
