"""What the actions on the network do to the world.

Separate from the other operations because a scenario may have no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.actions import network as does
from drill.actions.fields import listed, nearest
from drill.errors import ActionError
from drill.units import format_duration, format_percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.action import Action
    from drill.sim.world import World


def _set_link(world: World, action: does.SetLink) -> str:
    links = {} if world.network is None else world.network.links
    if action.link not in links:
        msg = f"there is no link {action.link!r}; known: {listed(links)}{nearest(action.link, links)}"
        raise ActionError(msg)
    link = links[action.link]
    link.round_trip_us, link.jitter_us, link.loss = action.round_trip, action.jitter, action.loss
    said = f"adds {format_duration(action.round_trip)} to each round trip"
    return f"link {action.link} {said} and loses {format_percent(action.loss)} of its packets"


def _set_dns(world: World, action: does.SetDns) -> str:
    resolver = None if world.network is None else world.network.resolver
    if resolver is None:
        msg = "this system has no name server"
        raise ActionError(msg)
    resolver.change(lookup=action.lookup, servfail=action.servfail, unanswered=action.unanswered)
    return f"names are resolved in {format_duration(action.lookup)}"


NETWORK_OPERATIONS: dict[type[Action], Callable[[World, Any], str]] = {
    does.SetLink: _set_link,
    does.SetDns: _set_dns,
}
