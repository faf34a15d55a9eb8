"""Settings of a deployment's pools that somebody changed by hand during the incident.

Separate because what was changed by hand outlives the next fix, as configuration beside the code does, but not its own
roll-back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec

    Changes = dict[str, dict[str, Any]]
    """Values by setting by pool."""


class ByHand:
    """What was changed by hand, and what had been before the latest change."""

    def __init__(self, written: DeploymentSpec) -> None:
        """Start with nothing changed of what the file says."""
        self._written = written
        self._changes: Changes = {}
        self._before: Changes = {}

    def change(self, spec: DeploymentSpec, changes: Changes) -> DeploymentSpec:
        """Return a spec with changes, and remember them."""
        self._before = self._changes
        names = {**self._changes, **changes}
        self._changes = {name: {**self._changes.get(name, {}), **changes.get(name, {})} for name in names}
        return _changed(spec, changes)

    def kept(self, fix: DeploymentSpec) -> DeploymentSpec:
        """Return a fix with all changes but those of settings that the fix itself changes."""
        self._before = self._changes
        kept: Changes = {}
        for name, values in self._changes.items():
            if name in fix.pools:
                then, now = self._written.pools.get(name), fix.pools[name]
                kept[name] = {key: new for key, new in values.items() if getattr(then, key, None) == getattr(now, key)}
        return _changed(fix, kept)

    def take_back(self) -> None:
        """Forget the latest change; once more brings it back, as rolling back twice does."""
        self._changes, self._before = self._before, self._changes


def _changed(spec: DeploymentSpec, changes: Changes) -> DeploymentSpec:
    pools = {name: replace(pool, **changes.get(name, {})) for name, pool in spec.pools.items()}
    return replace(spec, pools=pools)
