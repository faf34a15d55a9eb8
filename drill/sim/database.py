"""PostgreSQL: connection slots, backends, CPU, and what ends a session or a statement.

Separate because everything that borrows a connection meets it, directly or through the pooler. Texts, the order of
checks at connect and what clients see of terminate, cancel and timeouts follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.failures import (
    ADMIN_SHUTDOWN,
    CANCELED_BY_USER,
    IDLE_IN_TRANSACTION_TIMEOUT,
    IDLE_SESSION_TIMEOUT,
    SLOTS_RESERVED,
    STATEMENT_TIMEOUT,
    TOO_MANY_CLIENTS,
    Failure,
)
from drill.sim.members import Tokens
from drill.sim.pool import Pool
from drill.sim.processor import Processor
from drill.sim.sessions import ACTIVE, IDLE, IN_TRANSACTION, STATES, Session, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import DatabaseSpec
    from drill.sim.clock import Clock
    from drill.sim.request import Request

_FIRST_PID = 1_201


class Database:
    """One PostgreSQL server."""

    def __init__(self, clock: Clock, spec: DatabaseSpec) -> None:
        """Start with no client backends."""
        self.clock = clock
        self.spec = spec
        self.cpu = Processor(clock, spec.cores)
        self.round_trip_us = spec.round_trip
        self.slots = Pool(clock, spec.max_connections, Tokens(), timeout_us=1, reject=True)
        """One slot a backend, from the fork on; a backend about to be refused holds one for a few milliseconds."""
        self.sessions: dict[int, Session] = {}
        """Backends past authentication, by pid."""
        self.refused = 0
        """Connects refused for want of slots since the start."""
        self.connects = 0
        """Connects accepted since the start."""
        self.watches: list[Watch | None] = [None] * len(STATES)
        """By state, whoever ends what stays in it too long."""
        self.settings: dict[str, int] = {}
        """Timeouts in microseconds by the name of their setting; 0 is off."""
        self._next_pid = _FIRST_PID
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"):
            self.set_timeout(setting, getattr(spec, setting))

    def connect(
        self,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None = None,
    ) -> None:
        """Open a backend for an application; exactly one of `opened` and `refused` is called, later."""
        login = _Login(self, application, opened, refused, lost)
        self.clock.call_at(self.clock.t + self.spec.connect, login.fork)

    def count_free(self) -> int:
        """Return slots that no backend holds, reserved ones included."""
        return self.slots.size - self.slots.in_use

    def states(self) -> dict[str, int]:
        """Return the number of sessions by state, every state present."""
        counts = [0] * len(STATES)
        for session in self.sessions.values():
            counts[session.state] += 1
        return dict(zip(STATES, counts, strict=True))

    def admit(self, application: str, lost: Callable[[Session], object] | None) -> Session:
        """Return a new idle session; its slot is already held."""
        session = Session(self._next_pid, application, self.clock.t, self.watches, lost)
        self._next_pid += 1
        self.connects += 1
        self.sessions[session.pid] = session
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
        self._gone(session, failure)
        if user is not None:
            self._cut_short(user, failure)
        elif session.lost is not None:
            session.lost(session)

    def cancel(self, session: Session, failure: Failure = CANCELED_BY_USER) -> None:
        """Cancel the statement of an active session; the session stays. Does nothing to others, as PostgreSQL does."""
        user = session.user
        if session.closed is not None or session.state != ACTIVE or user is None:
            return
        if user.ended is not None:  # its client is gone; it lived only for this statement
            self._gone(session, failure)
        else:
            session.become(IDLE, self.clock.t)
        self._cut_short(user, failure)

    def set_timeout(self, setting: str, timeout_us: int) -> None:
        """Set a timeout for all sessions, as ALTER SYSTEM and a reload do; 0 switches it off."""
        self.settings[setting] = timeout_us
        state, end = {
            "statement_timeout": (ACTIVE, lambda session: self.cancel(session, STATEMENT_TIMEOUT)),
            "idle_in_transaction_session_timeout": (
                IN_TRANSACTION,
                lambda session: self.terminate(session, IDLE_IN_TRANSACTION_TIMEOUT),
            ),
            "idle_session_timeout": (IDLE, lambda session: self.terminate(session, IDLE_SESSION_TIMEOUT)),
        }[setting]
        self.watches[state] = watch = Watch(self.clock, timeout_us, state, end) if timeout_us else None
        if watch is not None:
            waiting = [session for session in self.sessions.values() if session.state == state]
            for session in sorted(waiting, key=lambda session: session.since):
                watch.add(session)

    def _gone(self, session: Session, failure: Failure) -> None:
        session.closed = failure
        del self.sessions[session.pid]
        self.slots.put()

    def _cut_short(self, request: Request, failure: Failure) -> None:
        self.cpu.cancel(request)
        if request.ended is None:
            request.pod.service.fail(request, failure)
        else:
            request.ended = _nothing


def _nothing(_: object) -> None:
    """Ignore what was still to come for a request that is over."""


class _Login:
    """One backend between the client's connect and its first statement."""

    def __init__(
        self,
        database: Database,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None,
    ) -> None:
        self._database = database
        self._application = application
        self._opened = opened
        self._refused = refused
        self._lost = lost

    def fork(self, _: object) -> None:
        """Take a slot, or be told that there are too many clients already."""
        database = self._database
        if not database.slots.take():
            database.refused += 1
            self._refused(TOO_MANY_CLIENTS)
            return
        database.cpu.submit(database.spec.connect_cpu, self.authenticated, self)

    def authenticated(self, _: object) -> None:
        """Stay if enough slots are free beside the reserved ones; the own one is taken already."""
        database = self._database
        if database.count_free() < database.spec.superuser_reserved_connections:
            database.slots.put()
            database.refused += 1
            self._refused(SLOTS_RESERVED)
            return
        self._opened(database.admit(self._application, self._lost))


class DirectSource:
    """Opens connections to the database for the pool of one pod."""

    def __init__(self, database: Database, application: str) -> None:
        """Connect under an application name."""
        self._database = database
        self._application = application

    def open(self, opened: Callable[[Session], object], refused: Callable[[Failure], object]) -> None:
        """Open one backend."""
        self._database.connect(self._application, opened, refused)

    def close(self, session: Session) -> None:
        """Close one backend."""
        self._database.close(session)
