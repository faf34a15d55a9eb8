"""Events as `kubectl` shows them: equal ones counted together, with the time they span.

Separate because the journal keeps each event, and only who reads it wants them counted. Source: client-go's
`EventAggregator` (equal source, object, reason and message), kubectl's `getInterval` and apimachinery's
`HumanDuration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drill.telemetry.records import EventRecord

WARNINGS = frozenset(
    {"BackOff", "Failed", "FailedScheduling", "FailedGetPodsMetric", "FailedGetResourceMetric", "Unhealthy"}
)
"""Reasons of events whose type is Warning; all others are Normal."""


class Counted(NamedTuple):
    """Equal events."""

    latest: EventRecord
    first_us: int
    times: int

    @property
    def kind(self) -> str:
        """Type of the event."""
        return "Warning" if self.latest.reason in WARNINGS else "Normal"

    def age(self, now_us: int) -> str:
        """Return how old they are, such as `21s (x3 over 31s)`."""
        latest = human_duration(now_us - self.latest.at_us)
        if self.times == 1:
            return latest
        return f"{latest} (x{self.times} over {human_duration(now_us - self.first_us)})"


def counted(events: Iterable[EventRecord]) -> list[Counted]:
    """Return equal events counted together, in the order in which they were last seen."""
    found: dict[tuple[str, ...], Counted] = {}
    for event in events:
        key = (event.kind, event.name, event.reason, event.message)
        before = found.pop(key, None)
        found[key] = (
            Counted(event, event.at_us, 1) if before is None else before._replace(latest=event, times=before.times + 1)
        )
    return list(found.values())


def human_duration(time_us: int) -> str:
    """Return a time as kubectl says it: `90s`, `5m30s`, `42m`, `3h5m`, `30h`, `2d1h`."""
    seconds = time_us // US_PER_S
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    for limit, unit, more in (
        (120, (seconds, "s"), (0, "")),
        (600, (minutes, "m"), (seconds % 60, "s")),
        (3 * 3_600, (minutes, "m"), (0, "")),
        (8 * 3_600, (hours, "h"), (minutes % 60, "m")),
        (48 * 3_600, (hours, "h"), (0, "")),
    ):
        if seconds < limit:
            return _joined(unit, more)
    return _joined((days, "d"), (hours % 24, "h"))


def _joined(*parts: tuple[int, str]) -> str:
    first, *rest = (f"{number}{unit}" for number, unit in parts)
    return first + "".join(part for part, (number, _) in zip(rest, parts[1:], strict=True) if number)
