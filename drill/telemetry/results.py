"""What a finished run adds up to.

Separate because headless runs, lanes, scoring and the debrief read the same figures. All shares count requests by their
time of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.telemetry.outcomes import FAILURES

if TYPE_CHECKING:
    from drill.telemetry.histogram import Histogram

_RECOVERY_WINDOW_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One sample of the figures that `expects` can bound; shares are fractions of 1."""

    at_us: int
    pod_cpu: float
    """Mean over running pods of CPU used, as a share of their limit."""
    database_cpu: float
    pods: int
    pods_ready: int
    pods_without_connections: int
    """Ready pods with a connection pool and not one open connection."""
    restarts: int
    connections: int
    connections_share: float
    """Of the slots that ordinary roles may use."""
    active_queries: int
    idle_sessions: int
    refused_connects: int
    """Since the start."""
    lock_waits: int
    """Sessions that wait for a lock."""
    deadlocks: int
    """Since the start."""
    latency_p95_s: float
    """Of correct answers since the last sample; 0 without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One run, simulated to its end or to a moment."""

    simulated_us: int
    seed: int
    offered: tuple[int, ...]
    """Requests by the second of their arrival; the same for the next three."""
    ok: tuple[int, ...]
    late: tuple[int, ...]
    failed: tuple[int, ...]
    failures: tuple[int, ...]
    """Failed requests by outcome, in the order of `Outcome`."""
    latency: Histogram
    """Of correct answers in time."""
    checkout: Histogram
    """Waits of successful checkouts of application pools."""
    attempts: int
    """Tries of all requests together."""
    figures: tuple[Figures, ...]
    slo: float
    """Share of requests that was promised."""
    digest: str
    """Of everything simulated."""
    readings: tuple[tuple[str, float | None], ...] = ()
    """Metrics that the story's figures read, by name of the figure; None where nothing was measured."""

    def success(self, start_s: int, end_s: int) -> float | None:
        """Return the share of good answers among decided requests that arrived in a window; None without any."""
        good = sum(self.ok[start_s:end_s])
        decided = good + sum(self.late[start_s:end_s]) + sum(self.failed[start_s:end_s])
        return good / decided if decided else None

    @property
    def bad(self) -> int:
        """Late and failed requests."""
        return sum(self.late) + sum(self.failed)

    @property
    def in_flight(self) -> int:
        """Requests that had no answer yet."""
        return sum(self.offered) - sum(self.ok) - self.bad

    def first_bad_s(self) -> int | None:
        """Return the start of the first 30 s below the objective, None if there is none."""
        for start in range(self._seconds - _RECOVERY_WINDOW_S + 1):
            if not self._holds(start):
                return start
        return None

    def recovered_s(self) -> int | None:
        """Return the start of the first 30 s from which the objective holds to the end, None if there is none."""
        if self.first_bad_s() is None:
            return None
        recovered = None
        for start in range(self._seconds - _RECOVERY_WINDOW_S, -1, -1):
            if not self._holds(start):
                break
            recovered = start
        return recovered

    @property
    def _seconds(self) -> int:
        return self.simulated_us // 1_000_000

    def _holds(self, start: int) -> bool:
        success = self.success(start, start + _RECOVERY_WINDOW_S)
        return success is None or success >= self.slo

    def failures_by_label(self) -> dict[str, int]:
        """Return failed requests by the label of their outcome, every label present."""
        return {outcome.label: self.failures[outcome] for outcome in FAILURES}
