"""Users' pain avoided, out of 30 points.

Separate because everything else is capped or scaled by it. D counts failed and late requests of a run; refused and shed
users count as failed.
"""

from __future__ import annotations

MOST_POINTS = 30.0


def avoided_share(bad: int, idle_bad: int, expert_bad: int) -> float:
    """Return how much of the avoidable pain was avoided: (D0 - D) / (D0 - De) from 0 to 1; 0 where none could be."""
    avoidable = idle_bad - expert_bad
    if avoidable <= 0:
        return 0.0
    return min(1.0, max(0.0, (idle_bad - bad) / avoidable))


def impact_points(bad: int, idle_bad: int, expert_bad: int) -> float:
    """Return the points for the share of avoidable pain that was avoided."""
    return MOST_POINTS * avoided_share(bad, idle_bad, expert_bad)
