"""What the console says to one line.

Separate because every front end of the console speaks it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one line."""

    lines: tuple[str, ...] = ()
    """What to print."""
    status: int = 0
    """Exit status that the real client would have left with: 0 fine, 1 an error, 2 no connection."""
    leave: bool = False
    """Whether the person wants to leave the console."""
    repeat_us: int = 0
    """After which simulated time `Shell.again` gives the next round of a watch; 0 for no watch."""


def together(replies: list[Reply]) -> Reply:
    """Return several replies as one; the status is that of the last."""
    if not replies:
        return Reply()
    last = replies[-1]
    return Reply(tuple(line for each in replies for line in each.lines), last.status, last.leave, last.repeat_us)
