"""A wall clock that stands still until a test moves it."""

from __future__ import annotations


class Clock:
    """Seconds; each reading may take some time."""

    def __init__(self, reading_s: float = 0.0) -> None:
        """Stand at 0; every reading lets `reading_s` pass."""
        self.now_s = 0.0
        self._reading_s = reading_s

    def __call__(self) -> float:
        """Return the time."""
        self.now_s += self._reading_s
        return self.now_s
