"""One class for every bounded set of things that are borrowed: connections, server slots, database slots, tokens.

Separate because the same shape is behind every story: a fixed size, borrowers that hold longer than expected, a queue.
What a member is, how it is opened and what it costs is the source's business; who borrows and why is the borrower's.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from drill.sim.failures import POOL_FULL, Failure, checkout_timeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.telemetry.histogram import Histogram


class Claimant(Protocol):
    """Who borrows: a request, a probe, a login."""

    since: int
    """When it began to wait, in microseconds."""
    waited: int
    """Total time waited for pools, in microseconds."""
    resume: Callable[[Any, Any], object]
    """Called with the claimant and the member once it is granted."""
    refuse: Callable[[Any, Failure], object]
    """Called with the claimant and the reason once it is refused."""
    waiting: Pool | None
    """The pool in whose queue it stands; set to None by whoever ends the wait."""


class Member(Protocol):
    """What is borrowed."""

    broken: bool
    """Whether it can't be used any more."""

    def rolled_back(self, now_us: int) -> None:
        """Forget unfinished work of the borrower."""


class Source(Protocol):
    """Where members come from."""

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Open one member and call `opened(member)` or `refused(failure)`, now or later."""

    def close(self, member: Any) -> None:  # noqa: ANN401 - a source knows its own members
        """Close one member."""


class Token:
    """A member that is nothing but a right to proceed."""

    __slots__ = ()
    broken = False
    session = None

    def rolled_back(self, now_us: int) -> None:
        """Do nothing: there is nothing to forget."""


class Tokens:
    """A source of tokens; opening one takes no time."""

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Hand over a token at once."""
        del refused
        opened(Token())

    def close(self, member: object) -> None:
        """Do nothing: a token costs nothing."""


class Pool:
    """Members, whoever waits for them in order of arrival, and the policy when there are none.

    `in_use + len(idle) + opening` never exceeds `size`. Members are opened on demand and kept.
    """

    __slots__ = (
        "_armed",
        "_blocked_until",
        "_clock",
        "background",
        "closed",
        "idle",
        "in_use",
        "members",
        "opened",
        "opening",
        "reject",
        "retry_us",
        "size",
        "source",
        "timed_out",
        "timeout_failure",
        "timeout_us",
        "waiters",
        "waiting",
        "waits",
    )

    def __init__(  # noqa: PLR0913 - a pool is its policies
        self,
        clock: Clock,
        size: int,
        source: Source,
        *,
        timeout_us: int,
        reject: bool = False,
        background: bool = False,
        retry_us: int = 0,
        waits: Histogram | None = None,
        timeout_failure: Failure | None = None,
    ) -> None:
        """Start with no members open.

        Args:
            clock: Simulated time.
            size: Most members, in use, idle or being opened.
            source: Where members come from.
            timeout_us: Longest wait for a member.
            reject: Refuse at once when every member is in use.
            background: Members are opened one at a time for the queue, not by the claimant for itself.
            retry_us: With `background`, pause after a refused opening.
            waits: Where waits of granted claims are counted.
            timeout_failure: What a claimant is told after too long a wait; None for a checkout timeout.
        """
        self._clock = clock
        self.size = size
        self.source = source
        self.timeout_us = timeout_us
        self.reject = reject
        self.background = background
        self.retry_us = retry_us
        self.waits = waits
        self.timeout_failure = timeout_failure or checkout_timeout(timeout_us)
        self.idle: list[Any] = []
        """Open members nobody uses; the one returned last is lent first."""
        self.in_use = 0
        self.members: dict[Any, None] = {}
        """Every member that exists, in the order of opening."""
        self.opening = 0
        self.opened = 0
        """Members opened since the start."""
        self.waiters: deque[Claimant] = deque()
        self.waiting = 0
        """Claimants in the queue that still want a member."""
        self.timed_out = 0
        """Claims refused by timeout since the start."""
        self.closed = False
        self._armed = False
        self._blocked_until = 0

    @property
    def open(self) -> int:
        """Members that exist, in use or idle."""
        return self.in_use + len(self.idle)

    def claim(self, claimant: Claimant) -> None:
        """Grant a member now or later through `claimant.resume`, or call `claimant.refuse`."""
        if self.idle and not self.waiting:
            self.in_use += 1
            if self.waits is not None:
                self.waits.record(0)
            claimant.resume(claimant, self.idle.pop())
        elif self._room() and not self.background and not self.waiting:
            claimant.since = self._clock.t
            self._open_for(claimant)
        elif self.reject:
            claimant.refuse(claimant, POOL_FULL)
        else:
            self._enqueue(claimant)
            if self.background:
                self._open_in_background()

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
        if not self.closed:
            self.in_use -= 1
            self._offer(member)

    def discard(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Close a member in use that is broken; its place may be filled anew."""
        if not self.closed:
            self.in_use -= 1
            del self.members[member]
            self.source.close(member)
            self._fill_places()

    def add(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Put a member opened outside of a claim (at start-up) into the pool."""
        if self.closed:
            self.source.close(member)
            return
        self.opened += 1
        self.members[member] = None
        self._offer(member)

    def forget(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Drop an idle member that was closed from the other side."""
        if member in self.idle:
            self.idle.remove(member)
            del self.members[member]
            self._fill_places()

    def abandon(self, claimant: Claimant) -> None:
        """Take a waiting claimant out of the queue."""
        if claimant.waiting is self:
            claimant.waiting = None
            self.waiting -= 1

    def want(self) -> None:
        """Open a member although nobody waits for one yet, unless one exists or a retry is not due."""
        if not self.open:
            self._open_in_background(None)

    def drain(self) -> list[Claimant]:
        """Empty the queue and return those who still waited; their refusal is the caller's business."""
        left = [claimant for claimant in self.waiters if claimant.waiting is self]
        for claimant in left:
            claimant.waiting = None
        self.waiters.clear()
        self.waiting = 0
        return left

    def shut(self) -> None:
        """Close every member, in use or not, and forget the queue; for a pod or pooler that ends."""
        self.closed = True
        self.drain()
        members, self.members = self.members, {}
        self.idle = []
        self.in_use = 0
        for member in members:
            self.source.close(member)

    def _room(self) -> bool:
        return self.in_use + len(self.idle) + self.opening < self.size

    def _offer(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        waiters = self.waiters
        while waiters:
            claimant = waiters.popleft()
            if claimant.waiting is self:
                self._grant(claimant, member)
                return
        self.idle.append(member)

    def _grant(self, claimant: Claimant, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        claimant.waiting = None
        self.waiting -= 1
        self.in_use += 1
        wait_us = self._clock.t - claimant.since
        claimant.waited += wait_us
        if self.waits is not None:
            self.waits.record(wait_us)
        claimant.resume(claimant, member)

    def _enqueue(self, claimant: Claimant) -> None:
        claimant.since = self._clock.t
        claimant.waiting = self
        self.waiting += 1
        self.waiters.append(claimant)
        if not self._armed:
            self._armed = True
            self._clock.call_at(claimant.since + self.timeout_us, self._expire)

    def _expire(self, _: object) -> None:
        # One timer for the head of the queue: SimPy can't cancel timers, and the head always expires first.
        waiters, limit = self.waiters, self._clock.t - self.timeout_us
        while waiters and (waiters[0].waiting is not self or waiters[0].since <= limit):
            claimant = waiters.popleft()
            if claimant.waiting is self:
                claimant.waiting = None
                self.waiting -= 1
                self.timed_out += 1
                claimant.refuse(claimant, self.timeout_failure)
        self._armed = bool(waiters)
        if waiters:
            self._clock.call_at(waiters[0].since + self.timeout_us, self._expire)

    def _open_for(self, claimant: Claimant) -> None:
        self.opening += 1

        def opened(member: object) -> None:
            self.opening -= 1
            self.opened += 1
            if self.closed:
                self.source.close(member)
                return
            self.members[member] = None
            self.waiting += 1
            self._grant(claimant, member)

        def refused(failure: Failure) -> None:
            self.opening -= 1
            if not self.closed:
                claimant.refuse(claimant, failure)
                self._fill_places()

        self.source.open(opened, refused)

    def _fill_places(self) -> None:
        # A place became free: whoever waits longest may open a member there.
        if self.background:
            if self.waiting:
                self._open_in_background()
            return
        while self.waiting and self._room() and not self.closed:
            claimant = self.waiters.popleft()
            if claimant.waiting is self:
                claimant.waiting = None
                self.waiting -= 1
                self._open_for(claimant)

    def _open_in_background(self, _: object = None) -> None:
        if self.closed or self.opening or not self._room() or self._clock.t < self._blocked_until:
            return
        if self.waiting or not self.open:
            self.opening += 1
            self.source.open(self._arrived, self._not_arrived)

    def _arrived(self, member: object) -> None:
        self.opening -= 1
        self.opened += 1
        if self.closed:
            self.source.close(member)
            return
        self.members[member] = None
        self._offer(member)
        if self.waiting:
            self._open_in_background()

    def _not_arrived(self, _: Failure) -> None:
        self.opening -= 1
        self._blocked_until = self._clock.t + self.retry_us
        if self.waiting:
            self._clock.call_at(self._blocked_until, self._retry)

    def _retry(self, _: object) -> None:
        if self.waiting:
            self._open_in_background()
