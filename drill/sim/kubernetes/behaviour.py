"""How fast an autoscaler may follow: stabilisation windows and scaling policies.

Separate because it remembers and knows no metric. Source: `stabilizeRecommendationWithBehaviors` and
`convertDesiredReplicasWithBehaviorRate` in `horizontal.go` of kube-controller-manager.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from drill.sim.kubernetes.rollout import part

if TYPE_CHECKING:
    from drill.scenario.kubernetes import AutoscalerSpec, ScalingRulesSpec

Remembered = list[tuple[int, int]]
"""Times and counts."""


class Behaviour:
    """What one autoscaler remembers of its recommendations and changes."""

    def __init__(self, spec: AutoscalerSpec) -> None:
        """Remember nothing yet."""
        self._spec = spec
        self._recommended: Remembered = []
        self._added: Remembered = []
        self._removed: Remembered = []

    def first(self, now_us: int, current: int) -> None:
        """Take the replicas there are for the first recommendation."""
        if not self._recommended:
            self._recommended.append((now_us, current))

    def decide(self, now_us: int, current: int, wanted: int) -> int:
        """Return the replicas that may be had now of those that are wanted, and remember the recommendation."""
        stable = self._stabilised(now_us, current, wanted)
        spec = self._spec
        if stable > current:
            return min(stable, max(current, self._most(now_us, current)), spec.highest)
        if stable < current:
            return max(stable, min(current, self._fewest(now_us, current)), spec.lowest)
        return stable

    def changed(self, now_us: int, before: int, after: int) -> None:
        """Remember a change that was made."""
        rules, kept = (self._spec.scale_up, self._added) if after > before else (self._spec.scale_down, self._removed)
        longest = max((policy.within for policy in rules.policies), default=0)
        kept[:] = [(at, count) for at, count in kept if at >= now_us - longest]
        kept.append((now_us, abs(after - before)))

    def _stabilised(self, now_us: int, current: int, wanted: int) -> int:
        up, down = now_us - self._spec.stabilisation_up, now_us - self._spec.stabilisation
        lowest = min([wanted, *(count for at, count in self._recommended if at > up)])
        highest = max([wanted, *(count for at, count in self._recommended if at > down)])
        self._recommended = [each for each in self._recommended if each[0] >= min(up, down)]
        self._recommended.append((now_us, wanted))
        return min(max(current, lowest), highest)

    def _most(self, now_us: int, current: int) -> int:
        rules = self._spec.scale_up
        if rules.select == "disabled":
            return current
        starts = self._starts(rules, now_us, current)
        proposed = [start + ceil(part(policy.by, start)) for policy, start in zip(rules.policies, starts, strict=True)]
        return max(proposed) if rules.select == "max" else min(proposed)

    def _fewest(self, now_us: int, current: int) -> int:
        rules = self._spec.scale_down
        if rules.select == "disabled":
            return current
        starts = self._starts(rules, now_us, current)
        proposed = [floor(start - part(policy.by, start)) for policy, start in zip(rules.policies, starts, strict=True)]
        return min(proposed) if rules.select == "max" else max(proposed)

    def _starts(self, rules: ScalingRulesSpec, now_us: int, current: int) -> list[int]:
        """Return how many replicas there were when the period of each policy began."""
        return [
            current - _within(self._added, now_us, policy.within) + _within(self._removed, now_us, policy.within)
            for policy in rules.policies
        ]


def _within(changes: Remembered, now_us: int, period_us: int) -> int:
    return sum(count for at, count in changes if at > now_us - period_us)
