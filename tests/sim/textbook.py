"""Another simulation of the same systems, as a textbook would write it: first come, first served, on one heap.

It shares no line with the engine, and knows nothing of pods, PostgreSQL or PgBouncer: customers need a place in their
pool, then one of the servers that all pools share, keep both for a time, and lose their place for good if they leak.
Times are whole microseconds.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import NamedTuple

_FREED, _ARRIVES, _GIVES_UP = range(3)


class Tie(Exception):  # noqa: N818 - it is no error
    """Two things happen at the same time."""


class Customer(NamedTuple):
    """Somebody who comes, wants something and leaves."""

    at_us: int
    pool: int
    hold_us: int
    leaks: bool = False


class Fate(NamedTuple):
    """What became of a customer."""

    outcome: str
    wait_us: int = 0
    """For a place in the pool; 0 for whoever got none."""
    done_us: int = 0


def simulated(customers: list[Customer], pools: int, size: int, servers: int, patience_us: int) -> list[Fate]:
    """Return the fate of each customer; `servers` of 0 stands for as many as there are places.

    Raises:
        Tie: Two things happened at the same time, so that nothing says which comes first.
    """
    fates = [Fate("checkout_timeout", 0, customer.at_us + patience_us) for customer in customers]
    places, lines = [size] * pools, [deque[int]() for _ in range(pools)]
    free, queue = servers or pools * size, deque[int]()
    started: dict[int, int] = {}
    events = [(customer.at_us, _ARRIVES, number) for number, customer in enumerate(customers)]
    heapify(events)
    before = -1
    while events:
        now, what, number = heappop(events)
        _, pool, _, leaks = customers[number]
        if what == _GIVES_UP and number in started:
            continue
        if now == before:
            raise Tie
        before = now
        if what == _ARRIVES:
            lines[pool].append(number)
            heappush(events, (now + patience_us, _GIVES_UP, number))
        elif what == _GIVES_UP:
            lines[pool].remove(number)
        else:
            fates[number] = Fate("application_error" if leaks else "ok", started[number] - customers[number].at_us, now)
            free += not leaks
            places[pool] += not leaks
        while lines[pool] and places[pool]:
            places[pool] -= 1
            first = lines[pool].popleft()
            started[first] = now
            queue.append(first)
        while queue and free:
            free -= 1
            first = queue.popleft()
            heappush(events, (now + customers[first].hold_us, _FREED, first))
    return fates
