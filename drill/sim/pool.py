"""One class for every bounded set of things that are borrowed: connections, server slots, database slots, tokens.

Separate because the same shape is behind every story: a fixed size, borrowers that hold longer than expected, a queue.
What a member is and what it costs to open one is the source's business; who borrows and why is the borrower's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.failures import POOL_FULL, checkout_timeout
from drill.sim.opening import ByCaller, InBackground
from drill.sim.queue import Queue
from drill.sim.stock import Roll

if TYPE_CHECKING:
    from drill.sim.care import Care
    from drill.sim.clock import Clock
    from drill.sim.members import Claimant, Source
    from drill.sim.meters import Timer
    from drill.sim.stock import Stock
    from drill.telemetry.histogram import Histogram


class Pool:
    """Members, whoever waits for them in order of arrival, and the policy when there are none.

    Members in use, idle and being opened together never exceed `size` and `overflow`. Members are opened on demand and
    kept, unless `care` says otherwise. A limit costs nothing, and a member that was opened while no used one lay idle
    costs as little as its stock can do until somebody borrows it. `rejected` counts claims that were refused at once;
    `plain` says that a return while nobody waits is only a return, as it is in an open pool without care.
    """

    __slots__ = (
        *("clock", "size", "overflow", "reject", "source", "stock", "queue", "opener", "care", "plain", "trier"),
        *("waits", "idle", "in_use", "outside", "members", "rejected", "closed", "_offering", "queues"),
    )

    def __init__(  # noqa: PLR0913 - a pool is its policies
        self,
        clock: Clock,
        size: int,
        source: Source,
        *,
        timeout_us: int,
        reject: bool = False,
        overflow: int = 0,
        queue: Queue | None = None,
        opener: ByCaller | InBackground | None = None,
        care: Care | None = None,
        waits: Histogram | Timer | None = None,
        stock: Stock | None = None,
    ) -> None:
        """Start with no members open; there come at most `size` and `overflow` from `source`.

        A claim waits in `queue`, or for `timeout_us` in one of its own; with `reject` it fails at once. `opener` opens
        members (None: the caller), `care` looks after them (None: nobody), `stock` keeps those that were never used
        (None: as objects), `waits` counts waits of granted claims.
        """
        self.clock, self.source, self.stock, self.waits = clock, source, stock, waits
        self.size, self.overflow, self.reject = size, overflow, reject
        self.opener = opener or ByCaller()
        self.care, self.plain = care, care is None
        self.trier = care if care is not None and care.trying else None
        self.queue = queue or Queue(clock, timeout_us, checkout_timeout(timeout_us))
        self.idle: list[Any] = []
        """Open members nobody uses and that are objects; the one returned last is lent first."""
        self.in_use = self.outside = self.rejected = 0
        """Members in use; those opened outside of the pool are counted apart."""
        self.members = Roll()
        self.closed = self._offering = False
        self.queues = self.plain and isinstance(self.opener, ByCaller) and not (reject or overflow)
        """Whether claims always wait while all members are in use."""
        if care is not None:
            care.start(self)

    @property
    def open(self) -> int:
        """Members that exist, in use or idle, without those outside of the pool."""
        return self.in_use + self.spare

    @property
    def spare(self) -> int:
        """Open members nobody uses."""
        return len(self.idle) if self.stock is None else len(self.idle) + self.stock.count

    def room(self) -> bool:
        """Return whether another member may be opened."""
        return self.in_use + self.spare + self.opener.count < self.size + self.overflow

    def claim(self, claimant: Claimant) -> None:
        """Grant a member now or later through `claimant.resume`, or call `claimant.refuse`."""
        if self.idle and not self.queue.waiting:
            claimant.since = self.clock.t
            self.grant(claimant, self.idle.pop())
        elif self.queues and self.in_use >= self.size:  # in an outage mostly; nobody else can do more about it
            self.queue.join(claimant)
        elif self.stock is not None and self.stock.count and not self.queue.waiting:
            claimant.since = self.clock.t
            member, number = self.stock.take()
            self.members[member] = number
            self.grant(claimant, member)
        elif self.opener.claim(self, claimant) or (self.care is not None and self.care.opens_outside(self, claimant)):
            return
        elif self.reject:
            self.rejected += 1
            claimant.refuse(claimant, POOL_FULL)
        else:
            self.queue.join(claimant)
            self.opener.queued(self)

    def take(self) -> bool:
        """Take a place without a member, if there is one; for counters such as database slots."""
        if self.in_use >= self.size:
            return False
        self.in_use += 1
        return True

    def put(self) -> None:
        """Free a place that `take` took."""
        self.in_use -= 1

    def give_back(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Return a member; the longest waiter gets it."""
        queue = self.queue
        if self.plain and queue.waiting and not self._offering:
            # In an outage nearly every member is awaited: it stays in use.
            claimant = queue.leave_first()
            assert claimant is not None  # noqa: S101 - somebody waits; for the type checker
            self._offering = True
            self.lend(claimant, member)
            if self.idle:
                self._serve()
            self._offering = False
        elif not self.closed and (self.care is None or self.care.keeps(self, member)):
            self.in_use -= 1
            self.offer(member)

    def discard(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Close a member in use; its place may be filled anew."""
        if not self.closed and (self.care is None or not self.care.closes_outside(self, member)):
            self.in_use -= 1
            self._drop(member)

    def forget(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Close an idle member, or drop it if it was closed from the other side; does nothing to others."""
        if member in self.idle:
            self.idle.remove(member)
            self._drop(member)

    def add(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Put a member opened outside of a claim into the pool."""
        stock, number = self.stock, self.members.opened
        if stock is not None and not (self.closed or self.idle or self.queue.waiting) and stock.put(member, number):
            self.members.opened += 1
        elif self.register(member):
            self.offer(member)

    def shut(self) -> None:
        """Close every member, in use or not, and forget the queue; for a pod or pooler that ends."""
        self.closed, self.plain = True, False
        self.queue.drain()
        members, self.members = self.members.in_order(), Roll()
        self.idle = []
        self.in_use = self.outside = 0
        if self.stock is not None:
            self.stock.close()
        for member in members:
            self.source.close(member)

    # For openers.

    def register(self, member: Any) -> bool:  # noqa: ANN401 - the source knows the type
        """Count a newly opened member; close it and return False if the pool was shut meanwhile."""
        if self.closed:
            self.source.close(member)
            return False
        self.members.enrol(member)
        if self.care is not None:
            self.care.opened(self, member)
        return True

    def offer(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Give a free member to the longest waiter, or keep it idle."""
        self.idle.append(member)
        if self.queue.waiting and not self._offering:
            self._serve()

    def _serve(self) -> None:
        # A claimant may be done with it at once and offer it again: a loop, so that a long queue needs no deep stack.
        idle, queue = self.idle, self.queue
        self._offering = True
        while idle and (claimant := queue.leave_first()) is not None:
            self.grant(claimant, idle.pop())
        self._offering = False

    def grant(self, claimant: Claimant, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Lend a member to a claimant that is in no queue, after a trial if that is the policy."""
        self.in_use += 1
        if self.trier is None or not self.trier.tries(self, claimant, member):
            self.lend(claimant, member)

    def lend(self, claimant: Claimant, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Hand over a member that is counted as in use."""
        wait_us = self.clock.t - claimant.since
        claimant.waited += wait_us
        if self.waits is not None:
            record = self.waits.record
            record(wait_us)
        resume = claimant.resume
        resume(claimant, member)

    def _drop(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        del self.members[member]
        self.source.close(member)
        self.opener.freed(self)
        if self.care is not None:
            self.care.dropped(self, member)
