"""PgBouncer's upkeep of its server connections: when one is opened, kept, or closed.

Separate from the pooler's clients because this is a clockwork of its own. Rules follow PgBouncer 1.18.0: one login at a
time, `server_login_retry` after a failed one, and a round three times a second in which idle servers, the minimum and
the reserve are looked after. Rounds in which there is nothing to do are not simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.opening import InBackground
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.pools import PoolerSpec
    from drill.sim.clock import Clock
    from drill.sim.members import Claimant
    from drill.sim.pool import Pool
    from drill.sim.sessions import Session

ROUND_US = US_PER_S // 3
"""Time between two rounds; a query_wait_timeout of 2 s was seen to fire after 2.25 to 2.3 s."""
_NEVER = 1 << 62


class Configuration:
    """The settings in force, those of the file, and whether the pooler is paused."""

    __slots__ = ("file", "paused", "spec")

    def __init__(self, spec: PoolerSpec) -> None:
        """Start with what the file says."""
        self.file = spec
        """What RELOAD returns to."""
        self.spec = spec
        self.paused = False


class Janitor(InBackground):
    """Opens, keeps and closes the servers of one pooler."""

    __slots__ = (
        "_configuration",
        "_due",
        "_idle_us",
        "_killed_at",
        "_lifetime_us",
        "_start",
        "_wanted",
        "clients",
        "transactions",
    )

    trying = False

    def __init__(self, clock: Clock, configuration: Configuration, start_us: int, wanted: Callable[[], bool]) -> None:
        """Make rounds from `start_us` on; `wanted` says whether anybody but the queue waits for a server."""
        super().__init__(clock, configuration.spec.server_login_retry)
        self._configuration = configuration
        self._start = start_us
        self._wanted = wanted
        self._due = _NEVER
        self._take_times(configuration.spec)
        self._killed_at = -_NEVER
        """When a server was last closed for its age."""
        self.clients = 0
        """Client connections, idle ones included."""
        self.transactions = 0
        """Transactions of clients that were committed, since the start."""

    def round_at(self, at_us: int) -> int:
        """Return the first round at or after a time."""
        return at_us + (self._start - at_us) % ROUND_US

    def look_in(self, pool: Pool, at_us: int) -> None:
        """Make a round at or after a time."""
        if at_us < self._due:
            self._due = due = self.round_at(max(at_us, self._clock.t + 1))
            self._clock.call_at(due, self._round, (pool, due))

    def adopt(self, pool: Pool, spec: PoolerSpec) -> None:
        """Use other settings from now on."""
        self._configuration.spec = spec
        self._take_times(spec)
        self.retry_us = spec.server_login_retry
        pool.size = spec.pool_size
        pool.queue.set_timeout(spec.query_wait_timeout)
        self.freed(pool)
        self.look_in(pool, self._clock.t)

    def _take_times(self, spec: PoolerSpec) -> None:
        self._lifetime_us = spec.server_lifetime
        self._idle_us = spec.server_idle_timeout or _NEVER

    # Opening servers.

    def needed(self, pool: Pool) -> bool:
        """Return whether somebody waits for a server."""
        return pool.queue.waiting > 0 or self._wanted()

    def allowed(self, pool: Pool) -> bool:
        """Return whether one more server may be opened; the reserve is for those who have waited."""
        spec = self._configuration.spec
        if self._configuration.paused:
            return False
        if pool.room():
            return True
        first = pool.queue.first()
        if first is None or not spec.reserve_pool_timeout or pool.open + self.count >= self._most():
            return False
        waited_at = first.since + spec.reserve_pool_timeout
        if waited_at > self._clock.t:
            self.look_in(pool, waited_at)
        return waited_at <= self._clock.t

    def retry(self, pool: Pool) -> None:
        """Try again in the first round after the pause."""
        self.look_in(pool, self.blocked_until)

    def keep_minimum(self, pool: Pool) -> None:
        """Open one server in the next round if fewer than the minimum are there."""
        if self._below_minimum(pool):
            self.look_in(pool, self._clock.t)

    def _below_minimum(self, pool: Pool) -> bool:
        spec = self._configuration.spec
        return pool.open < min(spec.min_pool_size, spec.pool_size) and self.clients > 0

    def _most(self) -> int:
        return self._configuration.spec.pool_size + self._configuration.spec.reserve_pool_size

    # Keeping and closing them.

    def start(self, pool: Pool) -> None:
        """Do nothing: there are no clients yet."""

    def opened(self, pool: Pool, member: Session) -> None:
        """Look at a new server again when it may have been idle for too long."""
        self._look_at(pool, member)
        self.keep_minimum(pool)

    def keeps(self, pool: Pool, member: Session) -> bool:
        """Return whether a released server stays: not while paused, nor past its lifetime."""
        end, now = member.started + self._lifetime_us, self._clock.t
        if self._configuration.paused or (now >= end and self._is_over(member)):
            pool.discard(member)
            return False
        if self._due > end or self._due > now + self._idle_us:
            self._look_at(pool, member)
        return True

    def dropped(self, pool: Pool, member: Session) -> None:
        """Look whether the minimum is still there."""
        del member
        self.keep_minimum(pool)

    def tries(self, pool: Pool, claimant: Claimant, member: Any) -> bool:  # noqa: ANN401 - as in the protocol
        """Try nothing: PgBouncer sees that a server has gone, and closes it."""
        del pool, claimant, member
        return False

    def opens_outside(self, pool: Pool, claimant: Claimant) -> bool:
        """Open nothing outside of the pool."""
        del pool, claimant
        return False

    def closes_outside(self, pool: Pool, member: Any) -> bool:  # noqa: ANN401 - as in the protocol
        """Close nothing: no server is outside of the pool."""
        del pool, member
        return False

    def _look_at(self, pool: Pool, session: Session) -> None:
        over_at = max(session.started + self._lifetime_us, self._killed_at + self._gap())
        at_us = min(over_at, self._clock.t + self._idle_us)
        if at_us < self._due:
            self.look_in(pool, at_us)

    def _gap(self) -> int:
        """Return the time between two servers closed for their age, so that not all go at once."""
        return self._configuration.spec.server_lifetime // self._configuration.spec.pool_size

    def _is_over(self, session: Session) -> bool:
        now = self._clock.t
        if now - session.started < self._lifetime_us or now - self._killed_at < self._gap():
            return False
        self._killed_at = now
        return True

    def _round(self, planned: tuple[Pool, int]) -> None:
        pool, due = planned
        if due != self._due or pool.closed:
            return
        self._due = _NEVER
        spec, now = self._configuration.spec, self._clock.t
        for session in list(pool.idle):
            spare = not spec.min_pool_size or pool.open > spec.min_pool_size
            unused = now - session.since >= self._idle_us
            if pool.open > self._most() or (unused and spare) or self._is_over(session):
                pool.forget(session)
        for session in pool.idle:
            self._look_at(pool, session)
        if self.needed(pool) or self._below_minimum(pool):
            self.want(pool)
            if self.blocked_until > now:
                self.retry(pool)
