"""What a pod needs from the world around it.

Separate so that a pod takes one thing and not nine, and tests can give it stubs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import PoolSpec
    from drill.sim.clock import Clock
    from drill.sim.exchange import Exchange
    from drill.sim.journal import Journal
    from drill.sim.kubernetes.scheduler import Scheduler
    from drill.sim.members import Source
    from drill.sim.pod import Pod
    from drill.sim.routing import Router


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pod needs from the world around it."""

    clock: Clock
    exchange: Exchange
    journal: Journal
    router: Router
    scheduler: Scheduler
    connect: Callable[[PoolSpec, str], Source]
    """Gives the source of a pool's connections, by the pool's spec and the pod's name."""
    changed: Callable[[Pod], object]
    """Called when the pod became ready, stopped being ready, or is gone."""
    start_up_us: Callable[[], int]
    """Draws the next start-up time."""
    uniform: Callable[[str], Callable[[], float]]
    """Gives a stream of numbers from 0 to 1 for a purpose."""
