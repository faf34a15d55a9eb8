"""The players by name.

Separate because command line, lanes and `expects` choose players by name; a scenario's own solutions and traps are
players too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.fields import listed, nearest
from drill.errors import UsageError
from drill.players.player import Player, Script
from drill.players.reflexes import RestartAll, ScaleUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.spec import ScenarioSpec

PLAYERS: dict[str, tuple[str, Callable[[ScenarioSpec], Player]]] = {
    "idle": ("does nothing", lambda _: Script("idle", ())),
    "expert": (
        "follows the scenario's first reference solution",
        lambda spec: Script("expert", next(iter(spec.story.solutions.values())).entries),
    ),
    "scale-up": ("adds pods whenever users fail", lambda spec: ScaleUp(spec.paged_at)),
    "restart-all": ("restarts every pod whenever users fail", lambda spec: RestartAll(spec.paged_at)),
}
"""Every player of every scenario: what it does, and how one is made."""


def make_player(name: str, spec: ScenarioSpec) -> Player:
    """Return a player by name, a solution or trap of the scenario included; raise UsageError if there is none."""
    if name in PLAYERS:
        return PLAYERS[name][1](spec)
    own = {**spec.story.solutions, **spec.story.traps}
    if name in own:
        return Script(name, own[name].entries)
    # The scenario's own plans are not listed: their names say what is wrong with the system.
    plans = "and the names of the scenario's own solutions and traps"
    msg = f"there is no player {name!r}; the players are: {listed(PLAYERS)}, {plans}{nearest(name, [*PLAYERS, *own])}"
    raise UsageError(msg)
