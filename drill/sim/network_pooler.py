"""A pooler some way off the database: its logins travel, and a server is free again when its answer has arrived.

Separate from the pooler, which knows the database and not the way there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.scenario.network import DATABASE, POOLER
from drill.sim.network_dial import Dial
from drill.sim.pooler import Pooler
from drill.sim.pooler_client import PoolerClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.pools import PoolerSpec
    from drill.sim.clock import Clock
    from drill.sim.database import Database
    from drill.sim.failures import Failure
    from drill.sim.network import Network
    from drill.sim.network_hop import Hop
    from drill.sim.sessions import Session


class Uplink:
    """What a pooler has of a database that is some way off."""

    def __init__(self, network: Network, database: Database) -> None:
        """Lead to the database."""
        self.hop = network.hop(POOLER, DATABASE)
        self._network = network
        self._database = database

    def connect(
        self,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None = None,
    ) -> None:
        """Open a backend; exactly one of `opened` and `refused` is called, later."""

        def log_in(accepted: Callable[[Session], object], turned_away: Callable[[Failure], object]) -> None:
            self._database.connect(application, accepted, turned_away, lost)

        Dial(self._network, self.hop, POOLER, log_in, (opened, refused))

    def close(self, session: Session) -> None:
        """End a session."""
        self._database.close(session)


class DistantClient(PoolerClient):
    """A client connection whose server is given back when the server's answer has reached the pooler."""

    __slots__ = ()

    pooler: DistantPooler

    def committed(self) -> None:
        """Let the server's answer travel, unless the server stays for the session."""
        session = self.session
        if session is None:
            return
        session.tally.commits += 1
        self.pooler.janitor.transactions += 1
        if self.pooler.mode != "session":
            self.session = None
            self.pooler.uplink.send(self._freed, session, self.pooler.lose, back=True)

    def _freed(self, session: Session) -> None:
        linked = self.pooler.linked
        if linked.get(session) is self:
            del linked[session]
            self.pooler.servers.give_back(session)


class DistantPooler(Pooler):
    """One PgBouncer whose servers are some way off."""

    client = DistantClient

    def __init__(self, clock: Clock, spec: PoolerSpec, uplink: Uplink, pool_size: int, listens_at_us: int) -> None:
        """Listen from `listens_at_us` on, with at most `pool_size` server connections."""
        super().__init__(clock, spec, uplink, pool_size, listens_at_us)
        self.uplink: Hop = uplink.hop
