"""What a file says of what is measured beyond the samples that every run has.

Separate because none of it changes what happens; each costs time or memory, so it is off unless somebody wants it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drill.scenario.fields import FORBID
from drill.units import Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySpec:
    """Traces and timers."""

    __pydantic_config__: ClassVar = FORBID

    traces: Share = 0.0
    """Share of users whose requests are traced, chosen when they arrive and evenly spread; 0% for none."""
    kept: Annotated[int, Whole(1, 10_000)] = 500
    """Traces that are kept, the newest."""
    usage: bool = False
    """Whether pools measure how long their members are lent (`hikaricp_connections_usage_seconds`)."""
