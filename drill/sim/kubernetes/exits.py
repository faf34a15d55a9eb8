"""How a container ended, as `kubectl describe` says under Last State.

Separate because pods, views and exporters all read it.
"""

from __future__ import annotations

from typing import NamedTuple

FAILED = ("Error", 1)
"""The process gave up by itself, as when it can't fill its pools."""
STOPPED = ("Error", 143)
"""It ended on SIGTERM: 128 + 15."""
KILLED = ("Error", 137)
"""It did not end in its grace period and was killed: 128 + 9."""
OUT_OF_MEMORY = ("OOMKilled", 137)
"""The kernel killed it."""


class Exit(NamedTuple):
    """One end of a container."""

    reason: str
    code: int
    started_us: int
    ended_us: int
