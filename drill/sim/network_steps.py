"""The steps of a program that carry a statement to the server and its answer back.

Separate from the statement itself, which knows only the server: while a statement is on its way the session is idle, or
idle in its transaction, and whoever borrowed the connection waits. That is why many short statements over a long way
hold a connection for the sum of their round trips and leave the database with nothing to do. A program compiled without
a network has no such steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.scenario.network import DATABASE, POOLER
from drill.sim.network_dial import CONNECTION_TIMED_OUT
from drill.sim.program import Step

if TYPE_CHECKING:
    from drill.scenario.topology import PoolSpec
    from drill.sim.database import Database
    from drill.sim.network import Network
    from drill.sim.network_hop import Hop
    from drill.sim.request import Request


class Travel(Step):
    """Carry a message over one way."""

    __slots__ = ("back", "database", "hop", "pool")

    def __init__(self, database: Database, hop: Hop, pool: int, *, back: bool) -> None:
        """Carry it on the connection of pool number `pool`; `back` for the server's answer."""
        self.database = database
        self.hop = hop
        self.pool = pool
        self.back = back

    def run(self, request: Request) -> None:
        """Send it."""
        self.hop.send(self.arrived, request, self.never, back=self.back)

    def arrived(self, request: Request) -> None:
        """Go on, unless the request was cut short meanwhile."""
        if request.ended is not None:
            request.ended(request)
        else:
            self.next(request)

    def never(self, request: Request) -> None:
        """Fail, because TCP has given up; the connection can't be used any more."""
        if request.ended is not None:
            request.ended(request)
            return
        member: Any = request.held(self.pool)
        session = member.session
        if member is session:
            self.database.terminate(session, CONNECTION_TIMED_OUT)
        else:
            member.cut_off(CONNECTION_TIMED_OUT)
            if session is not None:
                member.pooler.lose(session)
        self.fail(request, CONNECTION_TIMED_OUT)


class Link(Step):
    """Get a server from the pooler, where the statement has arrived; it goes on from there with one."""

    __slots__ = ("block", "pool")

    def __init__(self, pool: int, *, block: bool) -> None:
        """Get one for the connection of pool number `pool`; `block` is set inside a transaction."""
        self.pool = pool
        self.block = block

    def run(self, request: Request) -> None:
        """Go on at once with a server that is there already."""
        member: Any = request.held(self.pool)
        if member.session is None:
            member.link(request, self.next, self.fail, block=self.block)
        else:
            self.next(request)


class Transit:
    """Makes the steps around the statements of one deployment."""

    def __init__(self, network: Network, database: Database, deployment: str) -> None:
        """Carry statements from the pods of `deployment`."""
        self._network = network
        self._database = database
        self._deployment = deployment

    def there(self, spec: PoolSpec, pool: int, *, block: bool) -> list[Step]:
        """Return the steps before a statement on the connection of pool number `pool`."""
        if spec.to != POOLER:
            return self._travel(DATABASE, pool)
        return [*self._travel(POOLER, pool), Link(pool, block=block), *self._travel(DATABASE, pool, source=POOLER)]

    def back(self, spec: PoolSpec, pool: int) -> list[Step]:
        """Return the steps after it."""
        if spec.to != POOLER:
            return self._travel(DATABASE, pool, back=True)
        return [*self._travel(DATABASE, pool, source=POOLER, back=True), *self._travel(POOLER, pool, back=True)]

    def _travel(self, target: str, pool: int, *, source: str = "", back: bool = False) -> list[Step]:
        hop = self._network.hop(source or self._deployment, target)
        return [] if hop.quiet else [Travel(self._database, hop, pool, back=back)]
