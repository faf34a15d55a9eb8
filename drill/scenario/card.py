"""The card of a scenario: what a library shows of it.

Separate from the rest of the model because menus and lists show cards alone, at once, and the other spec classes take
longer to make than a whole library of cards takes to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drill.units import Whole

HARDEST = 5
"""Highest difficulty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSpec:
    """What a library shows of a scenario; never names a cause or a trap."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    title: str
    difficulty: Annotated[int, Whole(1, HARDEST)]
    """From 1 (first drill) to 5 (hard)."""
    minutes: Annotated[int, Whole(1, 240)]
    """How long a typical trainee takes."""
    family: str
    """Group of scenarios with the same page."""
    summary: str
    """One or two sentences."""
