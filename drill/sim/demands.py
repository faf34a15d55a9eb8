"""Which times are drawn for a request, whatever revision serves it.

Separate because lanes of one seed must meet the same workload: all times of a request are drawn when it arrives, for
the steps of every revision that exists in the file. Steps that did not change between revisions share a draw.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from drill.scenario.fields import DrawSpec
from drill.scenario.topology import (
    CallStep,
    ComputeStep,
    DeploymentSpec,
    Guarded,
    HoldStep,
    ParallelStep,
    QueryStep,
    ReturnStep,
    TransactionStep,
)
from drill.sim.streams import CHOICE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.sim.streams import Streams

_CHANCE = DrawSpec(mean=1 << CHOICE_BITS, shape="exponential")
"""Stands for a chance; drawn as an exponential number, so that all draws of a request are whole numbers."""
_CERTAIN = 1 << 62

_CHOICE = DrawSpec(mean=0)
"""Stands for the choice of a row, which is no time."""
_CALLED = DrawSpec(mean=0)
"""Stands for everything a called deployment draws: a number for its router, then its own demands."""
Key = tuple[str, int, DrawSpec]
"""What is drawn: kind of step, how many of that kind came before it in the program, how it is drawn."""


def draw_keys(steps: Sequence[Guarded]) -> list[Key]:
    """Return the keys of a program's draws in the order of its steps, a query giving two (time, then CPU)."""
    keys: list[Key] = []
    seen: dict[str, int] = {}

    def add(kind: str, spec: DrawSpec) -> None:
        keys.append((kind, seen.setdefault(kind, 0), spec))
        seen[kind] += 1

    for step in flat(steps):
        if isinstance(step, ComputeStep):
            add("compute", step.compute)
        elif isinstance(step, QueryStep):
            add("time", step.time)
            add("cpu", step.cpu)
            if step.locks is not None and step.locks.rows:
                # A named choice is one draw, however many steps use it.
                keys.append(("row/" + step.locks.by, 0, _CHOICE)) if step.locks.by else add("row", _CHOICE)
        elif isinstance(step, HoldStep):
            add("hold", step.hold)
        elif isinstance(step, CallStep):
            add("call", step.time)
            if step.endpoint:
                add("into/" + step.endpoint, _CALLED)
        elif isinstance(step, ReturnStep) and step.leak:
            add("leak", _CHANCE)
    return keys


def chance(share: float) -> int:
    """Return the limit below which the draw of a chance lies with a probability: its quantile."""
    return _CERTAIN if share >= 1.0 else round(-_CHANCE.mean * log(1.0 - share))


def flat(steps: Sequence[Guarded]) -> Iterator[Guarded]:
    """Return the steps in order, those inside transactions and side by side included."""
    for step in steps:
        if isinstance(step, TransactionStep):
            yield from flat(step.transaction)
        elif isinstance(step, ParallelStep):
            for branch in step.parallel:
                yield from flat(branch)
        else:
            yield step


def revisions(spec: DeploymentSpec) -> list[DeploymentSpec]:
    """Return every revision of a deployment that can come to run: this one, the one before, each fix."""
    found = [spec, *(fix.becomes for fix in spec.fixes.values())]
    return found if spec.previous is None else [*found, spec.previous]


class Demands:
    """The draws of each endpoint's requests."""

    def __init__(self, endpoints: dict[str, list[Sequence[Guarded]]]) -> None:
        """Lay out the draws of each endpoint over the programs of all its revisions."""
        self._keys: dict[str, list[Key]] = {
            name: list(dict.fromkeys(key for program in programs for key in draw_keys(program)))
            for name, programs in endpoints.items()
        }

    def index(self, endpoint: str, key: Key) -> int:
        """Return the position of a draw in a request's demands."""
        return self._keys[endpoint].index(key)

    def first_query(self, endpoint: str) -> list[int]:
        """Return the positions of the first query's time, one a revision that differs."""
        return [i for i, (kind, nth, _) in enumerate(self._keys[endpoint]) if (kind, nth) == ("time", 0)]

    def draws(self, endpoint: str, streams: Streams, path: str = "") -> Iterator[tuple[Any, ...]]:
        """Return an endless iterator of demands, one tuple a request; `path` says who calls, empty for users."""
        keys, path = self._keys[endpoint], path or endpoint
        if not keys:
            return iter(tuple, None)
        return zip(*(self._draws(path, key, streams) for key in keys), strict=False)

    def _draws(self, path: str, key: Key, streams: Streams) -> Iterator[Any]:
        kind, nth, spec = key
        stream = f"demand/{path}/{kind}/{nth}"
        if spec is _CHOICE:
            return streams.choices(stream)
        if spec is _CALLED:
            called = self.draws(kind.removeprefix("into/"), streams, f"{path}/{kind}/{nth}")
            return zip(streams.choices(stream), called, strict=False)
        if spec is _CHANCE:
            return streams.quantiles(stream)
        return streams.draws(f"{stream}/{spec.shape}/{spec.mean}/{spec.sigma}", spec)
