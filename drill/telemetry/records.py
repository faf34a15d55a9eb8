"""Single observations: a log line, an event, a metric sample, one finished request.

Separate because exports, views and recordings read them one by one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

LogLine = tuple[int, str, str, str]
"""One line of an application's or server's log: when in microseconds, of which pod or server, its level, its text.

Without names, because in an outage every request writes one.
"""


class EventRecord(NamedTuple):
    """One Kubernetes event."""

    at_us: int
    kind: str
    """`Pod`, `Deployment`, …"""
    name: str
    reason: str
    message: str


PODS = 4_096
"""Pods whose series are remembered, so that they need not be made anew for each sample."""
Labels = tuple[tuple[str, str], ...]
"""Pairs of label and value."""


Series = tuple[str, Labels]
"""What is sampled: the exporter's own name and the labels."""


@lru_cache(maxsize=PODS)
def pod_labels(deployment: str, pod: str) -> Labels:
    """Return the labels of a pod's series, the same object each time, because many samples carry them."""
    return ("deployment", deployment), ("pod", pod)


@lru_cache(maxsize=PODS)
def pool_labels(deployment: str, pod: str, pool: str) -> Labels:
    """Return the labels of the series of a pod's pool, as for the pod itself."""
    return *pod_labels(deployment, pod), ("pool", pool)


class Sample(NamedTuple):
    """One value of one metric."""

    name: str
    """The exporter's own name."""
    labels: Labels
    """Pairs of label and value, ordered by label."""
    value: float


IN_FLIGHT = "in_flight"
"""Outcome of a request whose user still waits."""


class RequestRow(NamedTuple):
    """One user request."""

    number: int
    at_us: int
    done_us: int | None
    """None while in flight."""
    endpoint: str
    pod: str
    """Empty when it reached none."""
    outcome: str
    """`ok`, `late`, `in_flight` or the label of a failure."""
    checkout_wait_us: int
    attempts: int
