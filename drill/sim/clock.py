"""Simulated time: a SimPy environment in whole microseconds, with light calls beside SimPy's events.

Separate because it is the one place that knows how the heap looks. Rare things (pods, probes, roll-outs) are ordinary
SimPy processes; what a request does thousands of times a second are plain calls on the same heap, which cost a fifth of
an event and a generator. Order is by time, then priority, then ticket, exactly as in stock SimPy. Users of an open loop
come in an order that is known before, so they stand beside the heap and not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, URGENT

NEVER = 1 << 62
"""A time after the end of every run."""
_LAST = NEVER + 1
Call = Callable[[Any], object]
Item = tuple[int, int, int, Call, Any]


class Clock(simpy.Environment):
    """A SimPy environment whose time is an integer number of microseconds."""

    def __init__(self, start_us: int = 0) -> None:
        """Start with nothing to do."""
        super().__init__()
        self.t = start_us
        """Simulated time in microseconds."""
        self.heap: list[Item] = [(_LAST, NORMAL, 0, _nothing, None)]
        """What is to happen: time, priority, ticket, call, argument; never empty, as the last item stays."""
        self.tickets: Iterator[int] = self._eid
        """Numbers that break ties in the order of scheduling."""
        self.due = NEVER
        """When the next user arrives, whoever that is; users come after all else that happens at a time."""
        self.arrive: Callable[[None], object] = _nothing
        """Lets that user in and sets `due` to the time of the one after; stays the same while time advances.

        It is called with None, as a generator's `send`, which takes less time than its `__next__`.
        """
        self.until = 0
        """Up to when a call may go on with time itself, as long as nothing on the heap comes first."""

    @property
    def now(self) -> int:
        """Simulated time in microseconds."""
        return self.t

    def schedule(self, event: simpy.Event, priority: int = NORMAL, delay: float = 0) -> None:
        """Put a SimPy event on the heap; `delay` is in microseconds and must be whole."""
        if delay != int(delay):
            msg = f"a delay of {delay} us is not whole; round it where it is drawn"
            raise ValueError(msg)
        heappush(self.heap, (self.t + int(delay), priority, next(self.tickets), self._run_event, event))

    def call_at(self, at_us: int, call: Call, argument: object = None, *, first: bool = False) -> None:
        """Call `call(argument)` at a time, after what was scheduled for that time before, or ahead of it if `first`."""
        heappush(self.heap, (at_us, URGENT if first else NORMAL, next(self.tickets), call, argument))

    @staticmethod
    def _run_event(event: simpy.Event) -> None:
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # SimPy's mark
        for callback in callbacks:
            callback(event)
        if not event._ok and not event.defused:  # noqa: SLF001 - SimPy's step reads the same flag
            raise event._value  # noqa: SLF001 - as above

    def peek(self) -> float:
        """Return the time of the next thing to happen, infinity for none."""
        at = min(self.heap[0][0], self.due)
        return at if at < NEVER else float("inf")

    def step(self) -> None:
        """Do the next thing."""
        if self.heap[0][0] <= self.due:
            self.t, _, _, call, argument = heappop(self.heap)
            call(argument)
        elif self.due < NEVER:
            self.t = self.due
            self.arrive(None)
        else:
            raise EmptySchedule

    def advance(self, until_us: int) -> None:
        """Do everything that happens before `until_us` and stop there; what happens at exactly that time waits."""
        heap, arrive, self.until = self.heap, self.arrive, until_us
        while True:  # CPython 3.11 makes only such loops fast when they run for the first time
            due = self.due
            if due >= until_us:
                break
            while heap[0][0] <= due:
                self.t, _, _, call, argument = heappop(heap)
                call(argument)
            if due == self.due:  # else that user was let in on the way
                self.t = due
                arrive(None)
        while heap[0][0] < until_us:
            self.t, _, _, call, argument = heappop(heap)
            call(argument)
        self.t = until_us


def _nothing(_: object) -> None:
    """Stand for what comes after everything else, and for users who never come; never called."""
