"""The chips of a diagnosis while they are being spread, and the order in which suspects are shown.

Separate from the screen because it is arithmetic: never more than 100 chips, never fewer than none. Nothing here knows
which suspect is the true one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drill.actions.entries import CHIPS, Diagnosis
from drill.errors import ActionError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLACES = ("first", "second")


def shuffled(suspects: Iterable[str], seed: int, scenario: str) -> tuple[str, ...]:
    """Return suspects in an order that their file does not tell: the same one for a seed, on every machine."""
    return tuple(sorted(suspects, key=lambda name: hashlib.sha256(f"{seed}:{scenario}:{name}".encode()).digest()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Chips on suspects."""

    suspects: tuple[str, ...]
    """In the order in which they are shown."""
    chips: tuple[int, ...]
    """On each of them."""

    @property
    def left(self) -> int:
        """Chips that lie nowhere yet."""
        return CHIPS - sum(self.chips)

    @property
    def heaviest(self) -> int:
        """Which suspect has the most chips; the first one without any."""
        return self.chips.index(max(self.chips, default=0)) if self.chips else 0

    def moved(self, at: int, step: int) -> Spread:
        """Return the chips after some were put on a suspect or taken away, as far as there are any."""
        now = self.chips[at]
        there = max(0, now + min(step, self.left))
        return replace(self, chips=(*self.chips[:at], there, *self.chips[at + 1 :]))

    def diagnosis(self) -> Diagnosis:
        """Return the commitment; raise ActionError while chips are left."""
        if self.left:
            msg = f"{counted(self.left)} still to be placed"
            raise ActionError(msg)
        pairs = zip(self.suspects, self.chips, strict=True)
        return Diagnosis(diagnose=tuple(sorted((name, chips) for name, chips in pairs if chips)))

    def words(self) -> str:
        """Return how confident this is."""
        ranked = sorted((chips for chips in self.chips if chips), reverse=True)
        if not ranked:
            return "nothing placed yet"
        if ranked == [CHIPS]:
            return "all on one"
        if len(ranked) > 1 and ranked[0] == ranked[-1]:
            return f"{ranked[0]} on each of {len(ranked)}"
        parts = [f"{chips} on the {place}" for chips, place in zip(ranked, _PLACES, strict=False)]
        further = ranked[len(_PLACES) :]
        return ", ".join([*parts, f"{sum(further)} elsewhere"] if further else parts)


def counted(chips: int) -> str:
    """Return a number of chips in words."""
    return f"{chips} chip" if chips == 1 else f"{chips} chips"


def spread(suspects: tuple[str, ...], committed: Diagnosis | None) -> Spread:
    """Return the chips as they were committed; none placed without a commitment."""
    lying = dict(committed.diagnose) if committed else {}
    return Spread(suspects=suspects, chips=tuple(lying.get(name, 0) for name in suspects))
