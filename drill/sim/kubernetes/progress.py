"""Whether a roll-out gets on: the `Progressing` condition of a deployment.

Separate because it only watches. Source: `DeploymentProgressing` and `DeploymentTimedOut` of the deployment controller:
more new pods, fewer old ones or more that are available count as progress; a roll-out that was complete once never
times out, and no event is written when one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drill.sim.kubernetes.rollout import Size

COMPLETE, MOVING, STUCK = "NewReplicaSetAvailable", "ReplicaSetUpdated", "ProgressDeadlineExceeded"


class Progress:
    """The progress of one deployment's latest roll-out."""

    def __init__(self) -> None:
        """Begin."""
        self._moved = 0
        self._complete = False
        self._seen = (0, 0, 0)

    def moved(self, now_us: int) -> None:
        """Begin a new roll-out."""
        self._moved = now_us
        self._complete = False

    def note(self, now_us: int, sizes: list[Size], new: int, replicas: int) -> None:
        """Look at the ReplicaSets, of which the one at position `new` is the present one."""
        updated, old = sizes[new].replicas, sum(size.replicas for size in sizes) - sizes[new].replicas
        available = sum(size.available for size in sizes)
        then = self._seen
        if updated > then[0] or old < then[1] or available > then[2]:
            self._moved = now_us
        self._seen = (updated, old, available)
        self._complete = self._complete or (updated == replicas and not old and available >= replicas)

    def reason(self, now_us: int, deadline_us: int) -> str:
        """Return the reason of the `Progressing` condition."""
        if self._complete:
            return COMPLETE
        return STUCK if now_us - self._moved > deadline_us else MOVING
