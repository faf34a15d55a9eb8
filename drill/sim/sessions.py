"""A backend of the database, as `pg_stat_activity` would show it.

Separate because programs, the database, the pooler and actions all read and move its state. State names and their
meaning follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.request import Request

IDLE, ACTIVE, IN_TRANSACTION, ABORTED = range(4)
STATES = ("idle", "active", "idle in transaction", "idle in transaction (aborted)")
"""Names of the states by number."""


class Session:
    """One client backend. It is also the member of a pool that connects directly."""

    __slots__ = (
        "application",
        "closed",
        "extra_us",
        "lost",
        "pid",
        "query",
        "session",
        "since",
        "started",
        "state",
        "user",
        "xact_since",
    )

    def __init__(self, pid: int, application: str, started_us: int, lost: Callable[[Session], object] | None) -> None:
        """Start idle; `lost` is called when the server ends the session while nobody uses it."""
        self.pid = pid
        self.application = application
        """application_name, the pod or the pooler."""
        self.started = started_us
        self.lost = lost
        self.state = IDLE
        self.since = started_us
        """Last change of state."""
        self.xact_since = started_us
        """Start of the latest transaction."""
        self.query = ""
        """Latest statement."""
        self.user: Request | None = None
        """Request of the latest statement; the one at work while `active`."""
        self.closed: Failure | None = None
        """Why the server ended it; None while it lives."""
        self.session = self
        self.extra_us = 0
        """Time a statement takes on top because of how it got here."""

    @property
    def broken(self) -> bool:
        """Whether the connection can't be used any more."""
        return self.closed is not None

    def committed(self) -> None:
        """Do nothing: a direct connection stays with its borrower."""

    def rolled_back(self, now_us: int) -> None:
        """Leave whatever transaction was open."""
        if self.state != IDLE:
            self.state = IDLE
            self.since = now_us


class Watch:
    """Ends sessions that stay in one state for too long, with one timer for the oldest.

    One serves one timeout; a change of the timeout makes a new one.
    """

    __slots__ = ("_armed", "_clock", "_expired", "_queue", "state", "timeout_us")

    def __init__(self, clock: Clock, timeout_us: int, state: int, expired: Callable[[Session], object]) -> None:
        """Call `expired(session)` for sessions that stay in `state` for `timeout_us`."""
        self._clock = clock
        self.timeout_us = timeout_us
        self.state = state
        self._expired = expired
        self._queue: deque[tuple[int, Session]] = deque()
        self._armed = False

    def add(self, session: Session) -> None:
        """Watch a session that has just changed its state."""
        self._queue.append((session.since, session))
        if not self._armed:
            self._armed = True
            self._clock.call_at(session.since + self.timeout_us, self._fire)

    def stop(self) -> None:
        """Watch nobody any more."""
        self._queue.clear()

    def _fire(self, _: object) -> None:
        queue, limit = self._queue, self._clock.t - self.timeout_us
        while queue and (queue[0][0] <= limit or queue[0][1].since != queue[0][0]):
            since, session = queue.popleft()
            if session.since == since and session.state == self.state and session.closed is None:
                self._expired(session)
        self._armed = bool(queue)
        if queue:
            self._clock.call_at(queue[0][0] + self.timeout_us, self._fire)
