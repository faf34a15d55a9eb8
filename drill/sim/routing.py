"""How the gateway chooses among the ready pods of a deployment.

Separate because the choice decides the shape of an outage: under `least_outstanding` a pod that fails fast always looks
idle and attracts the traffic. Each router costs the same for 10 pods and for 200.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from drill.sim.pod import Pod


class Router(Protocol):
    """Chooses pods; counts what each has outstanding, as the gateway sees it."""

    pods: list[Pod]
    """Ready pods; the order is the router's own."""
    even: float
    """How many these are, if each is as likely for any request, so that nobody needs to call `pick`; 0 otherwise."""
    ranks: bool
    """Whether it goes by what pods have outstanding; otherwise `release` only counts, and nobody needs to call it."""

    def add(self, pod: Pod) -> None:
        """Let a pod that became ready get requests."""

    def remove(self, pod: Pod) -> None:
        """Send no further requests to a pod."""

    def pick(self, uniform: float) -> Pod:
        """Choose a pod for a request and count it there; there is at least one pod."""

    def pick_index(self, index: int) -> Pod:
        """Choose the ready pod at a position, as a trace asks, and count the request there."""

    def release(self, pod: Pod) -> None:
        """Count a request as answered or given up."""


class _Router:
    """Pods in the order in which they became ready, whatever they have outstanding."""

    def __init__(self) -> None:
        """Start without pods."""
        self.pods: list[Pod] = []
        self.even = 0.0
        self.ranks = False

    def add(self, pod: Pod) -> None:
        """Let a pod that became ready get requests."""
        self.pods.append(pod)

    def remove(self, pod: Pod) -> None:
        """Send no further requests to a pod."""
        if pod in self.pods:
            self.pods.remove(pod)

    def pick_index(self, index: int) -> Pod:
        """Choose the ready pod at a position."""
        pod = self.pods[index % len(self.pods)]
        pod.outstanding += 1
        return pod

    def release(self, pod: Pod) -> None:
        """Count a request as answered or given up."""
        pod.outstanding -= 1


class Random(_Router):
    """Any ready pod with equal probability."""

    def add(self, pod: Pod) -> None:
        """Let a pod that became ready get requests."""
        super().add(pod)
        self.even = float(len(self.pods))

    def remove(self, pod: Pod) -> None:
        """Send no further requests to a pod."""
        super().remove(pod)
        self.even = float(len(self.pods))

    def pick(self, uniform: float) -> Pod:
        """Choose by the request's own random number."""
        pod = self.pods[floor(uniform * self.even)]
        pod.outstanding += 1
        return pod


class RoundRobin(_Router):
    """Each ready pod in turn."""

    def __init__(self) -> None:
        """Start without pods."""
        super().__init__()
        self._turn = 0

    def pick(self, uniform: float) -> Pod:
        """Choose the next pod."""
        del uniform
        pods = self.pods
        self._turn = (self._turn + 1) % len(pods)
        pod = pods[self._turn]
        pod.outstanding += 1
        return pod


class LeastOutstanding:
    """A ready pod with the fewest requests outstanding; ties go by the request's random number."""

    def __init__(self) -> None:
        """Start without pods."""
        self.pods: list[Pod] = []
        self.even, self.ranks = 0.0, True
        self._levels: list[list[Pod]] = [[]]
        self._lowest = 0

    def add(self, pod: Pod) -> None:
        """Let a pod that became ready get requests."""
        self.pods.append(pod)
        self._insert(pod)
        self._lowest = min(self._lowest, pod.outstanding) if len(self.pods) > 1 else pod.outstanding

    def remove(self, pod: Pod) -> None:
        """Send no further requests to a pod."""
        if pod in self.pods:
            self.pods.remove(pod)
            self._extract(pod)
            self._settle()

    def pick(self, uniform: float) -> Pod:
        """Choose among the pods on the lowest level."""
        # As _count does, without its calls: this is done for every request.
        lowest, levels = self._lowest, self._levels
        level = levels[lowest]
        index = int(uniform * len(level))
        pod = level[index]
        last = level.pop()
        if last is not pod:
            level[index] = last
            last.level_index = index
        pod.outstanding = lowest + 1
        if lowest + 1 == len(levels):
            levels.append([])
        above = levels[lowest + 1]
        pod.level_index = len(above)
        above.append(pod)
        if not level:
            self._lowest = lowest + 1
        return pod

    def pick_index(self, index: int) -> Pod:
        """Choose the ready pod at a position."""
        return self._count(self.pods[index % len(self.pods)])

    def _count(self, pod: Pod) -> Pod:
        self._extract(pod)
        pod.outstanding += 1
        self._insert(pod)
        self._settle()
        return pod

    def release(self, pod: Pod) -> None:
        """Count a request as answered or given up."""
        outstanding, index = pod.outstanding - 1, pod.level_index
        pod.outstanding = outstanding
        if index < 0:
            return
        levels = self._levels
        level = levels[outstanding + 1]
        last = level.pop()
        if last is not pod:
            level[index] = last
            last.level_index = index
        below = levels[outstanding]
        pod.level_index = len(below)
        below.append(pod)
        if outstanding < self._lowest:  # noqa: PLR1730 - min() takes longer, and this is done for every request
            self._lowest = outstanding

    def _insert(self, pod: Pod) -> None:
        levels = self._levels
        while len(levels) <= pod.outstanding:
            levels.append([])
        level = levels[pod.outstanding]
        pod.level_index = len(level)
        level.append(pod)

    def _extract(self, pod: Pod) -> None:
        # The last pod of the level takes the place that becomes free, so no list is searched.
        level = self._levels[pod.outstanding]
        last = level.pop()
        if last is not pod:
            level[pod.level_index] = last
            last.level_index = pod.level_index
        pod.level_index = -1

    def _settle(self) -> None:
        levels = self._levels
        while self._lowest < len(levels) - 1 and not levels[self._lowest]:
            self._lowest += 1
        if not self.pods:
            self._lowest = 0


ROUTERS: dict[str, type[Router]] = {
    "least_outstanding": LeastOutstanding,
    "random": Random,
    "round_robin": RoundRobin,
}
"""Every router by its name in scenario files."""
