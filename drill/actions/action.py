"""What every action says of itself.

Separate from the catalogue so that groups of actions can have rooms of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A change somebody makes to the running system."""

    do: ClassVar[str]
    """Name in files and on the command line."""
    title: ClassVar[str]
    """Imperative, at most 40 characters."""
    changes: ClassVar[str]
    """What it changes, one sentence."""
    risk: ClassVar[str]
    """What may go wrong, one sentence."""
    undo: ClassVar[str]
    """How to take it back, one sentence."""
    risky: ClassVar[bool] = False
    """Whether it interrupts users or can't be undone within 60 s."""
