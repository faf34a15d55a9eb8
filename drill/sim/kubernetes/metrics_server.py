"""metrics-server: CPU of pods as the autoscaler gets it, which is never quite of now.

Separate because what an autoscaler sees is not what a pod does: usage is the mean between two readings, so it lags by
up to a resolution, and a container that has been read only once has none. Source: metrics-server's `storage` package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from drill.sim.kubernetes.phases import RUNNING, TERMINATING

if TYPE_CHECKING:
    from collections.abc import Generator

    from drill.sim.clock import Clock
    from drill.sim.pod import Pod


class Usage(NamedTuple):
    """One pod's metric."""

    milli: int
    """Thousandths of a core, or of whatever the metric counts."""
    at_us: int
    window_us: int = 0


class _Reading(NamedTuple):
    at_us: int
    started_us: int
    busy_us: float


class MetricsServer:
    """Reads the CPU of a deployment's pods."""

    def __init__(self, clock: Clock, pods: list[Pod], resolution_us: int) -> None:
        """Read once a resolution; `pods` is the deployment's own list."""
        self._clock = clock
        self._pods = pods
        self._resolution_us = resolution_us
        self._readings: dict[str, tuple[_Reading, ...]] = {}
        clock.process(self._read())

    def usage(self) -> dict[str, Usage]:
        """Return the CPU of every pod that has been read often enough."""
        found = {}
        for name, readings in self._readings.items():
            if len(readings) > 1:
                before, last = readings
                window = last.at_us - before.at_us
                milli = round((last.busy_us - before.busy_us) * 1_000 / window)
                found[name] = Usage(milli, last.at_us, window)
        return found

    def _read(self) -> Generator[Any, Any, Any]:
        # Half a period apart from the autoscaler, as two clocks that nobody set to each other are on average.
        yield self._clock.timeout(self._resolution_us // 2)
        while True:
            self._readings = {pod.name: self._next(pod) for pod in self._pods if pod.phase in (RUNNING, TERMINATING)}
            yield self._clock.timeout(self._resolution_us)

    def _next(self, pod: Pod) -> tuple[_Reading, ...]:
        now = self._clock.t
        reading = _Reading(now, pod.started, pod.cpu.busy_us() + pod.idle_cores * pod.ran_us())
        before = self._readings.get(pod.name, ())
        if not before or before[-1].started_us != pod.started:
            return (reading,)
        return (before[-1], reading)
