"""PgBouncer between pods and the database.

Separate because it is the one part that stands on both sides: to pods it is what they connect to, to the database it is
a client with a pool of its own. That is why a full database starves the very pooler that should save it: its logins are
refused, and after a refusal it waits for `server_login_retry`. Texts and rules follow PgBouncer 1.18.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from drill.sim.failures import (
    CLIENT_LOGIN_TIMEOUT,
    CONNECTION_REFUSED,
    DATABASE_REMOVED,
    POOLER_CLIENTS,
    POOLER_LOGIN_FAILING,
    QUERY_WAIT_TIMEOUT,
    Failure,
    through_pooler,
)
from drill.sim.handshake import Handshake
from drill.sim.janitor import Configuration, Janitor
from drill.sim.meters import Timer
from drill.sim.pool import Pool
from drill.sim.pooler_client import PoolerClient
from drill.sim.processor import Processor
from drill.sim.queue import Queue
from drill.sim.sessions import ACTIVE
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.pools import PoolerSpec
    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.members import Claimant
    from drill.sim.network_pooler import Uplink
    from drill.sim.sessions import Session

    Server: TypeAlias = Database | Uplink
    Login = tuple[Callable[[PoolerClient], object], Callable[[Failure], object]]

_APPLICATION = "pgbouncer"
CLIENT_LOGIN_TIMEOUT_US = 60 * US_PER_S
"""How long a login waits for the first server; PgBouncer's client_login_timeout."""


class Pooler:
    """One PgBouncer."""

    client: type[PoolerClient] = PoolerClient

    def __init__(self, clock: Clock, spec: PoolerSpec, database: Server, pool_size: int, listens_at_us: int) -> None:
        """Listen from `listens_at_us` on, with at most `pool_size` server connections."""
        self.clock = clock
        self.configuration = Configuration(replace(spec, pool_size=pool_size))
        self.mode = spec.mode
        self.listens_at_us = listens_at_us
        self.client_cpu_us = spec.connect_client_cpu
        self.era = 0
        """How often all clients were dropped."""
        self.linked: dict[Session, PoolerClient] = {}
        """Who has each server that is in use."""
        self._database = database
        self._welcomed = self._last_failed = False
        self._logins: list[Login] = []
        self.janitor = Janitor(clock, self.configuration, listens_at_us, lambda: bool(self._logins))
        self.servers = Pool(
            clock,
            pool_size,
            Handshake(self, Processor(clock, 1.0)),
            timeout_us=spec.query_wait_timeout,
            queue=Queue(clock, spec.query_wait_timeout, QUERY_WAIT_TIMEOUT, self.janitor.round_at),
            opener=self.janitor,
            care=self.janitor,
            waits=Timer(),
        )

    @property
    def spec(self) -> PoolerSpec:
        """The settings in force."""
        return self.configuration.spec

    @property
    def clients(self) -> int:
        """Client connections, idle ones and those still logging in included."""
        return self.janitor.clients

    @property
    def waiting(self) -> int:
        """Clients that wait for a server, those still logging in included."""
        return self.servers.queue.waiting + len(self._logins)

    def login_failing(self) -> bool:
        """Return whether there is no server connection and the last login was refused."""
        return self._last_failed and not self.servers.open

    def oldest_wait_us(self) -> int:
        """Return how long the client has waited that waits longest; 0 when nobody waits."""
        first = self.servers.queue.first()
        return 0 if first is None else self.clock.t - first.since

    def connect(self, opened: Callable[[PoolerClient], object], refused: Callable[[Failure], object]) -> None:
        """Connect a client; until a first server login has worked, clients wait for it and share its fate."""
        arrival = self.clock.t + self.spec.connect
        if self.clock.t < self.listens_at_us:
            self.clock.call_at(arrival, lambda _: refused(CONNECTION_REFUSED))
        elif self.clients >= self.spec.max_client_conn:
            self.clock.call_at(arrival, lambda _: refused(POOLER_CLIENTS))
        else:
            self.janitor.clients += 1
            self.clock.call_at(arrival, self._login, (self.era, (opened, refused)))

    def disconnect(self, client: PoolerClient) -> None:
        """Forget a client; a server connection in the middle of something is dropped with it."""
        if client.era == self.era:
            self.janitor.clients -= 1
        client.leave()

    def lose(self, session: Session) -> None:
        """Close a server whose client is gone or which the database ended."""
        if self.linked.pop(session, None) is not None:
            self.servers.discard(session)

    # What an administrator does on the console.

    def pause(self) -> int:
        """Close servers as soon as their transactions are over and let clients wait; return how many are still busy."""
        self.configuration.paused = True
        if self.janitor.count:
            self._last_failed = True
            self.janitor.abort(self.servers)
        for session in list(self.servers.idle):
            self.servers.forget(session)
        return self.servers.in_use

    def resume(self) -> bool:
        """Serve waiting clients again; return False if it was not paused."""
        if not self.configuration.paused:
            return False
        self.configuration.paused = False
        self.janitor.freed(self.servers)
        return True

    def set(self, **values: Any) -> None:  # noqa: ANN401 - the settings of a spec
        """Change settings until the next reload, as SET does."""
        self.janitor.adopt(self.servers, replace(self.spec, **values))

    def reload(self) -> None:
        """Read the file again, which takes back what SET changed."""
        self.janitor.adopt(self.servers, self.configuration.file)

    def kill(self) -> None:
        """Drop every client and server at once and stay paused."""
        self.era += 1
        self.janitor.clients = 0
        self._welcomed = False
        logins, self._logins = self._logins, []
        for _, refused in logins:
            refused(DATABASE_REMOVED)
        for claimant in self.servers.queue.drain():
            claimant.refuse(claimant, DATABASE_REMOVED)
        self.pause()
        for session, client in list(self.linked.items()):
            client.cut_off(DATABASE_REMOVED)
            user = session.user
            if session.state == ACTIVE and user is not None and user.ended is None:
                user.pod.service.fail(user, DATABASE_REMOVED)
            self.lose(session)

    def open(self, opened: Callable[[Session], object], refused: Callable[[Failure], object]) -> None:
        """Log in to the database once."""

        def admitted(session: Session) -> None:
            self._welcomed, self._last_failed = True, False
            logins, self._logins = self._logins, []
            opened(session)
            for login in logins:
                login[0](self.client(self))

        def turned_away(failure: Failure) -> None:
            self._last_failed = True
            refused(failure)
            logins, self._logins = self._logins, []
            for login in logins:
                self._turn_away(login[1], through_pooler(failure))

        self._database.connect(_APPLICATION, admitted, turned_away, self._server_ended)

    def close(self, session: Session) -> None:
        """Close one server connection."""
        self._database.close(session)

    def test(self, session: Session, claimant: Claimant, done: Callable[[bool], object]) -> None:
        """Say whether a server is still there."""
        del claimant
        done(not session.broken)

    def stock(self) -> None:
        """Keep every server as an object: there are few of them, and each has its age."""

    def _server_ended(self, session: Session) -> None:
        """Drop a server that the database ended while no statement ran; its client is disconnected with it."""
        client = self.linked.get(session)
        if client is None:
            self.servers.forget(session)
        else:
            client.cut_off(session.closed)
            self.lose(session)

    def _login(self, arrived: tuple[int, Login]) -> None:
        """Let a client in, or not.

        While logins fail PgBouncer 1.18.0 refuses the first statement of a new client and not its login; to whoever
        opens connections in order to use them, as those measured did, both are one.
        """
        era, login = arrived
        if era != self.era:
            login[1](DATABASE_REMOVED)
        elif self._welcomed and (self.configuration.paused or not self.login_failing()):
            login[0](self.client(self))
            self.janitor.keep_minimum(self.servers)
        elif self._welcomed:
            self._turn_away(login[1], POOLER_LOGIN_FAILING)
            self.janitor.want(self.servers)
        else:
            self._await_welcome(login)

    def _await_welcome(self, login: Login) -> None:
        self._logins.append(login)
        self.clock.call_at(self.janitor.round_at(self.clock.t + CLIENT_LOGIN_TIMEOUT_US), self._login_over, login)
        if not self.configuration.paused:
            self.janitor.want(self.servers)
        elif self.clock.t >= self.janitor.blocked_until:
            # A server login begins and is cut off by the pause, which counts as failed: the next one comes later.
            self._last_failed = True
            self.janitor.tried_at = self.clock.t
            self.janitor.pause(self.servers)

    def _login_over(self, login: Login) -> None:
        if login in self._logins:
            self._logins.remove(login)
            self._turn_away(login[1], CLIENT_LOGIN_TIMEOUT)

    def _turn_away(self, refused: Callable[[Failure], object], failure: Failure) -> None:
        self.janitor.clients -= 1
        refused(failure)
