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
        "watches",
        "xact_since",
    )

    def __init__(
        self,
        pid: int,
        application: str,
        started_us: int,
        watches: list[Watch | None],
        lost: Callable[[Session], object] | None = None,
    ) -> None:
        """Start idle.

        Args:
            pid: Process id.
            application: The application_name.
            started_us: When it started.
            watches: The server's watches by state; read anew at each change, so that a timeout set later counts.
            lost: Called when the server ends the session while nobody uses it.
        """
        self.pid = pid
        self.application = application
        """application_name, the pod or the pooler."""
        self.started = started_us
        self.lost = lost
        """Called when the server ends the session while nobody uses it; None for nobody."""
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
        self.watches = watches
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
            self.become(IDLE, now_us)

    def become(self, state: int, now_us: int) -> None:
        """Change the state, under the eyes of whoever watches for sessions that stay in it too long."""
        self.state = state
        self.since = now_us
        watch = self.watches[state]
        if watch is not None:
            watch.add(self)


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
            self._clock.call_at(max(self._clock.t, session.since + self.timeout_us), self._fire)

    def _fire(self, _: object) -> None:
        queue, limit = self._queue, self._clock.t - self.timeout_us
        while queue and (queue[0][0] <= limit or queue[0][1].since != queue[0][0]):
            since, session = queue.popleft()
            if session.since == since and session.state == self.state and session.closed is None:
                self._expired(session)
        self._armed = bool(queue)
        if queue:
            self._clock.call_at(max(self._clock.t, queue[0][0] + self.timeout_us), self._fire)
