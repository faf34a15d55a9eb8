"""What one lane of a comparison came to.

Separate and plain because lanes are computed in other processes, and scoring and screens read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.telemetry.results import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneResult:
    """The same scenario and seed with one responder."""

    name: str
    """Who responded: `you`, or a player."""
    seed: int
    bad: int
    """Late and failed requests."""
    offered: tuple[int, ...]
    """Requests by the second of their arrival; the same for the next two."""
    ok: tuple[int, ...]
    bad_by_second: tuple[int, ...]
    figures: tuple[Figures, ...]
    summary: dict[str, Any]
    """The run's `drill-run/1` summary."""
    readings: tuple[tuple[str, float | None], ...] = ()
    """Metrics that the story's figures read, by name of the figure; None where nothing was measured."""

    def success(self, start_s: int, end_s: int) -> float | None:
        """Return the share of good answers among decided requests that arrived in a window; None without any."""
        good = sum(self.ok[start_s:end_s])
        decided = good + sum(self.bad_by_second[start_s:end_s])
        return good / decided if decided else None
