"""The team's dashboard and alerts, kept up from the samples.

Separate because it knows only metric names: what a chart shows and what an alert says is decided by the scenario, and
none of it feeds back into the simulation.
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

from drill.telemetry.snapshot import AlertState, PanelSeries
from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.story import AlertSpec, PanelSpec
    from drill.telemetry.records import Labels, Series

Places = list[int]
"""Where the values of some series stand among those of a moment."""


class Dashboard:
    """Charts and alerts of one run."""

    def __init__(self, spec: ScenarioSpec) -> None:
        """Start without points."""
        self._period_s = spec.sampling / US_PER_S
        self._panels = spec.story.dashboard
        self._alerts = spec.story.alerts
        self._points: dict[str, list[float | None]] = {name: [] for name in self._panels}
        self._above: dict[str, int | None] = dict.fromkeys(self._alerts)
        self._firing: dict[str, int | None] = dict.fromkeys(self._alerts)
        self._below: dict[str, int | None] = dict.fromkeys(self._alerts)
        """Since when the condition of an alert that fires has not held."""
        self._before: Sequence[float] = ()
        """The values of the moment before, in the order of the series of now."""
        self._first = True
        self._watched: list[PanelSpec | AlertSpec] = [*self._panels.values(), *self._alerts.values()]
        self._series: Sequence[Series] | None = None
        self._places: list[Places] = []
        """Of what each panel and then each alert shows."""

    def update(self, at_us: int, series: Sequence[Series], values: Sequence[float]) -> None:
        """Add the values of one moment; `series` are the same object as long as they stay."""
        if series is not self._series:
            self._look_up(series, values)
        shown = [self._combine(spec, places, values) for spec, places in zip(self._watched, self._places, strict=True)]
        for (name, panel), value in zip(self._panels.items(), shown, strict=False):
            self._points[name].append(None if self._first and panel.per_second else value)
        for (name, alert), value in zip(self._alerts.items(), shown[len(self._panels) :], strict=True):
            self._judge(name, alert, at_us, value)
        self._first = False
        self._before = values

    def _look_up(self, series: Sequence[Series], values: Sequence[float]) -> None:
        """Find where the values of panels and alerts stand from now on."""
        # A counter that is new has no rate yet, which is the same as one that has not moved.
        before = dict(zip(self._series or (), self._before, strict=True))
        self._before = [before.get(each, value) for each, value in zip(series, values, strict=True)]
        self._series = series
        by_name: dict[str, Places] = {}
        for place, (name, _) in enumerate(series):
            by_name.setdefault(name, []).append(place)
        self._places = [
            [place for place in by_name.get(spec.metric, ()) if _matches(spec.where, series[place][1])]
            for spec in self._watched
        ]

    def alerts(self) -> tuple[AlertState, ...]:
        """Return every alert as it is now."""
        return tuple(
            AlertState(name=name, text=alert.text, since_s=_seconds(self._firing[name]), pending_s=self._pending(name))
            for name, alert in self._alerts.items()
        )

    def panels(self) -> tuple[PanelSeries, ...]:
        """Return every chart so far."""
        return tuple(
            PanelSeries(name=name, title=panel.title, unit=panel.unit, points=tuple(self._points[name]))
            for name, panel in self._panels.items()
        )

    def _pending(self, name: str) -> float | None:
        return _seconds(self._above[name]) if self._firing[name] is None else None

    def _combine(self, spec: PanelSpec | AlertSpec, places: Places, values: Sequence[float]) -> float:
        if not places:
            return 0.0
        if spec.per_second:
            # A counter that shrank was reset and counts as 0, as `rate()` would show it.
            before, period_s = self._before, self._period_s
            found = [(grown if (grown := values[i] - before[i]) > 0 else 0.0) / period_s for i in places]
        else:
            found = [values[i] for i in places]
        if spec.combine == "max":
            return max(found)
        total = fsum(found)
        return total / len(found) if spec.combine == "mean" else total

    def _judge(self, name: str, alert: AlertSpec, at_us: int, value: float) -> None:
        """Let an alert become pending, fire, or resolve, as Prometheus does (rules/alerting.go, AlertingRule.Eval).

        Whatever breaks the condition before the alert fires begins the wait anew. One that fires goes on for
        `keep_firing` from the first evaluation at which the condition does not hold.
        """
        if value > alert.above:
            self._below[name] = None
            since = self._above[name]
            if since is None:
                since = self._above[name] = at_us
            if self._firing[name] is None and at_us - since >= alert.lasting:
                self._firing[name] = at_us
        elif self._firing[name] is not None and self._kept(name, alert, at_us):
            return
        else:
            self._above[name] = self._firing[name] = self._below[name] = None

    def _kept(self, name: str, alert: AlertSpec, at_us: int) -> bool:
        if not alert.keep_firing:
            return False
        since = self._below[name]
        if since is None:
            since = self._below[name] = at_us
        return at_us - since < alert.keep_firing


def _matches(where: dict[str, str], which: Labels) -> bool:
    labels = dict(which)
    return all(
        labels.get(label, "").startswith(value[:-1]) if value.endswith("*") else labels.get(label) == value
        for label, value in where.items()
    )


def _seconds(at_us: int | None) -> float | None:
    return None if at_us is None else at_us / US_PER_S
