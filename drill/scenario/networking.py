"""Rules about the network: it names parts that exist, and every way between two regions has a length.

Separate because these look from the network at all other parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from drill.actions.network import SetDns, SetLink
from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.network import DATABASE, GATEWAY, OUTSIDE, PLACES, POOLER, USERS, NetworkSpec
from drill.scenario.references import lines
from drill.scenario.revisions import DEPLOYMENTS
from drill.scenario.spec import ScenarioSpec
from drill.units import format_duration

NETWORK: Place = ("topology", "network")


def networks_name_parts(spec: ScenarioSpec) -> Iterator[Finding]:
    """Regions and links name parts that exist; no deployment has the name of another part."""
    network, deployments = spec.topology.network, spec.topology.deployments
    if network is None:
        return
    for name in deployments:
        if name in PLACES:
            msg = f"with a network a deployment can't be called {name}, which is the name of another part"
            yield Finding((*DEPLOYMENTS, name), msg)
    known = [*PLACES, *deployments]
    for name in network.regions:
        yield from _known(name, known, (*NETWORK, "regions", name))
    for name, link in network.links.items():
        place = (*NETWORK, "links", name)
        sources = [USERS, GATEWAY, POOLER, *deployments]
        targets = [GATEWAY, POOLER, DATABASE, OUTSIDE, *deployments]
        yield from _known(link.source, ["", *sources], (*place, "source"))
        yield from _known(link.target, ["", *targets], (*place, "target"))


def _known(name: str, known: Collection[str], place: Place) -> Iterator[Finding]:
    if name not in known:
        names = [each for each in known if each]
        yield Finding(place, f"there is no part {name!r} here; known: {some(names)}{suggest(name, names)}")


def regions_are_apart(spec: ScenarioSpec) -> Iterator[Finding]:
    """There is one round trip between any two regions with a part, and none else."""
    network = spec.topology.network
    if network is None:
        return
    place = (*NETWORK, "round_trips")
    known = list(dict.fromkeys(network.regions.values()))
    for first, row in network.round_trips.items():
        yield from _region(first, known, (*place, first))
        for second, round_trip in row.items():
            yield from _region(second, known, (*place, first, second))
            yield from _apart(network, (first, second), round_trip)
    for index, first in enumerate(known):
        for second in known[index + 1 :]:
            if distance(network, first, second) is None:
                said = f"there is no round trip between {first} and {second}"
                yield Finding(place, f"{said}; write {{{first}: {{{second}: …}}}}")


def _region(name: str, known: Collection[str], place: Place) -> Iterator[Finding]:
    if name not in known:
        yield Finding(place, f"no part is in region {name!r}; known: {some(known)}{suggest(name, known)}")


def _apart(network: NetworkSpec, pair: tuple[str, str], round_trip: int) -> Iterator[Finding]:
    first, second = pair
    place = (*NETWORK, "round_trips", first, second)
    other = network.round_trips.get(second, {}).get(first, round_trip)
    if first == second:
        yield Finding(place, "within a region there is no way; give its links a round trip")
    elif other != round_trip:
        yield Finding(place, f"{format_duration(round_trip)} is {format_duration(other)} the other way; write it once")


def distance(network: NetworkSpec, first: str, second: str) -> int | None:
    """Return the round trip between two regions in microseconds, None for one that nobody gave; empty is anywhere."""
    if first == second or not first or not second:
        return 0
    table = network.round_trips
    found = table.get(first, {}).get(second)
    return table.get(second, {}).get(first) if found is None else found


def network_actions_fit(spec: ScenarioSpec) -> Iterator[Finding]:
    """Actions on the network name a link it has, or a name server there is."""
    network = spec.topology.network
    for line in lines(spec):
        deed = line.entry.deed
        if isinstance(deed, SetLink | SetDns) and network is None:
            yield Finding(line.place, f"there is no network for {deed.do}; describe it under topology.network")
        elif isinstance(deed, SetLink) and network is not None and deed.link not in network.links:
            known = some(network.links) + suggest(deed.link, network.links)
            yield Finding((*line.place, "link"), f"there is no link {deed.link!r}; known: {known}")
        elif isinstance(deed, SetDns) and network is not None and network.dns is None:
            yield Finding(line.place, "names are known without asking; describe topology.network.dns")
