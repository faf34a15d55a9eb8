"""A backend of the database, as `pg_stat_activity` would show it.

Separate because programs, the database, the pooler and actions all read and move its state. State names and their
meaning follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.request import Request
    from drill.sim.settings import Limits
    from drill.sim.waits import Holds, Wait

IDLE, ACTIVE, IN_TRANSACTION, ABORTED = range(4)
STATES = ("idle", "active", "idle in transaction", "idle in transaction (aborted)")
"""Names of the states by number."""


class Tally:
    """What a server counts of all its sessions: what they did, how they ended."""

    __slots__ = ("commits", "fatal", "killed", "rollbacks")

    def __init__(self) -> None:
        """Have counted nothing."""
        self.commits = 0
        self.rollbacks = 0
        self.killed = 0
        """Sessions that an administrator ended."""
        self.fatal = 0
        """Sessions that another fatal error ended, such as a timeout."""


class Statement(Protocol):
    """What a session runs."""

    text: str
    commits: bool
    """Whether the transaction ends with it."""


class Session:
    """One client backend. It is also the member of a pool that connects directly."""

    __slots__ = (
        "application",
        "closed",
        "extra_us",
        "holds",
        "left",
        "limits",
        "lost",
        "pid",
        "session",
        "since",
        "started",
        "state",
        "statement",
        "straight",
        "tally",
        "user",
        "wait",
        "watches",
        "xact_since",
    )

    def __init__(  # noqa: PLR0913 - what a backend has from its start
        self,
        pid: int,
        application: str,
        started_us: int,
        limits: Limits,
        lost: Callable[[Session], object] | None = None,
        *,
        tally: Tally | None = None,
    ) -> None:
        """Start idle; `lost` is called when the server ends it unused, `tally` is that of the server."""
        self.tally = tally or Tally()
        self.pid = pid
        self.application = application  # the pod or the pooler
        self.started = started_us
        self.lost = lost
        self.state = IDLE
        self.since = started_us
        """Last change of state."""
        self.xact_since = started_us
        """Start of the latest transaction."""
        self.statement: Statement | None = None  # the latest
        self.user: Request | None = None
        """Request of the latest statement; the one at work while `active`."""
        self.closed: Failure | None = None
        """Why the server ended it; None while it lives."""
        self.limits = limits
        """The timeouts it goes by."""
        self.watches = limits.watches
        """Those of its limits, by state."""
        self.straight = limits.straight  # lives, and nobody watches how long it stays in a state
        self.holds: Holds | None = None
        """Locks of its transaction; None while it has taken none."""
        self.wait: Wait | None = None
        """The lock it waits for; None while it waits for none."""
        self.session = self
        self.left: dict[str, int] = {}
        """What statements left here for later ones, such as `prepared find_cart`; a number where it has a value."""
        self.extra_us = 0
        """Time a statement takes on top because of how it got here."""

    @property
    def broken(self) -> bool:
        """Whether the connection can't be used any more."""
        return self.closed is not None

    @property
    def query(self) -> str:
        """Text of the latest statement."""
        return "" if self.statement is None else self.statement.text

    def begin(self, statement: Statement, request: Request, now_us: int) -> None:
        """Start a statement."""
        if self.state == IDLE:
            self.xact_since = now_us
        self.statement = statement
        self.user = request
        self.become(ACTIVE, now_us)

    def canceled(self, now_us: int) -> None:
        """Lose the statement at work, and with it what its transaction did; an open one stays until it is rolled back.

        PostgreSQL gives up locks when the error happens and not when ROLLBACK arrives (AbortTransaction, xact.c).
        """
        self.end_transaction(committed=False)
        self.tally.rollbacks += 1
        in_block = self.statement is not None and not self.statement.commits
        self.become(ABORTED if in_block else IDLE, now_us)

    def end_transaction(self, *, committed: bool) -> None:
        """Give up the locks of the transaction; the state is the caller's business."""
        if self.holds is not None:
            self.holds.end(committed=committed)

    def committed(self) -> None:
        """Count a transaction; a direct connection stays with its borrower."""
        self.tally.commits += 1

    def rolled_back(self, now_us: int) -> None:
        """Leave whatever transaction was open."""
        self.end_transaction(committed=False)
        if self.state != IDLE:
            if self.closed is None and self.state != ABORTED:  # these were counted when they ended
                self.tally.rollbacks += 1
            self.become(IDLE, now_us)

    def pin(self, request: Request, then: Callable[[Request], object], fail: Callable[..., object]) -> None:
        """Begin a transaction that nobody will end."""
        del fail
        if self.closed is None:
            now = request.pod.cpu.clock.t
            if self.state == IDLE:
                self.xact_since = now
            self.become(IN_TRANSACTION, now)
        then(request)

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
