"""Who opens a pool's members, and what a refusal does.

Separate because libraries differ in just this: in most, the caller that finds no idle member opens one for itself and
gets the error if that fails; in others (and in PgBouncer) members are opened one at a time on the side, callers only
wait, and a refusal is followed by a pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.members import Claimant
    from drill.sim.pool import Pool


class ByCaller:
    """A caller opens a member for itself while there is room."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        """Start with nothing being opened."""
        self.count = 0
        """Members being opened."""

    def claim(self, pool: Pool, claimant: Claimant) -> bool:
        """Open a member for a claimant that found none idle, if there is room; return whether that was begun."""
        if pool.queue.waiting or not pool.room():
            return False
        claimant.since = pool.clock.t
        self._open_for(pool, claimant)
        return True

    def queued(self, pool: Pool) -> None:
        """Do nothing: whoever waits does so because there is no room."""

    def freed(self, pool: Pool) -> None:
        """Let the longest waiters open members in the places that became free."""
        while pool.queue.waiting and pool.room() and not pool.closed:
            claimant = pool.queue.leave_first()
            if claimant is not None:
                self._open_for(pool, claimant)

    def _open_for(self, pool: Pool, claimant: Claimant) -> None:
        self.count += 1

        def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            self.count -= 1
            if pool.register(member):
                pool.grant(claimant, member)

        def refused(failure: Failure) -> None:
            self.count -= 1
            if not pool.closed:
                claimant.refuse(claimant, failure)
                self.freed(pool)

        pool.source.open(opened, refused)


class InBackground:
    """Members are opened one at a time for the queue; a refusal is followed by a pause."""

    __slots__ = ("_blocked_until", "_clock", "_retry_us", "count")

    def __init__(self, clock: Clock, retry_us: int) -> None:
        """Pause for `retry_us` after a refusal."""
        self.count = 0
        """Members being opened."""
        self._clock = clock
        self._retry_us = retry_us
        self._blocked_until = clock.t

    def claim(self, pool: Pool, claimant: Claimant) -> bool:
        """Never open for one claimant."""
        del pool, claimant
        return False

    def queued(self, pool: Pool) -> None:
        """Open a member for the queue."""
        self.want(pool)

    def freed(self, pool: Pool) -> None:
        """Open a member if somebody waits."""
        if pool.queue.waiting:
            self.want(pool)

    def want(self, pool: Pool) -> None:
        """Open a member unless one is being opened, there is no room or a pause is not over."""
        if not (pool.closed or self.count or self._clock.t < self._blocked_until) and pool.room():
            self.count += 1

            def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
                self.count -= 1
                if pool.register(member):
                    pool.offer(member)
                    self.freed(pool)

            def refused(failure: Failure) -> None:
                del failure
                self.count -= 1
                self._blocked_until = self._clock.t + self._retry_us
                self._clock.call_at(self._blocked_until, self.freed, pool)

            pool.source.open(opened, refused)
