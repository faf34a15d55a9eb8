"""The deployment controller's arithmetic: how large each ReplicaSet is next.

Separate because it is pure: numbers in, numbers out, held to the examples of the documentation. Source: `rolling.go`,
`sync.go` and `util/deployment_util.go` of kube-controller-manager's deployment controller.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from drill.scenario.kubernetes import RolloutSpec


class Size(NamedTuple):
    """One ReplicaSet: pods it is to have, and those of them that are available."""

    replicas: int
    available: int = 0


def part(count: float, total: int) -> Fraction:
    """Return a count of pods (an int), or a share of a total (a float), without the error of floating point."""
    if isinstance(count, int):
        return Fraction(count)
    return Fraction(round(count * total * 10**6), 10**6)


def limits(rollout: RolloutSpec, replicas: int) -> tuple[int, int]:
    """Return the most pods above the wanted number, rounded up, and the most that may be missing, rounded down."""
    surge, missing = ceil(part(rollout.surge, replicas)), floor(part(rollout.unavailable, replicas))
    if not surge and not missing:
        missing = 1  # a roll-out could not move otherwise
    return surge, min(missing, replicas)


def grown(new: Size, total: int, replicas: int, surge: int) -> int:
    """Return the next size of the new ReplicaSet; `total` is what all of them come to now."""
    if new.replicas >= replicas:
        return replicas
    return new.replicas + max(0, min(replicas + surge - total, replicas - new.replicas))


def shrunk(old: list[Size], new: Size, replicas: int, missing: int) -> list[int]:
    """Return the next sizes of the old ReplicaSets, oldest first: what is unavailable goes first, then the spare."""
    sizes = [size.replicas for size in old]
    fewest = replicas - missing
    most = sum(sizes) + new.replicas - fewest - (new.replicas - new.available)
    if most <= 0:
        return sizes
    for index, each in enumerate(old):
        unhealthy = min(most, max(0, each.replicas - each.available))
        sizes[index] -= unhealthy
        most -= unhealthy
    spare = sum(size.available for size in old) + new.available - fewest
    for index, size in enumerate(sizes):
        gone = min(size, max(0, spare))
        sizes[index] -= gone
        spare -= gone
    return sizes


def proportional(sizes: list[int], replicas: int, surge: int, most_before: int) -> list[int]:
    """Return sizes after scaling in the middle of a roll-out, oldest first and all above 0.

    Every ReplicaSet gets its share of the change; `most_before` is what all were allowed to come to until now.
    """
    allowed = replicas + surge if replicas else 0
    change = allowed - sum(sizes)
    result = list(sizes)
    if not change:
        return result
    # Of equal sizes the newer grows first and the older shrinks first.
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], -i if change > 0 else i))
    done = 0
    for index in order:
        share = floor(Fraction(sizes[index] * allowed, most_before) + Fraction(1, 2)) - sizes[index]
        share = min(share, change - done) if change > 0 else max(share, change - done)
        result[index] += share
        done += share
    result[order[0]] = max(0, result[order[0]] + change - done)
    return result
