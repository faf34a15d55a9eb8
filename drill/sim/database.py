"""PostgreSQL: connection slots, backends, CPU, and what ends a session or a statement.

Separate because everything that borrows a connection meets it, directly or through the pooler. Texts, the order of
checks at connect and what clients see of terminate, cancel and timeouts follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.sim.backends import Backends, UnusedSessions
from drill.sim.deadlocks import context
from drill.sim.downtime import Downtime
from drill.sim.failures import (
    ADMIN_SHUTDOWN,
    CANCELED_BY_USER,
    IDLE_IN_TRANSACTION_TIMEOUT,
    IDLE_SESSION_TIMEOUT,
    STATEMENT_TIMEOUT,
    Failure,
)
from drill.sim.locks import Locks
from drill.sim.login import Login
from drill.sim.members import Tokens
from drill.sim.pool import Pool
from drill.sim.processor import Processor
from drill.sim.sessions import ABORTED, ACTIVE, IDLE, IN_TRANSACTION, STATES, Session, Tally
from drill.sim.settings import STATES_OF, Limits, Settings
from drill.sim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import DatabaseSpec
    from drill.sim.clock import Clock
    from drill.sim.members import Claimant
    from drill.sim.request import Request

_FIRST_PID = 1_201
TRIAL_US = 70
"""SELECT 1 on a warm connection; measured 0.06 to 0.07 ms."""


class Database:
    """One PostgreSQL server."""

    def __init__(
        self,
        clock: Clock,
        spec: DatabaseSpec,
        streams: Streams | None = None,
        log: Callable[[str, str], object] | None = None,
    ) -> None:
        """Start with no client backends; `log` takes a level and a text of the server's log."""
        self.clock = clock
        self.spec = spec
        self.cpu = Processor(clock, spec.cores)
        self.round_trip_us = spec.round_trip
        self.max_connections = self.wanted_connections = spec.max_connections
        """In force, and from the next restart on."""
        self.role_limit = spec.role_connection_limit
        """CONNECTION LIMIT of the role; 0 for none."""
        self.database_limit = spec.database_connection_limit
        """CONNECTION LIMIT of the database; 0 for none."""
        self.downtime = Downtime(self, log or _unheard)
        self.slots = Pool(clock, spec.max_connections, Tokens(), timeout_us=1, reject=True)
        """One slot a backend, from the fork on; a backend about to be refused holds one for a few milliseconds."""
        self.sessions = Backends()
        """Backends past authentication, by pid."""
        self.tally = Tally()
        self.refused = 0
        """Connects refused for want of slots since the start."""
        self.connects = 0
        """Connects accepted since the start."""
        self.log = log or _unheard
        self.locks = Locks(
            clock, spec.deadlock_timeout, (streams or Streams(0)).source("locks").random, self.cancel, self.log
        )
        self.settings = self._settings()
        self._next_pid = _FIRST_PID

    def connect(
        self,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None = None,
    ) -> None:
        """Open a backend for an application; exactly one of `opened` and `refused` is called, later."""
        login = Login(self, application, opened, refused, lost)
        self.clock.call_at(self.clock.t + self.spec.connect, login.fork)

    @property
    def busy(self) -> list[Session]:
        """The sessions that are not idle, in the order of their pids."""
        return self.sessions.busy()

    def states(self) -> dict[str, int]:
        """Return the number of sessions by state, every state present."""
        counts, busy = [0] * len(STATES), self.busy
        counts[IDLE] = len(self.sessions) - len(busy)
        for session in busy:
            counts[session.state] += 1
        return dict(zip(STATES, counts, strict=True))

    def admit(self, application: str, lost: Callable[[Session], object] | None) -> Session:
        """Return a new idle session; its slot is already held."""
        session = Session(self._next_pid, application, self.clock.t, self.settings.current, lost, tally=self.tally)
        self._next_pid += 1
        self.connects += 1
        self.sessions.objects[session.pid] = session
        session.become(IDLE, self.clock.t)
        return session

    def close(self, session: Session) -> None:
        """End a session whose client went away; a statement at work keeps the slot until it is done."""
        if session.closed is not None:
            return
        user = session.user
        if session.state == ACTIVE and user is not None:
            user.ended = lambda _: self._gone(session, ADMIN_SHUTDOWN)
        else:
            self._gone(session, ADMIN_SHUTDOWN)

    def terminate(self, session: Session, failure: Failure = ADMIN_SHUTDOWN) -> None:
        """End a session from the server's side; its client learns of it at once if active, else at its next use."""
        if session.closed is not None:
            return
        user = session.user if session.state == ACTIVE else None
        if failure is ADMIN_SHUTDOWN:
            self.tally.killed += 1
        else:
            self.tally.fatal += 1
        self._gone(session, failure)
        if user is not None:
            self.tally.rollbacks += 1
            self._cut_short(user, failure)
        elif session.lost is not None:
            session.lost(session)

    def cancel(self, session: Session, failure: Failure = CANCELED_BY_USER) -> None:
        """Cancel the statement of an active session; the session stays. Does nothing to others, as PostgreSQL does."""
        user = session.user
        if session.closed is not None or session.state != ACTIVE or user is None:
            return
        if session.wait is not None:
            failure = replace(failure, detail=failure.detail + context(session.wait))
            self.locks.forget(session)
        if user.ended is not None:  # its client is gone; it lived only for this statement
            self._gone(session, failure)
        else:
            session.canceled(self.clock.t)
        if session.state == ABORTED:
            self._roll_back_soon(user, failure)
        else:
            self._cut_short(user, failure)

    def _settings(self) -> Settings:
        spec = self.spec
        initial = {setting: getattr(spec, setting) for setting in STATES_OF}
        settings = Settings(self.clock, initial, self._end_for, self.locks, self._limits_changed)
        for setting in STATES_OF:
            timeout_us = getattr(spec.role_timeouts, setting, None)
            if timeout_us is not None:
                settings.alter_role(setting, timeout_us)
        return settings

    def _limits_changed(self, limits: Limits) -> None:
        for session in self.sessions.objects.values():
            if session.limits is limits:
                session.straight = limits.straight

    def _end_for(self, setting: str, session: Session) -> None:
        """End what has taken longer than a timeout allows."""
        if setting == "statement_timeout":
            self.cancel(session, STATEMENT_TIMEOUT)
        elif setting == "idle_session_timeout":
            self.terminate(session, IDLE_SESSION_TIMEOUT)
        else:
            self.terminate(session, IDLE_IN_TRANSACTION_TIMEOUT)

    def _gone(self, session: Session, failure: Failure) -> None:
        session.closed, session.straight = failure, False
        self.tally.rollbacks += session.state == IN_TRANSACTION
        del self.sessions.objects[session.pid]
        self.slots.put()
        self.locks.forget(session)
        session.end_transaction(committed=False)

    def _roll_back_soon(self, request: Request, failure: Failure) -> None:
        """Let the application learn of an error in a transaction, roll it back, and only then go on."""

        def interrupted(_: object) -> None:
            """Ignore what was still to come of the statement."""

        def rolled_back(_: object) -> None:
            if request.ended is interrupted:  # and its pod is still there
                request.ended = None
                request.pod.service.fail(request, failure)

        self.cpu.cancel(request)
        request.ended = interrupted
        self.clock.call_at(self.clock.t + self.round_trip_us, rolled_back)

    def _cut_short(self, request: Request, failure: Failure) -> None:
        self.cpu.cancel(request)
        if request.ended is None:
            request.pod.service.fail(request, failure)
        else:
            request.ended = _nothing


def _unheard(level: str, text: str) -> None:
    """Take a line of the server's log that nobody reads."""


def _nothing(_: object) -> None:
    """Ignore what was still to come for a request that is over."""


class DirectSource:
    """Opens connections to the database for the pool of one pod."""

    def __init__(self, database: Database, application: str) -> None:
        """Connect under an application name."""
        self._database = database
        self._application = application
        self.client_cpu_us = database.spec.connect_client_cpu

    def open(self, opened: Callable[[Session], object], refused: Callable[[Failure], object]) -> None:
        """Open one backend."""
        self._database.connect(self._application, opened, refused)

    def close(self, session: Session) -> None:
        """Close one backend."""
        self._database.close(session)

    def test(self, session: Session, claimant: Claimant, done: Callable[[bool], object]) -> None:
        """Run SELECT 1."""
        del claimant
        clock = self._database.clock
        clock.call_at(clock.t + TRIAL_US, lambda _: done(not session.broken))

    def stock(self) -> UnusedSessions:
        """Return a place for connections that nobody has used."""
        return UnusedSessions(self._database, self._application)
