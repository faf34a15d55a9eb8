"""Traces as tables: the failed and the slowest first, and one of them as a waterfall.

Separate from what collects them. It only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.units import US_PER_MS, US_PER_S

if TYPE_CHECKING:
    from drill.sim.tracing import Span, Trace, Tracer
    from drill.sim.world import World

    Cell = str | int | float | None
    Table = tuple[tuple[str, ...], list[tuple[Cell, ...]]]

TRACES = ("TRACE", "AGO_S", "ENDPOINT", "MS", "STATUS", "SPANS")
"""Columns of the list; MS of a request in flight is its time so far."""
WATERFALL = ("SPAN", "WHERE", "START_MS", "MS", "STATUS", "SPAN_ID")
"""Columns of one trace; spans are indented by their depth, and MS is empty for one that has not ended."""
SHORTEST_ID = 8
"""Fewest digits that name a trace."""


def traces(world: World, target: str) -> Table:
    """Return the list, or the waterfall of the trace whose id begins with `target`."""
    tracer = world.tracer
    if tracer is None:
        return TRACES, []
    if len(target) >= SHORTEST_ID:
        for trace in tracer.traces:
            if trace.id.startswith(target):
                return WATERFALL, list(_waterfall(trace))
    return TRACES, _list(world, tracer)


def _list(world: World, tracer: Tracer) -> list[tuple[Cell, ...]]:
    now = world.clock.t
    rows: list[tuple[bool, int, tuple[Cell, ...]]] = []
    for trace in tracer.traces:
        whole, outcome = trace.whole, trace.outcome
        took_us = now - whole.at if trace.took_us is None else trace.took_us
        row = (
            trace.id,
            round((now - whole.at) / US_PER_S, 1),
            world.endpoints[whole.endpoint],
            round(took_us / US_PER_MS, 1),
            "in_flight" if outcome is None else outcome.label,
            len(trace.spans) + 1,
        )
        rows.append((not outcome, -took_us, row))
    return [row for _, _, row in sorted(rows, key=lambda each: each[:2])]


def _waterfall(trace: Trace) -> list[tuple[Cell, ...]]:
    whole, outcome = trace.whole, trace.outcome
    took = None if trace.took_us is None else round(trace.took_us / US_PER_MS, 3)
    status = "in_flight" if outcome is None else outcome.label
    rows: list[tuple[Cell, ...]] = [("gateway", "gateway", 0.0, took, status, trace.span_id(0))]
    for position, span in enumerate(trace.spans, start=1):
        ended = None if span.done_us is None else round((span.done_us - span.at_us) / US_PER_MS, 3)
        start = round((span.at_us - whole.at) / US_PER_MS, 3)
        name = "  " * (_depth(span) + 1) + span.name
        state = span.failure or ("ok" if span.done_us is not None else "in_flight")
        rows.append((name, span.where, start, ended, state, trace.span_id(position)))
    return rows


def _depth(span: Span) -> int:
    depth = 0
    while span.parent is not None:
        span, depth = span.parent, depth + 1
    return depth
