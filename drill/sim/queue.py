"""Those who wait for a member of a pool, in order of arrival, each for at most the same time.

Separate from the pool because a queue knows nothing of members: it lets in, lets out, and gives up on whoever waits too
long.
"""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.clock import Clock
    from drill.sim.failures import Failure
    from drill.sim.members import Claimant


_NEVER = 1 << 62


class Queue:
    """A first-in, first-out queue with one patience for all."""

    __slots__ = (
        *("_clock", "_due", "_expire_call", "_failure", "_looked_at", "_patient", "_timeout_us"),
        *("line", "timed_out", "waiting"),
    )

    def __init__(
        self, clock: Clock, timeout_us: int, failure: Failure, looked_at: Callable[[int], int] | None = None
    ) -> None:
        """Refuse with `failure` whoever waits for `timeout_us`; 0 lets everybody wait for ever.

        `looked_at` gives the first moment at or after a time at which waits are looked at; None for every moment.
        """
        self._clock = clock
        self._timeout_us = timeout_us
        self._failure = failure
        self._looked_at = looked_at
        self.line: deque[Claimant] = deque()
        """Who has joined, and some who have left since. Who joins a line that is not empty needs no timer."""
        self._patient: deque[Claimant] = deque()
        """Claimants that waited for longer and have a patience of their own; they are first in turn."""
        self._due = _NEVER
        """When waits are looked at next."""
        self._expire_call: Callable[[int], object] = self._expire
        self.waiting = 0
        """Claimants that still want a member; those who left stand in the line until they are passed."""
        self.timed_out = 0
        """Claimants refused since the start."""

    @property
    def timeout_us(self) -> int:
        """How long claimants wait; 0 for ever."""
        return self._timeout_us

    def join(self, claimant: Claimant) -> None:
        """Begin to wait."""
        claimant.since = self._clock.t
        claimant.waiting = self
        self.waiting += 1
        self.line.append(claimant)
        if self._due == _NEVER and self._timeout_us:
            self._arm(claimant.since)

    def set_timeout(self, timeout_us: int) -> None:
        """Use another patience, also for those who wait already."""
        self._timeout_us = timeout_us
        self._due = _NEVER
        if self.line and timeout_us:
            self._arm(self.line[0].since)

    def first(self) -> Claimant | None:
        """Return whoever waits longest, who stays in line; None when nobody waits."""
        for line in (self._patient, self.line):
            while line and line[0].waiting is not self:
                line.popleft()
            if line:
                return line[0]
        return None

    def leave(self, claimant: Claimant) -> None:
        """Stop waiting; does nothing for a claimant that waits elsewhere or not at all."""
        if claimant.waiting is self:
            claimant.waiting = None
            self.waiting -= 1

    def leave_first(self) -> Claimant | None:
        """Let out whoever waits longest; None when nobody waits."""
        line = self._patient or self.line
        while line:
            claimant = line.popleft()
            if claimant.waiting is self:
                claimant.waiting = None
                self.waiting -= 1
                return claimant
            line = line or self.line
        return None

    def drain(self) -> list[Claimant]:
        """Let everybody out; what they are told is the caller's business."""
        left = [claimant for claimant in (*self._patient, *self.line) if claimant.waiting is self]
        for claimant in left:
            self.leave(claimant)
        self._patient.clear()
        self.line.clear()
        return left

    def _arm(self, since: int) -> None:
        clock, due = self._clock, since + self._timeout_us
        if due < clock.t:  # noqa: PLR1730 - max() takes longer, and this is done for every wait
            due = clock.t
        if self._looked_at is not None:
            due = self._looked_at(due)
        self._due = due
        heappush(clock.heap, (due, 1, next(clock.tickets), self._expire_call, due))

    def _expire(self, due: int) -> None:
        """Refuse those at the head of the line who have waited for too long, unless they are patient.

        One timer for the head of the line: SimPy can't cancel timers, and the head always expires first. In an outage
        this is done for every claim, so what `_arm` does for a head whose time is still to come stands here, too.
        """
        if due != self._due:  # the patience was changed since
            return
        line, clock, timeout_us = self.line, self._clock, self._timeout_us
        while line:
            claimant = line[0]
            if claimant.waiting is not self:
                line.popleft()
                continue
            following = claimant.since + timeout_us
            if following > due:
                if self._looked_at is None:
                    self._due = following
                    heappush(clock.heap, (following, 1, next(clock.tickets), self._expire_call, following))
                else:
                    self._arm(claimant.since)
                return
            line.popleft()
            if claimant.patient:
                self._patient.append(claimant)
                continue
            claimant.waiting = None
            self.waiting -= 1
            self.timed_out += 1
            refuse = claimant.refuse
            refuse(claimant, self._failure)
        self._due = _NEVER
