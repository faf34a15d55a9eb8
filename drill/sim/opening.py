"""Who opens a pool's members, and what a refusal does.

Separate because libraries differ in just this: in most, the caller that finds no idle member opens one for itself and
gets the error if that fails; in others (and in PgBouncer) members are opened one at a time on the side, callers only
wait, and a refusal is followed by a pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.units import US_PER_MS, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.members import Claimant
    from drill.sim.pool import Pool

FIRST_PAUSE_US, LONGEST_PAUSE_US = 10 * US_PER_MS, 5 * US_PER_S


class ByCaller:
    """A caller opens a member while there is room, and takes it or one that is returned, whichever comes first."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        """Start with nothing being opened."""
        self.count = 0
        """Members being opened."""

    def claim(self, pool: Pool, claimant: Claimant) -> bool:
        """Open a member for a claimant that found none idle, if there is room; return whether that was begun."""
        if not pool.room():
            return False
        pool.queue.join(claimant)
        self._open_for(pool, claimant)
        return True

    def queued(self, pool: Pool) -> None:
        """Do nothing: whoever waits does so because there is no room."""

    def freed(self, pool: Pool) -> None:
        """Let the longest waiters open members in the places that became free."""
        while pool.queue.waiting > self.count + pool.spare and pool.room() and not pool.closed:
            claimant = pool.queue.first()
            if claimant is not None:
                self._open_for(pool, claimant)

    def _open_for(self, pool: Pool, claimant: Claimant) -> None:
        self.count += 1
        since = claimant.since

        def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            self.count -= 1
            pool.add(member)

        def refused(failure: Failure) -> None:
            self.count -= 1
            if pool.closed:
                return
            # Whoever was served in the meantime does not hear of it.
            if claimant.waiting is pool.queue and claimant.since == since:
                pool.queue.leave(claimant)
                claimant.refuse(claimant, failure)
            if pool.queue.waiting:
                self.freed(pool)

        pool.source.open(opened, refused)


class InBackground:
    """Members are opened one at a time for the queue; a refusal is followed by a pause, counted from the attempt."""

    __slots__ = ("_attempt", "_clock", "blocked_until", "count", "retry_us", "tried_at")

    def __init__(self, clock: Clock, retry_us: int) -> None:
        """Pause for `retry_us` after a refusal."""
        self.count = 0
        """Members being opened."""
        self.retry_us = retry_us
        self.tried_at = clock.t
        """When the latest attempt began."""
        self.blocked_until = clock.t
        """No attempt begins before."""
        self._clock = clock
        self._attempt = 0

    def claim(self, pool: Pool, claimant: Claimant) -> bool:
        """Never open for one claimant."""
        del pool, claimant
        return False

    def queued(self, pool: Pool) -> None:
        """Open a member for the queue."""
        self.want(pool)

    def freed(self, pool: Pool) -> None:
        """Open a member if somebody waits."""
        if self.needed(pool):
            self.want(pool)

    def needed(self, pool: Pool) -> bool:
        """Return whether somebody waits for a member."""
        return pool.queue.waiting > 0

    def allowed(self, pool: Pool) -> bool:
        """Return whether one more may be opened."""
        return pool.room()

    def want(self, pool: Pool) -> None:
        """Open a member unless one is being opened, there is no room or a pause is not over."""
        if pool.closed or self.count or self._clock.t < self.blocked_until or not self.allowed(pool):
            return
        self.count += 1
        self.tried_at = self._clock.t
        self._attempt = attempt = self._attempt + 1

        def opened(member: Any) -> None:  # noqa: ANN401 - the source knows the type
            if attempt != self._attempt:
                pool.source.close(member)
                return
            self.count -= 1
            self.answered(None)
            pool.add(member)
            self.freed(pool)

        def refused(failure: Failure) -> None:
            if attempt == self._attempt:
                self.count -= 1
                self.answered(failure)
                self.pause(pool)

        pool.source.open(opened, refused)

    def answered(self, failure: Failure | None) -> None:
        """Take note that an attempt worked (None) or was refused."""

    def abort(self, pool: Pool) -> None:
        """Give up the attempt under way, if there is one, as if it had been refused."""
        if self.count:
            self._attempt += 1
            self.count = 0
            self.pause(pool)

    def pause(self, pool: Pool) -> None:
        """Begin the pause after a refusal."""
        self.blocked_until = max(self._clock.t, self.tried_at + self.retry_us)
        self.retry(pool)

    def retry(self, pool: Pool) -> None:
        """See to it that another attempt is made when the pause is over."""
        self._clock.call_at(self.blocked_until, self.freed, pool)


class Patient(InBackground):
    """As application libraries do it: every refusal is logged and doubles the pause, every success takes that back.

    Pauses are HikariCP's, from 10 ms to 5 s (PoolEntryCreator in
    https://github.com/brettwooldridge/HikariCP/blob/dev/src/main/java/com/zaxxer/hikari/pool/HikariPool.java).
    """

    __slots__ = ("_report",)

    def __init__(self, clock: Clock, report: Callable[[Failure], object]) -> None:
        """Tell `report` of refusals."""
        super().__init__(clock, FIRST_PAUSE_US)
        self._report = report

    def answered(self, failure: Failure | None) -> None:
        """Choose the next pause."""
        if failure is None:
            self.retry_us = FIRST_PAUSE_US
        else:
            self.retry_us = min(LONGEST_PAUSE_US, 2 * self.retry_us)
            self._report(failure)
