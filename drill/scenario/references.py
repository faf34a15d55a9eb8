"""Rules about what one part of a scenario says of another: actions, chips, probes, players.

Separate from how names are written. The same rules hold for what colleagues do, for solutions and for traps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from drill.actions import catalogue as does
from drill.actions import pgbouncer
from drill.actions.entries import Diagnosis, Entry
from drill.scenario.calls import calls_of
from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.naming import IDLE, PROCESS
from drill.scenario.revisions import probes, revisions
from drill.scenario.spec import ScenarioSpec
from drill.scenario.topology import TopologySpec

_NEW_REVISION = (does.SetPoolSize, does.SetCheckoutTimeout, does.AddPooler, does.ShipFix)
_ON_CONSOLE = (
    pgbouncer.PausePooler,
    pgbouncer.ResumePooler,
    pgbouncer.ReloadPooler,
    pgbouncer.KillPooler,
    pgbouncer.SetPoolerLimit,
    pgbouncer.SetPoolerTimeout,
)


class Line(NamedTuple):
    """A timed line of a scenario."""

    place: Place
    entry: Entry
    above: Entry | None
    """The line before it in the same plan; None for the first."""
    changed: frozenset[str]
    """Deployments that got a new revision earlier in the same plan."""


def lines(spec: ScenarioSpec) -> Iterator[Line]:
    """Return every timed line: the timeline, then solutions and traps."""
    yield from _plan({("timeline", name): entry for name, entry in spec.timeline.items()})
    for kind, plans in (("solutions", spec.story.solutions), ("traps", spec.story.traps)):
        for name, plan in plans.items():
            yield from _plan({("story", kind, name, "entries", i): entry for i, entry in enumerate(plan.entries)})


def _plan(entries: Mapping[Place, Entry]) -> Iterator[Line]:
    above, changed = None, frozenset[str]()
    for place, entry in entries.items():
        yield Line(place, entry, above, changed)
        above = entry
        if isinstance(entry.deed, _NEW_REVISION) and entry.deed.deployment not in changed:
            changed |= {entry.deed.deployment}


def actions_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """Actions name deployments, pools, flags and fixes that exist, and parts that can do it."""
    topology = spec.topology
    first_change = _first_changes(spec)
    for line in lines(spec):
        deed = line.entry.deed
        if isinstance(deed, does.Action):
            yield from _action(line.place, deed, topology)
        if isinstance(deed, does.RollBack) and (deployment := topology.deployments.get(deed.deployment)) is not None:
            changed_before = first_change.get(deed.deployment, line.entry.at_us) < line.entry.at_us
            if deployment.previous is None and deed.deployment not in line.changed and not changed_before:
                msg = f"deployment {deed.deployment} has no revision before the present one; give it `previous`"
                yield Finding((*line.place, "deployment"), msg)


def _first_changes(spec: ScenarioSpec) -> dict[str, int]:
    """Return when the timeline first gives a deployment a new revision."""
    first: dict[str, int] = {}
    for entry in spec.timeline.values():
        if isinstance(entry.deed, _NEW_REVISION):
            name = entry.deed.deployment
            first[name] = min(entry.at_us, first.get(name, entry.at_us))
    return first


def _action(place: Place, deed: does.Action, topology: TopologySpec) -> Iterator[Finding]:
    if isinstance(deed, does.SetFlag):
        yield from _known("flag", deed.flag, topology.flags, (*place, "flag"))
    if isinstance(deed, does.AddPooler):
        yield from _addable(place, topology)
    if isinstance(deed, _ON_CONSOLE) and topology.pooler is None:
        yield Finding(place, f"there is no pooler for {deed.do}; describe it under topology.pooler")
    name = getattr(deed, "deployment", None)
    if name is None:
        return
    yield from _known("deployment", name, topology.deployments, (*place, "deployment"))
    deployment = topology.deployments.get(name)
    if deployment is None:
        return
    if isinstance(deed, does.SetPoolSize | does.SetCheckoutTimeout | does.SetThrottle):
        yield from _known("pool", deed.pool, deployment.pools, (*place, "pool"))
    if isinstance(deed, does.SetCallTimeout | does.SetCallRetries | does.SetBreaker):
        yield from _known("call", deed.call, calls_of(deployment), (*place, "call"))
    if isinstance(deed, does.ShipFix):
        yield from _known("fix", deed.fix, deployment.fixes, (*place, "fix"))
    if isinstance(deed, does.PauseAutoscaler | does.ResumeAutoscaler) and deployment.autoscaler is None:
        yield Finding((*place, "deployment"), f"deployment {name} has no autoscaler")


def _addable(place: Place, topology: TopologySpec) -> Iterator[Finding]:
    if topology.pooler is None:
        yield Finding(place, "there is no pooler to add; describe it under topology.pooler")
    elif any(pool.to == "pooler" for deployment in topology.deployments.values() for pool in deployment.pools.values()):
        yield Finding(place, "the pooler can't be added; pods connect through it from the start")


def _known(kind: str, name: str, known: Collection[str], place: Place) -> Iterator[Finding]:
    if name not in known:
        yield Finding(place, f"there is no {kind} {name!r}; known: {some(known)}{suggest(name, known)}")


def timeline_acts(spec: ScenarioSpec) -> Iterator[Finding]:
    """The timeline holds actions; looks, pins, diagnoses and updates belong to a player."""
    for name, entry in spec.timeline.items():
        if not isinstance(entry.deed, does.Action):
            yield Finding(("timeline", name), "the timeline holds only actions; write a line with `do`")


def chips_name_suspects(spec: ScenarioSpec) -> Iterator[Finding]:
    """Diagnoses spread chips over suspects of this scenario."""
    for line in lines(spec):
        if isinstance(line.entry.deed, Diagnosis):
            for suspect, _ in line.entry.deed.diagnose:
                yield from _known("suspect", suspect, spec.story.suspects, (*line.place, "diagnose", suspect))


def answer_is_a_suspect(spec: ScenarioSpec) -> Iterator[Finding]:
    """The answer is one of the suspects."""
    yield from _known("suspect", spec.story.answer, spec.story.suspects, ("story", "answer"))


def probes_check_pools(spec: ScenarioSpec) -> Iterator[Finding]:
    """A probe checks the process or a pool of its deployment."""
    for place, deployment in revisions(spec):
        for name, probe in probes(deployment):
            yield from _known("pool", probe.check, [PROCESS, *deployment.pools], (*place, name, "check"))


def poolers_are_described(spec: ScenarioSpec) -> Iterator[Finding]:
    """A pool that leads to the pooler needs one."""
    for place, deployment in revisions(spec):
        for name, pool in deployment.pools.items():
            if pool.to == "pooler" and spec.topology.pooler is None:
                yield Finding((*place, "pools", name, "to"), "there is no pooler; describe it under topology.pooler")


def players_exist(spec: ScenarioSpec) -> Iterator[Finding]:
    """The player of an expectation is `idle`, a solution or a trap."""
    players = dict.fromkeys((IDLE, *spec.story.solutions, *spec.story.traps))
    for name, expect in spec.expects.items():
        yield from _known("player", expect.player, players, ("expects", name, "player"))
