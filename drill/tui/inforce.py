"""The value in force of what an action would change, as one would type it.

Separate from the forms, because it is read off three places: the snapshot, what was done in this run, and the scenario
for what nobody has changed. What is not known is left open rather than guessed. No Textual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.catalogue import RollBack, SetFlag, ShipFix
from drill.actions.fields import hints, write_fields, write_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drill.actions.catalogue import Action
    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.snapshot import Snapshot

_VALUES = ("timeout", "rate", "share", "limit", "size")
"""Fields that hold a new value; the others say of what, or how."""
_HOW = ("rollout",)
_OFF = ("set-database-timeout", "set-pooler-timeout", "set-connection-limit", "rate-limit", "shed")
"""Actions whose 0 means that there is no such limit."""


def in_force(
    name: str,
    kind: type[Action],
    system: tuple[ScenarioSpec, Snapshot],
    chosen: Mapping[str, str],
    done: Sequence[Action],
) -> str:
    """Return the value in force; empty where it is not known.

    Args:
        name: The field.
        kind: The action.
        system: What the scenario says, and how things stand.
        chosen: What is filled in before this field.
        done: What was done in this run, oldest first.
    """
    if kind is SetFlag and name == "on":
        return _switched(chosen.get("flag", ""), system, done)
    measured = _measured(name, kind.do, system[1], chosen)
    if measured or name not in _VALUES:
        return measured
    for action in reversed(done):
        if isinstance(action, RollBack | ShipFix) and action.deployment == chosen.get("deployment"):
            return ""
        filled = write_fields(action)
        same = (str(filled[key]) == chosen.get(key) for key in filled if key != name and key not in _HOW)
        if type(action) is kind and all(same):
            return str(filled[name])
    given = _given(kind.do, system[0], chosen)
    return "" if given is None else str(write_value(hints(kind)[name], given))


def off(kind: type[Action], value: str) -> bool:
    """Return whether a value means that there is no such limit."""
    return kind.do in _OFF and value.rstrip("s%/") == "0"


def _switched(flag: str, system: tuple[ScenarioSpec, Snapshot], done: Sequence[Action]) -> str:
    """Return whether a flag is `on` or `off`; empty where a colleague may have switched it after somebody else did."""
    spec, now = system
    mine = [action.on for action in done if isinstance(action, SetFlag) and action.flag == flag]
    others = [
        (entry.at_us, entry.deed.on)
        for entry in spec.timeline.values()
        if isinstance(entry.deed, SetFlag) and entry.deed.flag == flag and entry.at_us <= now.at_us
    ]
    if flag not in spec.topology.flags or (mine and any(at_us > spec.paged_at for at_us, _ in others)):
        return ""
    on = mine[-1] if mine else max(others)[1] if others else spec.topology.flags[flag]
    return "on" if on else "off"


def _measured(name: str, do: str, now: Snapshot, chosen: Mapping[str, str]) -> str:
    deployment, pool = chosen.get("deployment", ""), chosen.get("pool", "")
    if name == "replicas":
        return next((str(each.replicas) for each in now.deployments if each.name == deployment), "")
    if name == "size" and do == "set-pool-size":
        pods = [pod for pod in now.pods if pod.deployment == deployment]
        return next((str(each.size) for pod in reversed(pods) for each in pod.pools if each.name == pool), "")
    if name == "size" and chosen.get("setting") == "default_pool_size" and now.pooler is not None:
        return str(now.pooler.pool_size)
    return str(now.database.max_connections) if do == "set-max-connections" and name == "limit" else ""


def _given(do: str, spec: ScenarioSpec, chosen: Mapping[str, str]) -> float | None:
    """Return what the scenario says of a value that nobody has changed."""
    topology, setting = spec.topology, chosen.get("setting", "")
    deployment = topology.deployments.get(chosen.get("deployment", ""))
    pool = deployment.pools.get(chosen.get("pool", "")) if deployment else None
    pooler: object = topology.pooler
    of = f"{chosen.get('of', '')}_connection_limit"
    source: dict[str, tuple[object, str]] = {
        "set-pool-size": (pool, "size"),
        "set-checkout-timeout": (pool, "checkout_timeout"),
        "set-gateway-timeout": (topology.gateway, "timeout"),
        "rate-limit": (topology.gateway, "rate_limit"),
        "set-database-timeout": (topology.database, setting),
        "set-connection-limit": (topology.database, of),
        "set-pooler-limit": (pooler, "pool_size" if setting == "default_pool_size" else setting),
        "set-pooler-timeout": (pooler, setting),
    }
    if do == "shed":
        return 0.0
    place, name = source.get(do, (None, ""))
    value = getattr(place, name, None)
    return value if isinstance(value, int | float) else None
