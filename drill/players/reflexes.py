"""Players that follow a reflex: what many of us would do first at three in the morning.

Separate because they are rules over what can be seen, for any scenario, and know none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.catalogue import RestartPods, Scale
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.actions.entries import Deed
    from drill.telemetry.snapshot import Snapshot

FAILING = 0.02
"""Share of failing users at which a reflex sets in."""
PATIENCE_US = 120 * US_PER_S
"""Pause between two reactions."""
MOST_REPLICAS = 60


class _Reflex:
    """Waits for the page, looks every 10 s, reacts while users fail, then waits to see."""

    name = ""

    def __init__(self, paged_at_us: int) -> None:
        self._next_us: int | None = paged_at_us + 30 * US_PER_S

    def wakes_us(self, now_us: int) -> int | None:
        """Return the time of the next glance."""
        del now_us
        return self._next_us

    def respond(self, now: Snapshot) -> Sequence[Deed]:
        """React if users fail."""
        failing = now.users.failing is not None and now.users.failing > FAILING
        deeds = self._react(now) if failing else []
        self._next_us = now.at_us + (PATIENCE_US if deeds else 10 * US_PER_S)
        return deeds

    def _react(self, now: Snapshot) -> list[Deed]:
        raise NotImplementedError


class ScaleUp(_Reflex):
    """Adds half as many pods again whenever users fail."""

    name = "scale-up"

    def _react(self, now: Snapshot) -> list[Deed]:
        return [
            Scale(deployment=d.name, replicas=min(MOST_REPLICAS, d.replicas + max(1, d.replicas // 2)))
            for d in now.deployments
            if d.replicas < MOST_REPLICAS
        ]


class RestartAll(_Reflex):
    """Restarts everything whenever users fail."""

    name = "restart-all"

    def _react(self, now: Snapshot) -> list[Deed]:
        return [RestartPods(deployment=d.name) for d in now.deployments]
