"""Everything of a run that has a time, in one list.

Separate because its order is a matter of its own: effects are known to the second, deeds to the microsecond, and no
effect may stand before its cause.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from drill.actions.entries import Look
from drill.debrief.deeds import describe, kind_of, looked
from drill.debrief.happenings import colleagues, happenings, users
from drill.debrief.model import Moment
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drill.actions.entries import Entry
    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.lanes import LaneResult

LEFT = "the run is left; from here on nobody acts"


def timeline(
    spec: ScenarioSpec, entries: Sequence[Entry], you: LaneResult, left_us: int | None = None
) -> tuple[Moment, ...]:
    """Return what was done and what was going on: within one second deeds come first, and looks in a row are one."""
    others = [(spec.paged_at, "the page comes"), *colleagues(spec)]
    acts = [(_moment(entry, spec), entry.deed if isinstance(entry.deed, Look) else None) for entry in entries]
    felt = [Moment(at_us=at_us, kind="system", text=text) for at_us, text in happenings(you)]
    felt += [Moment(at_us=at_us, kind="impact", text=text) for at_us, text in users(spec, you)]
    if left_us is not None:
        felt.append(Moment(at_us=left_us, kind="system", text=LEFT))
    every: list[tuple[int, Moment, Look | None]] = [
        (0, Moment(at_us=at_us, kind="system", text=text), None) for at_us, text in others
    ]
    every += [(0, *act) for act in acts] + [(1, moment, None) for moment in felt]
    every.sort(key=lambda each: (each[1].at_us // US_PER_S, each[0], each[1].at_us))
    return tuple(_merged(every))


def _moment(entry: Entry, spec: ScenarioSpec) -> Moment:
    return Moment(at_us=entry.at_us, kind=kind_of(entry.deed), text=describe(entry.deed, spec))


def _merged(every: Sequence[tuple[int, Moment, Look | None]]) -> Iterator[Moment]:
    """Give every moment; looks with nothing between them are one moment at the time of the first."""
    for are_looks, together in groupby(every, key=lambda each: each[2] is not None):
        moments = list(together)
        if are_looks:
            text = looked(*(look for _, _, look in moments if look is not None))
            yield replace(moments[0][1], text=text)
        else:
            yield from (moment for _, moment, _ in moments)
