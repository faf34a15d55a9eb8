"""Row locks, with the queue that PostgreSQL really has before a row.

Separate because it is no fair queue. A lock on a row is the id of the transaction that wrote its newest version, so
whoever wants the row waits for that transaction to end (Lock/transactionid). The first to arrive takes the tuple lock
of that version meanwhile, and those behind it wait for the tuple lock (Lock/tuple). When the holder commits, a newer
version exists and the tuple lock of the old one decides nothing any more: all of them follow the chain of versions and
wait, without a tuple lock, for whoever was first there (heap_update in heapam.c, heapam_tuple_lock in
heapam_handler.c). All who wait for one transaction wake at once and race. After a rollback the version is still the
newest, and who has its tuple lock keeps it.

Measured on PostgreSQL 15.18 with 1 to 64 sessions on one row: 90 to 98 % of the waiters show Lock/transactionid,
throughput is flat, the 95th percentile of the wait is 2.0 to 2.9 times its mean, as service in random order gives; a
fair queue would give 1. So each of the racers is first with equal chance. Of two that race closely the second finds
the new version locked already, takes its tuple lock and waits for the first; whoever arrives then waits for that tuple
lock, as before a static holder. How long a race takes is in the measured
round trip of a statement.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drill.sim.waits import TRANSACTION, TUPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.relations import Relation
    from drill.sim.waits import Holds, Wait


CLOSE_SECOND = 0.7
"""Share of races in which a loser has looked before the winner's mark was there and so comes to queue for the tuple.

With it 2 to 10 % of the waits of 8 to 32 sessions show Lock/tuple, as measured. Those miss a race, which four sessions
notice: the 95th percentile of their wait comes out as measured, 144 to 161 ms, and would be 188 ms with 0.
"""


class Row:
    """One row that is locked."""

    __slots__ = ("first", "followers", "holder", "line", "number", "relation", "since")

    def __init__(self, relation: Relation, number: int, holder: Holds, now_us: int) -> None:
        """Start locked by a transaction."""
        self.relation = relation
        self.number = number
        """Position of the row in its table."""
        self.holder = holder
        self.since = now_us
        """When the holder got it."""
        self.first: Wait | None = None
        """Who has the tuple lock and waits for the holder."""
        self.line: deque[Wait] = deque()
        """Who waits for the tuple lock, in turn."""
        self.followers: list[Wait] = []
        """Who waits for the holder without a tuple lock."""

    @property
    def tuple_id(self) -> str:
        """Block and item as PostgreSQL writes them; with a hundred rows a block."""
        return f"({self.number // 100},{self.number % 100 + 1})"

    def join(self, wait: Wait) -> None:
        """Begin to wait."""
        if self.first is None:
            wait.kind, self.first = TRANSACTION, wait
        else:
            wait.kind = TUPLE
            self.line.append(wait)

    def leave(self, wait: Wait, now_us: int) -> Wait | None:
        """Stop waiting; return who got the tuple lock for it, None for nobody."""
        if wait is self.first:
            self.first = None
            return self._next_first(now_us)
        if wait.kind == TUPLE:
            self.line.remove(wait)
        else:
            self.followers.remove(wait)
        return None

    def hand_over(self, uniform: Callable[[], float], now_us: int, *, committed: bool) -> Wait | None:
        """Let those who wait race for a row whose holder's transaction has ended; return the winner, None for nobody.

        `uniform` gives a number from 0 to below 1.
        """
        racers, first = self.followers, self.first
        if first is not None:
            racers.append(first)
        if not racers:
            return None
        draw = uniform() * len(racers) if len(racers) > 1 else 0.0
        index = int(draw)
        winner = racers[index]
        racers[index] = racers[-1]
        racers.pop()
        self.since = now_us
        if committed:
            self.first = racers.pop() if racers and draw - index < CLOSE_SECOND else None
            for wait in self.line:
                wait.kind, wait.since = TRANSACTION, now_us
            racers.extend(self.line)
            self.line.clear()
        elif winner is first:
            self.first = None
            self._next_first(now_us)
        elif first is not None:
            racers.remove(first)
        return winner

    def since_of(self, wait: Wait) -> int:
        """Return when the present attempt of a waiter began: each transaction waited for is one of its own."""
        return wait.since if wait.kind == TUPLE else max(wait.since, self.since)

    def _next_first(self, now_us: int) -> Wait | None:
        if not self.line:
            return None
        wait = self.first = self.line.popleft()
        wait.kind, wait.since = TRANSACTION, now_us
        return wait
