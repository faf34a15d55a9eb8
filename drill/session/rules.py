"""What may be pinned, diagnosed and asked for at a moment of a drill.

Separate from the session, which does and records: these rules read what was done so far and the scenario, and change
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.entries import Diagnosis, Hint, Look, Pin, Unpin
from drill.actions.fields import listed, nearest
from drill.errors import ActionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drill.actions.entries import Deed, Entry
    from drill.scenario.story import StorySpec

MAX_PINS = 5
"""Most readings that are pinned at the same time."""


def check(deed: Deed, done: Sequence[Entry], story: StorySpec) -> None:
    """Raise ActionError for something that can't be done after what was done so far."""
    message = ""
    if isinstance(deed, Diagnosis):
        message = _unknown([name for name, _ in deed.diagnose], story.suspects)
    elif isinstance(deed, Pin):
        message = _unpinnable(deed, done)
    elif isinstance(deed, Unpin) and deed.unpin not in {pin.pin for pin in pinned(done)}:
        message = f"{deed.unpin!r} is not pinned"
    elif isinstance(deed, Hint):
        message = _out_of_turn(deed.hint, done, len(story.hints))
    if message:
        raise ActionError(message)


def pinned(done: Iterable[Entry]) -> list[Pin]:
    """Return the readings that are pinned after what was done, oldest first."""
    found: dict[str, Pin] = {}
    for entry in done:
        if isinstance(entry.deed, Pin):
            found[entry.deed.pin] = entry.deed
        elif isinstance(entry.deed, Unpin):
            found.pop(entry.deed.unpin, None)
    return list(found.values())


def hints_taken(done: Iterable[Entry]) -> int:
    """Return how many rungs of help were opened."""
    return sum(isinstance(entry.deed, Hint) for entry in done)


def _unknown(names: Iterable[str], suspects: Iterable[str]) -> str:
    for name in names:
        if name not in suspects:
            return f"there is no suspect {name!r}; the suspects are: {listed(suspects)}{nearest(name, suspects)}"
    return ""


def _unpinnable(pin: Pin, done: Sequence[Entry]) -> str:
    if pin.view and not any(isinstance(entry.deed, Look) and entry.deed.look == pin.view for entry in done):
        return f"{pin.pin!r} was read in {pin.view}, which was not opened before; open it first"
    names = {each.pin for each in pinned(done)}
    if pin.pin not in names and len(names) >= MAX_PINS:
        return f"{MAX_PINS} readings are pinned already, which is the most; drop one first"
    return ""


def _out_of_turn(number: int, done: Sequence[Entry], count: int) -> str:
    taken = hints_taken(done)
    if number > count:
        return f"there is no hint {number}; this scenario has {count}"
    return "" if number == taken + 1 else f"the next hint is {taken + 1}, not {number}"
