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
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.story import AlertSpec, PanelSpec
    from drill.telemetry.records import Sample


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
        self._last: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._first = True
        watched: list[PanelSpec | AlertSpec] = [*self._panels.values(), *self._alerts.values()]
        self._rates = dict.fromkeys(each.metric for each in watched if each.per_second)
        """Metrics whose values are needed once more at the next moment."""
        self._by_name: dict[str, list[Sample]] = {each.metric: [] for each in watched}
        """Samples of the metrics that are shown or watched."""

    def update(self, at_us: int, samples: list[Sample]) -> None:
        """Add the samples of one moment."""
        by_name = self._by_name
        for found in by_name.values():
            found.clear()
        for sample in samples:
            if sample[0] in by_name:
                by_name[sample[0]].append(sample)
        for name, panel in self._panels.items():
            value = self._combine(panel, by_name[panel.metric])
            self._points[name].append(None if self._first and panel.per_second else value)
        for name, alert in self._alerts.items():
            self._judge(name, alert, at_us, self._combine(alert, by_name[alert.metric]))
        self._first = False
        self._last = {sample[:2]: sample.value for name in self._rates for sample in by_name[name]}

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

    def _combine(self, spec: PanelSpec | AlertSpec, samples: list[Sample]) -> float:
        values = [self._value(spec, sample) for sample in samples if _matches(spec.where, sample)]
        if not values:
            return 0.0
        if spec.combine == "max":
            return max(values)
        total = fsum(values)
        return total / len(values) if spec.combine == "mean" else total

    def _value(self, spec: PanelSpec | AlertSpec, sample: Sample) -> float:
        if not spec.per_second:
            return sample.value
        # A counter that shrank was reset; one that is new has no rate yet. Both count as 0, as `rate()` would show.
        before = self._last.get(sample[:2], sample.value)
        return max(0.0, sample.value - before) / self._period_s

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


def _matches(where: dict[str, str], sample: Sample) -> bool:
    labels = dict(sample.labels)
    return all(
        labels.get(label, "").startswith(value[:-1]) if value.endswith("*") else labels.get(label) == value
        for label, value in where.items()
    )


def _seconds(at_us: int | None) -> float | None:
    return None if at_us is None else at_us / US_PER_S
