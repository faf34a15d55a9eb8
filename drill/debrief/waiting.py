"""What waiting cost: the run cut where the page came and where an action first helped.

Separate because it needs the actions to be re-simulated, in order, before it can say anything. It counts requests of
the responder's own lane and supposes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.debrief.model import Stretch
from drill.debrief.turning import HELPFUL
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.debrief.model import TurningPoint
    from drill.scenario.spec import ScenarioSpec
    from drill.telemetry.lanes import LaneResult


def waits(spec: ScenarioSpec, turns: Sequence[TurningPoint], you: LaneResult) -> tuple[Stretch, ...]:
    """Return stretches that cover the whole run; nothing as long as it is not known which action first helped."""
    known, helped_us = _first_help(turns)
    if not known:
        return ()
    cuts = [("before the page", 0), ("from the page to the end", spec.paged_at)]
    if helped_us is not None:
        cuts[1:] = [
            ("from the page to the first action that helped", spec.paged_at),
            ("from that action to the end", max(helped_us, spec.paged_at)),
        ]
    ends = [start for _, start in cuts[1:]] + [spec.length]
    return tuple(
        Stretch(name=name, start_us=start, end_us=end, bad=_bad(you, start, end))
        for (name, start), end in zip(cuts, ends, strict=True)
    )


def _first_help(turns: Sequence[TurningPoint]) -> tuple[bool, int | None]:
    """Return whether it is known, and when the first action that helped was taken; None for no such action."""
    for turn in turns:
        if not turn.effect:
            return False, None
        if turn.effect in HELPFUL:
            return True, turn.at_us
    return True, None


def _bad(you: LaneResult, start_us: int, end_us: int) -> int:
    """Return bad requests by the second of their arrival."""
    return sum(you.bad_by_second[start_us // US_PER_S : end_us // US_PER_S])
