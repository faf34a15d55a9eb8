"""When users arrive and what they want: a Poisson process with a rate over time, or a recorded trace.

Separate because it depends on nothing that happens in the system (open loop), so that every lane of a seed meets the
same users at the same times with the same demands. In a closed loop only what is wanted comes from here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, chain, count, islice, repeat
from math import floor, inf, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from drill.sim.streams import uniforms, unit_exponentials
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from drill.scenario.story import TrafficSpec
    from drill.scenario.traces import Trace
    from drill.sim.demands import Demands
    from drill.sim.streams import Streams


class Traced(NamedTuple):
    """What only a recorded trace says of a user."""

    pod: int
    """Position of the ready pod it asks for; -1 for the router's choice."""
    leaks: bool
    """Whether the first connection that is borrowed is never returned."""


class Arrival(NamedTuple):
    """One user who arrives."""

    at: int
    """Time in microseconds."""
    number: int
    """Position in the order of arrival."""
    endpoint: int
    """Position of the endpoint in the routes."""
    uniform: float
    """The request's own random number for routing, from 0 to below 1."""
    demands: tuple[Any, ...]
    traced: Traced | None = None


Row = tuple[int, int, int, float, tuple[Any, ...], Traced | None]
"""An arrival that is taken apart at once."""
BATCH = 128
"""Users who are drawn together."""
_US_PER_S = float(US_PER_S)


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


def poisson_times(traffic: TrafficSpec, streams: Streams) -> Iterator[list[int]]:
    """Return arrival times in microseconds, in batches: a unit Poisson process stretched by the inverse of its rate.

    A rate that changes is integrated over time.
    """
    needs = unit_exponentials(streams.source("arrivals"))
    ahead: list[float] = []
    for start, end, rate, slope in segments(traffic):
        at = start
        while True:
            ahead.extend(islice(needs, BATCH - len(ahead)))
            if slope:
                ats = [at]
                for need in ahead:
                    ats.append(ats[-1] + _step(need, rate + slope * (ats[-1] - start), slope))
                    if ats[-1] >= end:  # it may be never, from where there is no way back
                        break
            elif rate > 0:
                ats = list(accumulate([need / rate for need in ahead], initial=at))
            else:
                ats = [at, inf]
            count = bisect_left(ats, end, 1) - 1  # users who arrive before the segment ends
            yield [floor(when * _US_PER_S) for when in ats[1 : count + 1]]
            at = ats[count]
            if count < len(ats) - 1:
                ahead = ahead[count:]
                left = ahead[0] - _mass(rate + slope * (at - start), slope, end - at)
                ahead[0] = max(left, 0.0)
                break
            ahead = []


def trace_times(trace: Trace) -> Iterator[list[int]]:
    """Return the times of a recorded trace in microseconds, as batches of one."""
    return ([row.at_us] for row in trace.rows)


def before(batches: Iterable[list[int]], until_us: int, expect: Callable[[list[int]], object]) -> Iterator[list[int]]:
    """Return the times before `until_us`, and let each batch be expected before anybody asks for it."""
    for ats in batches:
        early = ats if not ats or ats[-1] < until_us else ats[: bisect_left(ats, until_us)]
        expect(early)
        yield early
        if len(early) < len(ats):
            break


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
    batches: Iterable[list[int]], streams: Streams, weights: list[tuple[str, int]], demands: Demands
) -> Iterator[Row]:
    """Return arrivals at times; `weights` are names and weights of the endpoints in the order of the routes."""
    draws = [demands.draws(name, streams) for name, _ in weights]
    return chain.from_iterable(_rows(batches, streams, list(accumulate(float(weight) for _, weight in weights)), draws))


def _rows(
    batches: Iterable[list[int]], streams: Streams, bounds: list[float], draws: list[Iterator[tuple[Any, ...]]]
) -> Iterator[Iterator[Row]]:
    # Column by column for many users at a time, which takes a third of the time of one user after the other.
    uniform, choices = uniforms(streams.source("routing")), uniforms(streams.source("endpoints"))
    total, first, numbers = bounds[-1], bounds[0], count()
    endpoints: Iterable[int]
    wanted: Iterable[tuple[Any, ...]]
    for ats in batches:
        if len(draws) == 1:
            endpoints, wanted = repeat(0), islice(draws[0], len(ats))
        else:
            endpoints = [
                0 if (place := choice * total) < first else bisect_right(bounds, place)
                for choice in islice(choices, len(ats))
            ]
            wanted = map(next, map(draws.__getitem__, endpoints))
        yield zip(ats, numbers, endpoints, uniform, wanted, repeat(None), strict=False)


def traced_arrivals(
    batches: Iterable[list[int]], trace: Trace, streams: Streams, names: list[str], demands: Demands
) -> Iterator[Arrival]:
    """Return arrivals of a recorded trace at its times; `names` are the endpoints in the order of the routes."""
    draws = [demands.draws(name, streams) for name in names]
    queries = [demands.first_query(name) for name in names]
    uniform = streams.source("routing").random
    for number, (at, row) in enumerate(zip(chain.from_iterable(batches), trace.rows, strict=False)):
        endpoint = names.index(row.endpoint) if row.endpoint else 0
        wanted = list(next(draws[endpoint]))
        if row.service_us is not None:
            for index in queries[endpoint]:
                wanted[index] = row.service_us
        traced = Traced(-1 if row.pod is None else row.pod, row.leak)
        yield Arrival(at, number, endpoint, uniform(), tuple(wanted), traced)
