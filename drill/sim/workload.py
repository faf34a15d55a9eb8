"""When users arrive and what they want: a Poisson process with a rate over time, or a recorded trace.

Separate because it depends on nothing that happens in the system (open loop), so that every lane of a seed meets the
same users at the same times with the same demands. In a closed loop only what is wanted comes from here.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import inf, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from drill.sim.streams import unit_exponentials
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill.scenario.story import TrafficSpec
    from drill.scenario.traces import Trace
    from drill.sim.demands import Demands
    from drill.sim.streams import Streams


class Arrival(NamedTuple):
    """One user who arrives."""

    at: int
    """Time in microseconds."""
    endpoint: int
    """Position of the endpoint in the routes."""
    uniform: float
    """The request's own random number for routing, from 0 to below 1."""
    demands: tuple[Any, ...]
    pod: int = -1
    """Position of the ready pod a trace asks for; -1 for the router's choice."""
    leaks: bool = False


class Segment(NamedTuple):
    """A stretch of time in which the rate is constant or changes linearly."""

    start: float
    """In seconds."""
    end: float
    rate: float
    """Per second at the start."""
    slope: float
    """Change of the rate, per second and second."""


def segments(traffic: TrafficSpec) -> list[Segment]:
    """Return the rate over time as segments without gaps; the last one has no end."""
    found = []
    start, rate = 0.0, traffic.rate * traffic.factor
    for point in traffic.points:
        at, over, target = point.at / US_PER_S, point.over / US_PER_S, point.rate * traffic.factor
        if at > start:
            found.append(Segment(start, at, rate, 0.0))
        if over:
            found.append(Segment(at, at + over, rate, (target - rate) / over))
        start, rate = at + over, target
    found.append(Segment(start, inf, rate, 0.0))
    return found


def poisson_times(traffic: TrafficSpec, streams: Streams) -> Iterator[int]:
    """Return arrival times in microseconds: a unit Poisson process stretched by the inverse of the integrated rate."""
    needs = unit_exponentials(streams.source("arrivals"))
    need = next(needs)
    for start, end, rate, slope in segments(traffic):
        at = start
        while True:
            step = _step(need, rate + slope * (at - start), slope)
            if at + step >= end:
                need -= _mass(rate + slope * (at - start), slope, end - at)
                need = max(need, 0.0)
                break
            at += step
            yield int(at * US_PER_S)
            need = next(needs)


def _step(need: float, rate: float, slope: float) -> float:
    """Return how long it takes until `need` arrivals are due, infinity for never."""
    if not slope:
        return need / rate if rate > 0 else inf
    root = rate * rate + 2 * slope * need
    return (sqrt(root) - rate) / slope if root >= 0 else inf


def _mass(rate: float, slope: float, length: float) -> float:
    """Return how many arrivals are due in `length` seconds."""
    return rate * length + slope * length * length / 2


def expected_arrivals(traffic: TrafficSpec, until_s: float) -> float:
    """Return how many users are expected to arrive before a time."""
    total = 0.0
    for start, end, rate, slope in segments(traffic):
        if start < until_s:
            total += _mass(rate, slope, min(end, until_s) - start)
    return total


def arrivals_at(
    times: Iterator[int], streams: Streams, weights: list[tuple[str, int]], demands: Demands
) -> Iterator[Arrival]:
    """Return arrivals at times; `weights` are names and weights of the endpoints in the order of the routes."""
    draws = [demands.draws(name, streams) for name, _ in weights]
    uniform = streams.source("routing").random
    choose = streams.source("endpoints").random
    bounds = list(accumulate(weight for _, weight in weights))
    total, single = bounds[-1], len(bounds) == 1
    for at in times:
        endpoint = 0 if single else bisect_right(bounds, choose() * total)
        yield Arrival(at, endpoint, uniform(), next(draws[endpoint]))


def traced_arrivals(trace: Trace, streams: Streams, names: list[str], demands: Demands) -> Iterator[Arrival]:
    """Return arrivals of a recorded trace; `names` are the endpoints in the order of the routes."""
    draws = [demands.draws(name, streams) for name in names]
    queries = [demands.first_query(name) for name in names]
    uniform = streams.source("routing").random
    for row in trace.rows:
        endpoint = names.index(row.endpoint) if row.endpoint else 0
        wanted = list(next(draws[endpoint]))
        if row.service_us is not None:
            for index in queries[endpoint]:
                wanted[index] = row.service_us
        pod = -1 if row.pod is None else row.pod
        yield Arrival(row.at_us, endpoint, uniform(), tuple(wanted), pod, row.leak)
