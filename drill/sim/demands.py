"""Which times are drawn for a request, whatever revision serves it.

Separate because lanes of one seed must meet the same workload: all times of a request are drawn when it arrives, for
the steps of every revision that exists in the file. Steps that did not change between revisions share a draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.scenario.fields import DrawSpec
from drill.scenario.topology import (
    CallStep,
    ComputeStep,
    DeploymentSpec,
    Guarded,
    HoldStep,
    QueryStep,
    TransactionStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.sim.streams import Streams

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
        elif isinstance(step, HoldStep):
            add("hold", step.hold)
        elif isinstance(step, CallStep):
            add("call", step.time)
    return keys


def flat(steps: Sequence[Guarded]) -> Iterator[Guarded]:
    """Return the steps in order, those inside transactions included."""
    for step in steps:
        if isinstance(step, TransactionStep):
            yield from flat(step.transaction)
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

    def draws(self, endpoint: str, streams: Streams) -> Iterator[tuple[int, ...]]:
        """Return an endless iterator of demands, one tuple a request."""
        keys = self._keys[endpoint]
        if not keys:
            return iter(tuple, None)
        return zip(*(streams.draws(_stream(endpoint, key), key[2]) for key in keys), strict=False)


def _stream(endpoint: str, key: Key) -> str:
    kind, nth, spec = key
    return f"demand/{endpoint}/{kind}/{nth}/{spec.shape}/{spec.mean}/{spec.sigma}"
