"""What a scripted responder is, and the loop in which one plays a session.

Separate from the players themselves so that a screen, a lane and a headless run let them play in the same way.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

from drill.errors import ActionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.actions.entries import Deed, Entry
    from drill.session.session import Session
    from drill.telemetry.results import RunResult
    from drill.telemetry.snapshot import Snapshot


class Player(Protocol):
    """Somebody who responds by a rule; sees what a trainee could see."""

    name: str

    def wakes_us(self, now_us: int) -> int | None:
        """Return when to be asked next, now or later; None for never again."""

    def respond(self, now: Snapshot) -> Sequence[Deed]:
        """Return what to do now; called once for each time given by `wakes_us`."""


class Script:
    """Does timed lines and nothing else."""

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        """Keep the lines, which are in order of time."""
        self.name = name
        self._left = list(entries)

    def wakes_us(self, now_us: int) -> int | None:
        """Return the time of the next line."""
        del now_us
        return self._left[0].at_us if self._left else None

    def respond(self, now: Snapshot) -> Sequence[Deed]:
        """Return the lines that are due."""
        due = [entry.deed for entry in self._left if entry.at_us <= now.at_us]
        self._left = self._left[len(due) :]
        return due


def play(
    session: Session,
    player: Player,
    until_us: int | None = None,
    progress: Callable[[int], object] | None = None,
    *,
    skips: bool = False,
) -> RunResult:
    """Let a player play a session to its end, or to `until_us`.

    What can't be done raises ActionError; with `skips` it is left out, as when what it builds on was left out before.
    """
    end_us = session.spec.length if until_us is None else min(until_us, session.spec.length)
    while (wakes_us := player.wakes_us(session.now_us)) is not None and wakes_us <= end_us:
        session.advance(wakes_us)
        for deed in player.respond(session.snapshot()):
            with suppress(ActionError) if skips else nullcontext():
                session.do(deed, by=player.name)
        if progress is not None:
            progress(session.now_us)
    session.advance(end_us)
    session.end("finished")
    return session.result()
