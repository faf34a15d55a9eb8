"""What a pod's pool does to its connections beyond lending them: ages, idle times, trials, extra ones.

Separate because a pool that is given none of these keys has no upkeep and pays nothing for it. Each policy follows the
library whose name its key carries: HikariCP (https://github.com/brettwooldridge/HikariCP#gear-configuration-knobs-baby)
for lifetime, idle timeout and minimum idle, SQLAlchemy
(https://docs.sqlalchemy.org/en/20/core/pooling.html) for overflow and trials before use. Overflow is as that manual has
it, closed on return; the library's code closes a member only when as many as `size` are idle already.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.pools import PoolSpec
    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.members import Claimant
    from drill.sim.pool import Pool

HOUSEKEEPING_US = 30 * US_PER_S
"""How often idle members below the minimum are replaced, besides whenever one is closed; HikariCP's period."""
_NEVER = 1 << 62


def needs_upkeep(spec: PoolSpec) -> bool:
    """Return whether a pool has any policy beyond lending what it has."""
    borrow = spec.validation == "borrow"
    kept = spec.overflow or spec.min_idle or spec.max_lifetime or spec.idle_timeout
    return bool(kept) or borrow or spec.on_full == "outside"


def times_members(spec: PoolSpec) -> bool:
    """Return whether each member has times of its own: when it ends, since when it is idle, when it was last used.

    Such members are objects from the moment they are opened, and can't be kept as a counter.
    """
    return bool(spec.max_lifetime or spec.idle_timeout) or spec.validation == "borrow"


class Upkeep:
    """Looks after the members of one pool of one pod."""

    def __init__(
        self, clock: Clock, spec: PoolSpec, uniform: Callable[[], float], report: Callable[[Failure], object]
    ) -> None:
        """Follow a spec; `uniform` draws lifetimes, `report` logs why a background opening failed."""
        self.trying = spec.validation == "borrow"
        self._clock = clock
        self._spec = spec
        self._uniform = uniform
        self._report = report
        self._timed = times_members(spec)
        self._used: dict[Any, int] = {}
        """When each member was opened or last returned, if that matters."""
        self._outside: dict[Any, None] = {}
        self._retired: dict[Any, None] = {}
        """Members in use that are closed on return."""
        self._ends: list[tuple[int, int, Any]] = []
        """End of each member's life, a number that breaks ties, the member; a heap."""
        self._numbers = count()
        self._next_end = self._next_idle = _NEVER
        self._filling = False

    def start(self, pool: Pool) -> None:
        """Keep the minimum of idle members from now on."""
        if self._spec.min_idle:
            self._clock.call_at(self._clock.t, self._keep_house, pool)

    def opened(self, pool: Pool, member: Any) -> None:  # noqa: ANN401 - the pool's source knows the type
        """Draw how long a new member lives."""
        if not self._timed:
            return
        now, spec = self._clock.t, self._spec
        self._used[member] = now
        if spec.max_lifetime:
            factor = 1.0 + spec.lifetime_jitter * (2.0 * self._uniform() - 1.0)
            heappush(self._ends, (now + round(spec.max_lifetime * factor), next(self._numbers), member))
            self._watch_ends(pool)
        self._watch_idle(pool, now)

    def keeps(self, pool: Pool, member: Any) -> bool:  # noqa: ANN401 - as above
        """Return whether a returned member stays: not if its life is over, or there are more than `size`."""
        if self._outside and self.closes_outside(pool, member):
            return False
        if member in self._retired or (pool.open > pool.size and not pool.queue.waiting):
            pool.discard(member)
            return False
        if self._timed:
            self._used[member] = self._clock.t
            self._watch_idle(pool, self._clock.t)
        return True

    def dropped(self, pool: Pool, member: Any) -> None:  # noqa: ANN401 - as above
        """Forget a closed member and replace it if fewer than the minimum are idle."""
        self._used.pop(member, None)
        self._retired.pop(member, None)
        if self._spec.min_idle and not pool.closed:
            self._clock.call_at(self._clock.t, self._fill, pool)

    def tries(self, pool: Pool, claimant: Claimant, member: Any) -> bool:  # noqa: ANN401 - as above
        """Try a member that has been idle; a dead one is replaced before the claimant hears of it."""
        if self._clock.t - self._used[member] <= self._spec.validation_bypass:
            return False

        def tried(works: bool) -> None:  # noqa: FBT001 - the one thing a callback of this kind is told
            if pool.closed:
                return
            if works:
                pool.lend(claimant, member)
            else:
                claimant.waited += self._clock.t - claimant.since
                pool.discard(member)
                pool.claim(claimant)

        pool.source.test(member, claimant, tried)
        return True

    def opens_outside(self, pool: Pool, claimant: Claimant) -> bool:
        """Open a member outside of the pool, if that is the policy."""
        if self._spec.on_full != "outside":
            return False
        claimant.since = self._clock.t

        def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            if pool.closed:
                pool.source.close(member)
                return
            pool.outside += 1
            self._outside[member] = None
            pool.members.enrol(member)
            pool.lend(claimant, member)

        def refused(failure: Failure) -> None:
            if not pool.closed:
                claimant.refuse(claimant, failure)

        pool.source.open(opened, refused)
        return True

    def closes_outside(self, pool: Pool, member: Any) -> bool:  # noqa: ANN401 - as above
        """Close a member that is outside of the pool; return False for others."""
        if member not in self._outside:
            return False
        del self._outside[member], pool.members[member]
        pool.outside -= 1
        pool.source.close(member)
        return True

    def _watch_ends(self, pool: Pool) -> None:
        if self._ends and self._ends[0][0] < self._next_end:
            self._next_end = self._ends[0][0]
            self._clock.call_at(self._next_end, self._end_lives, (pool, self._next_end))

    def _end_lives(self, watched: tuple[Pool, int]) -> None:
        pool, due = watched
        if pool.closed or due != self._next_end:
            return
        self._next_end = _NEVER
        while self._ends and self._ends[0][0] <= self._clock.t:
            _, _, member = heappop(self._ends)
            if member in pool.idle:
                pool.forget(member)
            elif member in pool.members:
                self._retired[member] = None
        self._watch_ends(pool)

    def _watch_idle(self, pool: Pool, since: int) -> None:
        if self._spec.idle_timeout and self._next_idle == _NEVER:
            self._next_idle = since + self._spec.idle_timeout
            self._clock.call_at(self._next_idle, self._close_idle, pool)

    def _close_idle(self, pool: Pool) -> None:
        # The member returned last is lent first, so the one at the bottom has been idle for longest.
        if pool.closed:
            return
        self._next_idle = _NEVER
        idle, limit = pool.idle, self._clock.t - self._spec.idle_timeout
        while len(idle) > self._spec.min_idle and self._used[idle[0]] <= limit:
            pool.forget(idle[0])
        if len(idle) > self._spec.min_idle:
            self._watch_idle(pool, self._used[idle[0]])

    def _keep_house(self, pool: Pool) -> None:
        if not pool.closed:
            self._fill(pool)
            self._clock.call_at(self._clock.t + HOUSEKEEPING_US, self._keep_house, pool)

    def _fill(self, pool: Pool) -> None:
        """Open one member if too few are idle, and go on when it is there; a refusal ends this round."""
        opener = pool.opener
        short = pool.spare < self._spec.min_idle and pool.open + opener.count < pool.size
        if pool.closed or self._filling or not short:
            return
        self._filling = True
        opener.count += 1

        def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            opener.count -= 1
            self._filling = False
            pool.add(member)
            self._clock.call_at(self._clock.t, self._fill, pool)

        def refused(failure: Failure) -> None:
            opener.count -= 1
            self._filling = False
            if not pool.closed:
                self._report(failure)
                opener.freed(pool)

        pool.source.open(opened, refused)
