"""PgBouncer in transaction mode between pods and the database.

Separate because it is the one part that stands on both sides: to pods it is what they connect to, to the database it is
a client with a pool of its own. That is why a full database starves the very pooler that should save it: its logins are
refused, and after a refusal it waits for `server_login_retry`. Texts and rules follow PgBouncer 1.18.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.failures import (
    CONNECTION_REFUSED,
    POOLER_CLIENTS,
    POOLER_LOGIN_FAILING,
    QUERY_WAIT_TIMEOUT,
    Failure,
    through_pooler,
)
from drill.sim.opening import InBackground
from drill.sim.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.topology import PoolerSpec
    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.request import Request
    from drill.sim.sessions import Session

_APPLICATION = "pgbouncer"


class PoolerClient:
    """A pod's connection to the pooler; it has a server connection only while a transaction is open."""

    __slots__ = ("broken", "extra_us", "pooler", "session")

    def __init__(self, pooler: Pooler) -> None:
        """Start without a server connection."""
        self.pooler = pooler
        self.session: Session | None = None
        self.broken = False
        self.extra_us = pooler.spec.round_trip

    def link(self, request: Request, then: Callable[[Request], object], fail: Callable[..., object]) -> None:
        """Get a server connection, then call `then(request)`; or `fail(request, failure)`."""
        if self.pooler.login_failing():
            self.broken = True
            fail(request, POOLER_LOGIN_FAILING)
            return
        waited = request.waited

        def granted(claimant: Request, session: Session) -> None:
            claimant.waited = waited  # the wait for a server is part of the statement, not of the checkout
            self.session = session
            then(claimant)

        def refused(claimant: Request, failure: Failure) -> None:
            self.broken = True
            fail(claimant, failure)

        request.resume, request.refuse = granted, refused
        self.pooler.servers.claim(request)

    def committed(self) -> None:
        """Give the server connection back."""
        session, self.session = self.session, None
        if session is not None:
            self.pooler.servers.give_back(session)

    def rolled_back(self, now_us: int) -> None:
        """Give the server connection back after a rollback, or drop it if the server ended it."""
        session, self.session = self.session, None
        if session is None:
            return
        if session.broken:
            self.broken = True
            self.pooler.servers.discard(session)
        else:
            session.rolled_back(now_us)
            self.pooler.servers.give_back(session)

    def unlink(self) -> None:
        """Leave a server connection behind: the client went away in the middle of something."""
        session, self.session = self.session, None
        if session is not None:
            self.pooler.servers.discard(session)


class Pooler:
    """One PgBouncer."""

    def __init__(self, clock: Clock, spec: PoolerSpec, database: Database, pool_size: int, listens_at_us: int) -> None:
        """Listen from `listens_at_us` on, with at most `pool_size` server connections."""
        self.clock = clock
        self.spec = spec
        self.listens_at_us = listens_at_us
        self.clients = 0
        """Client connections, idle ones included."""
        self._database = database
        self._welcomed = False
        self._last_failed = False
        self._logins: list[tuple[Callable[[PoolerClient], object], Callable[[Failure], object]]] = []
        self._opener = InBackground(clock, spec.server_login_retry)
        self.servers = Pool(
            clock,
            pool_size,
            self,
            timeout_us=spec.query_wait_timeout,
            opener=self._opener,
            timeout_failure=QUERY_WAIT_TIMEOUT,
        )

    def login_failing(self) -> bool:
        """Return whether there is no server connection and the last login was refused."""
        return self._last_failed and not self.servers.open

    def connect(self, opened: Callable[[PoolerClient], object], refused: Callable[[Failure], object]) -> None:
        """Connect a client; until a first server login has worked, clients wait for it."""
        if self.clock.t < self.listens_at_us:
            self.clock.call_at(self.clock.t + self.spec.connect, lambda _: refused(CONNECTION_REFUSED))
        elif self.clients >= self.spec.max_client_conn:
            self.clock.call_at(self.clock.t + self.spec.connect, lambda _: refused(POOLER_CLIENTS))
        else:
            self.clients += 1
            self.clock.call_at(self.clock.t + self.spec.connect, self._login, (opened, refused))

    def disconnect(self, client: PoolerClient) -> None:
        """Forget a client; a server connection in the middle of something is dropped with it."""
        self.clients -= 1
        client.unlink()

    # The pooler is the source of its own server connections.

    def open(self, opened: Callable[[Session], object], refused: Callable[[Failure], object]) -> None:
        """Log in to the database once."""

        def admitted(session: Session) -> None:
            self._welcomed, self._last_failed = True, False
            opened(session)
            self._settle(None)

        def turned_away(failure: Failure) -> None:
            self._last_failed = True
            refused(failure)
            self._settle(failure)

        self._database.connect(_APPLICATION, admitted, turned_away, self.servers.forget)

    def close(self, session: Session) -> None:
        """Close one server connection."""
        self._database.close(session)

    def _login(self, login: tuple[Callable[[PoolerClient], object], Callable[[Failure], object]]) -> None:
        if self._welcomed and not self.login_failing():
            login[0](PoolerClient(self))
        elif self.login_failing():
            self._turn_away(login[1], POOLER_LOGIN_FAILING)
            self._opener.want(self.servers)
        else:
            self._logins.append(login)
            self._opener.want(self.servers)

    def _settle(self, failure: Failure | None) -> None:
        # Clients that waited for the first server login share its fate.
        logins, self._logins = self._logins, []
        for opened, refused in logins:
            if failure is None:
                opened(PoolerClient(self))
            else:
                self._turn_away(refused, through_pooler(failure))
        if failure is not None and self.login_failing():
            for claimant in self.servers.queue.drain():
                claimant.refuse(claimant, POOLER_LOGIN_FAILING)

    def _turn_away(self, refused: Callable[[Failure], object], failure: Failure) -> None:
        self.clients -= 1
        refused(failure)


class PoolerSource:
    """Opens connections to the pooler for the pool of one pod."""

    def __init__(self, pooler: Pooler) -> None:
        """Connect to this pooler."""
        self._pooler = pooler

    def open(self, opened: Callable[[PoolerClient], object], refused: Callable[[Failure], object]) -> None:
        """Open one client connection."""
        self._pooler.connect(opened, refused)

    def close(self, client: PoolerClient) -> None:
        """Close one client connection."""
        self._pooler.disconnect(client)
