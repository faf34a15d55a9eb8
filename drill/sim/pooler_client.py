"""A pod's connection to the pooler: with a server while it needs one, and what becomes of it when it is cut off.

Separate from the pooler, because there are many of these and each is the member of a pod's pool; what they share is
the pooler's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.database import TRIAL_US
from drill.sim.failures import DATABASE_REMOVED, NO_TRANSACTION_BLOCKS, POOLER_LOGIN_FAILING, Failure
from drill.sim.sessions import IDLE
from drill.sim.stock import Stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.members import Claimant
    from drill.sim.pooler import Pooler
    from drill.sim.queue import Queue
    from drill.sim.request import Request
    from drill.sim.sessions import Session


class PoolerClient:
    """A client connection, which has a server connection for a transaction, a statement or a session."""

    straight = False
    """As in `Session`: its statements take a way of their own."""

    __slots__ = ("_fail", "_failure", "_then", "_waited", "era", "extra_us", "left", "pooler", "session")

    _then: Callable[..., object]
    """What comes after the server for which it waits; unset until it first needs one, like the next two."""
    _fail: Callable[..., object]
    _waited: int

    def __init__(self, pooler: Pooler) -> None:
        """Start without a server connection."""
        self.pooler = pooler
        self.session: Session | None = None
        self.era = pooler.era
        """Which of the pooler's clients it is one of; those before the present era were dropped."""
        self.extra_us = pooler.configuration.spec.round_trip
        self.left: dict[str, int] = {}
        """What the client believes to have left in its session."""
        self._failure: Failure | None = None

    @property
    def failure(self) -> Failure | None:
        """Why the pooler closed it; None while it is open."""
        return DATABASE_REMOVED if self._failure is None and self.era != self.pooler.era else self._failure

    @property
    def broken(self) -> bool:
        """Whether it can't be used any more."""
        return self.failure is not None

    def link(
        self,
        request: Claimant,
        then: Callable[..., object],
        fail: Callable[..., object],
        *,
        block: bool = False,
    ) -> None:
        """Get a server connection, then call `then(request)`; or `fail(request, failure)`.

        `block` is set when a transaction begins, which statement mode does not allow: PgBouncer sees it in the server's
        answer and closes both connections. Whoever begins while logins fail and no server is left is turned away and
        disconnected; those who wait already go on waiting (check_fast_fail, PgBouncer 1.18.0, src/objects.c).
        """
        pooler = self.pooler
        if self._failure is not None or self.era != pooler.era:
            fail(request, self.failure)
            return
        if block and pooler.mode == "statement":
            then = self._end_block
        self._then, self._fail, self._waited = then, fail, request.waited
        servers = pooler.servers
        if servers.idle and not servers.queue.waiting:  # the hot path: no claim, as nobody has to wait
            servers.in_use += 1
            self.session = session = servers.idle.pop()
            pooler.linked[session] = self
            then(request)
            return
        if pooler.login_failing() and not pooler.configuration.paused:
            self._failure = POOLER_LOGIN_FAILING
            fail(request, POOLER_LOGIN_FAILING)
            pooler.janitor.want(servers)
            return
        request.resume, request.refuse = self._granted, self._refused
        servers.claim(request)

    def _granted(self, claimant: Claimant, session: Session) -> None:
        claimant.waited = self._waited  # the wait for a server is part of the statement, not of the checkout
        self.session = session
        self.pooler.linked[session] = self
        self._then(claimant)

    def _refused(self, claimant: Claimant, failure: Failure) -> None:
        claimant.waited = self._waited
        self._failure = failure
        self._fail(claimant, failure)

    def _end_block(self, claimant: Claimant) -> None:
        """Close both connections, as PgBouncer does when it learns of a transaction that its mode does not allow."""
        session = self.session
        self.cut_off(NO_TRANSACTION_BLOCKS)
        if session is not None:
            self.pooler.lose(session)
        self._fail(claimant, NO_TRANSACTION_BLOCKS)

    def pin(self, request: Request, then: Callable[[Request], object], fail: Callable[..., object]) -> None:
        """Begin a transaction that nobody will end; its server is lost to the pooler until somebody ends it."""
        if self.session is None:
            self.link(request, lambda claimant: self.pin(claimant, then, fail), fail, block=True)
        else:
            self.session.pin(request, then, fail)

    def committed(self) -> None:
        """Give the server connection back, unless it stays for the session."""
        pooler, session = self.pooler, self.session
        if session is None:
            return
        session.tally.commits += 1
        self.pooler.janitor.transactions += 1
        if pooler.mode != "session":
            self.session = None
            del pooler.linked[session]
            pooler.servers.give_back(session)

    def rolled_back(self, now_us: int) -> None:
        """Give the server connection back after a rollback, or drop it if the server ended it."""
        session = self.session
        if session is None:
            return
        if session.broken:
            self.cut_off(session.closed)
            self.pooler.lose(session)
        else:
            session.rolled_back(now_us)
            session.tally.commits -= 1  # it is given back as after a commit, and was none
            self.committed()

    def cut_off(self, failure: Failure | None) -> None:
        """Close it from the pooler's side; whoever uses it learns of it at the next statement."""
        self.session = None
        self._failure = failure

    def leave(self) -> None:
        """Let a server connection go because the client went away: back if it is clean, dropped in a transaction."""
        session, self.session = self.session, None
        if session is None:
            return
        if session.state == IDLE and not session.broken:
            session.left.clear()  # server_reset_query, DISCARD ALL
            del self.pooler.linked[session]
            self.pooler.servers.give_back(session)
        else:
            self.pooler.lose(session)


class PoolerSource:
    """Opens connections to the pooler for the pool of one pod."""

    def __init__(self, pooler: Pooler) -> None:
        """Connect to this pooler."""
        self._pooler = pooler
        self.client_cpu_us = pooler.spec.connect_client_cpu

    def open(self, opened: Callable[[PoolerClient], object], refused: Callable[[Failure], object]) -> None:
        """Open one client connection."""
        self._pooler.connect(opened, refused)

    def close(self, client: PoolerClient) -> None:
        """Close one client connection."""
        self._pooler.disconnect(client)

    def test(self, client: PoolerClient, claimant: Claimant, done: Callable[[bool], object]) -> None:
        """Run SELECT 1, which needs a server like every statement."""
        del claimant  # who borrows may give up; the trial is over only when it is over
        clock = self._pooler.clock

        def answered(_: object) -> None:
            works = client.session is not None and not client.session.broken and not client.broken
            if works:
                client.committed()
            else:
                client.rolled_back(clock.t)
            done(works)

        client.link(
            _Trial(),
            lambda _: clock.call_at(clock.t + TRIAL_US, answered),
            lambda *_: done(False),  # noqa: FBT003 - the one thing a callback of this kind is told
        )

    def stock(self) -> UnusedClients:
        """Return a place for clients that never needed a server."""
        return UnusedClients(self._pooler)


class UnusedClients(Stock):
    """Clients that have never needed a server: all alike, so nothing but a counter."""

    __slots__ = ("_era", "_pooler")

    def __init__(self, pooler: Pooler) -> None:
        """Start empty."""
        super().__init__()
        self._pooler = pooler
        self._era = pooler.era

    def _pack(self, member: PoolerClient) -> bool:
        """Count a client, unless the pooler has dropped it or those that are here."""
        if not self.count:
            self._era = member.era
        return member.era == self._era and not member.broken

    def _unpack(self) -> PoolerClient:
        client = PoolerClient(self._pooler)
        client.era = self._era
        return client

    def _close(self) -> None:
        if self._era == self._pooler.era:
            self._pooler.janitor.clients -= self.count


class _Trial:
    """Who waits for a server to try a connection; see `members.Claimant`."""

    patient = False
    since = 0
    waited = 0
    waiting: Queue | None = None
    resume: Callable[[Any, Any], object]
    refuse: Callable[[Any, Failure], object]
