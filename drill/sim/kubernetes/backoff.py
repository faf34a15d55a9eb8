"""How long the kubelet waits before it restarts a container: nothing, then 10, 20, 40 … 300 s.

Separate because it is arithmetic on times. Source: kubelet's `doBackOff` and client-go's `flowcontrol.Backoff`: the
first exit is followed by a restart at once; each restart doubles the wait that the next exit meets; an exit more than
ten minutes after the latest restart begins anew.
"""

from __future__ import annotations

from drill.units import US_PER_S

FIRST_US = 10 * US_PER_S
LONGEST_US = 300 * US_PER_S
RESET_US = 2 * LONGEST_US


class BackOff:
    """The back-off of one container."""

    def __init__(self) -> None:
        """Start with a container that never exited."""
        self._wait_us = 0
        self._restarted = 0

    def restart_at(self, exited: int) -> int:
        """Return when the container that exited is restarted, and count on that."""
        if not self._wait_us or exited - self._restarted > RESET_US:
            self._wait_us, self._restarted = FIRST_US, exited
        else:
            self._restarted = exited + self._wait_us
            self._wait_us = min(2 * self._wait_us, LONGEST_US)
        return self._restarted
