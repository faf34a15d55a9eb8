"""Users: they arrive whatever happens, or come back after each answer, and ask the gateway.

Separate from the gateway, which knows requests and not where they come from, and from visits, which are what becomes of
users whose clients give up or try again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.express import come
from drill.sim.workload import Arrival
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drill.scenario.story import TrafficSpec
    from drill.sim.ledger import Ledger
    from drill.sim.visits import Visit, Visits
    from drill.sim.workload import Row


def follow(visits: Visits, arrivals: Iterator[Row]) -> None:
    """Let everybody arrive who comes in an open loop."""
    coming = come(visits, arrivals)
    next(coming)
    visits.clock.arrive = coming.send


class Crowd:
    """Users in a closed loop: think, ask, wait for the answer, and again.

    An interactive system in the sense of Denning and Buzen, "The Operational Analysis of Queueing Network Models"
    (1978): throughput is users over response time plus think time. A slow system gets fewer requests.
    """

    def __init__(
        self, visits: Visits, ledger: Ledger, wishes: Iterator[Row], think: Iterator[int], until_us: int
    ) -> None:
        """Let users ask before `until_us`; `wishes` are what they ask for, whenever that is."""
        self._visits = visits
        self._offered = ledger.offered
        self._wishes = wishes
        self._think = think
        self._until_us = until_us
        self.there = 0
        """Users who think or wait."""
        self.wanted = 0
        """Users there are to be; those who are too many leave when they would ask next."""

    def follow(self, counts: Iterable[tuple[int, int]]) -> None:
        """Have as many users as said from each time on; pairs of time and number, from time 0 on."""
        for at_us, users in counts:
            if at_us:
                self._visits.clock.call_at(at_us, self._become, users)
            else:
                self._become(users, 0)

    def _become(self, users: int, at_us: int | None = None) -> None:
        clock = self._visits.clock
        now_us = clock.t if at_us is None else at_us
        self.wanted = users
        for _ in range(users - self.there):
            clock.call_at(now_us + next(self._think), self._ask)
        self.there = max(self.there, users)

    def _ask(self, _: object) -> None:
        now_us = self._visits.clock.t
        if now_us >= self._until_us:
            return
        if self.there > self.wanted:
            self.there -= 1
            return
        self._offered[now_us // US_PER_S] += 1
        self._visits.enter(Arrival._make((now_us, *next(self._wishes)[1:])), self._answered)

    def _answered(self, visit: Visit) -> None:
        del visit
        clock = self._visits.clock
        clock.call_at(clock.t + next(self._think), self._ask)


def crowd_sizes(traffic: TrafficSpec) -> Iterator[tuple[int, int]]:
    """Yield when the number of users changes and to what, in order of time; a change over time takes steps of one.

    A number that is multiplied by the factor is rounded.
    """
    users = round(traffic.users * traffic.factor)
    yield 0, users
    for point in traffic.crowd:
        target = round(point.users * traffic.factor)
        steps = abs(target - users) if point.over else 1
        for step in range(1, steps + 1):
            at_us = point.at + point.over * step // max(1, steps)
            yield at_us, users + (target - users) * step // max(1, steps)
        users = target
