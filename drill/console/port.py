"""What the console needs of a drill in progress.

Separate so that a session in this process, one behind a driver, and a stub in a test serve alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from drill.actions.action import Action
    from drill.session.session import Session
    from drill.telemetry.server import Inside

ORIGIN = "console"
"""Who did it, in recordings."""


class Port(Protocol):
    """A drill in progress."""

    def inspect(self) -> Inside:
        """Return the database and the pooler as they are now."""

    def perform(self, action: Action) -> str:
        """Carry out an action and record it; raise ActionError if it can't be done."""

    def look(self, view: str) -> None:
        """Record that somebody looked at a view."""

    def wait(self, us: int) -> bool:
        """Let simulated time pass if it is this side that moves it; return whether it did."""


class SessionPort:
    """A session in this process, whose time stands still while nobody moves it."""

    def __init__(self, session: Session) -> None:
        """Stand before a session."""
        self._session = session

    def inspect(self) -> Inside:
        """Return the database and the pooler as they are now."""
        return self._session.inspect()

    def perform(self, action: Action) -> str:
        """Carry out an action and record it."""
        return self._session.perform(action, by=ORIGIN)

    def look(self, view: str) -> None:
        """Record that somebody looked at a view."""
        self._session.look(view, by=ORIGIN)

    def wait(self, us: int) -> bool:
        """Let simulated time pass, unless the scenario is over."""
        session = self._session
        if session.now_us >= session.spec.length:
            return False
        session.advance(session.now_us + us)
        return True
